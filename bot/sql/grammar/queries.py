"""Queries: SELECT, VALUES, TABLE and WITH, checked in full; the relations they read and lock are noted."""

from bisect import bisect_left
from dataclasses import dataclass, field

from bot.core.language import operations as op
from bot.core.language.expression import Expression, FunctionCall
from bot.core.language.names import Name
from bot.sql.grammar import calls, expressions, primaries, sources, with_clauses
from bot.sql.grammar.column_uses import beginning, columns_since, note_level
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import NEEDS_AS
from bot.sql.text.tokens import QUOTED, WORD

_STARTS = ("SELECT", "VALUES", "WITH", "TABLE")
_SET_OPERATORS = ("UNION", "INTERSECT", "EXCEPT")
_AFTER_QUERY = frozenset((*_SET_OPERATORS, "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR"))


@dataclass(slots=True)
class QueryParts:
    """The parts of a query. `sources`: the relations in its FROM by the names used for them.

    `outermost`: not inside another query. The condition of an inner query is checked, but not kept.
    """

    outermost: bool = False
    where: Expression | None = None
    limit: bool = False
    into: Name | None = None
    into_persistence: str = "permanent"
    locking: str | None = None
    locked: tuple[Name, ...] = ()
    rows: int | None = None
    sources: list[tuple[str, Name]] = field(default_factory=list)
    targets: int = 0


def read_query(c: Cursor) -> op.Query:
    """The query here, as a value of the core (SelectStmt)."""
    return query_with_parts(c)[0]


def query_with_parts(c: Cursor) -> tuple[op.Query, QueryParts]:
    mark = c.mark()
    begun = beginning(c)
    parts = query(c, outermost=True)
    base = c.offset(mark.at)
    found = c.found
    value = op.Query(
        text=c.text(mark.at),
        relations=tuple(dict.fromkeys(found.relations[mark.relations :])),
        calls=tuple(FunctionCall(f, n, s - base, e - base) for f, n, s, e in found.calls[mark.calls :]),
        where=parts.where,
        limit=parts.limit,
        locked=locked_since(c, mark.locked),
        columns=columns_since(c, begun),
    )
    return value, parts


def locked_since(c: Cursor, since: int) -> tuple[Name, ...]:
    """The relations that FOR UPDATE and its like lock, noted since `found` had so many."""
    return tuple(dict.fromkeys(c.found.locked[since:]))


def begins_query(c: Cursor) -> bool:
    """Whether a query is here, in parentheses or not."""
    return c.is_at_any(*_STARTS) or is_query(c)


def is_query(c: Cursor) -> bool:
    """Whether the parenthesis here opens a query; otherwise it groups an expression or a join. Consumes nothing.

    `((SELECT 1) + 1)` and `((SELECT 1))` begin alike: gram.y counts such parentheses to the query as long as it can
    (see the comment before select_with_parens), and the token after the inner parenthesis decides.
    """
    at = c.at
    words = c.tokens.words
    if words[at] != "(":
        return False
    while words[at + 1] == "(":
        inner = c.match_of(at + 1)
        after = words[inner + 1] if inner >= 0 else ""
        if after != ")" and after not in _AFTER_QUERY:
            return False
        at += 1
    return words[at + 1] in _STARTS and (words[at + 1] != "VALUES" or words[at + 2] == "(")


def subquery(c: Cursor) -> None:
    """A query in parentheses (select_with_parens)."""
    c.need("(")
    query(c)
    c.need(")")


def query(c: Cursor, *, outermost: bool = False) -> QueryParts:
    """A whole query without its parentheses: select_no_parens, or a query in further parentheses."""
    c.deeper()
    parts = QueryParts(outermost)
    scoped = False
    if c.is_at("WITH"):
        with_clauses.with_clause(c)
        scoped = True
    _combined(c, parts)
    ordered = c.eat("ORDER", "BY")
    if ordered:
        c.listed(calls.sort_key)
    _limit_and_locks(c, parts, ordered=ordered)
    if scoped:
        c.scopes.pop()
    c.depth -= 1
    return parts


