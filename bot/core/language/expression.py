"""An expression as its author wrote it, with what the core needs to know of it.

Text is printed verbatim and changed by splicing at the offsets; it is never rendered from a syntax tree.
`bot.sql.grammar.expressions.read_expression` makes these; for the core they are values.
"""

from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import record


@record
class ColumnReference:
    """A name that may be a column; `qualifier` is what comes before the dot."""

    column: str
    qualifier: str | None
    start: int
    end: int


@record
class FunctionCall:
    """A called function; keywords that call one (CURRENT_TIMESTAMP) are calls with no arguments."""

    function: Name
    arguments: int
    start: int
    end: int


@record
class CastTo:
    """`x::type`, `CAST(x AS type)` or `type 'literal'`."""

    type: Type
    start: int
    end: int


@record
class Conjunct:
    """One operand of the top-level ANDs; a simple comparison also has its column, operator and operand.

    `operator` is one of = <> < <= > >= or "IS NULL", "IS NOT NULL" (also for IS [NOT] DISTINCT FROM NULL),
    "IN", or None where the conjunct is anything else; `operand` is the text on the other side where that
    is a constant (or the list after IN), else None. The column is always on the left: `5 < id` reads
    as id > 5.
    """

    start: int
    end: int
    column: str | None = None
    operator: str | None = None
    operand: str | None = None


@record
class Expression:
    """`text` verbatim, without surrounding blanks; every offset counts characters of `text`."""

    text: str
    columns: tuple[ColumnReference, ...] = ()
    calls: tuple[FunctionCall, ...] = ()
    casts: tuple[CastTo, ...] = ()
    conjuncts: tuple[Conjunct, ...] = ()
    relations: tuple[Name, ...] = ()
    """Tables that subqueries in it read."""
    understood: bool = True
    """False where the tokens made no sense: assume the worst."""

    def __str__(self) -> str:
        return self.text

    def mentions(self, column: str) -> bool:
        """Whether the column is, or may be, referred to."""
        return not self.understood or any(reference.column == column for reference in self.columns)
