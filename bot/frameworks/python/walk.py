"""Follows Python statement by statement without running it: what it would send, and what it would leave open.

The control flow is Python's: branches, loops, `with`, `try`, the file's own functions. What calling something of a
library does is decided by the framework's `Handler`.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.language import operations as op
from bot.frameworks.python.evaluate import arguments, bind_arguments, evaluate
from bot.frameworks.python.file import PythonFile
from bot.frameworks.python.values import BUILTINS, Attribute, Call, Function, bind, plain, unparsed
from bot.frameworks.static.values import DEEPEST_CALLS, Names, NotStatic, Unknown, Value
from bot.sql import Unreadable

_TURNS = 2_000
"""The most iterations of one loop."""
_LONGEST_LIST = 20_000


class Handler(Protocol):
    """A framework's answer to each construct. A method may raise NotStatic: its message says why the call is unread."""

    file: PythonFile

    def called(self, call: Call, node: ast.Call, names: Names, /, *, used: bool) -> None:
        """Something of a library is called. `used`: its value is used, so it may be only a query."""
        ...

    def unknown(self, node: ast.Call, value: Unknown, _names: Names, /, *, used: bool) -> None:
        """Something unknown is called."""
        if not used:
            self.file.unread(node, value.reason)

    def around(self, _value: Value, /) -> AbstractContextManager[object]:
        """The state within `with value:`."""
        return nullcontext()

    def assigned(self, _target: ast.expr, _node: ast.stmt, _names: Names, /) -> None:
        """Something is assigned: a name, or an attribute of an object that the framework knows."""
        return