def _combined(c: Cursor, parts: QueryParts) -> None:
    """Simple queries joined by UNION, INTERSECT and EXCEPT. That INTERSECT binds more strongly changes nothing here."""
    _simple_or_nested(c, parts)
    while c.eat_any(*_SET_OPERATORS):
        if not c.eat("ALL"):
            c.eat("DISTINCT")
        parts.where = None
        parts.rows = None
        right = QueryParts()
        _simple_or_nested(c, right)
        if parts.into is None:
            parts.into, parts.into_persistence = right.into, right.into_persistence


def _simple_or_nested(c: Cursor, parts: QueryParts) -> None:
    word = c.word
    if word == "(":
        c.need("(")
        inner = query(c, outermost=parts.outermost)
        c.need(")")
        parts.where, parts.limit, parts.rows = inner.where, inner.limit, inner.rows
        parts.into, parts.into_persistence = inner.into, inner.into_persistence
        parts.sources, parts.targets = inner.sources, inner.targets
        parts.locking, parts.locked = inner.locking, inner.locked
    elif word == "SELECT":
        _select(c, parts)
    elif word == "VALUES":
        parts.rows = values(c)
    elif c.eat("TABLE"):
        name, _ = c.relation()
        note_relation(c, name)
        parts.sources.append((name.name, name))
    else:
        c.fail()


def note_relation(c: Cursor, name: Name) -> bool:
    """Notes a relation that is read, unless the name is that of a common table expression."""
    if name.schema is None and any(name.name in scope for scope in c.scopes):
        return False
    c.found.relations.append(name)
    return True


def values(c: Cursor) -> int:
    """VALUES (...), (...) (values_clause); returns the number of rows."""
    start = c.offset()
    c.need("VALUES")
    rows = 0
    while True:
        c.need("(")
        expressions.skip_expression(c)
        while c.eat(","):
            expressions.skip_expression(c)
        c.need(")")
        rows += 1
        if not c.eat(","):
            left_out = c.tokens.rows_left_out
            return rows + bisect_left(left_out, c.offset(c.at - 1)) - bisect_left(left_out, start)


def _select(c: Cursor, parts: QueryParts) -> None:
    begun, enclosed = beginning(c), c.enclosed
    c.need("SELECT")
    c.enclosed = True
    if c.eat("DISTINCT"):
        if c.eat("ON"):
            c.in_parentheses(expressions.skip_expression)
        parts.targets = targets(c)
    else:
        every = c.eat("ALL")
        if not _ends_targets(c) or (every and not _ends_targets(c)):
            parts.targets = targets(c)
    if c.eat("INTO"):
        _into(c, parts)
    if c.eat("FROM"):
        c.enclosed = enclosed
        parts.sources = sources.from_list(c)
        c.enclosed = True
    if c.eat("WHERE"):
        if parts.outermost:
            parts.where = expressions.expression(c)
        else:
            expressions.operand(c)
    first = len(c.found.columns)
    _grouping(c)
    grouped = range(first, len(c.found.columns))
    if c.eat("HAVING"):
        expressions.operand(c)
    if c.eat("WINDOW"):
        c.listed(_named_window)
    c.enclosed = enclosed
    note_level(c, begun, grouped, enclosed=enclosed)


def _ends_targets(c: Cursor) -> bool:
    """Whether the target list is left out here."""
    return c.word in _NO_TARGET or c.is_done


_NO_TARGET = frozenset(
    """
    INTO FROM WHERE GROUP HAVING WINDOW ) ORDER LIMIT OFFSET FETCH FOR ON RETURNING WITH ; UNION INTERSECT EXCEPT
    """.split()
)


def targets(c: Cursor) -> int:
    """The output columns of SELECT and RETURNING (target_list); returns their number."""
    count = 0
    while True:
        if c.is_at("*"):
            c.at += 1
        else:
            expressions.skip_expression(c)
            if c.eat("AS"):
                c.label()
            elif c.kind == QUOTED or (c.kind == WORD and c.word not in NEEDS_AS and _may_label(c)):
                c.at += 1
        count += 1
        if not c.eat(","):
            return count


