"""Queries: what their FROM brings into scope, and the columns that they give, with their types."""

from collections.abc import Mapping

from bot.core.effects.expressions import resolution
from bot.core.effects.expressions.coercions import spelled
from bot.core.effects.expressions.reader import ExpressionReader
from bot.core.effects.expressions.scope import Namespace, NotKnown, Refusal, Source
from bot.core.effects.expressions.words import NOWHERE, Standpoint, TypedValue
from bot.core.language import named
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.schema.database import Database

Columns = list[tuple[str, str | None]]
"""Names and types; a name "*" stands for columns that are not known."""

_ENDS_TARGETS = frozenset(
    "from where group having window union intersect except order limit offset fetch for on returning into ) ;".split()
)
_ENDS_ITEM = frozenset(
    """
    where group having window union intersect except order limit offset fetch for on using join inner left right full
    cross natural ) , ; set returning tablesample when
    """.split()
)
_SET = {"union": "UNION", "intersect": "INTERSECT", "except": "EXCEPT"}
STAR: tuple[str, str | None] = ("*", None)


def columns_of(database: Database, name: Name) -> dict[str, str | None] | None:
    """The columns of a relation with their types; None where they are not all known."""
    found = database.find(name)
    relation = database.relation(found) if found is not None else None
    if relation is None or relation.partial or not relation.columns:
        return None
    return {column.name: spelled(database, column.type) for column in relation.columns}


def query(reader: ExpressionReader, scope: Namespace) -> Columns:
    """The query here; the reader is left where it ends."""
    outer = reader.scope, reader.place, reader.aggregates, reader.plain_columns, reader.inside_aggregate
    none: list[str] = []
    reader.scope, reader.place, reader.plain_columns, reader.inside_aggregate = scope, NOWHERE, none, 0
    reader.depth += 1
    if reader.depth > 40:
        raise NotKnown
    try:
        if reader.eat("with"):
            _common_tables(reader, scope)
        columns, single = _combined(reader, scope)
        _after(reader, scope, columns, single=single)
        return columns
    finally:
        reader.depth -= 1
        reader.scope, reader.place, reader.aggregates, reader.plain_columns, reader.inside_aggregate = outer


def _common_tables(reader: ExpressionReader, scope: Namespace) -> None:
    recursive = reader.eat("recursive")
    tables = dict(scope.tables)
    while True:
        name = reader.identifier()
        names = _names(reader) if reader.word == "(" else None
        reader.need("as")
        reader.eat("not")
        reader.eat("materialized")
        if recursive:
            tables[name] = None
            scope.tables = tables
        if reader.ahead in ("insert", "update", "delete", "merge"):
            reader.skip_parentheses()
            tables[name] = None
        else:
            reader.need("(")
            columns = query(reader, Namespace(outer=scope.outer, tables=dict(tables)))
            reader.need(")")
            tables[name] = None if recursive else _named_columns(columns, names)
        scope.tables = tables
        if reader.word in ("search", "cycle"):
            raise NotKnown
        if not reader.eat(","):
            return


def _named_columns(columns: Columns, names: list[str] | None) -> dict[str, str | None] | None:
    if STAR in columns:
        return None
    given = names or []
    return {(given[place] if place < len(given) else name): type for place, (name, type) in enumerate(columns)}


def _names(reader: ExpressionReader) -> list[str]:
    reader.need("(")
    found: list[str] = []
    while not reader.eat(")"):
        found.append(reader.identifier())
        reader.eat(",")
    return found


def _combined(reader: ExpressionReader, scope: Namespace) -> tuple[Columns, bool]:
    columns = _simple(reader, scope)
    single = True
    while reader.word in _SET:
        word = _SET[reader.take().lower()]
        reader.eat("all") or reader.eat("distinct")
        reader.scope = Namespace(outer=scope.outer, tables=scope.tables)
        right = _simple(reader, reader.scope)
        reader.scope = scope
        single = False
        if STAR in columns or STAR in right:
            columns = [STAR]
            continue
        if len(columns) != len(right):
            raise Refusal("42601", "each {} query must have the same number of columns", Given(word))
        columns = [
            (name, resolution.common(reader.database, [type, other], "UNION"))
            for (name, type), (_, other) in zip(columns, right, strict=True)
        ]
    return columns, single


def _simple(reader: ExpressionReader, scope: Namespace) -> Columns:
    if reader.eat("("):
        columns = query(reader, Namespace(outer=scope.outer, tables=scope.tables))
        reader.need(")")
        return columns
    if reader.word == "values":
        return _values(reader)
    if reader.eat("table"):
        source = _relation(reader, scope)
        return list(source.columns.items()) if source.columns is not None else [STAR]
    reader.need("select")
    return _select(reader, scope)


