"""COPY, of a table and of a query.

Manual: https://www.postgresql.org/docs/current/sql-copy.html
"""

from bot.core.language import operations as op
from bot.sql.grammar.expressions import operand
from bot.sql.grammar.options import option_list
from bot.sql.grammar.queries import query_with_parts
from bot.sql.grammar.rows import data_modifying, relations_since, written
from bot.sql.statements.dispatch import Operations
from bot.sql.text.cursor import Cursor


def copy(c: Cursor) -> Operations:
    """COPY, in its present form and those before 9.0."""
    c.need("COPY")
    if c.is_at("("):
        return _copy_query(c)
    c.eat("BINARY")
    table = c.qualified()
    if c.is_at("("):
        c.names()
    direction = c.need_any("FROM", "TO")
    _copy_place(c)
    if c.eat("USING"):
        c.need("DELIMITERS")
        c.string()
    elif c.eat("DELIMITERS"):
        c.string()
    _copy_options(c)
    if c.eat("WHERE"):
        if direction == "TO":
            c.fail("WHERE has no place in COPY TO")
        operand(c)
    return (op.Copy(table, to=direction == "TO"),)


def _copy_query(c: Cursor) -> Operations:
    c.need("(")
    mark = c.mark()
    changes = data_modifying(c)
    query: op.Query
    if changes is None:
        query, _ = query_with_parts(c)
    else:
        query = op.Query(c.text(mark.at), relations_since(c, mark.relations))
    c.need(")", "TO")
    _copy_place(c)
    _copy_options(c)
    return (op.Copy(None, to=True, query=query), *(changes or ()), *written(c))


def _copy_place(c: Cursor) -> None:
    if c.eat("PROGRAM") or not c.eat_any("STDIN", "STDOUT"):
        c.string()


def _copy_options(c: Cursor) -> None:
    c.eat("WITH")
    if c.is_at("("):
        option_list(c, copying=True)
        return
    while _old_copy_option(c):
        pass


def _old_copy_option(c: Cursor) -> bool:
    if c.eat_any("BINARY", "FREEZE", "CSV", "HEADER"):
        return True
    if c.eat_any("DELIMITER", "NULL", "QUOTE", "ESCAPE"):
        c.eat("AS")
        c.string()
        return True
    if c.eat("ENCODING"):
        c.string()
        return True
    if c.eat("FORCE"):
        if c.eat("NOT") or c.is_at("NULL"):
            c.need("NULL")
            if not c.eat("*"):
                c.listed(Cursor.name)
            return True
        c.need("QUOTE")
        if not c.eat("*"):
            c.listed(Cursor.name)
        return True
    return False
