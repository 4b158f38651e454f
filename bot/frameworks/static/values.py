"""The value of an expression that was read and not run: known, or `Unknown` with a reason that an author can check.

Literals are Python's values in every language. A string with a run-time part keeps its rest: with `RUN_TIME` in the
place of that part, or as a `Template` where the source of that part is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.core.record import record

Value: TypeAlias = Any
"""str, int, float, bool or None; list or dict of values; Unknown, Template, or a type that the language's room adds."""

RUN_TIME = "\ufdd0"
"""The place in a string of a part known only at run time; Unicode reserves this character, so no text has it."""

DEEPEST_CALLS = 12
"""How deeply a file's own functions are followed into each other."""


class NotStatic(Exception):
    """A part of what is sent is known only at run time; the message is the reason for the author."""


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
    """The expression assigned to a name, for the place of a literal."""
    given: Mapping[str, Value] = field(default_factory=dict)
    """In the outermost: what the language and the framework know without the file."""

    def holder(self, name: str) -> "Names | None":
        """The innermost scope that has the name."""
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
        """The expression assigned to a name, None where it is not a plain assignment."""
        holder = self.holder(name)
        return holder.sources.get(name) if holder is not None else None

    def set(self, name: str, value: Value) -> None:
        """Sets the variable where it exists, else a new one here."""
        (self.holder(name) or self).values[name] = value

    def known(self, name: str, otherwise: Value = None) -> Value:
        """The given value of a name, which overrides the file."""
        return self.outermost.given.get(name, otherwise)

    @property
    def outermost(self) -> "Names":
        names = self
        while names.outer is not None:
            names = names.outer
        return names
