"""`upgrade()` followed statement by statement without running it: what it would send, and what it would leave open."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import record
from bot.frameworks.alembic.arguments import Arguments, Sent
from bot.frameworks.alembic.columns import NotStatic
from bot.frameworks.alembic.core_statements import Tables, core_statement, is_query, query_statement
from bot.frameworks.alembic.directives import bulk_insert, create_enum, directive, drop_enum, schema_statement
from bot.frameworks.alembic.expressions import NotSql, sql_of
from bot.frameworks.alembic.extensions import extension_directive
from bot.frameworks.alembic.run_time import waits
from bot.frameworks.alembic.types import is_enum
from bot.frameworks.python.evaluate import arguments, bind_arguments, evaluate
from bot.frameworks.python.values import (
    RUN_TIME,
    Attribute,
    Construct,
    Function,
    Scope,
    Unknown,
    Value,
    bind,
    plain,
    unparsed,
)
from bot.sql import Unreadable

_DEEPEST = 12
"""Calls into each other of the file's own functions."""
_MOST = 20_000
"""Statements one file may unfold into."""

# Calls of these packages change no table.
_HARMLESS_ROOTS = frozenset(
    """logging warnings datetime os sys re json uuid time typing pathlib itertools functools collections textwrap
    string random hashlib math decimal enum dataclasses builtins contextlib secrets copy inspect structlog tqdm
    zoneinfo pytz base64 csv traceback operator click loguru""".split()
)
_CONNECTION_METHODS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "execute_if", "exec"})
_SESSION_WRITES = frozenset(
    {"delete", "add", "add_all", "bulk_save_objects", "bulk_insert_mappings", "merge", "bulk_update_mappings"}
)
_SCHEMA_ITEMS = frozenset(
    {"CreateSequence", "DropSequence", "CreateSchema", "DropSchema", "AddConstraint", "DropConstraint"}
)
_GROW = ("append", "add", "extend")
_DRIVER_BIND = re.compile(r"(?<![%\w])%(?:\(\w+\))?s(?!\w)")
_SILENT_METHODS = frozenset(
    """commit flush close fetchall fetchone first all one scalar_one begin begin_nested rollback expunge_all refresh
    append extend discard update info debug warning error exception write get items keys values sort add_argument
    configure options bindparams filter filter_by join order_by limit offset count one_or_none yield_per mappings
    setdefault pop strip split format has_table get_columns get_indexes get_table_names get_foreign_keys
    get_unique_constraints get_pk_constraint get_enums get_schema_names connect reflect __enter__ invalidate
    fetchmany partitions unique tuples distinct group_by select_from subquery label""".split()
)


@record
class Emitted:
    """What one place in the file sends. Either `sent`, operations by statement, or `sql`, text that is sent as it
    stands; `literal` is where that text stands, if it stands in one place. `autocommit`: in an autocommit block."""

    node: ast.AST
    sent: Sequence[Sent] = ()
    sql: str | None = None
    literal: ast.Constant | None = None
    autocommit: int = 0
    """The number of the autocommit block, 0 outside one."""


