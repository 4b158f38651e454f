"""Functions on runs: a part of a run, several as one, other paths, and the names in a run."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache

from bot.core.language import operations as op
from bot.core.language.expression import FunctionCall
from bot.core.language.migrations import Run, Statement
from bot.core.language.names import Name
from bot.core.language.types import Type


def renumbered(runs: Sequence[Run]) -> list[Run]:
    """The runs with different numbers for their transactions, for deploys that are reported together."""
    numbered: list[Run] = []
    offset = 0
    for run in runs:
        moved = {number: number + offset for number in run.transactions}
        migrations = tuple(
            replace(migration, statements=tuple(_moved(statement, moved) for statement in migration.statements))
            for migration in run.migrations
        )
        transactions = {
            moved[number]: replace(transaction, number=moved[number])
            for number, transaction in run.transactions.items()
        }
        numbered.append(Run(migrations, transactions))
        offset = max(moved.values(), default=offset)
    return numbered


def joined(runs: Sequence[Run]) -> Run:
    """One run after the other, each keeping its own transactions."""
    numbered = renumbered(runs)
    return Run(
        tuple(migration for run in numbered for migration in run.migrations),
        {number: transaction for run in numbered for number, transaction in run.transactions.items()},
    )


def _moved(statement: Statement, moved: Mapping[int, int]) -> Statement:
    if statement.transaction is None:
        return statement
    return replace(statement, transaction=moved.get(statement.transaction, statement.transaction))


def only(run: Run, paths: Container[str]) -> Run:
    """The part of the run that is in these files."""
    return Run(tuple(migration for migration in run.migrations if migration.path in paths), run.transactions)


def after(run: Run, version: str | None) -> Run:
    """The migrations of later versions than `version`; those whose version has no order stay."""
    start = _ordered(version or "")
    if not start:
        return run
    return only(
        run,
        {migration.path for migration in run.migrations if not (found := _ordered(migration.version)) or found > start},
    )


def _ordered(version: str) -> tuple[int, ...]:
    """A version as numbers, () if it has none: `20260516101500`, `2.1`, not Alembic's revisions."""
    if not _NUMBERED.fullmatch(version):
        return ()
    return tuple(int(part) for part in re.split("[._]", version))


_NUMBERED = re.compile(r"[0-9]{1,40}(?:[._][0-9]{1,40}){0,9}")


def renamed(run: Run, given: Mapping[str, str]) -> Run:
    """The run with other paths: those under which somebody named its files."""
    if all(old == new for old, new in given.items()):
        return run
    migrations = tuple(
        replace(
            migration,
            path=given.get(migration.path, migration.path),
            statements=tuple(
                replace(statement, path=given.get(statement.path, statement.path)) for statement in migration.statements
            ),
        )
        for migration in run.migrations
    )
    return Run(migrations, run.transactions)


def names_in(run: Run) -> tuple[list[Name], list[Name]]:
    """The relations and types that the run names, and the functions: what is read from the replica."""
    relations: dict[Name, None] = {}
    functions: dict[Name, None] = {}
    for statement in run.statements:
        for operation in statement.operations:
            for found in _walk(operation):
                match found:
                    case Name():
                        relations[found] = None
                    case Type(name=name, schema=schema):
                        relations[Name(name, schema)] = None
                    case FunctionCall(function=function):
                        functions[function] = None
                    case op.CreateTrigger(function=function):
                        functions[function] = None
                    case op.DropFunction(functions=dropped):
                        functions |= dict.fromkeys(dropped)
                    case op.RenameObject(kind="FUNCTION" | "PROCEDURE" | "ROUTINE", name=function):
                        functions[function] = None
                    case _:
                        pass
    return [name for name in relations if name.name], list(functions)


def relations_in(run: Run) -> list[Name]:
    """The relations that the run names, without types."""
    found = (value for statement in run.statements for operation in statement.operations for value in _walk(operation))
    return list(dict.fromkeys(value for value in found if isinstance(value, Name) and value.name))


def _walk(value: object) -> Iterator[object]:
    """The value and everything inside it, through tuples and dataclasses, but not the function names of calls."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(current)
        elif is_dataclass(current) and not isinstance(current, type):
            yield current
            if not isinstance(current, Name | Type | FunctionCall):
                pending.extend(getattr(current, name) for name in _fields(type(current)))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