def _may_label(c: Cursor) -> bool:
    """Whether the word here is a label without AS (BareColLabel); a key word must not begin what follows.

    Before JSON, PostgreSQL's lexer makes another token of FORMAT: FORMAT_LA.
    """
    return c.word not in _NO_TARGET and not c.is_at("FORMAT", "JSON")


def _into(c: Cursor, parts: QueryParts) -> None:
    persistence = c.eat_any("TEMPORARY", "TEMP", "UNLOGGED", "LOCAL", "GLOBAL")
    if persistence in ("LOCAL", "GLOBAL"):
        persistence = c.need_any("TEMPORARY", "TEMP")
    c.eat("TABLE")
    parts.into = c.qualified()
    parts.into_persistence = {"": "permanent", "UNLOGGED": "unlogged"}.get(persistence, "temporary")


def _grouping(c: Cursor) -> None:
    if not c.eat("GROUP", "BY"):
        return
    if not c.eat("ALL"):
        c.eat("DISTINCT")
    c.listed(_group)


def _group(c: Cursor) -> None:
    c.deeper()
    if c.eat("(", ")"):
        pass
    elif c.is_at_any("CUBE", "ROLLUP") and c.ahead() == "(":
        c.at += 1
        c.in_parentheses(expressions.skip_expression)
    elif c.eat("GROUPING", "SETS"):
        c.in_parentheses(_group)
    else:
        expressions.skip_expression(c)
    c.depth -= 1


def _named_window(c: Cursor) -> None:
    c.name()
    c.need("AS")
    calls.window(c)


def _limit_and_locks(c: Cursor, parts: QueryParts, *, ordered: bool) -> None:
    first = c.at
    if c.is_at("FOR"):
        _locks(c, parts)
        _limits(c, parts)
    else:
        _limits(c, parts)
        _locks(c, parts)
    words = c.tokens.words[first : c.at]
    if "TIES" in words and "FETCH" in words and (not ordered or "SKIP" in words):
        c.fail("WITH TIES needs ORDER BY, and cannot skip locked rows")


def _limits(c: Cursor, parts: QueryParts) -> None:
    limit = offset = False
    while True:
        if not limit and c.eat("LIMIT"):
            limit = True
            if not c.eat("ALL"):
                expressions.operand(c)
        elif not limit and c.is_at("FETCH") and c.ahead() in ("FIRST", "NEXT"):
            limit = True
            c.at += 2
            _fetch(c)
        elif not offset and c.eat("OFFSET"):
            offset = True
            expressions.operand(c)
            c.eat_any("ROW", "ROWS")
        else:
            parts.limit = parts.limit or limit
            return


def _fetch(c: Cursor) -> None:
    if not c.eat_any("ROW", "ROWS"):
        if c.is_at_any("+", "-"):
            c.signed()
        else:
            primaries.primary(c)
        c.need_any("ROW", "ROWS")
    if not c.eat("ONLY"):
        c.need("WITH", "TIES")


def _locks(c: Cursor, parts: QueryParts) -> None:
    if c.eat("FOR", "READ", "ONLY"):
        return
    while c.eat("FOR"):
        if c.eat("NO"):
            c.need("KEY", "UPDATE")
            parts.locking = "NO KEY UPDATE"
        elif c.eat("KEY"):
            c.need("SHARE")
            parts.locking = "KEY SHARE"
        else:
            parts.locking = c.need_any("UPDATE", "SHARE")
        chosen = [name.name for name in c.listed(Cursor.qualified)] if c.eat("OF") else None
        here = [name for alias, name in parts.sources if chosen is None or alias in chosen]
        parts.locked += tuple(here)
        c.found.locked += here
        if not c.eat("NOWAIT"):
            c.eat("SKIP", "LOCKED")
