"""Python read without running it: constants, assembled strings, and constructs whose parts are known."""

import ast
import json
from collections.abc import Callable, Mapping, Sequence

from bot.frameworks.python.calls import builtin, container_method, sequence
from bot.frameworks.python.operators import LONGEST, binary, chosen, compared, unary
from bot.frameworks.python.strings import formatted, joined, method_of
from bot.frameworks.python.values import Attribute, Call, Function, bind, plain, unparsed
from bot.frameworks.static.values import RUN_TIME, Names, Unknown, Value

_DEEPEST = 200
_DEEPEST_CALLS = 8


def evaluate(node: ast.expr | None, scope: Names, depth: int = 0) -> Value:
    """The value of an expression, as far as it can be known without running it. Never raises."""
    if node is None:
        return None
    if depth > _DEEPEST:
        return Unknown("the expression is nested too deeply")
    reader = _READERS.get(type(node))
    return reader(node, scope, depth + 1) if reader is not None else _waiting(node)


def _waiting(node: ast.expr) -> Unknown:
    return Unknown(f"`{unparsed(node)}` is computed at run time")


def _named(node: ast.expr, scope: Names, depth: int) -> Value:
    """A constant, a name, and lookups in it."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return scope.find(name)
        case ast.Attribute(value=inner, attr=attr):
            return _attribute(evaluate(inner, scope, depth), attr, scope)
        case ast.Subscript(value=inner, slice=index):
            return _subscript(evaluate(inner, scope, depth), index, scope, depth)
        case ast.NamedExpr(value=inner) | ast.Await(value=inner):
            return evaluate(inner, scope, depth)
        case _:
            return _waiting(node)


def _put_together(node: ast.expr, scope: Names, depth: int) -> Value:
    """A string or a container of parts."""
    match node:
        case ast.JoinedStr(values=parts):
            return joined([evaluate(part, scope, depth) for part in parts])
        case ast.FormattedValue(value=inner, conversion=conversion, format_spec=spec):
            letter = chr(conversion) if conversion >= 0 else None
            return formatted(evaluate(inner, scope, depth), evaluate(spec, scope, depth) or "", letter)
        case ast.List(elts=items) | ast.Set(elts=items):
            return _items(items, scope, depth)
        case ast.Tuple(elts=items):
            return tuple(_items(items, scope, depth))
        case ast.Dict(keys=keys, values=values):
            return _dictionary(keys, values, scope, depth)
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return _comprehension(node, scope, depth)
        case _:
            return _waiting(node)


def _computed(node: ast.expr, scope: Names, depth: int) -> Value:
    """An operator on its parts."""
    match node:
        case ast.BinOp(left=left, op=sign, right=right):
            return binary(evaluate(left, scope, depth), sign, evaluate(right, scope, depth), node)
        case ast.UnaryOp(op=sign, operand=operand):
            return unary(sign, evaluate(operand, scope, depth))
        case ast.BoolOp(op=sign, values=values):
            return chosen(sign, [evaluate(value, scope, depth) for value in values])
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return compared(evaluate(left, scope, depth), sign, evaluate(right, scope, depth))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _either(evaluate(test, scope, depth), body, orelse, scope, depth)
        case _:
            return _waiting(node)


def call(node: ast.Call, scope: Names, depth: int = 0) -> Value:
    """The result of a call: methods of strings are computed, library calls become constructs, the rest is unknown."""
    function = evaluate(node.func, scope, depth + 1)
    args, kwargs = arguments(node, scope, depth)
    match function:
        case Attribute() if (key := f".{function.short}()") in scope.outermost.given:
            return scope.known(key)
        case Attribute(name=name, of=None) if name.startswith("builtins."):
            return builtin(name.removeprefix("builtins."), args, kwargs, node)
        case Attribute(name=name, of=str() as text):
            return method_of(text, name, args, kwargs)
        case Attribute(name=name, of=(list() | tuple() | dict()) as held):
            return container_method(held, name, args, node)
        case Attribute(name=name, of=of):
            made = _of_library(name, args, kwargs)
            return Call(name, tuple(args), kwargs, of, node) if made is NotImplemented else made
        case Function(node=ast.FunctionDef()):
            return _returned(function, args, kwargs, depth, node)
        case Function() | Call():
            return Call("call", tuple(args), kwargs, function, node)
        case _:
            return _waiting(node)


def _of_library(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Functions of the standard library that only return a string."""
    match name:
        case "textwrap.dedent" | "inspect.cleandoc" if args and isinstance(args[0], str):
            return method_of(args[0], "dedent", (), {})
        case "json.dumps" if len(args) == 1 and not kwargs and plain(args[0]):
            return _dumped(args[0])
        case _:
            return NotImplemented