@dataclass(slots=True)
class Walk:
    """The state of following one file."""

    handler: Handler
    given: Mapping[str, Value] = field(default_factory=dict)
    """What the framework knows of its library; see `BUILTINS`."""
    _running: list[str] = field(default_factory=list)

    def module(self, tree: ast.Module) -> Names:
        """The names that the file sets, functions and imports among them; what importing it sends does not count."""
        names = Names(given={**BUILTINS, **self.given})
        for node in tree.body:
            if not isinstance(node, ast.Expr | ast.For | ast.While | ast.With):
                self._statement(node, names)
        self.handler.file.outbox.sent.clear()
        return names

    def function(self, node: ast.FunctionDef, module: Names, handed: Mapping[str, Value] | None = None) -> None:
        """What a function of the file sends. `handed` has the caller's values for parameters of these names."""
        inner = Names(outer=module)
        bind_arguments(node, (), {}, inner)
        parameters = {one.arg for one in node.args.args}
        inner.values |= {name: value for name, value in (handed or {}).items() if name in parameters}
        self._body(node.body, inner)

    def _body(self, nodes: Sequence[ast.stmt], scope: Names) -> None:
        for node in nodes:
            if self.handler.file.outbox.full:
                return
            try:
                self._statement(node, scope)
            except (NotStatic, RecursionError, MemoryError):
                raise
            except Exception as error:
                self.handler.file.send(node, (op.Unread.of(error),))

    def _statement(self, node: ast.stmt, scope: Names) -> None:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                self._branch(test, body, orelse, scope)
            case ast.For(target=target, iter=source, body=body):
                self._loop(target, source, body, scope)
            case ast.While(body=body):
                self._body(body, scope)
            case ast.With(items=items, body=body):
                self._with(items, body, scope)
            case ast.Try(body=body, orelse=orelse, finalbody=final):
                self._body([*body, *orelse, *final], scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.values[node.name] = Function(node, scope)
            case ast.Import() | ast.ImportFrom():
                imported(node, scope)
            case _:
                self._simple(node, scope)

    def _simple(self, node: ast.stmt, scope: Names) -> None:
        """A statement of one line: an expression or an assignment."""
        match node:
            case ast.Expr(value=value):
                self._effect(value, scope, bare=True)
                _grown(value, scope)
            case ast.Assign(targets=targets, value=value):
                made = self._effect(value, scope)
                for target in targets:
                    self.handler.assigned(target, node, scope)
                    bind(target, made, scope)
                    if isinstance(target, ast.Name):
                        scope.sources[target.id] = value
            case ast.AnnAssign(target=target, value=value) if value is not None:
                bind(target, self._effect(value, scope), scope)
            case ast.AugAssign(target=ast.Name(id=name), value=value, op=operator):
                whole = ast.BinOp(left=ast.Name(id=name, ctx=ast.Load()), op=operator, right=value)
                scope.values[name] = evaluate(ast.copy_location(whole, node), scope)
            case ast.Return(value=value) if value is not None:
                self._effect(value, scope)
            case _:
                pass

    def _branch(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], scope: Names) -> None:
        """The branch that is taken, or both where that is decided at run time."""
        value = self._effect(test, scope)
        if not plain(value) or value:
            self._body(body, scope)
        if not plain(value) or not value:
            self._body(orelse, scope)

    def _loop(self, target: ast.expr, source: ast.expr, body: Sequence[ast.stmt], scope: Names) -> None:
        """Each iteration of a loop over something known; one iteration with an unknown item over anything else."""
        items = evaluate(source, scope)
        if isinstance(items, dict):
            items = list(items)
        if not isinstance(items, list | tuple):
            self._effect(source, scope)
            turn = Call("row", (), {}, items) if isinstance(items, Call) else None
            loop = f"for {unparsed(target)} in {unparsed(source)}"
            items = [turn or Unknown(f"`{loop}` goes over values known only at run time")]
        for item in items[:_TURNS]:
            bind(target, item, scope)
            self._body(body, scope)

    def _with(self, items: Sequence[ast.withitem], body: Sequence[ast.stmt], scope: Names) -> None:
        if not items:
            self._body(body, scope)
            return
        first, *rest = items
        value = self._effect(first.context_expr, scope)
        with self.handler.around(value):
            if first.optional_vars is not None:
                bind(first.optional_vars, value, scope)
            self._with(rest, body, scope)

    def _effect(self, node: ast.expr, scope: Names, *, bare: bool = False) -> Value:
        """The value of an expression; first sends what its evaluation sends. `bare`: nothing uses the value."""
        for inner in _inner_calls(node):
            used = not (bare and inner is node)
            function = evaluate(inner.func, scope)
            if isinstance(function, Function):
                self._own_function(function, inner, scope)
                continue
            value = evaluate(inner, scope)
            try:
                self._called(value, inner, scope, used=used)
            except (NotStatic, Unreadable) as unclear:
                self.handler.file.unread(inner, str(unclear))
        return evaluate(node, scope)

    def _called(self, value: Value, node: ast.Call, scope: Names, *, used: bool) -> None:
        if isinstance(value, Call):
            self.handler.called(value, node, scope, used=used)
        elif isinstance(value, Unknown) and not _on_container(node, scope):
            self.handler.unknown(node, value, scope, used=used)

    def _own_function(self, function: Function, node: ast.Call, scope: Names) -> None:
        """A function of the file, read with its arguments; creating an object of a class does nothing."""
        if isinstance(function.node, ast.ClassDef):
            return
        name = function.node.name
        if len(self._running) >= DEEPEST_CALLS or self._running.count(name) > 1:
            self.handler.file.unread(node, f"`{name}` calls itself")
            return
        inner = Names(outer=function.scope or scope.outermost)
        args, kwargs = arguments(node, scope)
        bind_arguments(function.node, args, kwargs, inner)
        self._running.append(name)
        self._body(function.node.body, inner)
        self._running.pop()


def imported(node: ast.Import | ast.ImportFrom, scope: Names) -> None:
    """Binds imported names to their origin."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            scope.values[name] = Attribute(alias.name if alias.asname else name)
        else:
            module = "." * node.level + (node.module or "")
            scope.values[alias.asname or alias.name] = Attribute(f"{module}.{alias.name}")


def _on_container(node: ast.Call, scope: Names) -> bool:
    """Whether it is a method of a list, a dictionary or a string, which sends nothing."""
    match node.func:
        case ast.Attribute(value=inner):
            return isinstance(evaluate(inner, scope), list | tuple | dict | str)
        case _:
            return False


def _grown(node: ast.expr, scope: Names) -> None:
    """`items.append(x)`, for a known list."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr=("append" | "add" | "extend") as verb), args=[arg]
        ):
            held, item = scope.find(name), evaluate(arg, scope)
            if isinstance(held, list) and len(held) < _LONGEST_LIST:
                more = [item] if verb != "extend" else item
                held += more if isinstance(more, list | tuple) else [Unknown("a list built at run time")]
        case _:
            pass


def _inner_calls(node: ast.expr) -> Iterator[ast.Call]:
    """The calls in an expression, inner ones first, without those in functions it defines."""
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
