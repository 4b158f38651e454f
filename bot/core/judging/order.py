"""The order that a plan keeps between the statements of a run, and the pull request in which each step is due.

A statement whose steps are not over when its file is (it moves to a further file, a script does it, more steps follow)
holds back those after it: what needs what it makes, what depends on rows that it changes, and what takes away
something that its remaining steps name.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.core.judging.findings import Step, StepKind
from bot.core.language import operations as op
from bot.core.language.migrations import Statement
from bot.core.language.names import Name
from bot.core.language.naming import constraint_named
from bot.core.language.operations.operation import FieldRole, fields_that

_WORD = re.compile(r"[\w$]+")


class Reach(NamedTuple):
    """How far a chain of steps has come: the pull request, and whether a script is still to run before the next."""

    stage: int = 1
    waits: bool = False


START = Reach()
Place = tuple[str, int]
"""A statement: its path, and where it begins in the file."""


def place_of(statement: Statement) -> Place:
    return statement.path, statement.start


def staged(steps: Iterable[Step], start: Reach = START) -> tuple[list[tuple[int, Step]], Reach]:
    """Each step with the pull request that it belongs to, and how far the chain has come after them.

    A deploy opens a pull request; so does the first migration after a script.
    """
    stage, waits = start
    found: list[tuple[int, Step]] = []
    for step in steps:
        if step.kind is StepKind.DEPLOY or (step.kind is StepKind.MIGRATION and waits):
            stage, waits = stage + 1, False
        waits = waits or step.kind is StepKind.SCRIPT
        found.append((stage, step))
    return found, Reach(stage, waits)


def in_order(further: Iterable[tuple[int, int, Step | None]]) -> list[tuple[int, int, Step | None]]:
    """(statement, pull request, step), as they are deployed: in each pull request the deploys, the files, the scripts.

    Where the step is None the statement itself is a file.
    """
    return sorted(further, key=lambda one: (one[1], RANKS[one[2].kind if one[2] is not None else StepKind.MIGRATION]))


RANKS = {StepKind.DEPLOY: 0, StepKind.MIGRATION: 1, StepKind.SCRIPT: 2}


class Waiting(NamedTuple):
    """What a statement waits for: how far the plan is then, and the statements that hold it back."""

    reach: Reach
    holders: frozenset[Place]


_Holders = dict[Place, Reach]


@dataclass(slots=True)
class Unfinished:
    """What is not over where the next statement stands. It grows in the order of the statements."""

    _made: dict[str, list[tuple[str, Place, Reach]]] = field(default_factory=dict)
    """By each name that needs an unfinished step: the word beside it ("" for none), whose it is, when it is over."""
    _rows: dict[str, _Holders] = field(default_factory=dict)
    """Tables whose rows are still to be changed."""
    _named: dict[str, _Holders] = field(default_factory=dict)
    """Words of the steps that are left."""
    _indexed: dict[tuple[str, str], _Holders] = field(default_factory=dict)
    """Tables, each with the first column of an index that is still to be built."""

    def holds_back(self, statement: Statement) -> Waiting | None:
        """What the statement must wait for, None where it may stay in its file."""
        if not (self._made or self._rows or self._named):
            return None
        found = list(self._waited_for(statement))
        if not found:
            return None
        return Waiting(max(reach for _, reach in found), frozenset(place for place, _ in found))

    def leave(self, statement: Statement, reach: Reach) -> None:
        """The statement itself leaves its file; it is over at `reach`."""
        place = place_of(statement)
        self._name(_words(statement.sql), place, reach)
        for operation in statement.operations:
            for name, table in _makes(operation):
                self._made.setdefault(_word(name), []).append((_word(table), place, reach))
            if isinstance(operation, _CHANGES_ROWS):
                self._change_rows(operation, place, reach)
            if isinstance(operation, op.CreateIndex) and operation.elements and operation.elements[0].column:
                key = _word(operation.table.name), _word(operation.elements[0].column)
                self._indexed.setdefault(key, {})[place] = reach

    def begin(self, statement: Statement, later: Sequence[Step], reach: Reach) -> None:
        """A first step takes the statement's place; the `later` ones are over at `reach`."""
        if not later:
            return
        place = place_of(statement)
        self._name(_words(statement.sql), place, reach)
        self._name((_word(name) for step in later for one in step.operations for name, _ in _makes(one)), place, reach)
        if all(step.kind is StepKind.MIGRATION for step in later):
            return
        for operation in statement.operations:
            self._change_rows(operation, place, reach)
            if isinstance(operation, op.AlterColumnType | op.RenameColumn):
                # Its column is replaced by another: what is done to it before would be done to the wrong one.
                name = operation.to if isinstance(operation, op.RenameColumn) else operation.column
                self._made.setdefault(_word(name), []).append((_word(operation.table.name), place, reach))

    def _name(self, words: Iterable[str], place: Place, reach: Reach) -> None:
        for word in words:
            self._named.setdefault(word, {})[place] = reach

    def _change_rows(self, operation: op.Operation, place: Place, reach: Reach) -> None:
        for table in operation.subjects:
            self._rows.setdefault(_word(table.name), {})[place] = reach

    def _waited_for(self, statement: Statement) -> Iterator[tuple[Place, Reach]]:
        words = _words(statement.sql)
        for word in words & self._made.keys():
            yield from ((place, reach) for beside, place, reach in self._made[word] if not beside or beside in words)
        if any(_depends_on_rows(operation) for operation in statement.operations):
            for word in words & self._rows.keys():
                yield from self._rows[word].items()
        for operation in statement.operations:
            if isinstance(operation, op.AddForeignKey) and operation.constraint.columns:
                # Without the index each change of the other table would read this one.
                key = _word(operation.table.name), _word(operation.constraint.columns[0])
                yield from self._indexed.get(key, {}).items()
            # A column's name may be another table's, too.
            if operation.subject is None or _word(operation.subject.name) in self._named:
                for name in _takes(operation):
                    yield from self._named.get(_word(name), {}).items()


