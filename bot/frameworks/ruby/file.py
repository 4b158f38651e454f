"""A Ruby file that is followed: its syntax, its places, and what it sends."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from bot.core.language.migrations import Lines
from bot.frameworks.ruby.places import Places
from bot.frameworks.ruby.syntax import of_type, parse, text_of
from bot.frameworks.ruby.values import Text
from bot.frameworks.statements.allow import CommentLines
from bot.frameworks.statements.outbox import Outbox, Span
from bot.frameworks.statements.sending import Operations, placed_from
from bot.frameworks.statements.transactions import Block
from bot.frameworks.static.templates import read_template
from bot.frameworks.static.values import Template
from bot.sql import read_script


@dataclass(slots=True)
class RubyFile:
    """Adds what the file sends to `outbox`, at the place of the node that sends it."""

    root: Node
    places: Places
    outbox: Outbox = field(default_factory=Outbox)
    origin: Node | None = None
    """While a method of another file is followed: its call in this file."""

    @classmethod
    def of(cls, text: str) -> "RubyFile":
        places = Places.of(text)
        return cls(parse(places.raw), places)

    @property
    def comments(self) -> Iterator[CommentLines]:
        """Every comment with its lines."""
        for node in of_type(self.root, "comment"):
            yield CommentLines(text_of(node), Lines(node.start_point[0] + 1, node.end_point[0] + 1))

    def send(
        self, node: Node | None, operations: Operations, block: Block | None = None, *, commits: bool = False
    ) -> None:
        """A statement that a call becomes; `block` and `commits` as in `Outbox.statement`."""
        self.outbox.statement(self._span(node), operations, block, commits=commits)

    def send_text(self, node: Node | None, sql: str | Template) -> None:
        """A string of SQL; its statements are at their own lines where the file has it as it is sent."""
        read = read_template(sql) if isinstance(sql, Template) else read_script(sql).statements
        start = sql.start if isinstance(sql, Text) and self.origin is None else None
        place = placed_from(self.places.character(start)) if start is not None else None
        self.outbox.text(self._span(node), read, place)

    def unread(self, node: Node | None, reason: str) -> None:
        """Something that may send unknown statements."""
        self.outbox.unread(self._span(node), reason)

    def _span(self, node: Node | None) -> Span:
        return self.places.span(self.origin or node or self.root)
