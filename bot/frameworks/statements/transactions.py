"""The transaction of each statement of a run, depending on how a tool sends it to PostgreSQL.

Measured on real servers: a string of several statements is one implicit transaction, BEGIN in it makes that an
explicit one (with what came before it), COMMIT ends it and the rest of the string is a new implicit one. So a
statement after COMMIT in such a string is still refused where it must not be in a transaction block.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from bot.core.language import operations as op
from bot.core.language.migrations import Scope, Transaction
from bot.core.record import record
from bot.sql import ReadStatement

_IN_FILE = "BEGIN in the file opens it"
_CHAINED = "COMMIT AND CHAIN opens it"
_STRING = "several statements sent as one string are one implicit transaction"
_BODY = "the statements of a DO block share one transaction"


@record
class Wrapper:
    """A transaction that a tool opens itself; `because` completes "runs in a transaction: ..."."""

    because: str
    scope: Scope = Scope.EXPLICIT


@record
class Block:
    """A part of a migration that its tool runs differently from the rest; `number` distinguishes it from the next.

    `because`: why it has a transaction of its own where none is open. None: it runs outside any transaction, so an
    open one is committed before it, and after it the tool opens its own again.
    """

    number: int
    because: str | None = None


@dataclass(slots=True)
class Transactions:
    """The server's state during a run; every transaction gets the next number."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _opened: dict[int, Transaction] = field(default_factory=dict)
    _used: set[int] = field(default_factory=set)
    _current: Transaction | None = None
    _wrapper: Wrapper | None = None
    _wrapping: int | None = None
    """The number of the transaction that the tool opened."""
    _block: Block | None = None
    _own: bool = False
    """Whether the block opened a transaction."""

    @property
    def used(self) -> Mapping[int, Transaction]:
        """Those that a statement can run in."""
        return {number: one for number, one in self._opened.items() if number in self._used}

    def wrap(self, wrapper: Wrapper | None) -> None:
        """The tool continues with another part of the run: what is open ends, and the tool opens this, if anything."""
        self._current = None
        self.join(wrapper)

    def join(self, wrapper: Wrapper | None) -> None:
        """The tool continues with another part of the run; it opens this where nothing is open."""
        self._block, self._own, self._wrapper, self._wrapping = None, False, wrapper, None
        if self._current is None:
            self._wrap()

    def commit(self) -> None:
        """The tool commits the transaction that it opened, if that is still open."""
        if self._current is not None and self._current.number == self._wrapping:
            self._current = self._block = None

    def enter(self, block: Block | None) -> None:
        """The next strings belong to this block; None: to no block."""
        before = self._block
        if block == before:
            return
        self._block = block
        if before is not None and before.because is None and (block is None or block.because is not None):
            self._wrap()
        elif self._own:
            self._current = None
        self._own = False
        if block is None:
            return
        if block.because is None:
            self._current = None
        elif self._current is None:
            self._open(Scope.EXPLICIT, block.because)
            self._own = True

    def send(self, statements: Sequence[ReadStatement], *, split: bool = False) -> list[int | None]:
        """The number of each statement's transaction, None where it runs alone.

        They are sent as one string; `split`: each separately. Statements in a DO body have the number of their DO.
        """
        string = not split and sum(statement.inside is None for statement in statements) > 1
        numbers: list[int | None] = []
        for index, statement in enumerate(statements):
            if statement.inside is not None and numbers:
                numbers.append(numbers[-1])
                continue
            has_body = index + 1 < len(statements) and statements[index + 1].inside is not None
            numbers.append(self._number(statement.operations[0], string=string, has_body=has_body))
        if string and self._current is not None and self._current.scope is Scope.IMPLICIT:
            self._current = None
        self._used.update(_numbers(numbers))
        return numbers

    def _number(self, operation: op.Operation, *, string: bool, has_body: bool) -> int | None:
        """The number of the transaction the statement runs in; opens and ends transactions accordingly."""
        match operation:
            case op.Begin():
                return self._begin()
            case op.Commit(chain=chain) | op.Rollback(savepoint=None, chain=chain):
                return self._end(chain=chain)
            case op.Do(commits=False) if self._current is None and not string and has_body:
                number = self._open(Scope.IMPLICIT, _BODY).number
                self._current = None
                return number
            case _:
                if self._current is None and string:
                    self._open(Scope.IMPLICIT, _STRING)
                return self._current.number if self._current else None

    def _begin(self) -> int:
        if self._current is None:
            return self._open(Scope.EXPLICIT, _IN_FILE).number
        if self._current.scope is Scope.IMPLICIT:
            self._current = replace(self._current, scope=Scope.EXPLICIT, because=_IN_FILE)
            self._opened[self._current.number] = self._current
        return self._current.number

    def _end(self, *, chain: bool) -> int | None:
        if self._current is None:
            return None
        number = self._current.number
        self._current = None
        if chain:
            self._open(Scope.EXPLICIT, _CHAINED)
        return number

    def _wrap(self) -> None:
        if self._wrapper is not None:
            self._wrapping = self._open(self._wrapper.scope, self._wrapper.because).number

    def _open(self, scope: Scope, because: str) -> Transaction:
        self._current = Transaction(next(self.numbers), scope, because)
        self._opened[self._current.number] = self._current
        return self._current


def _numbers(numbers: Iterable[int | None]) -> Iterator[int]:
    return (number for number in numbers if number is not None)
