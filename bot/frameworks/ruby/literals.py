"""Methods of known values, computed where that is safe."""

from collections.abc import Callable, Mapping, Sequence

from bot.frameworks.ruby.values import Call, Text
from bot.frameworks.static.values import Template, Unknown, Value

_SAME = frozenset({"freeze", "dup", "itself", "to_h", "to_a", "clone"})
_STRIPS = frozenset({"strip", "chomp", "lstrip", "rstrip"})


def literal_method(receiver: Value, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> Value:
    """A method of a value, computed where that is safe; else the call."""
    if not args and method in _SAME:
        return receiver
    done = next((do for kind, do in _METHODS.items() if isinstance(receiver, kind)), None)
    made = done(receiver, method, list(args)) if done is not None else NotImplemented
    return Call(method, tuple(args), options, receiver) if made is NotImplemented else made


def kept_place(before: str, after: str) -> str:
    """A string derived from another: it keeps its place in the file where it is unchanged."""
    made = Text(after)
    if isinstance(before, Text) and before == after:
        made.start = before.start
    return made


def _of_template(template: Template, method: str, args: list[Value]) -> Value:
    if not args and (method in _STRIPS or method == "to_s"):
        return template
    return Unknown("a string made from values at run time")


def _of_text(text: str, method: str, args: list[Value]) -> Value:
    match method, args:
        case "to_s" | "to_sym" | "to_str", []:
            return text
        case "downcase", []:
            return text.lower()
        case "upcase", []:
            return text.upper()
        case (("to_i" | "to_f"), []):
            return Unknown("a number made from a string")
        case (("sub" | "gsub" | "delete_prefix" | "delete_suffix" | "tr"), [str() as old, *rest]):
            return _replaced(text, method, old, rest[0] if rest else "")
        case _, [] if method in _STRIPS:
            return kept_place(text, text)
        case _:
            return _of_container(text, method, args)


def _of_number(number: float, method: str, args: list[Value]) -> Value:
    match number, method, args:
        case _, "to_s", []:
            return str(number)
        case int(), "to_i", []:
            return number
        case _:
            return NotImplemented


def _of_list(items: list[Value], method: str, args: list[Value]) -> Value:
    match method, args:
        case "join", [*rest] if all(isinstance(item, str | int) for item in items):
            glue = rest[0] if rest and isinstance(rest[0], str) else ""
            return glue.join(str(item) for item in items)
        case "each_slice", [int() as size] if size > 0:
            return [items[at : at + size] for at in range(0, len(items), size)]
        case (("concat" | "union" | "+"), [list() as other]):
            return items + other
        case "include?", [item] if is_literal(items) and is_literal(item):
            return item in items
        case (("first" | "last"), []) if items:
            return items[0] if method == "first" else items[-1]
        case (("compact" | "uniq" | "flatten" | "reverse" | "sort" | "to_set" | "each_with_index"), []):
            return items
        case _:
            return _of_container(items, method, args)


def _of_hash(pairs: dict[str, Value], method: str, args: list[Value]) -> Value:
    match method, args:
        case (("key?" | "has_key?" | "include?"), [str() as key]):
            return key in pairs
        case (("slice" | "except"), names) if all(isinstance(name, str) for name in names):
            return {key: value for key, value in pairs.items() if (key in names) is (method == "slice")}
        case ("dig", [str() as key]) | ("fetch", [str() as key, *_]) if key in pairs:
            return pairs[key]
        case "keys", []:
            return list(pairs)
        case "values", []:
            return list(pairs.values())
        case "merge", [dict() as other]:
            return {**pairs, **other}
        case _:
            return _of_container(pairs, method, args)


def _of_container(value: str | list[Value] | dict[str, Value], method: str, args: list[Value]) -> Value:
    """The length of a string, a list or a hash."""
    match method, args:
        case (("empty?" | "any?" | "none?"), []):
            return bool(value) is (method == "any?")
        case (("size" | "length" | "count"), []):
            return len(value)
        case _:
            return NotImplemented


def _of_nil(_nil: None, method: str, args: list[Value]) -> Value:
    return True if method == "nil?" and not args else NotImplemented


_METHODS: Mapping[type, Callable[..., Value]] = {
    Template: _of_template,
    str: _of_text,
    list: _of_list,
    dict: _of_hash,
    int: _of_number,
    float: _of_number,
    type(None): _of_nil,
}


def _replaced(text: str, method: str, old: str, new: Value) -> Value:
    match method:
        case "delete_prefix":
            return text.removeprefix(old)
        case "delete_suffix":
            return text.removesuffix(old)
        case "sub" | "gsub" if isinstance(new, str):
            return text.replace(old, new, 1 if method == "sub" else -1)
        case _:
            return Unknown("a string made at run time")


def is_literal(value: Value) -> bool:
    """Whether it is a string, a number, nil, or a list of these."""
    return all(is_literal(item) for item in value) if isinstance(value, list) else isinstance(value, str | int | None)
