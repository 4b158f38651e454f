"""What Active Support adds to Ruby's own classes, and values in the strings of Active Record's SQL."""

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from bot.frameworks.rails.inflections import pluralized, singularized, table_of_class
from bot.frameworks.ruby.evaluate import Extensions, Reader
from bot.frameworks.ruby.literals import is_literal, kept_place
from bot.frameworks.ruby.syntax import heredocs
from bot.frameworks.ruby.values import Call, Constant
from bot.frameworks.static.values import Template, Value

_SAME_TEXT = ("squish", "strip_heredoc")
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


def reader_of(root: Node, methods: Mapping[str, Node] | None = None) -> Reader:
    """Evaluates the expressions of a file that Rails loads."""
    return Reader(heredocs(root), methods or {}, RAILS)


def _method(receiver: Value, method: str, args: Sequence[Value]) -> Value:
    if method == "html_safe" and not args:
        return receiver
    match receiver:
        case Template() if method in _SAME_TEXT and not args:
            return receiver
        case str() if not args:
            return _of_text(receiver, method)
        case int() if method in _UNITS and not args:
            return receiver * _UNITS[method]
        case list() if method in ("in_groups_of", "exclude?") and len(args) == 1:
            return _of_list(receiver, method, args[0])
        case list() | dict() | None if method in ("present?", "blank?") and not args:
            return bool(receiver) is (method == "present?")
        case _:
            return NotImplemented


def _of_text(text: str, method: str) -> Value:
    match method:
        case "squish" | "strip_heredoc":
            return kept_place(text, " ".join(text.split()) if method == "squish" else text)
        case "pluralize":
            return pluralized(text)
        case "singularize":
            return singularized(text)
        case "camelize" | "classify" | "constantize" | "safe_constantize" | "tableize":
            return _named_after(text, method)
        case "present?" | "blank?":
            return bool(text) is (method == "present?")
        case _:
            return NotImplemented


def _of_list(items: list[Value], method: str, arg: Value) -> Value:
    if method == "in_groups_of" and isinstance(arg, int) and arg > 0:
        return [items[at : at + arg] for at in range(0, len(items), arg)]
    if method == "exclude?" and is_literal(items) and is_literal(arg):
        return arg not in items
    return NotImplemented


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


def _in_string(call: Call) -> str | None:
    """Names and values as the connection quotes them; names without need for quotes have none."""
    match call:
        case Call(method="quote_table_name" | "quote_column_name" | "quote_string", args=(str() as name,)):
            return str(name)
        case Call(method="quote", args=((str() | int()) as value,)):
            return f"'{value}'" if isinstance(value, str) else str(value)
        case Call(method="quoted_true" | "quoted_false" as method):
            return "TRUE" if method == "quoted_true" else "FALSE"
        case Call(method="table_name" | "quoted_table_name", receiver=Constant(name=name)):
            return table_of_class(name)
        case _:
            return None


RAILS = Extensions(_method, _in_string, frozenset({"up", "change", "down"}))
