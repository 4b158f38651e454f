"""The value of a Python expression: constants, a library's names and the results of calling them."""

import ast
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from bot.core.record import record
from bot.frameworks.static.values import RUN_TIME, Names, Unknown, Value


@record
class Call:
    """The result of calling something of a library: `lib.Column("x", ...)` is Call("library.Column", ...).

    `on` is what the called method belongs to, for chains: `text("...").bind(...)`. Operators on a library's objects
    are calls, too, named by their signs: `t.c.x == 1` is Call("operator.==", (t.c.x, 1)).
    """

    name: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)
    on: Value = None
    node: ast.expr | None = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@record
class Attribute:
    """A name of a library that was not called: `lib.Integer`, `lib`; or a column of a table: `t.c.x`."""

    name: str
    of: Value = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@record
class Function:
    """A function or class that the file defines; `scope` has the names its body sees besides its own."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    scope: Any = None


BUILTINS: Mapping[str, Value] = {
    name: Attribute(f"builtins.{name}")
    for name in """str int float bool len list tuple dict set frozenset sorted reversed range enumerate zip print any
    all map filter min max sum getattr isinstance open repr iter next exit""".split()
} | {"__name__": "module", "__file__": Unknown("the file's path is known only at run time")}
"""The entries of `Names.given` for every file; a framework adds those of its library.

`.dialect.name` is an attribute and `.is_offline_mode()` a call of that name, whatever they belong to.
"""


def plain(value: Value) -> bool:
    """Whether Python would have exactly this value: no part of it is known only at run time."""
    match value:
        case str():
            return RUN_TIME not in value
        case list() | tuple():
            return all(plain(item) for item in value)
        case dict():
            return all(plain(key) and plain(item) for key, item in value.items())
        case _:
            return value is None or isinstance(value, int | float | bytes)


def known(value: Value) -> bool:
    """Whether everything in it is known before run time, constructs of a library included."""
    match value:
        case Unknown():
            return False
        case str():
            return RUN_TIME not in value
        case list() | tuple():
            return all(known(item) for item in value)
        case dict():
            return all(known(item) for item in value.values())
        case Call(args=args, kwargs=kwargs):
            return all(known(item) for item in args) and all(known(item) for item in kwargs.values())
        case _:
            return True


def unparsed(node: ast.AST, limit: int = 60) -> str:
    """The source of a node, on one line and cut. It is cached on the node: chains need it at every link."""
    kept = getattr(node, "source_text", None)
    if kept is None:
        try:
            kept = " ".join(ast.unparse(node).split())[:200]
        except (ValueError, RecursionError, AttributeError):
            kept = "an expression"
        node.source_text = kept  # type: ignore[attr-defined]
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def bind(target: ast.expr, value: Value, scope: Names) -> None:
    """Sets the names of an assignment's target."""
    match target:
        case ast.Name(id=name):
            scope.values[name] = value
            scope.sources.pop(name, None)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            items = list(value) if isinstance(value, list | tuple) and len(value) == len(parts) else None
            for position, part in enumerate(parts):
                bind(part, items[position] if items is not None else Unknown("unpacked at run time"), scope)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)):
            held = scope.find(name)
            if isinstance(held, dict) and isinstance(key, str | int):
                scope.values[name] = {**held, key: value}
        case _:
            pass
