"""Locks, rewrites, scans, builds, refusals: facts about a statement, without judgement."""

from enum import Enum
from typing import LiteralString

from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, Message
from bot.core.language.names import Name
from bot.core.record import record


@record
class Lock:
    """A lock on a relation. `early`: released before the statement ends; else held to the end of the transaction."""

    relation: Name
    mode: LockMode
    early: bool = False
    index: bool = False
    created: bool = False
    """On a relation that this statement, or this run, creates."""


class InTransaction(Enum):
    ALLOWED = "allowed"
    REFUSED = "refused"


@record
class Failure:
    """The statement fails, or may. `certain` False: only if rows are as `condition` says."""

    sqlstate: str
    message: Message
    certain: bool = True
    condition: Message = NOTHING


@record
class RowChange:
    """Rows written in `table` because of the statement; `per_parent_scan`: each parent row costs a full scan of it.

    `action` is INSERT, UPDATE, DELETE, SET NULL, SET DEFAULT, CASCADE or CHECK (only looked up). `through` is
    the foreign key that carries it there, None for the statement's own table. `columns` the referencing ones.
    """

    table: Name
    action: str
    through: str | None = None
    parent: Name | None = None
    columns: tuple[str, ...] = ()
    indexed: bool = True


@record
class Effects:
    """All facts of one statement. Names are qualified. Relations exist before it, unless a field says otherwise.

    `scans`: tables read in full without being rewritten. `waits_for`: what a statement like CREATE INDEX
    CONCURRENTLY waits for besides its locks ("transactions that hold older snapshots", ...).
    """

    locks: tuple[Lock, ...] = ()
    rewrites: tuple[Name, ...] = ()
    scans: tuple[Name, ...] = ()
    index_builds: tuple[Name, ...] = ()
    """New indexes; where none was given, under the name that PostgreSQL chooses."""
    index_rebuilds: tuple[Name, ...] = ()
    sequence_rewrites: tuple[Name, ...] = ()
    emptied: tuple[Name, ...] = ()
    drops: tuple[Name, ...] = ()
    invalid_indexes: tuple[Name, ...] = ()
    """Left INVALID when the statement fails half-way."""
    in_transaction: InTransaction = InTransaction.ALLOWED
    failures: tuple[Failure, ...] = ()
    rows: tuple[RowChange, ...] = ()
    waits_for: tuple[LiteralString, ...] = ()
    assumptions: tuple[Message, ...] = ()
    """What is assumed because neither the catalog nor the text says it; each a clause."""
    expressions: tuple[Name, ...] = ()
    """Functions evaluated for every row of a rewrite or index build (`to_tsvector`): work of their own."""

    def lock_on(self, relation: Name) -> LockMode | None:
        """The strongest lock on the relation, early ones included."""
        modes = [lock.mode for lock in self.locks if lock.relation == relation]
        return max(modes, key=lambda mode: mode.strength, default=None)
