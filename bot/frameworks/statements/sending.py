"""The strings that a migration sends, as the statements of its file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.judging.framework import SourceFile
from bot.core.language import operations as op
from bot.core.language.lines import LineTable
from bot.core.language.migrations import Lines, Statement
from bot.core.record import record
from bot.frameworks.statements.transactions import Block, Transactions
from bot.sql import ReadStatement, Unwritable, write_statement

Operations = tuple[op.Operation, ...]
"""The operations of one statement."""

_SHOWN = 2_000
"""How many characters of a file are shown for statements that could not be read."""


@record
class Sent:
    """One string that is sent: its statements, and its place in the file (characters `start` to before `end`).

    `place` maps a character of the string to one of the file, where the file has the string as it is sent;
    else all its statements are at the place of the call. `generated`: `sql` is what the call becomes. `split`: the
    statements are sent one by one. `commits`: the tool commits its own transaction before.
    """

    start: int
    end: int
    statements: Sequence[ReadStatement]
    place: Callable[[int], int] | None = None
    generated: bool = False
    split: bool = False
    block: Block | None = None
    commits: bool = False


def placed_from(begin: int) -> Callable[[int], int]:
    """The `place` of a string that the file has as it is sent, from this character on."""

    def place(character: int) -> int:
        return begin + character

    return place


def sent_by_call(
    start: int, end: int, operations: Operations, block: Block | None = None, *, commits: bool = False
) -> Sent:
    """One statement that a call at these characters becomes."""
    try:
        sql = write_statement(operations)
    except Unwritable:
        sql = ""
    statement = ReadStatement(operations, 0, 0, Lines(1, 1), sql)
    generated = not isinstance(operations[0], op.Unread)
    return Sent(start, end, (statement,), generated=generated, block=block, commits=commits)


@dataclass(frozen=True, slots=True)
class Sender:
    """Turns the strings of one file into statements, each with its transaction."""

    source: SourceFile
    lines: LineTable
    transactions: Transactions

    @classmethod
    def of(cls, source: SourceFile, transactions: Transactions) -> "Sender":
        return cls(source, LineTable(source.text), transactions)

    def send(self, sent: Sent) -> Iterator[Statement]:
        """The statements of a string, in order."""
        if sent.commits:
            self.transactions.commit()
        self.transactions.enter(sent.block)
        numbers = self.transactions.send(sent.statements, split=sent.split)
        for read, number in zip(sent.statements, numbers, strict=True):
            yield self._statement(sent, read, number)

    def whole_file(self, reason: str) -> Statement:
        """The whole file as one unread statement."""
        text = self.source.text
        unread = ReadStatement((op.Unread(reason),), 0, 0, Lines(1, 1), text[:_SHOWN])
        return next(self.send(Sent(0, len(text), (unread,))))

    def unsent(self, start: int, end: int, reason: str) -> Statement:
        """A part that never reaches the server, or cannot be read."""
        unread = ReadStatement((op.Unread(reason),), 0, 0, Lines(1, 1), self.source.text[start:end])
        return self._statement(Sent(start, end, (unread,)), unread, None)

    def _statement(self, sent: Sent, read: ReadStatement, number: int | None) -> Statement:
        start, end = sent.start, sent.end
        if sent.place is not None:
            start, end = sent.place(read.start), sent.place(read.end)
        text = self.source.text[start:end]
        return Statement(
            path=self.source.path,
            lines=self.lines.lines(start, end),
            operations=read.operations,
            sql=read.sql or text,
            start=start,
            end=end,
            source=text,
            transaction=number,
            inside=read.inside,
            generated=sent.generated,
        )
