"""`upgrade()` followed statement by statement without running it: what it would send, and what it would leave open."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.names import Name
from bot.core.operations import Delete, Insert, Unread, Update
from bot.core.record import record
from bot.frameworks.alembic.columns import NotStatic
from bot.frameworks.alembic.core_statements import core_statement
from bot.frameworks.alembic.directives import Arguments, Sent, create_enum, directive, drop_enum
from bot.frameworks.alembic.expressions import NotSql, sql_of
from bot.frameworks.alembic.types import is_enum
from bot.frameworks.alembic.values import (
    Attribute,
    Construct,
    Function,
    Scope,
    Unknown,
    Value,
    bind,
    evaluate,
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
    string random hashlib math decimal enum dataclasses builtins contextlib secrets copy inspect structlog tqdm""".split()
)
_CONNECTION_METHODS = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "execute_if", "exec"})
_SESSION_WRITES = frozenset(
    {"add", "add_all", "bulk_save_objects", "bulk_insert_mappings", "merge", "bulk_update_mappings"}
)
_SILENT_METHODS = frozenset(
    """commit flush close fetchall fetchone first all one scalar_one begin begin_nested rollback expunge_all refresh
    append extend update info debug warning error exception write get items keys values sort add_argument
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

    functions: Mapping[str, Function]
    models: Mapping[str, Name]
    emitted: list[Emitted] = field(default_factory=list)
    depth: int = 0
    autocommit: int = 0
    blocks: int = 0

    def body(self, nodes: Sequence[ast.stmt], scope: Scope) -> None:
        for node in nodes:
            if len(self.emitted) >= _MOST:
                return
            self.statement(node, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Expr(value=value):
                self.effect(value, scope, bare=True)
            case ast.Assign(targets=targets, value=value):
                made = self.effect(value, scope)
                for target in targets:
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
                scope.names[node.name] = Function(node)
            case ast.Return(value=value) if value is not None:
                self.effect(value, scope)
            case ast.Import() | ast.ImportFrom():
                imported(node, scope)
            case _:
                pass

    def branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], scope: Scope) -> None:
        """The branch that will be taken, or both where that is decided at run time."""
        value = self.effect(test, scope)
        if isinstance(value, Construct) and value.short == "is_offline_mode":
            self.body(orelse, scope)
        elif isinstance(value, Unknown | Construct | Attribute | Function):
            self.body(body, scope)
            self.body(orelse, scope)
        else:
            self.body(body if value else orelse, scope)

    def loop(self, node: ast.stmt, target: ast.expr, source: ast.expr, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Each turn of a loop over something known; once, with an unknown turn, over anything else."""
        items = evaluate(source, scope)
        if isinstance(items, Construct) and items.short in ("items", "values", "keys") and isinstance(items.on, dict):
            items = {"items": list(items.on.items()), "values": list(items.on.values()), "keys": list(items.on)}[
                items.short
            ]
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple):
            self.effect(source, scope)
            items = [Unknown(f"`for {unparsed(target)} in {unparsed(source)}` goes over values of run time")]
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
            value = evaluate(inner, scope)
            if isinstance(value, Construct):
                self.perform(value, inner, scope, bare=bare and inner is node)
            elif isinstance(value, Unknown) and bare and inner is node:
                self.unknown_call(inner, value, scope)
        return evaluate(node, scope)

    def unknown_call(self, node: ast.Call, value: Unknown, scope: Scope) -> None:
        """A call of something that is not known at all, for its effect."""
        match node.func:
            case ast.Attribute(attr=attr) if attr in _SILENT_METHODS:
                return
            case ast.Attribute(attr=attr) if attr in _CONNECTION_METHODS and node.args:
                self.execute(evaluate(node.args[0], scope), node, scope)
            case _:
                self.unread(node, value.reason)

    def perform(self, made: Construct, node: ast.Call, scope: Scope, *, bare: bool) -> None:
        """Sends what a call of a library, of a batch, of a connection or of the file's own functions sends."""
        try:
            self.performed(made, node, scope, bare=bare)
        except (NotStatic, NotSql, Unreadable) as unclear:
            self.unread(node, str(unclear))

    def performed(self, made: Construct, node: ast.Call, scope: Scope, *, bare: bool) -> None:
        if isinstance(made.on, Function):
            self.own_function(made, node, scope)
        elif made.on is None and made.name.startswith("alembic.op."):
            self.op(made, node, scope)
        elif isinstance(made.on, Construct) and made.on.short == "batch_alter_table":
            batch = Arguments(made.args, made.kwargs, _first(made.on, "table_name"), made.on.kwargs.get("schema"))
            self.send(node, directive(made.name, batch), made.name)
        elif made.on is not None and made.short in _CONNECTION_METHODS:
            self.execute(made.args[0] if made.args else made.kwargs.get("statement"), node, scope)
        elif made.short in ("create", "drop") and is_enum(made.on):
            checked = made.kwargs.get("checkfirst") is True
            sent = create_enum(made.on) if made.short == "create" else drop_enum(made.on, checked)
            self.emit(Emitted(node, sent))
        elif made.on is not None:
            self.method(made, node, bare=bare)
        elif bare and made.name.split(".")[0] not in _HARMLESS_ROOTS:
            self.unread(node, f"`{unparsed(node.func)}` is defined in another file")

    def op(self, made: Construct, node: ast.Call, scope: Scope) -> None:
        name = made.name.removeprefix("alembic.op.")
        if name == "execute":
            self.execute(made.args[0] if made.args else made.kwargs.get("sqltext"), node, scope)
        elif name in ("get_bind", "get_context", "batch_alter_table", "f", "inline_literal") or "." in name:
            return
        else:
            self.send(node, directive(name, Arguments(made.args, made.kwargs)), name)

    def send(self, node: ast.Call, sent: Sequence[Sent] | None, name: str) -> None:
        if sent is None:
            self.unread(node, f"`{name}` is no directive of Alembic's own")
        elif sent:
            self.emit(Emitted(node, sent))

    def execute(self, value: Value, node: ast.Call, scope: Scope) -> None:
        """Text, or a statement of SQLAlchemy Core."""
        if isinstance(value, Construct) and (sent := core_statement(value)) is not None:
            self.emit(Emitted(node, sent))
            return
        argument = node.args[0] if node.args else next((word.value for word in node.keywords), None)
        self.emit(Emitted(node, sql=sql_of(value), literal=_literal(argument, scope)))

    def own_function(self, made: Construct, node: ast.Call, scope: Scope) -> None:
        """A function of the file, read with the arguments it is given; making an object of a class does nothing."""
        function = made.on.node
        if isinstance(function, ast.ClassDef):
            return
        if self.depth >= _DEEPEST:
            self.unread(node, f"`{function.name}` calls itself")
            return
        inner = Scope(outer=_outermost(scope))
        _bind_arguments(function, made, inner)
        self.depth += 1
        self.body(function.body, inner)
        self.depth -= 1

    def method(self, made: Construct, node: ast.Call, *, bare: bool) -> None:
        """Rows changed through a session; other methods only matter where nothing uses their value."""
        table = self.model_of(made)
        if made.short in ("update", "delete") and table is not None and _is_query(made.on):
            made_rows = (
                Update(table, by_application=True) if made.short == "update" else Delete(table, by_application=True)
            )
            self.emit(Emitted(node, [(made_rows,)]))
        elif made.short in _SESSION_WRITES and made.args:
            written = self.model_of(made.args[0])
            if written is not None:
                self.emit(Emitted(node, [(Insert(written),)]))
        elif made.short in ("create_all", "drop_all"):
            self.unread(node, f"`{made.short}` makes whatever the models say")
        elif bare and made.short not in _SILENT_METHODS and _root(made) not in _HARMLESS_ROOTS:
            self.unread(node, f"`{unparsed(node.func)}` does what is not in this file")

    def model_of(self, value: Value) -> Name | None:
        """The table of the first mapped class or table that a chain of calls mentions."""
        pending: list[Value] = [value]
        while pending:
            current = pending.pop()
            match current:
                case Function(node=ast.ClassDef(name=name)) if name in self.models:
                    return self.models[name]
                case Construct(short="table" | "Table", args=(str() as name, *_)):
                    return Name(name)
                case Construct():
                    pending += [*current.args, current.on]
                case Attribute(of=of) if of is not None:
                    pending.append(of)
                case list() | tuple():
                    pending += current
                case _:
                    pass
        return None

    def unread(self, node: ast.AST, reason: str) -> None:
        self.emit(Emitted(node, [(Unread(reason),)]))

    def emit(self, emitted: Emitted) -> None:
        self.emitted.append(replace(emitted, autocommit=self.autocommit))


