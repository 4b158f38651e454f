"""Places in a Ruby file: from the parser's bytes to characters and lines."""

from dataclasses import dataclass

from tree_sitter import Node

from bot.core.language.lines import LineTable
from bot.core.language.migrations import Lines


@dataclass(frozen=True, slots=True)
class Places:
    """A text with its bytes and its lines."""

    text: str
    raw: bytes
    table: LineTable
    plain: bool
    """Where every character is one byte."""

    @classmethod
    def of(cls, text: str) -> "Places":
        raw = text.encode("utf-8", "surrogateescape")
        return cls(text, raw, LineTable(text), len(raw) == len(text))

    def byte(self, character: int) -> int:
        """The byte at which a character begins."""
        return character if self.plain else len(self.text[:character].encode("utf-8", "surrogateescape"))

    def character(self, byte: int) -> int:
        """The character that begins at a byte."""
        return byte if self.plain else len(self.raw[:byte].decode("utf-8", "surrogateescape"))

    def span(self, node: Node) -> tuple[int, int]:
        """The start and the end of a node, in characters."""
        return self.character(node.start_byte), self.character(node.end_byte)

    def lines(self, start: int, end: int) -> Lines:
        """The lines of these characters."""
        return self.table.lines(start, end)
