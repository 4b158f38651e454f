"""Other files of the repository, for the methods that a file uses from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.record import record
from bot.frameworks.ruby.evaluate import Extensions, Reader
from bot.frameworks.ruby.syntax import heredocs, parse, text_of
from bot.frameworks.static.values import Names

MOST_FILES = 200
_DEFINED = re.compile(r"\bdef\s+(?:self\.)?(\w+[?!]?)")


@record
class Method:
    """A method with the reader of its file; `foreign` where that is not the file that is followed."""

    node: Node
    reader: Reader
    names: Names
    foreign: bool = False


@dataclass(slots=True)
class Library:
    """Files that may define helpers, parsed when something in them is needed."""

    texts: Sequence[str]
    extensions: Extensions = field(default_factory=Extensions)
    _defined: dict[str, list[int]] = field(default_factory=dict)
    _read: dict[int, dict[str, Method]] = field(default_factory=dict)

    def method(self, name: str) -> Method | None:
        """The method of that name, None where no file defines it."""
        if not self._defined:
            for position, text in enumerate(self.texts[:MOST_FILES]):
                for defined in _DEFINED.findall(text):
                    self._defined.setdefault(defined, []).append(position)
        for position in self._defined.get(name, ()):
            if position not in self._read:
                self._read[position] = _methods(self.texts[position], self.extensions)
            found = self._read[position].get(name)
            if found is not None:
                return found
        return None


def _methods(text: str, extensions: Extensions) -> dict[str, Method]:
    root = parse(text.encode("utf-8", "surrogateescape"))
    reader, names = Reader(heredocs(root), extensions=extensions), Names()
    found: dict[str, Method] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type in ("method", "singleton_method"):
            found.setdefault(text_of(node.child_by_field_name("name")), Method(node, reader, names, foreign=True))
        elif node.type in ("program", "module", "class", "body_statement", "singleton_class", "begin"):
            pending += reversed(node.named_children)
        elif node.type == "call" and node.child_by_field_name("block") is not None:
            block = node.child_by_field_name("block")
            pending += block.named_children if block is not None else []
        elif node.type == "assignment":
            left = node.child_by_field_name("left")
            if left is not None and left.type == "constant":
                names.values[text_of(left)] = reader.value(node.child_by_field_name("right"), names)
    return found
