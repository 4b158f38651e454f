"""What a followed file sends, collected in the order in which it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.core.language import operations as op
from bot.frameworks.statements.sending import Operations, Sent, sent_by_call
from bot.frameworks.statements.transactions import Block
from bot.sql import ReadStatement

_MOST = 20_000
"""The most strings of one file: a loop in it must not exhaust memory."""

Span = tuple[int, int]
"""The characters of a call in its file: its start and its end."""


@dataclass(slots=True)
class Outbox:
    """Strings as they are sent; each belongs to the `block` that is set at that moment."""

    sent: list[Sent] = field(default_factory=list)
    block: Block | None = None
    _blocks: int = 0

    @property
    def full(self) -> bool:
        """Whether it is useless to follow the file any further."""
        return len(self.sent) >= _MOST

    def new_block(self, because: str | None = None) -> Block:
        """A block of its own; see `Block`."""
        self._blocks += 1
        return Block(self._blocks, because)

    def statement(
        self, span: Span, operations: Operations, block: Block | None = None, *, commits: bool = False
    ) -> None:
        """One statement that a call becomes. `commits`: the tool commits its own transaction before it."""
        self.sent.append(sent_by_call(*span, operations, self.block or block, commits=commits))

    def text(self, span: Span, statements: Sequence[ReadStatement], place: Callable[[int], int] | None = None) -> None:
        """SQL that is sent as one string; `place` as in `Sent`."""
        self.sent.append(Sent(*span, statements, place, block=self.block))

    def unread(self, span: Span, reason: str) -> None:
        """Something that may send unknown statements."""
        self.statement(span, (op.Unread(reason),))
