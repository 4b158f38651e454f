"""Python read without running it: constants, f-strings of constants, and constructs whose parts are known.

What a migration computes at run time becomes `Unknown` with the reason an author can check.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.record import record

Value = Any
"""str, int, float, bool, bytes or None; list, tuple or dict of values; Construct, Attribute, Function or Unknown."""

_DEEPEST = 200


@record
class Unknown:
    """A value known only at run time; `reason` completes "line 14: ..."."""

    reason: str


@record
class Construct:
    """What calling something of a library makes: `sa.Column("x", ...)` is Construct("sqlalchemy.Column", ...).

    `on` is the construct whose method was called, for chains: `text("...").bindparams(...)`.
    """

    name: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)
    on: Value = None
    node: ast.expr | None = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@record
class Attribute:
    """A name of a library that was not called: `sa.Integer`, `op`; or a column of a table: `t.c.x`."""

    name: str
    of: Value = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@record
class Function:
    """A function or class that the file defines."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(slots=True)
class Scope:
    """Names and their values; an inner scope sees the outer ones."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: "Scope | None" = None
    sources: dict[str, ast.expr] = field(default_factory=dict)
    """What each name was assigned, for the place of a literal."""

    def source(self, name: str) -> ast.expr | None:
        """The expression a name stands for, None where it is no plain assignment."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.sources.get(name)
            scope = scope.outer
        return None

    def find(self, name: str) -> Value:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return _BUILTINS.get(name, Unknown(f"`{name}` is not set in this file"))


_BUILTINS: dict[str, Value] = {
    name: Attribute(f"builtins.{name}")
    for name in ("str", "int", "len", "list", "tuple", "dict", "set", "sorted", "range", "enumerate", "zip", "print")
}