def imported(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """Binds imported names to where they come from."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            scope.names[name] = Attribute(alias.name if alias.asname else name)
        else:
            module = "." * node.level + (node.module or "")
            scope.names[alias.asname or alias.name] = Attribute(f"{module}.{alias.name}")


def models_in(tree: ast.Module) -> dict[str, Name]:
    """The mapped classes that the file defines, with their tables."""
    found: dict[str, Name] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for line in node.body:
            match line:
                case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str() as table)):
                    found[node.name] = Name(table)
                case _:
                    pass
    return found


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


def _is_query(value: Value) -> bool:
    while isinstance(value, Construct):
        if value.short == "query":
            return True
        value = value.on
    return False


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


def _bind_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef, made: Construct, scope: Scope) -> None:
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
        scope.names[name] = evaluate(default, Scope(outer=scope.outer))
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            scope.names[argument.arg] = evaluate(keyword_default, Scope(outer=scope.outer))
    for name in (*names, *(argument.arg for argument in arguments.kwonlyargs)):
        scope.names.setdefault(name, Unknown(f"`{name}` is an argument"))
    scope.names |= dict(zip(names, made.args, strict=False))
    scope.names |= {name: value for name, value in made.kwargs.items() if name != "**"}
    if arguments.vararg is not None:
        scope.names[arguments.vararg.arg] = list(made.args[len(names) :])
    if arguments.kwarg is not None:
        scope.names[arguments.kwarg.arg] = {k: v for k, v in made.kwargs.items() if k not in names}
