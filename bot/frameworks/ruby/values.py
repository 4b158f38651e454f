"""What a Ruby expression is worth: literals are Python's values, everything else says what it is."""

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

    `node` is where it stands and `block` what it is given, where it is followed for what it does.
    """

    method: str
    args: tuple[Value, ...] = ()
    options: Mapping[str, Value] = field(default_factory=dict)
    receiver: Value = None
    node: Node | None = None
    block: Node | None = None


@record
class Lambda:
    """`-> { "now()" }`: what its body ends with."""

    value: Value


class Text(str):
    """A string that knows where in the file it stands: `start` is the byte of its first character, None where
    escapes or interpolation move it about."""

    start: int | None = None
