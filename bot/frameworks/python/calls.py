"""Python's own functions, and methods of lists and dictionaries, on values that are known."""

import ast
from collections.abc import Mapping, Sequence

from bot.frameworks.python.strings import text_part
from bot.frameworks.python.values import plain, unparsed
from bot.frameworks.static.values import RUN_TIME, Unknown, Value

_LONGEST = 10_000
_LONGEST_RANGE = 1_000


def container_method(held: Value, name: str, args: Sequence[Value], node: ast.expr) -> Value:
    match name, list(args):
        case "items", [] if isinstance(held, dict):
            return list(held.items())
        case "values", [] if isinstance(held, dict):
            return list(held.values())
        case "keys", [] if isinstance(held, dict):
            return list(held)
        case "get", [str() | int() as key, *rest] if isinstance(held, dict):
            return held.get(key, rest[0] if rest else None)
        case "copy", []:
            return held
        case "pop", [str() as key, *_] if isinstance(held, dict):
            return held.get(key, Unknown("an element that is not there"))
        case _:
            return Unknown(f"`{unparsed(node)}` is computed at run time")


def sequence(value: Value) -> list[Value] | None:
    if isinstance(value, list | tuple | dict) and len(value) <= _LONGEST:
        return list(value)
    return None


def builtin(name: str, args: Sequence[Value], kwargs: Mapping[str, Value], node: ast.expr) -> Value:
    """The result of calling one of Python's own functions; `node` for the reason."""
    for call in (_of_value, _container, _sequence_of):
        made = call(name, args, kwargs)
        if made is not NotImplemented:
            return made
    return RUN_TIME if name in ("str", "repr") else Unknown(f"`{unparsed(node)}` is computed at run time")


def _of_value(name: str, args: Sequence[Value], _kwargs: Mapping[str, Value]) -> Value:
    first = args[0] if args else None
    match name:
        case "print" | "exit":
            return None
        case "str":
            return text_part(first) if args else ""
        case "int" if isinstance(first, int):
            return first
        case "len" if isinstance(first, str | list | tuple | dict) and plain(first):
            return len(first)
        case _:
            return NotImplemented


def _container(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """A list, or a dictionary, of the arguments."""
    first = args[0] if args else None
    items = sequence(first)
    match name:
        case "list" | "tuple" | "set" | "frozenset" | "iter" if not args or items is not None:
            return items or []
        case "dict" if not args:
            return dict(kwargs)
        case "dict" if isinstance(first, dict):
            return dict(first)
        case "dict" if items is not None and all(isinstance(item, tuple) and len(item) == 2 for item in items):
            return {key: value for key, value in items if isinstance(key, str | int)}
        case _:
            return NotImplemented


def _sequence_of(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """The items that a loop visits."""
    items = sequence(args[0] if args else None)
    match name:
        case "sorted" if items is not None:
            texts = all(isinstance(item, str) for item in items) and not kwargs
            return sorted(items) if texts else items
        case "reversed" if items is not None:
            return items[::-1]
        case "range" if args and all(isinstance(one, int) for one in args) and len(args) < 3:
            made = range(*args)
            return list(made) if len(made) <= _LONGEST_RANGE else NotImplemented
        case "enumerate" if items is not None:
            start = args[1] if len(args) > 1 else kwargs.get("start", 0)
            return list(enumerate(items, start)) if isinstance(start, int) else NotImplemented
        case "zip" if args and all(sequence(one) is not None for one in args):
            return list(zip(*args, strict=False))
        case _:
            return NotImplemented
