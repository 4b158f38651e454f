"""What a migration sends as statements: where each stands in the file, and in which transaction it runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.judging.framework import SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Scope, Statement, Transaction
from bot.frameworks.rails.dynamic_sql import read_template
from bot.frameworks.rails.emitted import Emitted
from bot.frameworks.ruby.places import Places
from bot.frameworks.ruby.values import Template
from bot.sql import Unwritable, read_script, write_statement

_BLOCK = "a transaction block in the file opens it"
_STRING = "several statements sent as one string are one implicit transaction"


@dataclass(slots=True)
class Sending:
    """Statements numbered into their transactions as they are sent."""

    source: SourceFile
    places: Places
    numbers: Iterator[int]
    transactions: dict[int, Transaction]
    whole: int | None
    block: int = 0
    block_number: int | None = None
    opened: int | None = None
    """A transaction that BEGIN in the file opened."""
    closed: bool = False
    """COMMIT in the file ended the one around it."""

    def statements(self, one: Emitted) -> Iterator[Statement]:
        if one.ends and self.whole is not None:
            self.closed = True
        if one.sql is None:
            start, end = self.places.span(one.node)
            yield self._statement(one.sent, _spelled(one.sent), start, end, self._number(one, one.sent[0]))
            return
        begin = self.places.character(one.text_start) if one.text_start is not None else None
        read = read_template(one.sql) if isinstance(one.sql, Template) else read_script(one.sql).statements
        string = self._string(one, sum(statement.inside is None for statement in read))
        last: int | None = None
        for statement in read:
            span = self.places.span(one.node)
            start, end = (begin + statement.start, begin + statement.end) if begin is not None else span
            if statement.inside is None:
                last = string if string is not None else self._number(one, statement.operations[0])
            yield self._statement(statement.operations, statement.sql, start, end, last, statement.inside, written=True)

    def _statement(
        self,
        operations: tuple[op.Operation, ...],
        sql: str,
        start: int,
        end: int,
        number: int | None,
        inside: str | None = None,
        *,
        written: bool = False,
    ) -> Statement:
        text = self.source.text[start:end]
        return Statement(
            path=self.source.path,
            lines=self.places.lines(start, end),
            operations=operations,
            sql=sql or text,
            start=start,
            end=end,
            source=text,
            transaction=number,
            inside=inside,
            generated=not written and not isinstance(operations[0], op.Unread),
        )

    def _string(self, one: Emitted, several: int) -> int | None:
        if several < 2 or self._around(one) is not None:
            return None
        return self._open(Scope.IMPLICIT, _STRING)

    def _around(self, one: Emitted) -> int | None:
        if self.whole is not None and not self.closed:
            return self.whole
        if one.block:
            if one.block != self.block:
                self.block, self.block_number = one.block, self._open(Scope.EXPLICIT, _BLOCK)
            return self.block_number
        return self.opened

    def _number(self, one: Emitted, operation: op.Operation) -> int | None:
        if isinstance(operation, op.Begin) and self._around(one) is None:
            self.opened = self._open(Scope.EXPLICIT, "BEGIN in the file opens it")
        number = self._around(one)
        if isinstance(operation, op.Commit) or (isinstance(operation, op.Rollback) and operation.savepoint is None):
            self.closed, self.opened = True, None
        return number

    def _open(self, scope: Scope, because: str) -> int:
        number = next(self.numbers)
        self.transactions[number] = Transaction(number, scope, because)
        return number


def _spelled(operations: Sequence[op.Operation]) -> str:
    try:
        return write_statement(operations)
    except Unwritable:
        return ""
