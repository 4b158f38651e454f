"""Methods of literals, done where that is safe."""

from collections.abc import Mapping, Sequence

from bot.frameworks.rails.inflections import pluralized, singularized
from bot.frameworks.rails.values import Call, Text, Value


def literal_method(receiver: Value, method: str, args: Sequence[Value], options: Mapping[str, Value]) -> Value:
    """A method of a literal, done where that is safe; else the call."""
    match receiver, method, list(args):
        case _, ("freeze" | "dup" | "itself" | "to_h" | "to_a" | "html_safe" | "clone"), []:
            return receiver
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
