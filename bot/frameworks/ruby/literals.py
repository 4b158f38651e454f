"""Methods of literals, done where that is safe."""

from collections.abc import Mapping, Sequence

from bot.frameworks.ruby.inflections import pluralized, singularized, table_of_class
from bot.frameworks.ruby.values import Call, Constant, Text
from bot.frameworks.static.values import Template, Unknown, Value


def literal_method(receiver: Value, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> Value:
    """A method of a literal, done where that is safe; else the call."""
    match receiver, method, list(args):
        case _, ("freeze" | "dup" | "itself" | "to_h" | "to_a" | "html_safe" | "clone"), []:
            return receiver
        case Template(), ("strip" | "squish" | "strip_heredoc" | "chomp" | "to_s" | "lstrip" | "rstrip"), []:
            return receiver
        case Template(), _, _:
            return Unknown("a string made from values at run time")
        case str(), ("to_s" | "to_sym" | "to_str"), []:
            return receiver
        case int() | float(), "to_s", []:
            return str(receiver)
        case int(), ("megabytes" | "kilobytes" | "bytes" | "seconds" | "minutes" | "hours" | "second" | "minute"), []:
            return receiver * _UNITS[method]
        case str(), ("strip" | "squish" | "strip_heredoc" | "chomp" | "lstrip" | "rstrip"), []:
            return _kept_place(receiver, " ".join(receiver.split()) if method == "squish" else receiver)
        case str(), "downcase", []:
            return receiver.lower()
        case str(), "upcase", []:
            return receiver.upper()
        case str(), "pluralize", []:
            return pluralized(receiver)
        case str(), "singularize", []:
            return singularized(receiver)
        case list(), "join", [*rest] if all(isinstance(item, str | int) for item in receiver):
            glue = rest[0] if rest and isinstance(rest[0], str) else ""
            return glue.join(str(item) for item in receiver)
        case str(), ("sub" | "gsub" | "delete_prefix" | "delete_suffix" | "tr"), [str() as old, *rest]:
            return _replaced(receiver, method, old, rest[0] if rest else "")
        case str(), ("camelize" | "classify" | "constantize" | "safe_constantize" | "tableize"), []:
            return _named_after(receiver, method)
        case str(), ("to_i" | "to_f"), []:
            return Unknown("a number made from a string")
        case int(), "to_i", []:
            return receiver
        case list(), ("each_slice" | "in_groups_of"), [int() as size] if size > 0:
            return [receiver[at : at + size] for at in range(0, len(receiver), size)]
        case list(), ("concat" | "union" | "+"), [list() as other]:
            return receiver + other
        case list(), ("include?" | "exclude?"), [item] if _known(receiver) and _known(item):
            return (item in receiver) is (method == "include?")
        case dict(), ("key?" | "has_key?" | "include?"), [str() as key]:
            return key in receiver
        case dict(), ("slice" | "except"), names if all(isinstance(name, str) for name in names):
            return {key: value for key, value in receiver.items() if (key in names) is (method == "slice")}
        case dict(), "to_a", []:
            return [[key, value] for key, value in receiver.items()]
        case dict(), "dig", [str() as key] if key in receiver:
            return receiver[key]
        case ((list() | dict() | str()), ("empty?" | "any?" | "present?" | "blank?" | "none?"), []):
            return bool(receiver) is (method in ("any?", "present?"))
        case None, ("nil?" | "blank?"), []:
            return True
        case None, "present?", []:
            return False
        case dict(), "keys", []:
            return list(receiver)
        case dict(), "values", []:
            return list(receiver.values())
        case list(), ("first" | "last"), [] if receiver:
            return receiver[0] if method == "first" else receiver[-1]
        case list(), ("compact" | "uniq" | "flatten" | "reverse" | "sort" | "to_set" | "each_with_index"), []:
            return receiver
        case list() | dict() | str(), ("size" | "length" | "count"), []:
            return len(receiver)
        case dict(), "merge", [dict() as other]:
            return {**receiver, **other}
        case dict(), "fetch", [str() as key, *_] if key in receiver:
            return receiver[key]
        case _:
            return Call(method, tuple(args), options, receiver)


_UNITS = {
    "bytes": 1,
    "kilobytes": 1024,
    "megabytes": 1024**2,
    "second": 1,
    "seconds": 1,
    "minute": 60,
    "minutes": 60,
    "hours": 3600,
}


def _kept_place(before: str, after: str) -> str:
    made = Text(after)
    if isinstance(before, Text) and before == after:
        made.start = before.start
    return made


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


def _named_after(text: str, method: str) -> Value:
    match method:
        case "tableize":
            return table_of_class(text)
        case "classify":
            return _camelised(singularized(text.rpartition(".")[2]))
        case "camelize":
            return _camelised(text)
        case _:
            return Constant(text)


def _camelised(text: str) -> str:
    return "::".join("".join(part[:1].upper() + part[1:] for part in one.split("_")) for one in text.split("/"))


def _known(value: Value) -> bool:
    return all(_known(item) for item in value) if isinstance(value, list) else isinstance(value, str | int | None)