@dataclass(slots=True)
class Walk:
    """The state of following one file."""

    tables: Tables
    emitted: list[Emitted] = field(default_factory=list)
    depth: int = 0
    autocommit: int = 0
    blocks: int = 0
    running: list[str] = field(default_factory=list)

    def body(self, nodes: Sequence[ast.stmt], scope: Scope) -> None:
        for node in nodes:
            if len(self.emitted) >= _MOST:
                return
            self.statement(node, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Expr(value=value):
                self.effect(value, scope, bare=True)
                grown(value, scope)
            case ast.Assign(targets=targets, value=value):
                made = self.effect(value, scope)
                for target in targets:
                    self.assigned(target, node, scope)
                    bind(target, made, scope)
                    if isinstance(target, ast.Name):
                        scope.sources[target.id] = value
            case ast.AnnAssign(target=target, value=value) if value is not None:
                bind(target, self.effect(value, scope), scope)
            case ast.AugAssign(target=ast.Name(id=name), value=value, op=operator):
                whole = ast.BinOp(left=ast.Name(id=name, ctx=ast.Load()), op=operator, right=value)
                scope.names[name] = evaluate(ast.copy_location(whole, node), scope)
            case ast.If(test=test, body=body, orelse=orelse):
                self.branch(test, body, orelse, scope)
            case ast.For(target=target, iter=source, body=body):
                self.loop(node, target, source, body, scope)
            case ast.While(body=body):
                self.body(body, scope)
            case ast.With(items=items, body=body):
                self.block(items, body, scope)
            case ast.Try(body=body, orelse=orelse, finalbody=final):
                self.body([*body, *orelse, *final], scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.names[node.name] = Function(node, scope)
            case ast.Return(value=value) if value is not None:
                self.effect(value, scope)
            case ast.Import() | ast.ImportFrom():
                imported(node, scope)
            case _:
                pass

    def branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], scope: Scope) -> None:
        """The branch that will be taken, or both where that is decided at run time."""
        value = self.effect(test, scope)
        online = isinstance(value, Construct) and value.name == "operator.NOT" and _offline(value.args[0])
        if _offline(value) or online:
            self.body(body if online else orelse, scope)
        elif not plain(value):
            self.body(body, scope)
            self.body(orelse, scope)
        else:
            self.body(body if value else orelse, scope)

    def loop(self, node: ast.stmt, target: ast.expr, source: ast.expr, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Each turn of a loop over something known; once, with an unknown turn, over anything else."""
        items = evaluate(source, scope)
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple):
            self.effect(source, scope)
            turn = Construct("row", (), {}, items) if isinstance(items, Construct) else None
            items = [turn or Unknown(f"`for {unparsed(target)} in {unparsed(source)}` goes over values of run time")]
        for item in items[:2_000]:
            bind(target, item, scope)
            self.body(body, scope)

    def block(self, items: Sequence[ast.withitem], body: Sequence[ast.stmt], scope: Scope) -> None:
        outer = self.autocommit
        for item in items:
            value = self.effect(item.context_expr, scope)
            if isinstance(value, Construct) and value.short == "autocommit_block":
                self.blocks += 1
                self.autocommit = self.blocks
            if item.optional_vars is not None:
                bind(item.optional_vars, value, scope)
        self.body(body, scope)
        self.autocommit = outer

    def effect(self, node: ast.expr, scope: Scope, *, bare: bool = False) -> Value:
        """The value of an expression, after sending what evaluating it sends. `bare`: nothing uses the value."""
        for inner in _inner_calls(node):
            used = not (bare and inner is node)
            function = evaluate(inner.func, scope)
            if isinstance(function, Function):
                self.own_function(function, inner, scope)
                continue
            value = evaluate(inner, scope)
            if isinstance(value, Construct):
                self.perform(value, inner, scope, bare=not used)
            elif isinstance(value, Unknown):
                self.unknown_call(inner, value, scope, bare=not used)
        return evaluate(node, scope)

    def unknown_call(self, node: ast.Call, value: Unknown, scope: Scope, *, bare: bool) -> None:
        """A call of something that is not known at all, for its effect."""
        match node.func:
            case ast.Attribute(attr=attr) if attr in ("execute", "exec_driver_sql") and node.args:
                argument = evaluate(node.args[0], scope)
                if isinstance(argument, str | Construct):
                    self.guarded(node, lambda: self.execute(argument, node, scope))
                elif bare:
                    self.unread(node, value.reason)
            case ast.Attribute(attr=attr) if not bare or attr in _SILENT_METHODS:
                return
            case ast.Attribute(value=inner) if isinstance(evaluate(inner, scope), list | tuple | dict | str):
                return
            case _ if bare:
                self.unread(node, value.reason)
            case _:
                return

    def perform(self, made: Construct, node: ast.Call, scope: Scope, *, bare: bool) -> None:
        """Sends what a call of a library, of a batch or of a connection sends."""
        self.guarded(node, lambda: self.performed(made, node, scope, bare=bare))

    def guarded(self, node: ast.Call, send: Callable[[], None]) -> None:
        try:
            send()
        except (NotStatic, NotSql, Unreadable) as unclear:
            self.unread(node, str(unclear))

    def performed(self, made: Construct, node: ast.Call, scope: Scope, *, bare: bool) -> None:
        if made.on is None and made.name.startswith("alembic.op."):
            self.op(made, node, scope)
        elif isinstance(made.on, Construct) and made.on.short == "batch_alter_table":
            self.batch(made, made.on, node, scope)
        elif made.short == "execute" and not made.args and not made.kwargs:
            self.bound(made, node, bare=bare)
        elif made.short in _CONNECTION_METHODS and self.executes(made):
            self.execute(made.args[0] if made.args else made.kwargs.get("statement"), node, scope)
        elif made.short in ("create", "drop") and is_enum(made.on):
            checked = made.kwargs.get("checkfirst", made.args[1] if len(made.args) > 1 else True) is not False
            sent = create_enum(made.on) if made.short == "create" else drop_enum(made.on, checked)
            self.emit(Emitted(node, sent))
        elif made.on is not None or "." in made.name:
            self.method(made, node, bare=bare)
        elif bare and made.name.split(".")[0] not in _HARMLESS_ROOTS:
            self.unread(node, f"`{unparsed(node.func)}` is defined in another file")

    def executes(self, made: Construct) -> bool:
        """Whether this is a statement sent to a connection, and no `execute` of something else."""
        given = made.args[0] if made.args else made.kwargs.get("statement")
        return given is not None and (made.on is not None or isinstance(given, str | Construct))

    def bound(self, made: Construct, node: ast.Call, *, bare: bool) -> None:
        """`statement.execute()`, for a statement that knows its connection."""
        sent = core_statement(made.on, self.tables) if isinstance(made.on, Construct) else None
        if sent is not None:
            self.emit_all(node, sent)
        elif bare:
            self.unread(node, f"`{unparsed(node.func)}` does what is not in this file")

    def batch(self, made: Construct, around: Construct, node: ast.Call, scope: Scope) -> None:
        if made.name == "execute":
            self.execute(made.args[0] if made.args else made.kwargs.get("sqltext"), node, scope)
            return
        if made.name == "f":
            return
        schema = around.kwargs.get("schema", around.args[1] if len(around.args) > 1 else None)
        given = Arguments(made.args, made.kwargs, _first(around, "table_name"), schema)
        self.send(node, directive(made.name, given), made.name)

    def op(self, made: Construct, node: ast.Call, scope: Scope) -> None:
        name = made.name.removeprefix("alembic.op.")
        if name in ("execute", "invoke"):
            self.execute(made.args[0] if made.args else made.kwargs.get("sqltext"), node, scope)
        elif name == "run_async":
            self.unread(node, "`op.run_async` runs a function")
        elif name in ("get_bind", "get_context", "batch_alter_table", "f", "inline_literal") or "." in name:
            return
        elif name == "bulk_insert":
            self.emit_all(node, bulk_insert(Arguments(made.args, made.kwargs), self.tables))
        else:
            sent = directive(name, Arguments(made.args, made.kwargs))
            self.send(node, sent if sent is not None else extension_directive(name, made.args, made.kwargs), name)

    def send(self, node: ast.Call, sent: Sequence[Sent] | None, name: str) -> None:
        if sent is None:
            self.unread(node, f"`{name}` is no directive of Alembic's own")
        else:
            self.emit_all(node, sent)

    def emit_all(self, node: ast.Call, sent: Sequence[Sent]) -> None:
        if any(waits(operations) for operations in sent):
            self.unread(node, "a name or text in it is put together at run time")
        elif sent:
            self.emit(Emitted(node, sent))

    def execute(self, value: Value, node: ast.Call, scope: Scope) -> None:
        """Text, or a statement of SQLAlchemy Core."""
        rows = evaluate(node.args[1], scope) if len(node.args) > 1 else None
        if isinstance(value, Construct) and (sent := core_statement(value, self.tables, rows)) is not None:
            self.emit_all(node, sent)
            return
        if isinstance(value, Construct) and value.short in _SCHEMA_ITEMS:
            self.emit_all(node, schema_statement(value))
            return
        argument = node.args[0] if node.args else next((word.value for word in node.keywords), None)
        driver = isinstance(value, str) and len(node.args) > 1
        sql = value if isinstance(value, str) and _is_driver(node) else sql_of(value)
        self.emit(
            Emitted(node, sql=_DRIVER_BIND.sub(RUN_TIME, sql) if driver else sql, literal=_literal(argument, scope))
        )

    def own_function(self, function: Function, node: ast.Call, scope: Scope) -> None:
        """A function of the file, read with the arguments it is given; making an object of a class does nothing."""
        if isinstance(function.node, ast.ClassDef):
            return
        if self.depth >= _DEEPEST or self.running.count(function.node.name) > 1:
            self.unread(node, f"`{function.node.name}` calls itself")
            return
        inner = Scope(outer=function.scope or _outermost(scope))
        args, kwargs = arguments(node, scope)
        bind_arguments(function.node, args, kwargs, inner)
        self.depth += 1
        self.running.append(function.node.name)
        self.body(function.node.body, inner)
        self.running.pop()
        self.depth -= 1

    def method(self, made: Construct, node: ast.Call, *, bare: bool) -> None:
        """Rows changed through a session; other methods only matter where nothing uses their value."""
        if made.short in ("update", "delete") and is_query(made.on):
            sent = query_statement(made, self.tables)
            if sent is None:
                raise NotStatic("the model's table is defined in another file")
            self.emit_all(node, sent)
        elif _writes(made) and (written := self.tables.mentioned(made.args[0])):
            self.emit(Emitted(node, [(_written(made, written[0]),)]))
        elif made.short in ("create_all", "drop_all"):
            self.unread(node, f"`{made.short}` makes whatever the models say")
        elif made.short in ("create", "drop") and (table := self.tables.named(made.on)) is not None:
            self.emit_all(node, self.made_table(made.on, table, made.short))
        elif bare and made.short not in _SILENT_METHODS and _root(made) not in _HARMLESS_ROOTS:
            where = "is defined in another file" if made.on is None else "does what is not in this file"
            self.unread(node, f"`{unparsed(node.func)}` {where}")

    def made_table(self, table: Construct, name: Name, verb: str) -> Sequence[Sent]:
        if verb == "drop":
            return [(op.DropTable((name,)),)]
        made = directive("create_table", Arguments([table.args[0], *table.args[2:]], table.kwargs))
        return made if made is not None else []

    def assigned(self, target: ast.expr, node: ast.stmt, scope: Scope) -> None:
        """An attribute of a mapped object set: the session changes its row when it is flushed."""
        if not isinstance(target, ast.Attribute):
            return
        held = evaluate(target.value, scope)
        if isinstance(held, Construct) and (held.short == "row" or is_query(held)):
            mentioned = self.tables.mentioned(held)
            if mentioned and is_query(held.on if held.short == "row" else held):
                update = op.Update(mentioned[0], columns=(target.attr,), by_application=True)
                self.emit(Emitted(node, [(update,)]))

    def unread(self, node: ast.AST, reason: str) -> None:
        self.emit(Emitted(node, [(op.Unread(reason),)]))

    def emit(self, emitted: Emitted) -> None:
        self.emitted.append(replace(emitted, autocommit=self.autocommit))


def grown(node: ast.expr, scope: Scope) -> None:
    """`items.append(x)`, for a list that is known."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr=("append" | "add" | "extend") as verb), args=[arg]
        ):
            held, item = scope.find(name), evaluate(arg, scope)
            if isinstance(held, list) and len(held) < _MOST:
                more = [item] if verb != "extend" else item
                held += more if isinstance(more, list | tuple) else [Unknown("a list built at run time")]
        case _:
            pass


