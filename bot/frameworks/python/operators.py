"""Python's operators on values that are known; on a library's objects they become calls named by their signs."""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.frameworks.python.strings import capped, percent, text_part
from bot.frameworks.python.values import Attribute, Call, plain, unparsed
from bot.frameworks.static.values import Unknown, Value

LONGEST = 10_000
"""The most elements of an assembled list."""
_SIGNS: Mapping[type[ast.operator | ast.cmpop], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def binary(left: Value, sign: ast.operator, right: Value, node: ast.expr) -> Value:
    """`left + right` and the like; `node` for the reason."""
    sides = (left, right)
    match sign:
        case ast.Mod() if isinstance(left, str):
            return percent(left, right)
        case ast.Add() if isinstance(left, str) or (isinstance(right, str) and not _of_library(left)):
            return capped([text_part(left), text_part(right)])
        case ast.Add() if all(isinstance(side, list | tuple) for side in sides) and len(left) + len(right) <= LONGEST:
            return [*left, *right]
        case ast.Add() | ast.Sub() | ast.Mult() if all(_number(side) for side in sides):
            return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(sign)]
        case ast.BitOr() if isinstance(left, dict) and isinstance(right, dict):
            return left | right
        case _ if type(sign) in _SIGNS and any(_of_library(side) for side in sides):
            return Call(f"operator.{_SIGNS[type(sign)]}", (left, right))
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def _of_library(value: Value) -> bool:
    """Whether an operator on it is the library's own: on the library's object, or a column of it."""
    return isinstance(value, Call) or (isinstance(value, Attribute) and value.of is not None)


def _number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def unary(sign: ast.unaryop, value: Value) -> Value:
    """`-value`, `not value`."""
    match sign:
        case ast.USub() if _number(value):
            return -value
        case ast.Not() if plain(value):
            return not value
        case ast.Not() | ast.Invert() if isinstance(value, Call | Attribute):
            return Call("operator.not", (value,))
        case _:
            return value if isinstance(value, Unknown) else Unknown("a value computed at run time")


def chosen(sign: ast.boolop, parts: Sequence[Value]) -> Value:
    """`and`, `or`: decided by the first part that decides, even if the rest is known only at run time."""
    wanted = isinstance(sign, ast.Or)
    if any(plain(part) and bool(part) is wanted for part in parts):
        return wanted if not plain(parts[0]) or bool(parts[0]) is not wanted else parts[0]
    if all(plain(part) for part in parts):
        return parts[-1]
    return Unknown("a condition at run time")


def compared(left: Value, sign: ast.cmpop, right: Value) -> Value:
    """`left < right` and the like."""
    if not plain(left) or not plain(right):
        if type(sign) in _SIGNS and (_of_library(left) or _of_library(right)):
            return Call(f"operator.{_SIGNS[type(sign)]}", (left, right))
        return Unknown("a condition at run time")
    try:
        return _decided(left, sign, right)
    except TypeError:
        return Unknown("a condition at run time")


def _decided(left: Value, sign: ast.cmpop, right: Value) -> Value:
    decide = _DECIDED.get(type(sign))
    return decide(left, right) if decide is not None else Unknown("a condition at run time")


_DECIDED: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.Is: operator.eq,
    ast.NotEq: operator.ne,
    ast.IsNot: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
