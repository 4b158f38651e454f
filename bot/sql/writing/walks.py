"""How a change of many rows is cut up: the table that is walked through, and what is done to each part.

A batch is the author's own statement with one more condition on the table that is walked through. That gives the same
rows only where no row's new value depends on what another batch has changed: what reads its own results is refused.
"""

import re

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.core.record import record
from bot.sql.reading import read_expression
from bot.sql.text.cursor import Cursor, cursor
from bot.sql.text.tokens import Unreadable
from bot.sql.writing.parts import Unwritable, words
from bot.sql.writing.rows import around_target, insert_head, target

_WHOLE = frozenset("GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW UNION INTERSECT EXCEPT FOR DISTINCT INTO OVER".split())
"""Words of a query after which its rows do not come from one row of a table each, or not all of them do."""
_SUBQUERY = re.compile(r"\(\s*(?:SELECT|WITH|TABLE)\b", re.IGNORECASE)
_SAME_EACH_TIME = frozenset(
    "abs btrim ceil coalesce concat floor greatest initcap least length lower ltrim md5 nullif replace round rtrim "
    "substr substring trim upper".split()
)


@record
class Walk:
    """`before`, the table, `after`, the condition `where` with one more for the batch, and `end` are a statement.

    `name` is what the table is called in it. `counted` counts the rows left, in the same way, with `before` in its
    place; `skipped` is a condition that only rows have that are not done yet, "" where none is known.
    """

    table: Name
    only: bool
    target: str
    name: str
    before: str
    after: str
    where: str
    end: str = ""
    verb: str = "changed"
    counted: tuple[str, str] = ("", "")
    skipped: str = ""
    assigned: tuple[str, ...] = ()
    again: bool = False
    """Whether a row that was done and still matches may be done again."""
    repeats: bool = False
    """Whether each batch evaluates queries again."""


def walk_of(change: op.Update | op.Delete | op.Insert) -> Walk:
    """How the change is cut up. Raises Unwritable where batches would not do the same."""
    return _of_insert(change) if isinstance(change, op.Insert) else _of_change(change)


def plain_batches(change: op.Update | op.Delete) -> str | None:
    """The condition for batches that may simply be run again, by a tool that names the table itself.

    It is the author's, or it finds the rows that lack the new values; None where rows would be changed twice, or
    where the statement is more than one table with values and a condition.
    """
    walk = walk_of(change)
    if change.sources or change.queries or change.alias or change.only:
        return None
    if isinstance(change, op.Delete):
        return change.where.text if change.where is not None else "true"
    if change.where is None:
        return walk.skipped[1:-1] if walk.skipped else None
    tested = {one.column for one in change.where.columns}
    return change.where.text if walk.again or tested & set(change.columns) else None


def _of_change(change: op.Update | op.Delete) -> Walk:
    before, after = around_target(change)
    _changes_nothing_it_reads(change)
    if change.where is not None and change.where.text.upper().startswith("CURRENT OF"):
        raise Unwritable("it changes the row of a cursor")
    where = f"({change.where.text})" if change.where is not None else "true"
    values = _values(change) if isinstance(change, op.Update) else ()
    assigned = set(change.columns) if isinstance(change, op.Update) else set[str]()
    name = quote(change.alias or change.table.name)
    again = bool(values) and not change.sources and all(_is_settled(value, assigned) for _, value in values)
    skipped = " OR ".join(f"{name}.{quote(column)} IS DISTINCT FROM ({value})" for column, value in values)
    return Walk(
        change.table,
        change.only,
        target(change),
        name,
        before,
        after,
        where,
        verb="deleted" if isinstance(change, op.Delete) else "changed",
        counted=(words(change.queries, "SELECT") + " ", f", {change.sources}" if change.sources else ""),
        skipped=f"({skipped})" if again else "",
        assigned=tuple(sorted(assigned)),
        again=again,
        repeats=bool(change.sources or change.queries or _SUBQUERY.search(f"{after} {where}")),
    )


