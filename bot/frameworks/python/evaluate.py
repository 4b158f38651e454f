"""Python read without running it: constants, strings put together, and constructs whose parts are known."""

import ast
import json
from collections.abc import Mapping, Sequence

from bot.frameworks.python.calls import builtin, container_method, sequence
from bot.frameworks.python.strings import capped, formatted, joined, method_of, percent, text_part
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

_DEEPEST = 200
_DEEPEST_CALLS = 8
_LONGEST = 10_000
"""Elements of a list that is put together."""
_SIGNS: Mapping[type[ast.operator | ast.cmpop], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.BitAnd: "AND",
    ast.BitOr: "OR",
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def evaluate(node: ast.expr | None, scope: Scope, depth: int = 0) -> Value:
    """The value of an expression, as far as it can be known without running it. Never raises."""
    if depth > _DEEPEST:
        return Unknown("the expression is nested too deeply")
    deeper = depth + 1
    match node:
        case None:
            return None
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return scope.find(name)
        case ast.Attribute(value=inner, attr=attr):
            return _attribute(evaluate(inner, scope, deeper), attr)
        case ast.JoinedStr(values=parts):
            return joined([evaluate(part, scope, deeper) for part in parts])
        case ast.FormattedValue(value=inner, conversion=conversion, format_spec=spec):
            letter = chr(conversion) if conversion >= 0 else None
            return formatted(evaluate(inner, scope, deeper), evaluate(spec, scope, deeper) or "", letter)
        case ast.List(elts=items) | ast.Set(elts=items):
            return _items(items, scope, deeper)
        case ast.Tuple(elts=items):
            return tuple(_items(items, scope, deeper))
        case ast.Dict(keys=keys, values=values):
            return _dictionary(keys, values, scope, deeper)
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(evaluate(left, scope, deeper), operator, evaluate(right, scope, deeper), node)
        case ast.UnaryOp(op=operator, operand=operand):
            return _unary(operator, evaluate(operand, scope, deeper))
        case ast.BoolOp(op=operator, values=values):
            return _chosen(operator, [evaluate(value, scope, deeper) for value in values])
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _compared(evaluate(left, scope, deeper), operator, evaluate(right, scope, deeper))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _either(evaluate(test, scope, deeper), body, orelse, scope, deeper)
        case ast.Subscript(value=inner, slice=index):
            return _subscript(evaluate(inner, scope, deeper), index, scope, deeper)
        case ast.Call():
            return call(node, scope, deeper)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return _comprehension(node, scope, deeper)
        case ast.NamedExpr(value=inner) | ast.Await(value=inner):
            return evaluate(inner, scope, deeper)
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def call(node: ast.Call, scope: Scope, depth: int = 0) -> Value:
    """What a call makes: methods of strings are done, library calls become constructs, the rest is unknown."""
    function = evaluate(node.func, scope, depth + 1)
    args, kwargs = arguments(node, scope, depth)
    match function:
        case Attribute(name=name, of=None) if name.startswith("builtins."):
            return builtin(name.removeprefix("builtins."), args, kwargs, node)
        case Attribute(name="textwrap.dedent" | "inspect.cleandoc") if args and isinstance(args[0], str):
            return method_of(args[0], "dedent", (), {})
        case Attribute(name="json.dumps") if len(args) == 1 and not kwargs and plain(args[0]):
            return _dumped(args[0])
        case Attribute(name=name, of=str() as text):
            return method_of(text, name, args, kwargs)
        case Attribute(name=name, of=(list() | tuple() | dict()) as held):
            return container_method(held, name, args, node)
        case Attribute(name=name, of=of) if of is not None:
            return Construct(name, tuple(args), kwargs, of, node)
        case Attribute(name=name):
            return Construct(name, tuple(args), kwargs, None, node)
        case Function(node=ast.FunctionDef()):
            return _returned(function, args, kwargs, depth, node)
        case Function() | Construct():
            return Construct("call", tuple(args), kwargs, function, node)
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _dumped(value: Value) -> Value:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return RUN_TIME


def arguments(node: ast.Call, scope: Scope, depth: int = 0) -> tuple[list[Value], dict[str, Value]]:
    """What a call passes on."""
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = evaluate(keyword.value, scope, depth + 1)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, dict):
            kwargs |= {str(key): item for key, item in value.items()}
        else:
            kwargs["**"] = Unknown("arguments built at run time")
    return _items(node.args, scope, depth), kwargs