def _dumped(value: Value) -> Value:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return RUN_TIME


def arguments(node: ast.Call, scope: Names, depth: int = 0) -> tuple[list[Value], dict[str, Value]]:
    """The arguments of a call."""
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
    function: ast.FunctionDef | ast.AsyncFunctionDef, args: Sequence[Value], kwargs: Mapping[str, Value], inner: Names
) -> None:
    """Sets a function's parameters to the arguments."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    for name, default in zip(reversed(names), reversed(given.defaults), strict=False):
        inner.values[name] = evaluate(default, Names(outer=inner.outer))
    for one, keyword_default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if keyword_default is not None:
            inner.values[one.arg] = evaluate(keyword_default, Names(outer=inner.outer))
    for name in (*names, *(one.arg for one in given.kwonlyargs)):
        inner.values.setdefault(name, Unknown(f"`{name}` is an argument"))
    inner.values |= dict(zip(names, args, strict=False))
    inner.values |= {name: value for name, value in kwargs.items() if name != "**"}
    if given.vararg is not None:
        inner.values[given.vararg.arg] = list(args[len(names) :])
    if given.kwarg is not None:
        inner.values[given.kwarg.arg] = {key: value for key, value in kwargs.items() if key not in names}


def _returned(
    function: Function, args: Sequence[Value], kwargs: Mapping[str, Value], depth: int, node: ast.Call
) -> Value:
    """The return value of a function of the file whose last line is the return, after plain assignments."""
    waiting = _waiting(node)
    body = function.node.body
    if not isinstance(function.node, ast.FunctionDef) or not body or depth > _DEEPEST:
        return waiting
    levels = depth + _DEEPEST // _DEEPEST_CALLS
    inner = Names(outer=function.scope)
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


def _attribute(value: Value, attr: str, scope: Names) -> Value:
    match value:
        case Attribute() | Call() if (key := f".{value.short}.{attr}") in scope.outermost.given:
            return scope.known(key)
        case Attribute() | Call() if (key := f".{attr}") in scope.outermost.given:
            return scope.known(key)
        case Attribute(name=name, of=None):
            return Attribute(f"{name}.{attr}")
        case str() if attr == "value":
            return value
        case Attribute() | Call() | Function() | str() | list() | tuple() | dict():
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


def _items(nodes: Sequence[ast.expr], scope: Names, depth: int) -> list[Value]:
    items: list[Value] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            items.append(evaluate(node, scope, depth + 1))
            continue
        spread = evaluate(node.value, scope, depth + 1)
        short = isinstance(spread, list | tuple) and len(spread) <= LONGEST
        items += list(spread) if short else [Unknown("a list built at run time")]
    return items


def _dictionary(
    keys: Sequence[ast.expr | None], values: Sequence[ast.expr], scope: Names, depth: int
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


def _either(test: Value, body: ast.expr, orelse: ast.expr, scope: Names, depth: int) -> Value:
    if plain(test):
        return evaluate(body if test else orelse, scope, depth)
    one, other = evaluate(body, scope, depth), evaluate(orelse, scope, depth)
    if plain(one) and plain(other) and one == other:
        return one
    strings = isinstance(one, str) and isinstance(other, str)
    return RUN_TIME if strings else Unknown("the value depends on a condition at run time")


def _subscript(value: Value, index: ast.expr, scope: Names, depth: int) -> Value:
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
    if isinstance(value, Attribute | Call) and isinstance(key, str):
        return Attribute(key, value)
    return Unknown("an element chosen at run time")


def _comprehension(
    node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Names, depth: int
) -> Value:
    waiting = _waiting(node)
    if len(node.generators) != 1:
        return waiting
    generator = node.generators[0]
    source = sequence(evaluate(generator.iter, scope, depth + 1))
    if source is None or len(source) > 1_000:
        return waiting
    turns: list[Names] = []
    for item in source:
        inner = Names(outer=scope)
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


_READERS: Mapping[type[ast.expr], Callable[..., Value]] = {
    **dict.fromkeys((ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.NamedExpr, ast.Await), _named),
    **dict.fromkeys((ast.JoinedStr, ast.FormattedValue, ast.List, ast.Set, ast.Tuple, ast.Dict), _put_together),
    **dict.fromkeys((ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp), _put_together),
    **dict.fromkeys((ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp), _computed),
    ast.Call: call,
}
