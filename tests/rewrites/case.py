"""A case is a migration that its author wrote, and what its author knows besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.rewrites.shop import Value


@dataclass(frozen=True, slots=True)
class Case:
    """One migration; `tables` are those that the running code reads and writes, by the names of `shop.TABLES`.

    `up` and `down` are what stands between the framework's own lines: SQL, or the bodies of functions of code.
    """

    up: str
    down: str = ""
    tables: tuple[str, ...] = ()
    knows: str = ""
    """What the author must see to at the deploy steps, as SQL: rows that have to be put right.

    Before the author's own file it is run, too, as far as it can be.
    """
    differs: bool = False
    """Whether the plan declares that it ends elsewhere than what the author wrote."""
    none: bool = False
    """Whether migsafe rightly has no rewrite, and says so."""
    guarded: bool = False
    """Whether the rewrite is rightly the same statement behind a lock_timeout."""
    major: int = 0
    """The PostgreSQL that migsafe is told of, where that is not the server's: what it writes must run on both."""
    given: tuple[str, ...] = ()
    """What precedes it in the database."""
    outside: bool = False
    """Whether the author's file asks to run outside a transaction."""
    carriage: bool = False
    """Whether the lines of the author's file end with CR LF."""
    free: tuple[str, ...] = ()
    """Columns whose values are not the same in two databases: they are random, or count rows."""
    writes: Mapping[str, Value] = field(default_factory=dict)
    """What new code writes into a column, where that is not what old code wrote, or what fits its type."""
    unkeyed: bool = False
    """Whether the key that code knows is none of the author's schema: new code does not write with ON CONFLICT."""
    refuses: str = ""
    """A pattern for what the plan's notes must say where rows of a partition to come are refused for a time.

    Such rows are written only from the first step on: where they are there before, the author's file fails, too.
    """
    short: bool = False
    """Whether the plain suite runs it, too."""
