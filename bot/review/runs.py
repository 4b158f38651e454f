"""Functions on runs: a part of a run, several as one, and other paths."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from bot.core.language.migrations import Run, Statement


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
