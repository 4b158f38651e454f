"""Maintenance and the small statements: VACUUM, ANALYZE, CLUSTER, LOCK, TRUNCATE, REFRESH, CALL, DO and others.

Manual: https://www.postgresql.org/docs/current/maintenance.html
"""

from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.names import Name
from bot.sql.grammar.calls import arguments
from bot.sql.grammar.expressions import skip_expression
from bot.sql.grammar.options import foreign_options, is_on, option_list
from bot.sql.grammar.queries import begins_query, query_with_parts
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations, statement
from bot.sql.statements.plpgsql import commits
from bot.sql.statements.tables import with_data
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import END, NUMBER, STRING

_MODES = {mode.sql: mode for mode in LockMode}


def vacuum(c: Cursor) -> Operations:
    c.need("VACUUM")
    if c.is_at("("):
        options = option_list(c)
        truncate = options.get("truncate", "").lower() not in ("false", "off", "0", "no")
        analyze = is_on(options, "analyze") or is_on(options, "analyse")
        full = is_on(options, "full")
    else:
        full, truncate = c.eat("FULL"), True
        c.eat("FREEZE")
        c.eat("VERBOSE")
        analyze = bool(c.eat_any("ANALYZE", "ANALYSE"))
    tables, columns = _relations(c)
    if columns and not analyze:
        c.fail("a column list needs ANALYZE")
    return (op.Vacuum(tables, full, analyze, truncate),)


def analyze(c: Cursor) -> Operations:
    c.need_any("ANALYZE", "ANALYSE")
    if c.is_at("("):
        option_list(c)
    else:
        c.eat("VERBOSE")
    return (op.Analyze(*_relations(c)),)


def _relations(c: Cursor) -> tuple[tuple[Name, ...], tuple[str, ...]]:
    tables: list[Name] = []
    columns: tuple[str, ...] = ()
    if c.is_done:
        return (), ()
    while True:
        tables.append(c.relation()[0])
        columns += c.names_if_any()
        if not c.eat(","):
            return tuple(tables), columns


def cluster(c: Cursor) -> Operations:
    c.need("CLUSTER")
    if c.is_at("("):
        option_list(c)
    else:
        c.eat("VERBOSE")
    if c.is_done:
        return (op.Cluster(),)
    name = c.qualified()
    if name.schema is None and c.eat("ON"):
        return (op.Cluster(c.qualified(), name.name),)
    return (op.Cluster(name, c.name() if c.eat("USING") else None),)


def lock(c: Cursor) -> Operations:
    c.need("LOCK")
    c.eat("TABLE")
    tables, only = _marked(c)
    mode = LockMode.ACCESS_EXCLUSIVE
    if c.eat("IN"):
        words: list[str] = []
        while not c.is_at("MODE") and not c.is_done:
            words.append(c.word)
            c.at += 1
        found = _MODES.get(" ".join(words))
        if found is None:
            c.fail(f"there is no lock mode {' '.join(words)}")
        c.need("MODE")
        mode = found
    return (op.LockTable(tables, mode, c.eat("NOWAIT"), only),)


