"""What the application's models say of columns: those that running code already ignores."""

import re
from collections.abc import Mapping

from tree_sitter import Node

from bot.frameworks.rails.inflections import table_of_class
from bot.frameworks.rails.ruby import Reader, heredocs, parse, text_of
from bot.frameworks.rails.values import Scope, Value

_MOST_FILES = 2_000
_ADDS = ("ignore_column", "ignore_columns", "ignored_columns")


def ignored_columns(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(table, column) -> "app/models/user.rb line 3", for every column that a model ignores. Never raises.

    `self.ignored_columns = [...]` and `+=`; also GitLab's `ignore_column :a, remove_with: ...`. A model's table is
    `self.table_name`, else what Active Record makes of its name; subclasses share the table of their parent.
    """
    found: dict[tuple[str, str], str] = {}
    for path, text in sorted(files.items())[:_MOST_FILES]:
        if not path.endswith(".rb") or not re.search(r"ignored?_columns?", text):
            continue
        try:
            root = parse(text.encode("utf-8", "surrogateescape"))
            _in_file(root, path, Reader(heredocs(root)), found)
        except RecursionError:
            continue
    return found


def _in_file(root: Node, path: str, reader: Reader, found: dict[tuple[str, str], str]) -> None:
    pending: list[tuple[Node, str]] = [(root, "")]
    while pending:
        node, inside = pending.pop()
        if node.type in ("class", "module"):
            name = text_of(node.child_by_field_name("name"))
            inside = f"{inside}::{name}" if inside else name
            body = node.child_by_field_name("body")
            if node.type == "class" and body is not None:
                _in_class(body, inside, path, reader, found)
        pending += [(child, inside) for child in node.named_children if child.type in _CONTAINERS]


_CONTAINERS = frozenset(("class", "module", "body_statement", "program"))


def _in_class(body: Node, name: str, path: str, reader: Reader, found: dict[tuple[str, str], str]) -> None:
    names = Scope()
    table = table_of_class(name)
    last = table_of_class(name.rpartition("::")[2])
    ignored: list[tuple[str, int]] = []
    for child in body.named_children:
        columns: Value = None
        if child.type in ("assignment", "operator_assignment"):
            left = text_of(child.child_by_field_name("left"))
            value = reader.value(child.child_by_field_name("right"), names)
            if left == "self.table_name" and isinstance(value, str):
                table = last = str(value)
            elif left == "self.ignored_columns":
                columns = value
            elif left.isidentifier():
                names.names[left] = value
        elif child.type == "call" and text_of(child.child_by_field_name("method")) in _ADDS:
            columns = reader.arguments(child.child_by_field_name("arguments"), names)[0]
        if isinstance(columns, list):
            flat = [item for one in columns for item in (one if isinstance(one, list) else [one])]
            ignored += [(str(one), child.start_point[0] + 1) for one in flat if isinstance(one, str)]
    for column, line in ignored:
        for one in {table, last}:
            found.setdefault((one.rpartition(".")[2], column), f"{path} line {line}")
