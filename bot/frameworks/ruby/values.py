"""What a Ruby expression is worth: literals are Python's values, everything else says what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.core.record import record

Value: TypeAlias = Any
"""str, int, float, bool or None; list or dict of values; Call, Constant, Lambda, Text, Template or Unknown."""


@record
class Unknown:
    """A value known only at run time; `reason` completes "line 14: ..."."""

    reason: str


@record
class Constant:
    """A constant that the file does not set: a class, a module; `name` with its `::`."""

    name: str


@record
class Call:
    """A method call that is not computed here; `receiver` None for a call on self."""

    method: str
    args: tuple[Value, ...] = ()
    options: Mapping[str, Value] = field(default_factory=dict)
    receiver: Value = None


@record
class Lambda:
    """`-> { "now()" }`: what its body ends with."""

    value: Value


@record
class Template:
    """A string with parts known only at run time: `pieces` are its texts, `sources` the Ruby between them."""

    pieces: tuple[str, ...]
    sources: tuple[str, ...]

    def __add__(self, other: object) -> "Template":
        if isinstance(other, Template):
            middle = self.pieces[-1] + other.pieces[0]
            return Template((*self.pieces[:-1], middle, *other.pieces[1:]), self.sources + other.sources)
        return Template((*self.pieces[:-1], self.pieces[-1] + str(other)), self.sources)

    def __radd__(self, other: str) -> "Template":
        return Template((other + self.pieces[0], *self.pieces[1:]), self.sources)


class Text(str):
    """A string that knows where in the file it stands: `start` is the byte of its first character, None where
    escapes or interpolation move it about."""

    start: int | None = None


@dataclass(slots=True)
class Scope:
    """Names and their values; an inner scope sees the outer ones, and sets variables that they have."""

    names: dict[str, Value] = field(default_factory=dict)
    outer: "Scope | None" = None

    def find(self, name: str) -> Value:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def has(self, name: str) -> bool:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.outer
        return False

    @property
    def outermost(self) -> "Scope":
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope

    def set(self, name: str, value: Value) -> None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.names[name] = value
                return
            scope = scope.outer
        self.names[name] = value