def imported(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """Binds imported names to where they come from."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            scope.names[name] = Attribute(alias.name if alias.asname else name)
        else:
            module = "." * node.level + (node.module or "")
            scope.names[alias.asname or alias.name] = Attribute(f"{module}.{alias.name}")


def _written(made: Construct, table: Name) -> op.Insert | op.Update | op.Delete:
    """What a session's call does to rows of the table."""
    match made.short:
        case "delete":
            return op.Delete(table, by_application=True)
        case "bulk_update_mappings":
            return op.Update(table, by_application=True)
        case _:
            many = made.args[0] if made.short in ("add_all", "bulk_save_objects") else made.args[1:2]
            rows = len(many) if isinstance(many, list) else 1 if made.short in ("add", "merge") else None
            return op.Insert(table, rows=rows)


def _writes(made: Construct) -> bool:
    return made.short in _SESSION_WRITES and bool(made.args) and not made.name.startswith("sqlalchemy.")


def _is_driver(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "exec_driver_sql"


def _inner_calls(node: ast.expr) -> Iterator[ast.Call]:
    """The calls in an expression, inner ones first, without those in functions it makes."""
    pending: list[tuple[ast.AST, bool]] = [(node, False)]
    while pending:
        current, done = pending.pop()
        if isinstance(current, ast.Lambda):
            continue
        if done:
            if isinstance(current, ast.Call):
                yield current
            continue
        pending.append((current, True))
        pending += [(child, False) for child in reversed(list(ast.iter_child_nodes(current)))]


def _literal(node: ast.expr | None, scope: Scope) -> ast.Constant | None:
    """The one string literal that an argument is, through `text(...)`, names, and methods that keep its lines."""
    for _ in range(6):
        match node:
            case ast.Constant(value=str()):
                return node
            case ast.Call(args=[first, *_]):
                node = first
            case ast.Name(id=name):
                node = scope.source(name)
            case _:
                return None
    return None


def _first(made: Construct, name: str) -> Value:
    return made.args[0] if made.args else made.kwargs.get(name)


def _offline(value: Value) -> bool:
    return isinstance(value, Construct) and value.short == "is_offline_mode"


def _root(made: Construct) -> str:
    current: Value = made
    while isinstance(current, Construct | Attribute):
        inner = current.on if isinstance(current, Construct) else current.of
        if inner is None:
            return current.name.split(".")[0]
        current = inner
    return ""


def _outermost(scope: Scope) -> Scope:
    while scope.outer is not None:
        scope = scope.outer
    return scope
