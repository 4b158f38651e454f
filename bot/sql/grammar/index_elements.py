"""The elements of an index: index_elem. In the grammar because ON CONFLICT of an INSERT lists the same elements."""

from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.names import Name
from bot.sql.grammar import calls, expressions, primaries
from bot.sql.grammar.options import storage_options
from bot.sql.grammar.shapes import OTHER
from bot.sql.text.cursor import Cursor


def index_element(c: Cursor) -> op.IndexElement:
    """A column or expression with its collation, operator class and order (index_elem)."""
    first = c.at
    column: str | None = None
    mark = c.mark()
    if c.eat("("):
        inner = c.mark()
        shape = expressions.operand(c)
        found = expressions.noted(c, inner, shape)
        c.need(")")
    elif calls.begins_call(c):
        primaries.primary(c)
        found = expressions.noted(c, mark, OTHER)
    else:
        start = c.offset()
        column = c.name()
        length = c.tokens.ends[c.at - 1] - start
        text = c.text(first)
        reference = ColumnReference(column, None, 0, length)
        found = Expression(text, (reference,), conjuncts=(Conjunct(0, length),))
    collation = c.qualified() if c.eat("COLLATE") else None
    operator_class = _operator_class(c)
    c.eat_any("ASC", "DESC")
    calls.nulls_order(c)
    return op.IndexElement(c.text(first), found, column, operator_class, collation)


def _operator_class(c: Cursor) -> Name | None:
    if not c.is_at_name or (c.is_at("NULLS") and c.ahead() in ("FIRST", "LAST")):
        return None
    name = c.qualified()
    if c.is_at("("):
        storage_options(c)
    return name
