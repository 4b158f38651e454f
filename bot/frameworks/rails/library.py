"""Helpers that migrations take from other files of the repository: their methods and their superclasses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tree_sitter import Node

from bot.core.record import record
from bot.frameworks.ruby.evaluate import Reader, heredocs, parse, text_of
from bot.frameworks.static.values import Names

_MOST_FILES = 200
_VERSION = re.compile(r"Migration\[(\d+\.\d+)\]")
_DEFINED = re.compile(r"\bdef\s+(?:self\.)?(\w+[?!]?)")
_OUTSIDE = re.compile(
    r"\bdisable_ddl_transaction!|\bdisable_ddl_transaction\s*=\s*true|\bdef\s+disable_ddl_transaction\s[^#]*?\btrue\b"
)


@record
class Method:
    """A method with what reads its file; `foreign` where that is not the migration's."""

    node: Node
    reader: Reader
    names: Names
    foreign: bool = False


@record
class Superclass:
    """What a migration takes from a class of the application; `version` None where it does not say."""

    version: float | None
    outside: bool


@dataclass(slots=True)
class Library:
    """Files that may define helpers, parsed when something in them is asked for."""

    texts: Sequence[str]
    _defined: dict[str, list[int]] = field(default_factory=dict)
    _read: dict[int, dict[str, Method]] = field(default_factory=dict)

    def method(self, name: str) -> Method | None:
        """The method of that name, None where no file defines it."""
        if not self._defined:
            for position, text in enumerate(self.texts[:_MOST_FILES]):
                for defined in _DEFINED.findall(text):
                    self._defined.setdefault(defined, []).append(position)
        for position in self._defined.get(name, ()):
            if position not in self._read:
                self._read[position] = _methods(self.texts[position])
            found = self._read[position].get(name)
            if found is not None:
                return found
        return None

    def superclass(self, name: str) -> Superclass | None:
        """The class of that name (its last part), where it is itself a migration."""
        last = name.rpartition("::")[2]
        pattern = re.compile(rf"^\s*class\s+(?:[\w:]+::)?{re.escape(last)}\s*<\s*(\S+)", re.MULTILINE)
        for text in self.texts[:_MOST_FILES]:
            found = pattern.search(text)
            if found and "Migration" in found[1]:
                version = _VERSION.search(found[1])
                return Superclass(float(version[1]) if version else None, _OUTSIDE.search(text) is not None)
        return None


@lru_cache(maxsize=8)
def library_of(texts: tuple[str, ...]) -> Library:
    """The library of these files; checked file by file, a repository asks for the same one each time."""
    return Library(texts)


def _methods(text: str) -> dict[str, Method]:
    root = parse(text.encode("utf-8", "surrogateescape"))
    reader, names = Reader(heredocs(root)), Names()
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
