"""Operators on known values, where the result is not unreasonably large."""

import re
from collections.abc import Sequence

from bot.frameworks.ruby.values import Call, Constant
from bot.frameworks.static.values import Template, Unknown, Value

_LONGEST = 1_000_000


def known(value: Value) -> bool:
    """Whether everything in it is known before run time."""
    match value:
        case Unknown() | Call():
            return False
        case list():
            return all(known(item) for item in value)
        case dict():
            return all(known(item) for item in value.values())
        case _:
            return True


def added(one: Value, other: Value) -> Value:
    """The sum of two texts, lists or numbers, where it is not unreasonably large."""
    match one, other:
        case ((str() | Template()), (str() | Template())):
            return bounded(one + other)
        case list(), list():
            return bounded(one + other)
        case ((int() | float()), (int() | float())):
            return bounded(one + other)
        case _:
            return Unknown("a sum at run time")


def bounded(value: Value) -> Value:
    """A value, Unknown where it is unreasonably large."""
    match value:
        case str() | list() if len(value) > _LONGEST:
            return Unknown("a value too large to follow")
        case Template(pieces=pieces) if sum(map(len, pieces)) > _LONGEST or len(pieces) > 1_000:
            return Unknown("a value too large to follow")
        case int() if abs(value) >= 1 << 63:
            return Unknown("a value too large to follow")
        case _:
            return value


def concatenated(parts: Sequence[Value]) -> Value:
    made: str | Template = ""
    for part in parts:
        if not isinstance(part, str | Template):
            return part if isinstance(part, Unknown) else Unknown("a part of this string is computed at run time")
        made = made + part
    return made


def formatted(text: str, values: Value) -> Value:
    """`"... %s ..." % value`, `%{name}` with a hash."""
    if isinstance(values, dict) and all(isinstance(value, str | int) for value in values.values()):
        for name, value in values.items():
            text = text.replace(f"%{{{name}}}", str(value)).replace(f"%<{name}>s", str(value))
        return text if "%{" not in text and "%<" not in text else Unknown("a string formatted at run time")
    items = values if isinstance(values, list) else [values]
    pieces = re.split("%[sd]", text)
    if len(pieces) != len(items) + 1 or not all(isinstance(item, str | int) for item in items):
        return Unknown("a string formatted at run time")
    return "".join(piece + (str(items[at]) if at < len(items) else "") for at, piece in enumerate(pieces))


def binary(sign: str, left: Value, right: Value, source: str, right_source: str) -> Value:
    """`left sign right`; the sources are for the reason and for run-time parts."""
    for decide in (_logic, _compared, _sum, _product):
        made = decide(sign, left, right)
        if made is not NotImplemented:
            return made
    if sign == "+" and isinstance(left, str | Template):
        return left + Template(("", ""), (f"#{{{right_source}}}",))
    return Unknown(f"`{source}` is computed at run time")


def _logic(sign: str, left: Value, right: Value) -> Value:
    """`||` and `&&`, decided by the left side where that is known."""
    if sign in ("||", "or"):
        if left is None or left is False:
            return right
        return left if not isinstance(left, Unknown | Call | Constant) else NotImplemented
    if sign not in ("&&", "and"):
        return NotImplemented
    if left is None or left is False:
        return left
    if right is None or isinstance(right, bool):
        return False if not right else right if left is True else NotImplemented
    return right if left is True else NotImplemented


def _compared(sign: str, left: Value, right: Value) -> Value:
    comparable = all(side is None or isinstance(side, str | int) for side in (left, right))
    if sign not in ("==", "!=") or not comparable:
        return NotImplemented
    return (left == right) is (sign == "==")


def _sum(sign: str, left: Value, right: Value) -> Value:
    match sign, left:
        case "+", (str() | Template() | list() | int() | float()) if known(right):
            return added(left, right)
        case "%", str():
            return formatted(left, right)
        case _:
            return NotImplemented


def _product(sign: str, left: Value, right: Value) -> Value:
    match sign, left, right:
        case "-", (int() | float()), (int() | float()):
            return bounded(left - right)
        case "*", (int() | float()), (int() | float()):
            return bounded(left * right)
        case "**", int(), int() if 0 <= right <= 64 and abs(left) <= 1_000:
            return bounded(left**right)
        case _:
            return NotImplemented
