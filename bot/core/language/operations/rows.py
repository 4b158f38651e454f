"""Rows inserted, changed and deleted."""

from bot.core.language.expression import Expression
from bot.core.language.names import RelationName
from bot.core.language.operations.operation import Operation, Subject
from bot.core.language.operations.queries import Query
from bot.core.record import record


@record
class Insert(Operation):
    """`rows` is the number of VALUES rows, None where they come from a query or the number is unknown."""

    table: Subject[RelationName]
    columns: tuple[str, ...] = ()
    rows: int | None = None
    query: Query | None = None
    on_conflict: str | None = None
    """NOTHING, UPDATE or None."""
    values: str = ""
    """VALUES and its rows, verbatim, where the rows come from nothing else."""
    overriding: str | None = None
    """SYSTEM, USER or None."""
    conflict: str = ""
    """All of ON CONFLICT, verbatim."""
    alias: str | None = None


@record
class Update(Operation):
    """`where` is None where every row is changed; `by_application` where code, not SQL, changes the rows."""

    no_change = "how many rows are left is not known"

    table: Subject[RelationName]
    columns: tuple[str, ...] = ()
    """The columns that SET assigns."""
    where: Expression | None = None
    reads: tuple[RelationName, ...] = ()
    only: bool = False
    assignments: str = ""
    """The text after SET, verbatim."""
    batched: bool = False
    """The framework's own batches (in_batches, update_column_in_batches): each a statement of its own."""
    by_application: bool = False
    alias: str | None = None
    sources: str = ""
    """What follows FROM (of a Delete: USING), verbatim."""
    queries: str = ""
    """The WITH before it, verbatim; "" also where that changes rows itself."""
    locked: tuple[RelationName, ...] = ()
    """Those of `reads` that FOR UPDATE and its like lock."""


@record
class Delete(Operation):
    no_change = "how many rows are left is not known"

    table: Subject[RelationName]
    where: Expression | None = None
    reads: tuple[RelationName, ...] = ()
    only: bool = False
    batched: bool = False
    by_application: bool = False
    alias: str | None = None
    sources: str = ""
    queries: str = ""
    locked: tuple[RelationName, ...] = ()


@record
class Merge(Operation):
    no_writer = "its text is not kept"

    table: Subject[RelationName]
    source: Query
    actions: tuple[str, ...] = ()
    """INSERT, UPDATE, DELETE, DO NOTHING."""


@record
class Copy(Operation):
    """COPY; `table` is None for COPY (query) TO; `rows` counts the inline data after FROM stdin."""

    no_writer = "its text is not kept"

    table: Subject[RelationName | None]
    to: bool = False
    query: Query | None = None
    rows: int | None = None