def held_by_gone(statements: Sequence[Statement], gone: Collection[int], others: Iterable[int]) -> dict[int, list[int]]:
    """Which of the statements that are `gone` the others need where they stand: their names are free only then."""
    unfinished = Unfinished()
    places = {place_of(statements[index]): index for index in sorted(gone)}
    for index in places.values():
        unfinished.leave(statements[index], START)
    waiting = {index: unfinished.holds_back(statements[index]) for index in sorted(others)}
    return {index: [places[one] for one in found.holders] for index, found in waiting.items() if found is not None}


_CHANGES_ROWS = op.Update | op.Delete | op.Insert | op.Merge | op.Copy | op.Truncate
_READS_ROWS = (
    _CHANGES_ROWS
    | op.CreateTableAs
    | op.CreateMaterializedView
    | op.RefreshMaterializedView
    | op.Select
    | op.CallFunction
)
_CHECKS_ROWS = (
    op.SetNotNull
    | op.AddNotNull
    | op.AddCheck
    | op.AddUnique
    | op.AddPrimaryKey
    | op.AddForeignKey
    | op.AddExclusion
    | op.ValidateConstraint
    | op.AlterColumnType
    | op.AlterDomain
    | op.AttachPartition
)
_ACTS_ON_ROWS = op.CreateTrigger | op.SetTrigger | op.CreateRule | op.SetRule


def _depends_on_rows(operation: op.Operation) -> bool:
    """Whether it does something else before the rows are changed: it reads or checks them, or acts on each change.

    Also what is NOT VALID: that is checked for every row that the change touches.
    """
    unique = isinstance(operation, op.CreateIndex) and operation.unique
    return unique or isinstance(operation, _READS_ROWS | _CHECKS_ROWS | _ACTS_ON_ROWS)


def _makes(operation: op.Operation) -> Iterator[tuple[str, str]]:
    """The names that a statement elsewhere would need to exist, or to be free; each with its table, "" for none."""
    match operation:
        case op.CreateIndex(index=str() as index):
            yield index, ""
        case op.AddColumn(table=table, column=column):
            yield column.name, table.name
        case op.DropColumn(table=table, column=column):
            yield column, table.name
        case op.RenameColumn(table=table, column=column, to=to):
            yield from ((name, table.name) for name in (column, to))
        case op.RenameRelation(relation=relation, to=to):
            yield from ((name, "") for name in (relation.name, to))
        case op.DropTable(tables=names) | op.DropView(views=names) | op.DropIndex(indexes=names):
            yield from ((name.name, "") for name in names)
        case op.CreateTrigger(trigger=trigger, table=table):
            yield trigger, table.name
        case _:
            name = constraint_named(operation)
            if name is not None:
                yield name, operation.subject.name if operation.subject is not None else ""


def _takes(operation: op.Operation) -> Iterator[str]:
    """The names that are gone afterwards."""
    kind = type(operation)
    for part in (*fields_that(kind, FieldRole.DROPPED), *fields_that(kind, FieldRole.RENAMED)):
        value = getattr(operation, part)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Name | str):
                yield one.name if isinstance(one, Name) else one


def _words(sql: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(sql)}


def _word(name: str) -> str:
    """A name as `_words` would find it: the first word of a quoted name of several."""
    found = _WORD.search(name)
    return found[0].lower() if found else ""
