"""What an expression is, as far as the core needs it: a column, a constant, a comparison, parts joined by AND."""

from dataclasses import dataclass, field

from bot.core.record import record


@record
class ColumnRef:
    name: str


@record
class Plain:
    """Shapes without parts: a constant, NULL, or anything else."""

    word: str


@record
class Elements:
    """ARRAY[...] of constants; the tokens between the brackets."""

    first: int
    last: int


@record
class ColumnComparison:
    """`operand` is the text of a constant."""

    column: str
    operator: str
    operand: str | None = None


@dataclass(slots=True)
class And:
    """Operands with their first token and the token after them."""

    parts: list[tuple["Shape", int, int]] = field(default_factory=list)


Shape = ColumnRef | Plain | Elements | ColumnComparison | And

CONSTANT = Plain("constant")
NULL = Plain("null")
OTHER = Plain("other")
