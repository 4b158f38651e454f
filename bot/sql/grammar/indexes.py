"""CREATE INDEX, REINDEX and the elements of an index."""

from bot.core.language import operations as op
from bot.core.language.expression import ColumnReference, Conjunct, Expression
from bot.core.language.names import Name
from bot.sql.grammar.calls import KEYWORD_CALLS, nulls_order
from bot.sql.grammar.expressions import OTHER, expression, noted, operand
from bot.sql.grammar.options import Options, is_on, option_list, storage_options
from bot.sql.grammar.primaries import primary
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import QUOTED, WORD


def create_index(c: Cursor) -> tuple[op.Operation, ...]:
    """[UNIQUE] INDEX ..., behind CREATE."""
    unique = c.eat("UNIQUE")
    c.need("INDEX")
    concurrently = c.eat("CONCURRENTLY")
    if_not_exists = c.if_not_exists()
    index = None
    if not c.is_at("ON"):
        index = c.name()
    elif if_not_exists:
        c.fail()
    c.need("ON")
    table, only = c.relation()
    method = c.name() if c.eat("USING") else "btree"
    elements = tuple(c.in_parentheses(index_element))
    include = tuple(c.in_parentheses(_included)) if c.eat("INCLUDE") else ()
    distinct = _nulls_not_distinct(c)
    options: Options = storage_options(c) if c.eat("WITH") else ()
    tablespace = c.name() if c.eat("TABLESPACE") else None
    where = expression(c) if c.eat("WHERE") else None
    operation = op.CreateIndex(
        index,
        table,
        elements,
        unique,
        concurrently,
        if_not_exists,
        only,
        method,
        include,
        distinct,
        where,
        options,
        tablespace,
    )
    return (operation,)


def _included(c: Cursor) -> str:
    element = index_element(c)
    if element.column is None:
        c.fail("an index cannot include an expression")
    return element.column


def _nulls_not_distinct(c: Cursor) -> bool:
    if c.eat("NULLS", "NOT", "DISTINCT"):
        return True
    c.eat("NULLS", "DISTINCT")
    return False


def index_element(c: Cursor) -> op.IndexElement:
    """A column or expression with its collation, operator class and order."""
    first = c.at
    column: str | None = None
    mark = c.mark()
    if c.eat("("):
        inner = c.mark()
        shape = operand(c)
        found = noted(c, inner, shape)
        c.need(")")
    elif _is_call(c):
        primary(c)
        found = noted(c, mark, OTHER)
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
    nulls_order(c)
    return op.IndexElement(c.text(first), found, column, operator_class, collation)


def _is_call(c: Cursor) -> bool:
    if c.kind == WORD and c.word in KEYWORD_CALLS:
        return c.ahead() == "(" or not c.is_at_name
    if c.kind not in (WORD, QUOTED):
        return False
    words = c.tokens.words
    at = c.at + 1
    while words[at] == ".":
        at += 2
    return words[at] == "("


def _operator_class(c: Cursor) -> Name | None:
    if not c.is_at_name or (c.is_at("NULLS") and c.ahead() in ("FIRST", "LAST")):
        return None
    name = c.qualified()
    if c.is_at("("):
        storage_options(c)
    return name


def reindex(c: Cursor) -> tuple[op.Operation, ...]:
    c.need("REINDEX")
    options = option_list(c) if c.is_at("(") else {}
    kind = c.need_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = c.eat("CONCURRENTLY") or is_on(options, "concurrently")
    target: Name | None = None
    if kind in ("INDEX", "TABLE"):
        target = c.qualified()
    elif kind == "SCHEMA" or not c.is_done:
        target = Name(c.name())
    return (op.Reindex(kind, target, concurrently, options.get("tablespace")),)