def _changes_nothing_it_reads(change: op.Update | op.Delete) -> None:
    """A batch must not see what the batches before it did to other rows."""
    table = change.table
    if not any(one.name == table.name and one.schema in (table.schema, None, "public") for one in change.reads):
        return
    if isinstance(change, op.Delete):
        raise Unwritable("which rows it deletes depends on the other rows of the table, which batches would change")
    values = " ".join(value for _, value in _values(change)) if _values(change) else change.assignments
    rest = f"{change.where.text if change.where else ''} {values}"
    read = f"{change.queries} {change.sources} {rest if _SUBQUERY.search(rest) else ''}"
    seen = {word.strip('"').lower() for word in re.findall(r'\w+|"[^"]+"', read)}
    if "*" in read or seen & {column.lower() for column in change.columns}:
        raise Unwritable("what it writes depends on the other rows of the table, which batches would change")


def _is_settled(value: str, assigned: set[str]) -> bool:
    """Whether it is the same when it is computed a second time, after the assignment."""
    read = read_expression(value)
    if not read.understood or _SUBQUERY.search(f"({value}"):
        return False
    named = {one.column for one in read.columns}
    bare = re.search(r"\b(?:current_|local)\w+|\bsession_user\b|\buser\b", value, re.IGNORECASE)
    return not bare and not named & assigned and all(one.function.name in _SAME_EACH_TIME for one in read.calls)


def _values(change: op.Update) -> tuple[tuple[str, str], ...]:
    """The columns with what is assigned to them, none where that is not one expression for each."""
    c = cursor(change.assignments)
    here, start, at = c.tokens.words, 0, 0
    pairs: list[tuple[str, str]] = []
    parts: list[tuple[int, int]] = []
    while at < len(here) - 1:
        if here[at] == "(":
            at = max(at, c.match_of(at))
        elif here[at] == ",":
            parts.append((start, at))
            start = at + 1
        at += 1
    parts.append((start, at))
    for column, (first, last) in zip(change.columns, parts, strict=False):
        if last - first < 3 or here[first + 1] != "=" or here[first + 2] == "DEFAULT":
            return ()
        pairs.append((column, c.text(first + 2, last)))
    return tuple(pairs) if len(parts) == len(change.columns) else ()


def _of_insert(change: op.Insert) -> Walk:
    """Along the first table of its FROM. PostgreSQL itself says, before the first batch, whether it goes row by row."""
    query = change.query
    if query is None or (change.on_conflict is not None and not change.conflict):
        raise Unwritable("it inserts rows that come from no table")
    if any(one.name == change.table.name for one in query.relations):
        raise Unwritable("it reads the table that it fills")
    try:
        return _along_source(change, query, cursor(query.text))
    except Unreadable as trouble:
        raise Unwritable("its query is not read") from trouble


def _along_source(change: op.Insert, query: op.Query, c: Cursor) -> Walk:
    places = _outermost(c)
    found = places.get("FROM")
    if found is None:
        raise Unwritable("it inserts rows that come from no table")
    c.at = found + 1
    first = c.at
    if not (c.is_at_name or c.is_at("ONLY")) or c.ahead() == "(":
        raise Unwritable("its rows do not come from a table first of all")
    table, only = c.relation()
    alias = c.name() if c.eat("AS") or c.is_at_name else None
    if table not in query.relations:
        raise Unwritable("its rows do not come from a table first of all")
    stop = c.at
    end = len(c.tokens.words) - 1
    where = places.get("WHERE", end)
    condition = f"({c.text(where + 1, end)})" if where < end else "true"
    return Walk(
        table,
        only,
        c.text(first, stop),
        quote(alias or table.name),
        f"{insert_head(change)} {c.text(0, first)} ",
        f" {c.text(stop, where)}" if stop < where else "",
        condition,
        end=f" {change.conflict}" if change.conflict else "",
        verb="inserted",
        counted=(f"{c.text(0, first)} ", ""),
        repeats=bool(_SUBQUERY.search(query.text)) or len(query.relations) > 1,
    )


def _outermost(c: Cursor) -> dict[str, int]:
    """Where FROM and WHERE of the query itself stand. Raises Unwritable where a row is not made of one row."""
    here, at, places = c.tokens.words, 0, dict[str, int]()
    while at < len(here) - 1:
        word = here[at]
        if word == "(":
            at = max(at, c.match_of(at))
        elif word in ("DISTINCT", "FROM") and here[at - 1] in ("IS", "NOT", "DISTINCT") and at > 0:
            pass
        elif word in _WHOLE:
            raise Unwritable(f"its {word} is over all of its rows")
        elif word in ("FROM", "WHERE"):
            places.setdefault(word, at)
        at += 1
    return places
