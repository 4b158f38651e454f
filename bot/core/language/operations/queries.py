"""What a SELECT reads: enough of a query to know its locks and its work."""

from bot.core.language.expression import Expression, FunctionCall
from bot.core.language.names import Name, RelationName
from bot.core.language.operations.operation import Operation
from bot.core.record import record


@record
class Query:
    """`relations` are all tables and views read, in subqueries and CTEs too; `understood` is False where
    the text could not be followed and `relations` may lack some."""

    text: str
    relations: tuple[Name, ...] = ()
    calls: tuple[FunctionCall, ...] = ()
    where: Expression | None = None
    limit: bool = False
    understood: bool = True
    locked: tuple[RelationName, ...] = ()
    """Those of the relations that FOR UPDATE and its like lock, also in subqueries."""
    columns: tuple[tuple[Name, str], ...] = ()
    """The columns that it reads and whose relation is certain."""


@record
class Select(Operation):
    """A SELECT, VALUES, TABLE or WITH as a statement; `locking` is UPDATE, NO KEY UPDATE, SHARE, KEY SHARE or None.

    `locked` are the relations that FOR ... applies to.
    """

    no_change = "it reads"

    query: Query
    locking: str | None = None
    locked: tuple[RelationName, ...] = ()