def _values(reader: ExpressionReader) -> Columns:
    reader.need("values")
    rows: list[list[TypedValue]] = []
    while True:
        reader.need("(")
        row: list[TypedValue] = []
        while not reader.eat(")"):
            row.append(TypedValue(None) if reader.eat("default") else reader.expression())
            if not reader.eat(",") and reader.word != ")":
                raise NotKnown
        rows.append(row)
        if not reader.eat(","):
            break
    if len({len(row) for row in rows}) > 1:
        raise Refusal("42601", "VALUES lists must all be the same length")
    width = len(rows[0]) if rows else 0
    return [
        (f"column{place + 1}", resolution.common(reader.database, [row[place].type for row in rows], "VALUES"))
        for place in range(width)
    ]


def _select(reader: ExpressionReader, scope: Namespace) -> Columns:
    if not reader.eat("all") and reader.eat("distinct") and reader.eat("on"):
        reader.skip_parentheses()
    first, end = reader.at, _end_of_targets(reader)
    reader.at = end
    if reader.word == "into":
        raise NotKnown
    if reader.eat("from"):
        from_list(reader, scope)
    after = reader.at
    reader.at = first
    reader.aggregates = 0
    reader.plain_columns.clear()
    columns = _targets(reader, scope, end)
    aggregates, plain = reader.aggregates, list(reader.plain_columns)
    if reader.at != end:
        raise NotKnown
    reader.at = after
    grouped = _conditions(reader, columns)
    if aggregates and plain and not grouped and not _is_outer(scope, plain[0]):
        raise Refusal(
            "42803",
            "column {} must appear in the GROUP BY clause or be used in an aggregate function",
            named.column(plain[0]),
        )
    return columns


def _conditions(reader: ExpressionReader, columns: Columns) -> bool:
    """WHERE to WINDOW; returns whether rows are grouped."""
    if reader.eat("where"):
        reader.place = Standpoint("WHERE")
        reader.boolean("WHERE")
        reader.place = NOWHERE
    grouped = reader.word == "group"
    if reader.eat("group", "by"):
        _grouping(reader, columns)
    if reader.eat("having"):
        reader.boolean("HAVING")
        grouped = True
    if reader.eat("window"):
        while True:
            reader.identifier()
            reader.need("as")
            reader.skip_parentheses()
            if not reader.eat(","):
                break
    return grouped


def _is_outer(scope: Namespace, name: str) -> bool:
    """Whether the column may be one of a query around this one."""
    return not any(one.columns is not None and name in one.columns for one in scope.sources)


def _end_of_targets(reader: ExpressionReader) -> int:
    depth = 0
    for at in range(reader.at, len(reader.words)):
        word = reader.words[at]
        if depth == 0 and word in _ENDS_TARGETS and not (word == "from" and reader.words[at - 1] == "distinct"):
            return at
        depth += (word in ("(", "[")) - (word in (")", "]"))
    return len(reader.words)


def _targets(reader: ExpressionReader, scope: Namespace, end: int) -> Columns:
    columns: Columns = []
    while reader.at < end:
        if reader.eat("*"):
            columns += _star(scope.sources, scope)
        elif reader.ahead == "." and reader.words[reader.at + 2 : reader.at + 3] == ["*"]:
            alias = reader.identifier()
            reader.at += 2
            source = scope.source(alias)
            if source is None:
                raise Refusal("42P01", "missing FROM-clause entry for table {}", Name(alias))
            columns += list(source.columns.items()) if source.columns is not None else [STAR]
        else:
            value = reader.expression()
            name = value.name or "?column?"
            if reader.eat("as") or (reader.at < end and reader.word != ","):
                name = reader.identifier()
            columns.append((name, value.type))
        if reader.at < end and not reader.eat(","):
            raise NotKnown
    return columns


def _star(sources: list[Source], scope: Namespace) -> Columns:
    if not sources or any(one.columns is None for one in sources) or scope.merged:
        return [STAR]
    return [item for one in sources for item in (one.columns or {}).items()]


def _grouping(reader: ExpressionReader, columns: Columns) -> None:
    while True:
        if reader.word in ("rollup", "cube", "grouping", "all", "distinct") or (
            reader.word == "(" and reader.ahead == ")"
        ):
            raise NotKnown
        _named_or_expression(reader, columns)
        if not reader.eat(","):
            return


def _named_or_expression(reader: ExpressionReader, columns: Columns) -> None:
    """A column of the result by its name or number, or an expression."""
    ends = reader.ahead in (",", "", ")", "asc", "desc", "nulls", "limit", "offset", "fetch", "for", "having", "order")
    token = reader.tokens[reader.at] if not reader.is_done else ""
    if token.isdigit() and ends:
        reader.at += 1
        if STAR not in columns and not 0 < int(token) <= len(columns):
            raise Refusal("42P10", "position {} is not in select list", Given(token))
        return
    if ends and (STAR in columns or token.strip('"').lower() in {name for name, _ in columns}):
        reader.at += 1
        return
    reader.expression()


