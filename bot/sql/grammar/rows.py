"""INSERT, UPDATE, DELETE, MERGE, SELECT and COPY, with their WITH."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.sql.grammar import expressions, index_elements, primaries, queries, sources, with_clauses
from bot.sql.text.cursor import Cursor, cursor
from bot.sql.text.tokens import STRING

RowChange = op.Insert | op.Update | op.Delete | op.Merge
_VERBS = ("INSERT", "UPDATE", "DELETE", "MERGE")
_NO_MAIN_AFTER = frozenset(("WITH", "RECURSIVE", ",", "SET", "BY", "USING", "TO", "DEFAULT"))


def row_statement(c: Cursor) -> tuple[op.Operation, ...]:
    """SELECT, INSERT, UPDATE, DELETE or MERGE; changes in its WITH follow as operations of their own."""
    main = data_modifying(c)
    if main is None:
        main = [_select(c)]
    return (*main, *written(c))


def written(c: Cursor) -> tuple[op.Operation, ...]:
    """Returns what the WITH clauses change, and removes it from the cursor."""
    writes = tuple(
        operation for operation in c.writes if isinstance(operation, op.Insert | op.Update | op.Delete | op.Merge)
    )
    c.writes.clear()
    return writes


def data_modifying(c: Cursor) -> list[op.Operation] | None:
    """INSERT, UPDATE, DELETE or MERGE, also after WITH; None, with nothing consumed, where it is a query."""
    verb = _main_verb(c)
    if verb not in _VERBS:
        return None
    if not c.is_at("WITH"):
        return [_READERS[verb](c)]
    mark, written_before = c.mark(), len(c.writes)
    with_clauses.with_clause(c)
    queries_text = c.text(mark.at) if len(c.writes) == written_before else ""
    reads, locked = relations_since(c, mark.relations), queries.locked_since(c, mark.locked)
    operation = _READERS[verb](c)
    c.scopes.pop()
    if isinstance(operation, op.Update | op.Delete):
        operation = replace(operation, queries=queries_text)
    return [_also_reading(operation, reads, locked)]


def _also_reading(operation: RowChange, tables: tuple[Name, ...], locked: tuple[Name, ...]) -> RowChange:
    """The operation with what the queries in its WITH read."""
    if isinstance(operation, op.Update | op.Delete):
        reads = tuple(dict.fromkeys((*tables, *operation.reads)))
        return replace(operation, reads=reads, locked=tuple(dict.fromkeys((*locked, *operation.locked))))
    query = operation.source if isinstance(operation, op.Merge) else operation.query
    if query is None:
        return operation
    relations = tuple(dict.fromkeys((*tables, *query.relations)))
    query = replace(query, relations=relations, locked=tuple(dict.fromkeys((*locked, *query.locked))))
    return replace(operation, source=query) if isinstance(operation, op.Merge) else replace(operation, query=query)


def _main_verb(c: Cursor) -> str:
    """The verb of the statement, after its WITH."""
    if not c.is_at("WITH"):
        return c.word
    words = c.tokens.words
    at = c.at + 1
    while at < len(words):
        if words[at] == "(":
            if words[at - 1] not in ("AS", "MATERIALIZED") and words[at + 1] in ("SELECT", "(", "VALUES", "WITH"):
                return "SELECT"
            at = c.match_of(at)
            if at < 0:
                return ""
        elif words[at - 1] not in _NO_MAIN_AFTER and words[at] in (*_VERBS, "SELECT", "VALUES", "TABLE"):
            return words[at]
        at += 1
    return ""


def _select(c: Cursor) -> op.Operation:
    query, parts = queries.query_with_parts(c)
    if parts.into is not None:
        return op.CreateTableAs(parts.into, query, persistence=parts.into_persistence)
    setting = _set_config(query)
    if setting is not None and parts.targets == 1:
        return setting
    return op.Select(query, parts.locking, parts.locked)


def _set_config(query: op.Query) -> op.SetSetting | None:
    """SELECT set_config('lock_timeout', '5s', false), and nothing else."""
    if len(query.calls) == 0 or query.relations or query.where is not None:
        return None
    call = query.calls[0]
    if call.function.name != "set_config" or call.function.schema not in (None, "pg_catalog") or call.arguments != 3:
        return None
    c = cursor(query.text[call.start : call.end])
    while not c.eat("("):
        c.at += 1
    if c.kind != STRING:
        return op.SetSetting("", None, dynamic=True)
    name = c.string().lower()
    if not c.eat(","):
        return op.SetSetting("", None, dynamic=True)
    value, known = (c.value, c.kind == STRING and c.ahead() == ",")
    expressions.skip_expression(c)
    c.need(",")
    local = c.is_at("TRUE") or (c.kind == STRING and c.value.lower() in ("true", "t", "on", "1", "yes"))
    return op.SetSetting(name, value if known else None, local=local, dynamic=not known)


def _insert(c: Cursor) -> op.Insert:
    c.need("INSERT", "INTO")
    table = c.qualified()
    alias = c.name() if c.eat("AS") else None
    columns: tuple[str, ...] = ()
    if c.is_at("(") and not queries.begins_query(c):
        columns = tuple(c.in_parentheses(_target_column))
    overriding = None
    if c.eat("OVERRIDING"):
        overriding = c.need_any("USER", "SYSTEM")
        c.need("VALUE")
    query: op.Query | None = None
    rows: int | None
    values = ""
    if c.eat("DEFAULT", "VALUES"):
        rows = 1
    else:
        query, parts = queries.query_with_parts(c)
        rows = parts.rows
        if rows is not None and not query.relations:
            values, query = query.text, None
    first = c.at
    action = _on_conflict(c)
    conflict = c.text(first) if action is not None else ""
    _returning(c)
    return op.Insert(table, columns, rows, query, action, values, overriding, conflict, alias)


def _target_column(c: Cursor) -> str:
    name = c.name()
    primaries.indirection(c)
    return name


def _on_conflict(c: Cursor) -> str | None:
    if not c.eat("ON", "CONFLICT"):
        return None
    if c.eat("ON", "CONSTRAINT"):
        c.name()
    elif c.is_at("("):
        c.in_parentheses(index_elements.index_element)
        if c.eat("WHERE"):
            expressions.operand(c)
    c.need("DO")
    if c.eat("NOTHING"):
        return "NOTHING"
    c.need("UPDATE", "SET")
    _assignments(c)
    if c.eat("WHERE"):
        expressions.operand(c)
    return "UPDATE"


def _assignments(c: Cursor) -> tuple[str, ...]:
    """a = 1, (b, c) = (2, 3): the columns."""
    columns: list[str] = []
    while True:
        if c.is_at("("):
            columns += c.in_parentheses(_target_column)
        else:
            columns.append(_target_column(c))
        c.need("=")
        expressions.skip_expression(c)
        if not c.eat(","):
            return tuple(columns)


def _returning(c: Cursor) -> None:
    if not c.eat("RETURNING"):
        return
    if c.is_at("WITH", "("):
        c.at += 1
        c.in_parentheses(_old_or_new)
    queries.targets(c)


def _old_or_new(c: Cursor) -> None:
    c.need_any("OLD", "NEW")
    c.need("AS")
    c.name()


def _target(c: Cursor) -> tuple[Name, bool, str | None]:
    """The relation to change, whether ONLY it, and its alias: relation_expr_opt_alias.

    `UPDATE foo set set = 1` could be read in two ways. Without AS, the word SET is never the alias: gram.y gives
    the shorter rule a precedence of its own (%prec UMINUS), and explains it there.
    """
    name, only = c.relation()
    alias = c.name() if c.eat("AS") or (c.is_at_name and c.word != "SET") else None
    return name, only, alias


def _update(c: Cursor) -> op.Update:
    c.need("UPDATE")
    mark = c.mark()
    table, only, alias = _target(c)
    c.need("SET")
    first = c.at
    columns = _assignments(c)
    assignments = c.text(first)
    others = _others(c, "FROM")
    where = _where(c)
    _returning(c)
    reads = relations_since(c, mark.relations)
    locked = queries.locked_since(c, mark.locked)
    return op.Update(table, columns, where, reads, only, assignments, alias=alias, sources=others, locked=locked)


def _others(c: Cursor, word: str) -> str:
    """The text after FROM or USING, "" where there is none."""
    if not c.eat(word):
        return ""
    first = c.at
    sources.from_list(c)
    return c.text(first)


def relations_since(c: Cursor, since: int) -> tuple[Name, ...]:
    """The relations read since `found` had this many."""
    return tuple(dict.fromkeys(c.found.relations[since:]))


def _where(c: Cursor) -> Expression | None:
    if not c.eat("WHERE"):
        return None
    if not c.is_at("CURRENT", "OF"):
        return expressions.expression(c)
    first = c.at
    c.need("CURRENT", "OF")
    c.name()
    return Expression(c.text(first), understood=False)


def _delete(c: Cursor) -> op.Delete:
    c.need("DELETE", "FROM")
    mark = c.mark()
    table, only, alias = _target(c)
    others = _others(c, "USING")
    where = _where(c)
    _returning(c)
    reads, locked = relations_since(c, mark.relations), queries.locked_since(c, mark.locked)
    return op.Delete(table, where, reads, only, alias=alias, sources=others, locked=locked)


def _merge(c: Cursor) -> op.Merge:
    c.need("MERGE", "INTO")
    table, _, _ = _target(c)
    c.need("USING")
    mark = c.mark()
    using: sources.Sources = []
    sources.source(c, using)
    text = c.text(mark.at)
    c.need("ON")
    expressions.operand(c)
    actions: list[str] = []
    while c.eat("WHEN"):
        actions.append(_merge_action(c))
    if not actions:
        c.fail()
    _returning(c)
    return op.Merge(
        table,
        op.Query(text, relations_since(c, mark.relations), locked=queries.locked_since(c, mark.locked)),
        tuple(actions),
    )


def _merge_action(c: Cursor) -> str:
    negative = c.eat("NOT")
    c.need("MATCHED")
    by = c.need_any("SOURCE", "TARGET") if negative and c.eat("BY") else ""
    if c.eat("AND"):
        expressions.operand(c)
    c.need("THEN")
    if c.eat("DO", "NOTHING"):
        return "DO NOTHING"
    if negative and by != "SOURCE":
        _merge_insert(c)
        return "INSERT"
    if c.eat("DELETE"):
        return "DELETE"
    c.need("UPDATE", "SET")
    _assignments(c)
    return "UPDATE"


def _merge_insert(c: Cursor) -> None:
    c.need("INSERT")
    if c.eat("DEFAULT", "VALUES"):
        return
    if c.is_at("("):
        c.in_parentheses(_target_column)
    if c.eat("OVERRIDING"):
        c.need_any("USER", "SYSTEM")
        c.need("VALUE")
    c.need("VALUES")
    c.in_parentheses(expressions.skip_expression)


_READERS: dict[str, Callable[[Cursor], RowChange]] = {
    "INSERT": _insert,
    "UPDATE": _update,
    "DELETE": _delete,
    "MERGE": _merge,
}
