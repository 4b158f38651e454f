"""The value of a Ruby expression: literals are Python's values, the rest are the classes here."""

from collections.abc import Mapping
from dataclasses import field

from tree_sitter import Node

from bot.core.record import record
from bot.frameworks.static.values import Value


@record
class Constant:
    """A constant that the file does not set: a class, a module; `name` with its `::`."""

    name: str


@record
class Call:
    """A method call that is not computed here; `receiver` None for a call on self.

    `node` is its place and `block` its block, where it is followed for its effect.
    """

    method: str
    args: tuple[Value, ...] = ()
    options: Mapping[str, Value] = field(default_factory=dict)
    receiver: Value = None
    node: Node | None = None
    block: Node | None = None


@record
class Lambda:
    """`-> { "now()" }`: the value at the end of its body."""

    value: Value


class Text(str):
    """A string that knows its place in the file: `start` is the byte of its first character, None where
    escapes or interpolation shift it."""

    start: int | None = None
