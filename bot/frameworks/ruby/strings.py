"""Strings as Ruby assembles them: escapes, interpolation, heredocs."""

import re
from collections.abc import Callable, Sequence

from tree_sitter import Node

from bot.frameworks.ruby.operators import bounded
from bot.frameworks.ruby.syntax import text_of
from bot.frameworks.ruby.values import Text
from bot.frameworks.static.values import Template, Unknown, Value

Interpolated = Callable[[Node], str | Template]
"""The text of `#{...}` in a string."""

_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "s": " ",
    "r": "\r",
    "0": "\0",
    "e": "\x1b",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}


def string(node: Node, interpolated: Interpolated) -> Value:
    """A literal in quotes, or a symbol."""
    if node.type == "string_content":
        return text_of(node)
    children = node.named_children
    if text_of(node).startswith(("'", "%q")) and "\\" in text_of(node):
        return re.sub(r"\\(['\\])", r"\1", "".join(text_of(child) for child in children))
    return _joined(children, "string_content", children[0].start_byte if children else None, interpolated)


def heredoc(body: Node, interpolated: Interpolated) -> Value:
    """The text between the lines of a heredoc."""
    contents = [child for child in body.named_children if child.type == "heredoc_content"]
    start = contents[0].start_byte if contents else None
    return _joined(body.named_children, "heredoc_content", start, interpolated)


def _joined(children: Sequence[Node], content: str, start: int | None, interpolated: Interpolated) -> Value:
    """The parts of a string: a text that knows its place, or a text with gaps for values of run time."""
    made: str | Template = ""
    exact = True
    for child in children:
        if child.type == content:
            made = made + text_of(child)
        elif child.type == "escape_sequence":
            exact = False
            made = made + _unescaped(text_of(child))
        elif child.type == "interpolation":
            exact = False
            made = bounded(made + interpolated(child))
            if isinstance(made, Unknown):
                return made
        elif child.type not in ("heredoc_end", "comment"):
            exact = False
    if isinstance(made, Template):
        return made
    text = Text(made)
    if exact:
        text.start = start
    return text


def _unescaped(sequence: str) -> str:
    return _ESCAPES.get(sequence[1:], sequence[1:])
