"""What a Python expression of a migration may stand for: constants, a library's names and what calling them makes.

What a migration computes at run time becomes `Unknown` with the reason an author can check; a string of which only
a part waits for run time keeps its rest, with `RUN_TIME` where that part will stand.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.record import record

Value = Any
"""str, int, float, bool, bytes or None; list, tuple or dict of values; Construct, Attribute, Function or Unknown."""

RUN_TIME = "\ufdd0"
"""Stands in a string for a part that is known only at run time; Unicode keeps this character out of all texts."""


@record
class Unknown:
    """A value known only at run time; `reason` completes "line 14: ..."."""

    reason: str


@record
class Construct:
    """What calling something of a library makes: `sa.Column("x", ...)` is Construct("sqlalchemy.Column", ...).

    `on` is what the called method belongs to, for chains: `text("...").bindparams(...)`. The operators that
    SQLAlchemy turns into SQL are constructs, too: `t.c.x == 1` is Construct("operator.=", (t.c.x, 1)).
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
    """A name of a library that was not called: `sa.Integer`, `op`; or a column of a table: `t.c.x`."""

    name: str
    of: Value = None

    @property
    def short(self) -> str:
        return self.name.rpartition(".")[2]


@record
class Function:
    """A function or class that the file defines; `scope` is what its body sees besides its own names."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    scope: Any = None


@dataclass(slots=True)
class Scope:
    """Names and their values; an inner scope sees the outer ones."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: "Scope | None" = None
    sources: dict[str, ast.expr] = field(default_factory=dict)
    """What each name was assigned, for the place of a literal."""

    def source(self, name: str) -> ast.expr | None:
        """The expression a name stands for, None where it is no plain assignment."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.sources.get(name)
            scope = scope.outer
        return None

    def find(self, name: str) -> Value:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return _BUILTINS.get(name, Unknown(f"`{name}` is not set in this file"))


_BUILTINS: dict[str, Value] = {
    name: Attribute(f"builtins.{name}")
    for name in """str int float bool len list tuple dict set frozenset sorted reversed range enumerate zip print any
    all map filter min max sum getattr isinstance open repr iter next exit""".split()
} | {"__name__": "migration", "__file__": Unknown("the file's place is known at run time")}


def plain(value: Value) -> bool:
    """Whether Python would work with this very value: no part of it waits for run time."""
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
    """Whether nothing in it waits for run time, constructs of a library included."""
    match value:
        case Unknown():
            return False
        case str():
            return RUN_TIME not in value
        case list() | tuple():
            return all(known(item) for item in value)
        case dict():
            return all(known(item) for item in value.values())
        case Construct(args=args, kwargs=kwargs):
            return all(known(item) for item in args) and all(known(item) for item in kwargs.values())
        case _:
            return True


def unparsed(node: ast.AST, limit: int = 60) -> str:
    """The source of a node, on one line and cut. It is kept on the node: chains ask for it at every link."""
    kept = getattr(node, "source_text", None)
    if kept is None:
        try:
            kept = " ".join(ast.unparse(node).split())[:200]
        except (ValueError, RecursionError, AttributeError):
            kept = "an expression"
        node.source_text = kept  # type: ignore[attr-defined]
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def bind(target: ast.expr, value: Value, scope: Scope) -> None:
    """Sets the names of an assignment's target."""
    match target:
        case ast.Name(id=name):
            scope.names[name] = value
            scope.sources.pop(name, None)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            items = list(value) if isinstance(value, list | tuple) and len(value) == len(parts) else None
            for position, part in enumerate(parts):
                bind(part, items[position] if items is not None else Unknown("unpacked at run time"), scope)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)):
            held = scope.find(name)
            if isinstance(held, dict) and isinstance(key, str | int):
                scope.names[name] = {**held, key: value}
        case _:
            pass
