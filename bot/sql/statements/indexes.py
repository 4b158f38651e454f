"""CREATE INDEX and REINDEX.

Manual: https://www.postgresql.org/docs/current/sql-createindex.html
"""

from bot.core.language import operations as op
from bot.sql.grammar.constraints import nulls_not_distinct
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.index_elements import index_element
from bot.sql.grammar.options import Options, is_on, option_list, storage_options
from bot.sql.statements.dispatch import Operations
from bot.sql.text.cursor import Cursor


def create_index(c: Cursor) -> Operations:
    """[UNIQUE] INDEX ..., after CREATE."""
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
    distinct = nulls_not_distinct(c)
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


def reindex(c: Cursor) -> Operations:
    c.need("REINDEX")
    options = option_list(c) if c.is_at("(") else {}
    kind = c.need_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = c.eat("CONCURRENTLY") or is_on(options, "concurrently")
    target = c.qualified() if kind in ("INDEX", "TABLE") else None
    name = c.name() if kind == "SCHEMA" or (target is None and not c.is_done) else None
    return (op.Reindex(kind, target, concurrently, options.get("tablespace"), name),)
