"""Tables and columns in the application's models: what running code ignores, and what it still names."""

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from bot.core.judging.framework import Want
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.frameworks.code_files.taken import MOST_FILES, MOST_PLACES, taken
from bot.frameworks.rails.active_support import reader_of
from bot.frameworks.rails.environment import application_of
from bot.frameworks.rails.inflections import table_of_class
from bot.frameworks.ruby.evaluate import Reader
from bot.frameworks.ruby.syntax import parse, text_of
from bot.frameworks.static.values import Names, Value

_ADDS = ("ignore_column", "ignore_columns", "ignored_columns")
_CONTAINERS = frozenset(("class", "module", "body_statement", "program"))


def wanted(run: Run) -> list[Want]:
    """The models, if the run drops, renames or retypes anything that they may use."""
    if not any(True for _ in taken(run)):
        return []
    roots = dict.fromkeys(application_of(migration.path) for migration in run.migrations)
    return [Want(f"{root}app/models/**/*.rb") for root in roots]


def evidence(run: Run, files: Mapping[str, str]) -> Evidence:
    """What the models ignore, and where they name what the run removes. Never raises."""
    gone = set(taken(run))
    references: dict[tuple[str, str | None], list[str]] = {}
    for model in _models(files):
        if (model.table, None) in gone:
            references.setdefault((model.table, None), []).append(f"{model.path} line {model.line}")
        columns = {column for table, column in gone if table == model.table and column is not None}
        ignored = {column for column, _ in model.ignored}
        for column, line in _named(model.body, columns - ignored):
            references.setdefault((model.table, column), []).append(f"{model.path} line {line}")
    places = {key: tuple(dict.fromkeys(found))[:MOST_PLACES] for key, found in references.items()}
    return Evidence(ignored_columns(files), places)


def ignored_columns(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(table, column) -> "app/models/user.rb line 3", for every column that a model ignores. Never raises.

    `self.ignored_columns = [...]` and `+=`; also GitLab's `ignore_column :a, remove_with: ...`. A model's table is
    `self.table_name`, else the one that Active Record derives from its name.
    """
    found: dict[tuple[str, str], str] = {}
    for model in _models(files):
        for column, line in model.ignored:
            found.setdefault((model.table, column), f"{model.path} line {line}")
    return found


@record
class Model:
    """A class of a model: its table, and the columns it ignores, each with its line."""

    path: str
    line: int
    table: str
    body: Node
    ignored: tuple[tuple[str, int], ...]


def _models(files: Mapping[str, str]) -> Iterator[Model]:
    for path, text in sorted(files.items())[:MOST_FILES]:
        if not path.endswith(".rb") or "class " not in text:
            continue
        root = parse(text.encode("utf-8", "surrogateescape"))
        reader = reader_of(root)
        pending: list[tuple[Node, str]] = [(root, "")]
        while pending:
            node, inside = pending.pop()
            if node.type in ("class", "module"):
                name = text_of(node.child_by_field_name("name"))
                inside = f"{inside}::{name}" if inside else name
                body = node.child_by_field_name("body") or node
                if node.type == "class" and node.child_by_field_name("superclass") is not None:
                    yield from _model(node, body, inside, path, reader)
            pending += [(child, inside) for child in node.named_children if child.type in _CONTAINERS]


def _model(node: Node, body: Node, name: str, path: str, reader: Reader) -> Iterator[Model]:
    """The class under the table it names; without one, under the table of its name with and without its modules."""
    names = Names()
    tables = {table_of_class(name), table_of_class(name.rpartition("::")[2])}
    ignored: list[tuple[str, int]] = []
    for child in body.named_children:
        columns: Value = None
        if child.type in ("assignment", "operator_assignment"):
            left = text_of(child.child_by_field_name("left"))
            value = reader.value(child.child_by_field_name("right"), names)
            if left == "self.table_name" and isinstance(value, str):
                tables = {str(value).rpartition(".")[2]}
            elif left == "self.ignored_columns":
                columns = value
            elif left.isidentifier():
                names.values[left] = value
        elif child.type == "call" and text_of(child.child_by_field_name("method")) in _ADDS:
            columns = reader.arguments(child.child_by_field_name("arguments"), names)[0]
        if isinstance(columns, list):
            flat = [item for one in columns for item in (one if isinstance(one, list) else [one])]
            ignored += [(str(one), child.start_point[0] + 1) for one in flat if isinstance(one, str)]
    for table in sorted(tables):
        yield Model(path, node.start_point[0] + 1, table, body, tuple(ignored))


def _named(body: Node, columns: set[str]) -> Iterator[tuple[str, int]]:
    """Where the class names one of the columns as a symbol: in a validation, an enum, a scope."""
    if not columns:
        return
    pending = [body]
    while pending:
        node = pending.pop()
        if node.type in ("simple_symbol", "hash_key_symbol"):
            name = text_of(node).lstrip(":")
            if name in columns:
                yield name, node.start_point[0] + 1
        elif node.type not in ("class", "module", "comment"):
            pending += reversed(node.named_children)
