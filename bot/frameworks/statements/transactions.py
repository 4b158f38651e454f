"""Which transaction each statement runs in, from the way a tool sends a file to PostgreSQL.

Measured on real servers: a string of several statements is one implicit transaction, BEGIN in it makes that an
explicit one (with what came before it), COMMIT ends it and the rest of the string is a new implicit one. So a
statement behind COMMIT in such a string is still refused where it must not be in a transaction block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.core.language import operations as op
from bot.core.language.migrations import Scope, Transaction
from bot.core.record import record
from bot.sql import ReadStatement

_IN_FILE = "BEGIN in the file opens it"
_STRING = "several statements sent as one string are one implicit transaction"
_BODY = "the statements of a DO block share one transaction"


@record
class Sending:
    """How a tool hands over a section of a file.

    `wrapper` is the transaction the tool opens around it, None where it opens none; `split`: each statement is
    sent by itself, else the section is one string.
    """

    wrapper: Transaction | None
    split: bool


@record
class Numbered:
    """The transaction number of each statement, the transactions, and the one still open at the end."""

    numbers: tuple[int | None, ...]
    transactions: tuple[Transaction, ...]
    open: Transaction | None = None


def number_transactions(statements: Sequence[ReadStatement], sending: Sending, fresh: Iterator[int]) -> Numbered:
    """Statements in DO bodies have the number of their DO. `fresh` yields numbers unique in the run."""
    string = not sending.split and sum(statement.inside is None for statement in statements) > 1
    walk = _Walk(string, sending.wrapper, [sending.wrapper] if sending.wrapper else [], fresh)
    numbers: list[int | None] = []
    for index, statement in enumerate(statements):
        if statement.inside is not None and numbers:
            numbers.append(numbers[-1])
            continue
        has_body = index + 1 < len(statements) and statements[index + 1].inside is not None
        numbers.append(walk.send(statement.operations[0], has_body))
    used = {number for number in numbers if number is not None}
    opened = tuple(one for one in walk.transactions if one.number in used)
    return Numbered(tuple(numbers), opened, walk.current)


@dataclass(slots=True)
class _Walk:
    """The server's state while the statements arrive."""

    string: bool
    current: Transaction | None
    transactions: list[Transaction]
    fresh: Iterator[int]

    def send(self, operation: op.Operation, has_body: bool) -> int | None:
        """The number of the transaction the statement runs in; it opens and ends transactions on the way."""
        match operation:
            case op.Begin():
                return self._begin()
            case op.Commit(chain=chain) | op.Rollback(savepoint=None, chain=chain):
                return self._end(chain)
            case op.Do(commits=False) if self.current is None and not self.string and has_body:
                number = self._open(Scope.IMPLICIT, _BODY).number
                self.current = None
                return number
            case _:
                if self.current is None and self.string:
                    self._open(Scope.IMPLICIT, _STRING)
                return self.current.number if self.current else None

    def _begin(self) -> int:
        if self.current is None:
            return self._open(Scope.EXPLICIT, _IN_FILE).number
        if self.current.scope is Scope.IMPLICIT:
            explicit = replace(self.current, scope=Scope.EXPLICIT, because=_IN_FILE)
            self.transactions[-1] = explicit
            self.current = explicit
        return self.current.number

    def _end(self, chain: bool) -> int | None:
        if self.current is None:
            return None
        number = self.current.number
        self.current = None
        if chain:
            self._open(Scope.EXPLICIT, "COMMIT AND CHAIN opens it")
        return number

    def _open(self, scope: Scope, because: str) -> Transaction:
        self.current = Transaction(next(self.fresh), scope, because)
        self.transactions.append(self.current)
        return self.current