def _marked(c: Cursor) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Relations, and those of them written with ONLY."""
    relations = c.listed(Cursor.relation)
    return tuple(name for name, _ in relations), tuple(name for name, only in relations if only)


def truncate(c: Cursor) -> Operations:
    c.need("TRUNCATE")
    c.eat("TABLE")
    tables, only = _marked(c)
    restart = c.eat("RESTART", "IDENTITY")
    if not restart:
        c.eat("CONTINUE", "IDENTITY")
    return (op.Truncate(tables, only, restart, c.cascade()),)


def refresh(c: Cursor) -> Operations:
    c.need("REFRESH", "MATERIALIZED", "VIEW")
    concurrently = c.eat("CONCURRENTLY")
    view = c.qualified()
    return (op.RefreshMaterializedView(view, concurrently, with_data(c)),)


def call(c: Cursor) -> Operations:
    c.need("CALL")
    function = c.function_name()
    return (op.CallFunction(function, arguments(c)),)


def do(c: Cursor) -> Operations:
    """DO; `script` reads its body, since it knows where in the file it is."""
    c.need("DO")
    language = "plpgsql"
    body: str | None = None
    while not c.is_done:
        if c.eat("LANGUAGE"):
            language = c.string() if c.kind == STRING else c.plain_word()
        elif body is None:
            body = c.string()
        else:
            c.fail()
    if body is None:
        c.fail()
    return (op.Do(language.lower(), body, language.lower() == "plpgsql" and commits(body)),)


def explain(c: Cursor) -> Operations:
    """EXPLAIN; with ANALYZE the statement runs, so its operations count."""
    c.need("EXPLAIN")
    runs = False
    if c.is_at("(") and not begins_query(c):
        options = option_list(c)
        runs = is_on(options, "analyze") or is_on(options, "analyse")
    else:
        runs = bool(c.eat_any("ANALYZE", "ANALYSE"))
        c.eat("VERBOSE")
    if c.word not in _EXPLAINABLE:
        c.fail()
    operations = statement(c)
    return operations if runs else (op.Harmless("EXPLAIN"),)


_PREPARABLE = frozenset(("SELECT", "VALUES", "TABLE", "WITH", "(", "INSERT", "UPDATE", "DELETE", "MERGE"))
_EXPLAINABLE = _PREPARABLE | {"DECLARE", "CREATE", "REFRESH", "EXECUTE"}


def prepare(c: Cursor) -> Operations:
    """PREPARE TRANSACTION, and PREPARE of a statement."""
    c.need("PREPARE")
    if c.is_at("TRANSACTION") and c.tokens.kinds[c.at + 1] == STRING:
        c.at += 1
        c.string()
        return (op.Commit(prepared=True),)
    c.name()
    if c.is_at("("):
        c.in_parentheses(data_type)
    c.need("AS")
    if c.word not in _PREPARABLE:
        c.fail()
    statement(c)
    return (op.Harmless("PREPARE"),)


def execute(c: Cursor) -> Operations:
    c.need("EXECUTE")
    name = c.name()
    if c.is_at("("):
        c.in_parentheses(skip_expression)
    return (op.Unread(f"runs a prepared statement: EXECUTE {name}"),)


def deallocate(c: Cursor) -> Operations:
    c.need("DEALLOCATE")
    c.eat("PREPARE")
    if not c.eat("ALL"):
        c.name()
    return (op.Harmless("DEALLOCATE"),)


def declare(c: Cursor) -> Operations:
    c.need("DECLARE")
    c.name()
    while not c.is_at("CURSOR"):
        if not c.eat("NO", "SCROLL"):
            c.need_any("BINARY", "INSENSITIVE", "ASENSITIVE", "SCROLL")
    c.need("CURSOR")
    if c.eat_any("WITH", "WITHOUT"):
        c.need("HOLD")
    c.need("FOR")
    query, parts = query_with_parts(c)
    return (op.Select(query, parts.locking, parts.locked),)


def fetch(c: Cursor) -> Operations:
    """FETCH and MOVE."""
    kind = c.need_any("FETCH", "MOVE")
    if c.is_at_any("NEXT", "PRIOR", "FIRST", "LAST", "ALL") and c.tokens.kinds[c.at + 1] != END:
        c.at += 1
    elif c.is_at_any("ABSOLUTE", "RELATIVE") and (c.tokens.kinds[c.at + 1] == NUMBER or c.ahead() in ("+", "-")):
        c.at += 1
        c.signed()
    elif c.is_at_any("FORWARD", "BACKWARD") and c.tokens.kinds[c.at + 1] != END:
        c.at += 1
        if c.kind == NUMBER or c.is_at_any("+", "-"):
            c.signed()
        else:
            c.eat("ALL")
    elif c.kind == NUMBER or c.is_at_any("+", "-"):
        c.signed()
    c.eat_any("FROM", "IN")
    c.name()
    return (op.Harmless(kind),)


def close(c: Cursor) -> Operations:
    c.need("CLOSE")
    if not c.eat("ALL"):
        c.name()
    return (op.Harmless("CLOSE"),)


def discard(c: Cursor) -> Operations:
    c.need("DISCARD")
    if c.eat("ALL"):
        return (op.NoTransaction("DISCARD ALL"),)
    c.need_any("TEMP", "TEMPORARY", "PLANS", "SEQUENCES")
    return (op.Harmless("DISCARD"),)


def notify(c: Cursor) -> Operations:
    """LISTEN, UNLISTEN, NOTIFY."""
    kind = c.need_any("LISTEN", "UNLISTEN", "NOTIFY")
    if kind != "UNLISTEN" or not c.eat("*"):
        c.name()
    if kind == "NOTIFY" and c.eat(","):
        c.string()
    return (op.Harmless(kind),)


def load(c: Cursor) -> Operations:
    c.need("LOAD")
    c.string()
    return (op.Harmless("LOAD"),)


def checkpoint(c: Cursor) -> Operations:
    c.need("CHECKPOINT")
    if c.is_at("("):
        c.fail()
    return (op.Harmless("CHECKPOINT"),)


def reassign(c: Cursor) -> Operations:
    c.need("REASSIGN", "OWNED", "BY")
    roles = tuple(c.listed(Cursor.role))
    c.need("TO")
    c.role()
    return (op.OwnedBy("REASSIGN", roles),)


def import_foreign_schema(c: Cursor) -> Operations:
    c.need("IMPORT", "FOREIGN", "SCHEMA")
    c.name()
    if c.eat("LIMIT"):
        c.need("TO")
        c.in_parentheses(Cursor.relation)
    elif c.eat("EXCEPT"):
        c.in_parentheses(Cursor.relation)
    c.need("FROM", "SERVER")
    c.name()
    c.need("INTO")
    c.name()
    foreign_options(c)
    return (op.Harmless("IMPORT FOREIGN SCHEMA"),)
