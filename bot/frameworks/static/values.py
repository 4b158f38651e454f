"""What an expression stands for that was read and not run: known, or `Unknown` with the reason an author can check.

Literals are Python's values in every language. A string of which only a part waits for run time keeps its rest: with
`RUN_TIME` where that part will stand, or as a `Template` where the source of that part is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.core.record import record

Value: TypeAlias = Any
"""str, int, float, bool or None; list or dict of values; Unknown, Template, or what the language's room adds."""

RUN_TIME = "\ufdd0"
"""Stands in a string for a part that is known only at run time; Unicode keeps this character out of all texts."""

DEEPEST_CALLS = 12
"""How deeply a file's own functions are followed into each other."""


class NotStatic(Exception):
    """A part of what is sent waits for run time; the message is the reason for the author."""


@record
class Unknown:
    """A value known only at run time; `reason` completes "line 14: ..."."""

    reason: str


@record
class Template:
    """A string with parts known only at run time: `pieces` are its texts, `sources` the code between them."""

    pieces: tuple[str, ...]
    sources: tuple[str, ...]

    def __add__(self, other: object) -> "Template":
        if isinstance(other, Template):
            middle = self.pieces[-1] + other.pieces[0]
            return Template((*self.pieces[:-1], middle, *other.pieces[1:]), self.sources + other.sources)
        return Template((*self.pieces[:-1], self.pieces[-1] + str(other)), self.sources)

    def __radd__(self, other: str) -> "Template":
        return Template((other + self.pieces[0], *self.pieces[1:]), self.sources)


@dataclass(slots=True)
class Names:
    """Names and their values; inner ones see the outer ones."""

    values: dict[str, Value] = field(default_factory=dict)
    outer: "Names | None" = None
    sources: dict[str, Any] = field(default_factory=dict)
    """The expression that a name was assigned, for the place of a literal."""
    given: Mapping[str, Value] = field(default_factory=dict)
    """Of the outermost: what the language and the framework know without the file."""

    def holder(self, name: str) -> "Names | None":
        """The innermost that has the name."""
        names: Names | None = self
        while names is not None and name not in names.values:
            names = names.outer
        return names

    def has(self, name: str) -> bool:
        return self.holder(name) is not None

    def find(self, name: str) -> Value:
        """The value of a name, Unknown where the file does not set it."""
        holder = self.holder(name)
        if holder is not None:
            return holder.values[name]
        return self.known(name, Unknown(f"`{name}` is not set in this file"))

    def source(self, name: str) -> Any:
        """The expression a name stands for, None where it is no plain assignment."""
        holder = self.holder(name)
        return holder.sources.get(name) if holder is not None else None

    def set(self, name: str, value: Value) -> None:
        """Sets the variable where it is, a new one here."""
        (self.holder(name) or self).values[name] = value

    def known(self, name: str, otherwise: Value = None) -> Value:
        """What is given under a name, whatever the file says."""
        return self.outermost.given.get(name, otherwise)

    @property
    def outermost(self) -> "Names":
        names = self
        while names.outer is not None:
            names = names.outer
        return names
