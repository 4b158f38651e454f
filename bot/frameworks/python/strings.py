"""Strings assembled in Python: f-strings, `format`, `%`, `join`, with run-time parts marked."""

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from textwrap import dedent
from typing import Any

from bot.frameworks.python.values import plain
from bot.frameworks.static.values import RUN_TIME, Unknown, Value

_CONVERSION = re.compile(r"%(?:\((?P<key>[^()]*)\))?(?P<form>[#0\- +]*(?:\*|\d{1,3})?(?:\.(?:\*|\d{1,3}))?[a-zA-Z%])")
_NARROW = re.compile(r"\D*+\d{0,3}(?:\.\d{1,3})?\D*+")
_LONGEST = 4_000_000
_TOO_LONG = "a string too long to follow"

# Methods that turn a string into a string, or strings, wherever its run-time parts are.
_SAME = frozenset({"strip", "lstrip", "rstrip", "replace", "removesuffix", "removeprefix", "expandtabs", "dedent"})
# Methods whose result depends on the whole string.
_WHOLE = frozenset(
    {"lower", "upper", "title", "capitalize", "swapcase", "split", "splitlines", "startswith", "endswith"}
    | {"isupper", "islower", "count", "find", "zfill", "partition", "rpartition", "rsplit", "casefold"}
)


def text_part(value: Value) -> str:
    """The text of a value in a string."""
    if isinstance(value, str):
        return value
    return str(value) if value is None or (isinstance(value, int | float) and abs(value) < 1e30) else RUN_TIME


def joined(parts: Sequence[Value]) -> Value:
    """The parts of an f-string, one after the other."""
    return capped([text_part(part) for part in parts])


def capped(parts: Sequence[str]) -> str | Unknown:
    """The parts as one string, unless it grows too long; what escapes a quote in it is one part."""
    if sum(map(len, parts)) > _LONGEST:
        return Unknown(_TOO_LONG)
    return "".join(parts).replace(f"{RUN_TIME}'{RUN_TIME}", RUN_TIME)


def formatted(value: Value, spec: Value, conversion: str | None) -> Value:
    """One value as a format specification shows it."""
    if not spec and conversion in (None, "s"):
        return text_part(value)
    if not plain(value) or not isinstance(spec, str) or not plain(spec) or not _NARROW.fullmatch(spec):
        return RUN_TIME
    try:
        return format(repr(value) if conversion in ("r", "a") else str(value) if conversion else value, spec)
    except (TypeError, ValueError, OverflowError):
        return RUN_TIME


def percent(text: str, values: Value) -> Value:
    """`text % values`."""
    if len(text) > _LONGEST:
        return Unknown(_TOO_LONG)
    queue = list(values) if isinstance(values, tuple) else [values]

    def one(found: re.Match[str]) -> str:
        if found["form"] == "%":
            return "%"
        if found["key"] is not None:
            value = values.get(found["key"], Unknown("")) if isinstance(values, dict) else Unknown("")
        else:
            value = queue.pop(0) if queue else Unknown("")
        if found["form"] in ("s", "d", "i") or not plain(value) or "*" in found["form"]:
            return text_part(value)
        try:
            return f"%{found['form']}" % value
        except (TypeError, ValueError, OverflowError):
            return RUN_TIME

    return _CONVERSION.sub(one, text)


def method_of(text: str, method: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """The result of a method of a string."""
    if len(text) > _LONGEST:
        return Unknown(_TOO_LONG)
    match method, args:
        case "join", [pieces]:
            return _joined_by(text, pieces)
        case "format", _:
            return _format(text, args, kwargs)
        case "format_map", [dict() as values, *_]:
            return _format(text, (), values)
        case _:
            return _done(text, method, args, kwargs)


def _joined_by(text: str, pieces: Value) -> Value:
    if not isinstance(pieces, list | tuple):
        return RUN_TIME
    return capped([part for piece in pieces for part in (text, text_part(piece))][1:])


def _done(text: str, method: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """A method with known arguments, as far as its result does not depend on run time."""
    known = all(plain(value) for value in (*args, *kwargs.values()))
    if method == "dedent" and known:
        return dedent(text)
    if known and (method in _SAME or (method in _WHOLE and RUN_TIME not in text)):
        return _called(getattr(text, method), args, kwargs)
    if method == "replace" and len(args) >= 2 and plain(args[0]):
        return _called(text.replace, [args[0], text_part(args[1])], {})
    if method in ("split", "splitlines", "partition", "rsplit", "rpartition"):
        return Unknown("a string taken apart at run time")
    return RUN_TIME if method in _SAME or method in _WHOLE else Unknown(f"`.{method}()` is computed at run time")


def _called(method: Any, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    if any(isinstance(value, int) and abs(value) > 1_000 for value in args):
        return RUN_TIME
    texts = [len(value) for value in args if isinstance(value, str)]
    if len(texts) > 1 and texts[-1] * 1_000_000 > _LONGEST * 1_000 and texts[-1] > 1_000:
        return Unknown(_TOO_LONG)
    try:
        made = method(*args, **kwargs)
    except (TypeError, ValueError, OverflowError):
        return Unknown("a string method that does not fit its arguments")
    return made if not isinstance(made, str) or len(made) <= _LONGEST else Unknown(_TOO_LONG)


def _format(text: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    made: list[str] = []
    automatic = 0
    try:
        for literal, name, spec, conversion in Formatter().parse(text):
            made.append(literal)
            if name is None:
                continue
            if not name:
                name, automatic = str(automatic), automatic + 1
            made.append(formatted(_field(name, args, kwargs), spec, conversion))
    except ValueError:
        return Unknown("an invalid string format")
    return capped(made)


def _field(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """The value of a replacement field: `0`, `name`, `name[key]`; attributes of objects are known only at run time."""
    first, *rest = re.split(r"[.\[]", name, maxsplit=1)
    if first.isdecimal():
        value = args[int(first)] if len(first) < 5 and int(first) < len(args) else Unknown("")
    else:
        value = kwargs.get(first, Unknown(""))
    if not rest:
        return value
    key = rest[0].removesuffix("]")
    if isinstance(value, dict):
        return value.get(key, Unknown(""))
    if isinstance(value, list | tuple) and key.isdecimal() and len(key) < 5 and int(key) < len(value):
        return value[int(key)]
    return Unknown("")