def _after(reader: ExpressionReader, scope: Namespace, columns: Columns, *, single: bool) -> None:
    """ORDER BY, LIMIT, OFFSET, FETCH and FOR."""
    if reader.eat("order", "by"):
        _order(reader, scope, columns, single=single)
    while reader.word in ("limit", "offset", "fetch", "for"):
        word = reader.take().lower()
        if word == "limit" and reader.eat("all"):
            continue
        if word in ("limit", "offset"):
            reader.expression()
            reader.eat("row") or reader.eat("rows")
        else:
            while reader.word and reader.word not in (")", "limit", "offset", "fetch", ";"):
                reader.take()


def _order(reader: ExpressionReader, scope: Namespace, columns: Columns, *, single: bool) -> None:
    while True:
        if single:
            _named_or_expression(reader, columns)
        else:
            reader.scope = Namespace(outer=None, sources=[Source("", None)])
            reader.expression()
            reader.scope = scope
        reader.eat("asc") or reader.eat("desc")
        if reader.eat("using"):
            raise NotKnown
        if reader.eat("nulls"):
            reader.take()
        if not reader.eat(","):
            return


def from_list(reader: ExpressionReader, scope: Namespace) -> None:
    """The items of FROM, into the scope."""
    while True:
        _joined(reader, scope)
        if not reader.eat(","):
            return


def _joined(reader: ExpressionReader, scope: Namespace) -> None:
    _item(reader, scope)
    while reader.word in ("join", "inner", "left", "right", "full", "cross", "natural"):
        if reader.word == "natural":
            raise NotKnown
        crossed = reader.word == "cross"
        while reader.word in ("inner", "left", "right", "full", "cross", "outer"):
            reader.at += 1
        reader.need("join")
        before = list(scope.sources)
        _item(reader, scope)
        if reader.eat("on"):
            reader.boolean("JOIN/ON")
        elif reader.eat("using"):
            _using(reader, scope, before)
        elif not crossed:
            raise NotKnown


def _using(reader: ExpressionReader, scope: Namespace, before: list[Source]) -> None:
    new = [one for one in scope.sources if one not in before]
    for name in _names(reader):
        for side, words in ((before, "left"), (new, "right")):
            if all(one.columns is not None and name not in one.columns for one in side) and name not in scope.merged:
                raise Refusal(
                    "42703",
                    "column {} specified in USING clause does not exist in {} table",
                    named.column(name),
                    say("left" if words == "left" else "right"),
                )
        scope.merged[name] = next(
            (one.columns[name] for one in scope.sources if one.columns is not None and name in one.columns), None
        )
    if reader.eat("as"):
        scope.sources.append(Source(reader.identifier(), None))


def _item(reader: ExpressionReader, scope: Namespace) -> None:
    lateral = reader.eat("lateral")
    if reader.word == "(":
        if reader.begins_query(0):
            reader.need("(")
            inner = Namespace(outer=scope if lateral else scope.outer, tables=scope.tables)
            columns = query(reader, inner)
            reader.need(")")
            _add(reader, scope, "", None if STAR in columns else dict(columns), None)
        else:
            reader.need("(")
            _joined(reader, scope)
            reader.need(")")
            if reader.word == "as":
                raise NotKnown
        return
    if reader.word == "rows" and reader.ahead == "from":
        reader.at += 2
        reader.skip_parentheses()
        _add(reader, scope, "", None, None)
        return
    reader.eat("only")
    mark = reader.at
    source = _relation(reader, scope)
    if reader.word == "(":
        reader.at = mark
        outer = reader.scope
        value = reader.worded(reader.word)
        reader.scope = outer
        if reader.eat("with", "ordinality"):
            pass
        _add(reader, scope, value.name, None, None)
        return
    reader.eat("*")
    _add(reader, scope, source.alias, source.columns, source.table)
    if reader.eat("tablesample"):
        reader.take()
        reader.skip_parentheses()
        if reader.eat("repeatable"):
            reader.skip_parentheses()


def _relation(reader: ExpressionReader, scope: Namespace) -> Source:
    parts = [reader.identifier()]
    while reader.eat("."):
        parts.append(reader.identifier())
    name = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
    if len(parts) == 1 and parts[0] in scope.tables:
        return Source(parts[0], scope.tables[parts[0]])
    return Source(name.name, columns_of(reader.database, name), name)


def _add(
    reader: ExpressionReader, scope: Namespace, alias: str, columns: Mapping[str, str | None] | None, table: Name | None
) -> None:
    """The item under its alias, with the names that are given to its columns."""
    if reader.eat("as") or (reader.word and reader.word not in _ENDS_ITEM and reader.word != "with"):
        if reader.word == "(":
            raise NotKnown
        alias = reader.identifier()
        if reader.word == "(":
            if table is None and columns is None:
                reader.skip_parentheses()
            else:
                names = _names(reader)
                columns = _named_columns(list(columns.items()), names) if columns is not None else None
    if any(one.alias == alias and alias for one in scope.sources):
        raise Refusal("42712", "table name {} specified more than once", Name(alias))
    scope.sources.append(Source(alias, columns, table))