def bind_arguments(
    function: ast.FunctionDef | ast.AsyncFunctionDef, args: Sequence[Value], kwargs: Mapping[str, Value], inner: Scope
) -> None:
    """Sets a function's parameters to what it is called with."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    for name, default in zip(reversed(names), reversed(given.defaults), strict=False):
        inner.names[name] = evaluate(default, Scope(outer=inner.outer))
    for one, keyword_default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if keyword_default is not None:
            inner.names[one.arg] = evaluate(keyword_default, Scope(outer=inner.outer))
    for name in (*names, *(one.arg for one in given.kwonlyargs)):
        inner.names.setdefault(name, Unknown(f"`{name}` is an argument"))
    inner.names |= dict(zip(names, args, strict=False))
    inner.names |= {name: value for name, value in kwargs.items() if name != "**"}
    if given.vararg is not None:
        inner.names[given.vararg.arg] = list(args[len(names) :])
    if given.kwarg is not None:
        inner.names[given.kwarg.arg] = {key: value for key, value in kwargs.items() if key not in names}


def _returned(
    function: Function, args: Sequence[Value], kwargs: Mapping[str, Value], depth: int, node: ast.Call
) -> Value:
    """What a function of the file returns where that is its last line, after plain assignments."""
    waiting = Unknown(f"`{unparsed(node)}` is computed at run time")
    body = function.node.body
    if not isinstance(function.node, ast.FunctionDef) or not body or depth > _DEEPEST:
        return waiting
    levels = depth + _DEEPEST // _DEEPEST_CALLS
    inner = Scope(outer=function.scope)
    bind_arguments(function.node, args, kwargs, inner)
    for line in body[:-1]:
        match line:
            case ast.Assign(targets=[target], value=value):
                bind(target, evaluate(value, inner, levels), inner)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                bind(target, evaluate(value, inner, levels), inner)
            case ast.Expr() | ast.Assert() | ast.Import() | ast.ImportFrom():
                pass
            case _:
                return waiting
    match body[-1]:
        case ast.Return(value=value) if value is not None:
            return evaluate(value, inner, levels)
        case _:
            return waiting


def _attribute(value: Value, attr: str) -> Value:
    match value:
        case Attribute() | Construct() if attr == "name" and value.short == "dialect":
            return "postgresql"
        case Attribute() | Construct() if attr == "version_table_schema":
            return None
        case Attribute(name=name, of=None):
            return Attribute(f"{name}.{attr}")
        case str() if attr == "value":
            return value
        case Attribute() | Construct() | Function() | str() | list() | tuple() | dict():
            return _class_attribute(value, attr) or Attribute(attr, value)
        case Unknown():
            return value
        case _:
            return Unknown(f"`.{attr}` is computed at run time")


def _class_attribute(value: Value, attr: str) -> Value:
    """A constant in a class of the file, a member of an enumeration among them."""
    match value:
        case Function(node=ast.ClassDef(body=body), scope=scope):
            for line in body:
                match line:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant() as held) if name == attr:
                        return held.value
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() | ast.Dict() as held):
                        if name == attr and scope is not None:
                            return evaluate(held, scope)
                    case _:
                        pass
    return None


def _items(nodes: Sequence[ast.expr], scope: Scope, depth: int) -> list[Value]:
    items: list[Value] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(evaluate(node, scope, depth + 1))
            continue
        spread = evaluate(node.value, scope, depth + 1)
        short = isinstance(spread, list | tuple) and len(spread) <= _LONGEST
        items += list(spread) if short else [Unknown("a list built at run time")]
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
        if isinstance(name, Attribute):
            name = name.short
        if not isinstance(name, str | int | float | bool | None):
            return Unknown("a dictionary with computed keys")
        made[name] = item
    return made


def _binary(left: Value, operator: ast.operator, right: Value, node: ast.expr) -> Value:
    sides = (left, right)
    match operator:
        case ast.Mod() if isinstance(left, str):
            return percent(left, right)
        case ast.Add() if isinstance(left, str) or (isinstance(right, str) and not _builds_sql(left)):
            return capped([text_part(left), text_part(right)])
        case ast.Add() if all(isinstance(side, list | tuple) for side in sides) and len(left) + len(right) <= _LONGEST:
            return [*left, *right]
        case ast.Add() | ast.Sub() | ast.Mult() if all(_number(side) for side in sides):
            return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(operator)]
        case ast.BitOr() if isinstance(left, dict) and isinstance(right, dict):
            return left | right
        case _ if type(operator) in _SIGNS and any(_builds_sql(side) for side in sides):
            return Construct(f"operator.{_SIGNS[type(operator)]}", (left, right))
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _builds_sql(value: Value) -> bool:
    return isinstance(value, Construct) or (isinstance(value, Attribute) and value.of is not None)


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _unary(operator: ast.unaryop, value: Value) -> Value:
    match operator:
        case ast.USub() if _number(value):
            return -value
        case ast.Not() if plain(value):
            return not value
        case ast.Not() | ast.Invert() if isinstance(value, Construct | Attribute):
            return Construct("operator.NOT", (value,))
        case _:
            return value if isinstance(value, Unknown) else Unknown("a value computed at run time")


def _chosen(operator: ast.boolop, parts: Sequence[Value]) -> Value:
    """`and`, `or`: decided by the first part that decides, however much of the rest waits for run time."""
    wanted = isinstance(operator, ast.Or)
    if any(plain(part) and bool(part) is wanted for part in parts):
        return wanted if not plain(parts[0]) or bool(parts[0]) is not wanted else parts[0]
    if all(plain(part) for part in parts):
        return parts[-1]
    offline = next((part for part in parts if isinstance(part, Construct) and part.short == "is_offline_mode"), None)
    return offline if wanted and offline is not None else Unknown("a condition at run time")


def _compared(left: Value, operator: ast.cmpop, right: Value) -> Value:
    if not plain(left) or not plain(right):
        if type(operator) in _SIGNS and (_builds_sql(left) or _builds_sql(right)):
            return Construct(f"operator.{_SIGNS[type(operator)]}", (left, right))
        return Unknown("a condition at run time")
    try:
        return _decided(left, operator, right)
    except TypeError:
        return Unknown("a condition at run time")


def _decided(left: Value, operator: ast.cmpop, right: Value) -> Value:
    match operator:
        case ast.Eq() | ast.Is():
            return left == right
        case ast.NotEq() | ast.IsNot():
            return left != right
        case ast.In():
            return left in right
        case ast.NotIn():
            return left not in right
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
        case _:
            return left >= right


def _either(test: Value, body: ast.expr, orelse: ast.expr, scope: Scope, depth: int) -> Value:
    if plain(test):
        return evaluate(body if test else orelse, scope, depth)
    one, other = evaluate(body, scope, depth), evaluate(orelse, scope, depth)
    if plain(one) and plain(other) and one == other:
        return one
    strings = isinstance(one, str) and isinstance(other, str)
    return RUN_TIME if strings else Unknown("the value depends on a condition at run time")


def _subscript(value: Value, index: ast.expr, scope: Scope, depth: int) -> Value:
    if isinstance(index, ast.Slice):
        ends = [evaluate(end, scope, depth) for end in (index.lower, index.upper, index.step)]
        if isinstance(value, str | list | tuple) and all(end is None or isinstance(end, int) for end in ends):
            return value[ends[0] : ends[1] : ends[2] or None]
        return Unknown("an element chosen at run time")
    key = evaluate(index, scope, depth)
    if isinstance(key, Attribute) and isinstance(value, dict):
        key = key.short
    if isinstance(value, dict) and isinstance(key, int | str):
        return value.get(key, Unknown("an element that is not there"))
    if isinstance(value, list | tuple) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else Unknown("an element that is not there")
    if isinstance(value, Attribute | Construct) and isinstance(key, str):
        return Attribute(key, value)
    return Unknown("an element chosen at run time")


def _comprehension(
    node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Scope, depth: int
) -> Value:
    waiting = Unknown(f"`{unparsed(node)}` is computed at run time")
    if len(node.generators) != 1:
        return waiting
    generator = node.generators[0]
    source = sequence(evaluate(generator.iter, scope, depth + 1))
    if source is None or len(source) > 1_000:
        return waiting
    turns: list[Scope] = []
    for item in source:
        inner = Scope(outer=scope)
        bind(generator.target, item, inner)
        tests = [evaluate(test, inner, depth + 1) for test in generator.ifs]
        if not all(plain(test) for test in tests):
            return waiting
        if all(tests):
            turns.append(inner)

    def made(part: ast.expr) -> list[Value]:
        return [evaluate(part, inner, depth + 1) for inner in turns]

    if not isinstance(node, ast.DictComp):
        return made(node.elt)
    keys = made(node.key)
    if not all(isinstance(key, str | int | float | bool | None) for key in keys):
        return waiting
    return dict(zip(keys, made(node.value), strict=True))