def evaluate(node: ast.expr | None, scope: Scope, depth: int = 0) -> Value:
    """The value of an expression, as far as it can be known without running it. Never raises."""
    if depth > _DEEPEST:
        return Unknown("the expression is nested too deeply")
    match node:
        case None:
            return None
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return scope.find(name)
        case ast.Attribute(value=inner, attr=attr):
            return _attribute(evaluate(inner, scope, depth + 1), attr)
        case ast.JoinedStr(values=parts):
            return _joined([evaluate(part, scope, depth + 1) for part in parts])
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            return evaluate(inner, scope, depth + 1)
        case ast.List(elts=items) | ast.Set(elts=items):
            return _items(items, scope, depth)
        case ast.Tuple(elts=items):
            return tuple(_items(items, scope, depth))
        case ast.Dict(keys=keys, values=values):
            return _dictionary(keys, values, scope, depth)
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(evaluate(left, scope, depth + 1), operator, evaluate(right, scope, depth + 1), node)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = evaluate(operand, scope, depth + 1)
            return -value if isinstance(value, int | float) else Unknown("a value computed at run time")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            value = evaluate(operand, scope, depth + 1)
            return value if isinstance(value, Unknown) else not value
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp():
            return _truth(node, scope, depth)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            chosen = evaluate(test, scope, depth + 1)
            if isinstance(chosen, Unknown | Construct | Attribute):
                return Unknown("the value depends on a condition at run time")
            return evaluate(body if chosen else orelse, scope, depth + 1)
        case ast.Subscript(value=inner, slice=index):
            return _subscript(evaluate(inner, scope, depth + 1), evaluate(index, scope, depth + 1))
        case ast.Call():
            return call(node, scope, depth)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
            return _comprehension(node, scope, depth)
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def unparsed(node: ast.AST, limit: int = 60) -> str:
    """The source of a node, on one line and cut."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (ValueError, RecursionError, AttributeError):
        return "an expression"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def known(value: Value) -> bool:
    """Whether nothing in it waits for run time."""
    match value:
        case Unknown():
            return False
        case list() | tuple():
            return all(known(item) for item in value)
        case dict():
            return all(known(item) for item in value.values())
        case Construct(args=args, kwargs=kwargs):
            return all(known(item) for item in args) and all(known(item) for item in kwargs.values())
        case _:
            return True


def call(node: ast.Call, scope: Scope, depth: int = 0) -> Value:
    """What a call makes: methods of strings are done, library calls become constructs, the rest is unknown."""
    function = evaluate(node.func, scope, depth + 1)
    args: list[Value] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            spread = evaluate(argument.value, scope, depth + 1)
            args += list(spread) if isinstance(spread, list | tuple) else [Unknown("arguments built at run time")]
        else:
            args.append(evaluate(argument, scope, depth + 1))
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value, scope, depth + 1)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, dict):
            kwargs |= {str(key): item for key, item in value.items()}
        else:
            kwargs["**"] = Unknown("arguments built at run time")
    match function:
        case Attribute(name=name, of=None) if name.startswith("builtins."):
            return _builtin(name.removeprefix("builtins."), args, node)
        case Attribute(name=name, of=str() as text):
            return _string_method(text, name, args, kwargs, node)
        case Attribute(name=name, of=of) if of is not None:
            return Construct(name, tuple(args), kwargs, of, node)
        case Attribute(name=name):
            return Construct(name, tuple(args), kwargs, None, node)
        case Function() | Construct():
            return Construct("call", tuple(args), kwargs, function, node)
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _attribute(value: Value, attr: str) -> Value:
    match value:
        case Attribute() if value.short == "dialect" and attr == "name":
            return "postgresql"
        case Attribute(name=name, of=None):
            return Attribute(f"{name}.{attr}")
        case Attribute() | Construct() | Function() | str():
            return Attribute(attr, value)
        case Unknown():
            return value
        case _:
            return Unknown(f"`.{attr}` is computed at run time")


def _joined(parts: Sequence[Value]) -> Value:
    for part in parts:
        if isinstance(part, Unknown):
            return part
        if not isinstance(part, str | int | float):
            return Unknown("a part of this f-string is computed at run time")
    return "".join(str(part) for part in parts)


def _items(nodes: Sequence[ast.expr], scope: Scope, depth: int) -> list[Value]:
    items: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            spread = evaluate(node.value, scope, depth + 1)
            items += list(spread) if isinstance(spread, list | tuple) else [Unknown("a list built at run time")]
        else:
            items.append(evaluate(node, scope, depth + 1))
    return items


def _dictionary(
    keys: Sequence[ast.expr | None], values: Sequence[ast.expr], scope: Scope, depth: int
) -> dict[Value, Value] | Unknown:
    made: dict[Value, Value] = {}
    for key, value in zip(keys, values, strict=True):
        item = evaluate(value, scope, depth + 1)
        if key is None:
            if not isinstance(item, dict):
                return Unknown("a dictionary built at run time")
            made |= item
            continue
        name = evaluate(key, scope, depth + 1)
        if not isinstance(name, str | int | float | bool | None):
            return Unknown("a dictionary with computed keys")
        made[name] = item
    return made


def _binary(left: Value, operator: ast.operator, right: Value, node: ast.expr) -> Value:
    for side in (left, right):
        if isinstance(side, Unknown):
            return side
    match operator:
        case ast.Add() if isinstance(left, str) and isinstance(right, str):
            return left + right
        case ast.Add() if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            return [*left, *right]
        case ast.Add() | ast.Sub() | ast.Mult() if _number(left) and _number(right):
            sides = {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}
            return sides[type(operator)]
        case ast.Mod() if isinstance(left, str):
            return _percent(left, right)
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _percent(text: str, values: Value) -> Value:
    if not known(values) or isinstance(values, Construct | Attribute | Function) or len(text) > 1_000_000:
        return Unknown("a string formatted with values of run time")
    try:
        return text % (tuple(values) if isinstance(values, list) else values)
    except (TypeError, ValueError, KeyError, OverflowError, MemoryError):
        return Unknown("a string format that does not fit its values")


def _string_method(text: str, method: str, args: Sequence[Value], kwargs: Mapping[str, Value], node: ast.expr) -> Value:
    plain = all(isinstance(value, str | int | float) for value in (*args, *kwargs.values()))
    if method == "join" and len(args) == 1 and isinstance(args[0], list | tuple):
        pieces = args[0]
        return text.join(pieces) if all(isinstance(piece, str) for piece in pieces) else Unknown("a joined list")
    if not plain or method not in {"format", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removesuffix"}:
        return Unknown(f"`{unparsed(node)}` is computed at run time")
    if method == "format" and any(mark in text for mark in (".__", "[__", ":>", ":<")):
        return Unknown("a string format that looks into objects")
    try:
        return getattr(text, method)(*args, **kwargs)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return Unknown("a string format that does not fit its values")


def _truth(node: ast.expr, scope: Scope, depth: int) -> Value:
    match node:
        case ast.BoolOp(op=operator, values=values):
            parts = [evaluate(value, scope, depth + 1) for value in values]
            wanted = isinstance(operator, ast.Or)
            if any(_plain(part) and bool(part) is wanted for part in parts):
                return wanted
            return not wanted if all(_plain(part) for part in parts) else Unknown("a condition at run time")
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            one, other = evaluate(left, scope, depth + 1), evaluate(right, scope, depth + 1)
            if not _plain(one) or not _plain(other):
                return Unknown("a condition at run time")
            match operator:
                case ast.Eq() | ast.Is():
                    return one == other
                case ast.NotEq() | ast.IsNot():
                    return one != other
                case ast.In() if isinstance(other, list | tuple | str | dict):
                    return one in other
                case ast.NotIn() if isinstance(other, list | tuple | str | dict):
                    return one not in other
    return Unknown("a condition at run time")


def _plain(value: Value) -> bool:
    return value is None or isinstance(value, str | int | float | list | tuple | dict)


def _subscript(value: Value, index: Value) -> Value:
    if isinstance(value, list | tuple | dict) and isinstance(index, int | str):
        try:
            return value[index]
        except (KeyError, IndexError, TypeError):
            return Unknown("an element that is not there")
    if isinstance(value, Attribute) and isinstance(index, str):
        return Attribute(index, value)
    return Unknown("an element chosen at run time")


def _builtin(name: str, args: Sequence[Value], node: ast.expr) -> Value:
    match name, list(args):
        case (("str" | "int"), [str() | int() as value]):
            return str(value) if name == "str" else value
        case "len", [(list() | tuple() | dict() | str()) as value]:
            return len(value)
        case (("list" | "tuple" | "set"), [(list() | tuple()) as value]):
            return list(value)
        case "sorted", [(list() | tuple()) as value] if all(isinstance(item, str) for item in value):
            return sorted(value)
        case "range", [int() as last] if last <= 1_000:
            return list(range(last))
        case "range", [int() as first, int() as last] if last - first <= 1_000:
            return list(range(first, last))
        case "enumerate", [(list() | tuple()) as value]:
            return list(enumerate(value))
        case "zip", [(list() | tuple()) as one, (list() | tuple()) as other]:
            return list(zip(one, other, strict=False))
        case (("dict" | "list" | "tuple" | "set"), []):
            return {} if name == "dict" else []
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _comprehension(node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope, depth: int) -> Value:
    if len(node.generators) != 1 or node.generators[0].ifs:
        return Unknown(f"`{unparsed(node)}` is computed at run time")
    source = evaluate(node.generators[0].iter, scope, depth + 1)
    if isinstance(source, dict):
        source = list(source)
    if not isinstance(source, list | tuple) or len(source) > 1_000:
        return Unknown(f"`{unparsed(node)}` is computed at run time")
    made: list[Value] = []
    for item in source:
        inner = Scope(outer=scope)
        bind(node.generators[0].target, item, inner)
        made.append(evaluate(node.elt, inner, depth + 1))
    return made


def bind(target: ast.expr, value: Value, scope: Scope) -> None:
    """Sets the names of an assignment's target."""
    match target:
        case ast.Name(id=name):
            scope.names[name] = value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            items = list(value) if isinstance(value, list | tuple) and len(value) == len(parts) else None
            for position, part in enumerate(parts):
                bind(part, items[position] if items is not None else Unknown("unpacked at run time"), scope)
        case _:
            pass
