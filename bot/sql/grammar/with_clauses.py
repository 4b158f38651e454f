"""WITH: the names that a query gives to others before it begins."""

from bot.sql.grammar import expressions, queries, rows
from bot.sql.text.cursor import Cursor


def with_clause(c: Cursor) -> None:
    """WITH ...; its names stay in `c.scopes` until the caller removes the last scope."""
    c.need("WITH")
    # `WITH recursive AS (...)`: the word is then the name of the query.
    recursive = c.ahead() not in ("AS", "(") and c.eat("RECURSIVE")
    c.scopes.append(_names_of_ctes(c) if recursive else frozenset())
    place = len(c.scopes) - 1
    while True:
        name = _cte(c)
        c.scopes[place] |= {name}
        if not c.eat(","):
            return


def _names_of_ctes(c: Cursor) -> frozenset[str]:
    """With RECURSIVE every name is known in each of the expressions."""
    names: set[str] = set()
    start = c.at
    while c.is_at_name:
        names.add(c.name())
        if c.is_at("("):
            c.at = c.match_of(c.at) + 1
        if not c.eat("AS"):
            break
        c.eat("NOT")
        c.eat("MATERIALIZED")
        if not c.is_at("(") or c.match_of(c.at) < 0:
            break
        c.at = c.match_of(c.at) + 1
        if not c.eat(","):
            break
    c.at = start
    return frozenset(names)


def _cte(c: Cursor) -> str:
    name = c.name()
    if c.is_at("("):
        c.names()
    c.need("AS")
    if c.eat("NOT"):
        c.need("MATERIALIZED")
    else:
        c.eat("MATERIALIZED")
    c.need("(")
    operation = rows.data_modifying(c)
    if operation is None:
        queries.query(c)
    else:
        c.writes.extend(operation)
    c.need(")")
    _search_and_cycle(c)
    return name


def _search_and_cycle(c: Cursor) -> None:
    if c.eat("SEARCH"):
        c.need_any("DEPTH", "BREADTH")
        c.need("FIRST", "BY")
        c.listed(Cursor.name)
        c.need("SET")
        c.name()
    if c.eat("CYCLE"):
        c.listed(Cursor.name)
        c.need("SET")
        c.name()
        if c.eat("TO"):
            expressions.operand(c)
            c.need("DEFAULT")
            expressions.operand(c)
        c.need("USING")
        c.name()
