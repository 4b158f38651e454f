"""What one deploy applies: statements, the transactions they run in, and the migrations they come from."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from bot.core.language import operations as op
from bot.core.record import record


@record
class Lines:
    """First and last line in the file, 1-based, both included."""

    first: int
    last: int


@record
class Statement:
    """What PostgreSQL receives as one statement.

    `operations` has several members only for the actions of one ALTER TABLE; it is never empty: a statement
    that could not be read has one `Unread`, a statement without consequence one `Harmless`. `sql` is the text
    for PostgreSQL: the author's, or what the framework's call becomes. `start` and `end` are the character offsets
    in the file of what the author wrote for it (a DSL call that sends three statements is three statements with the
    same offsets and lines). `source` is that text.
    """

    path: str
    lines: Lines
    operations: tuple[op.Operation, ...]
    sql: str
    start: int
    end: int
    source: str
    transaction: int | None = None
    """The `Transaction.number` it runs in; None where it runs alone, outside any transaction block."""
    inside: str | None = None
    """"DO" where it is in the body of a DO block, which is the statement before it; else None."""
    generated: bool = False
    """True where `sql` is what a DSL call becomes, False where the author wrote it."""


class Scope(Enum):
    """Why statements share a transaction."""

    EXPLICIT = "BEGIN in the file, or the tool opens one"
    IMPLICIT = "one string of several statements is one implicit transaction"
    ASSUMED = "the tool's default, not seen in the repository"


@record
class Transaction:
    """`number` is unique in the run; a transaction may span files, or be part of one."""

    number: int
    scope: Scope = Scope.EXPLICIT
    because: str = ""
    """One clause for the author: "dbmate runs each file in a transaction"."""


RELEASED = "released"
"""The `rule` of `migsafe: released REASON`: no running code needs what the statement takes away."""


@record
class Allow:
    """`migsafe: allow RULE REASON` in a comment; it concerns the statement whose lines it touches or precedes.

    Also `migsafe: released REASON`, whose rule is `RELEASED`.
    """

    rule: str
    reason: str
    line: int
    statement_line: int | None
    """First line of the statement it applies to, None where there is none."""


@record
class DownFile:
    """What undoes a migration, where its tool has that in a file of its own. It is never judged."""

    path: str
    text: str


@record
class Migration:
    """One file that the run applies, its up side only.

    `settings` are those the tool or the file's framework configuration puts in force before the first
    statement (`lock_timeout`, `statement_timeout`, `timezone`, `search_path`), each with the place that sets it.
    `notes` are remarks for the check: "the down side was not judged".
    """

    path: str
    framework: str
    version: str
    transactional: bool | None
    statements: tuple[Statement, ...]
    text: str
    allows: tuple[Allow, ...] = ()
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    joins: bool = False
    """Whether its tool runs it in the transaction of the file before it, where that is still open."""
    down: DownFile | None = None

    def released(self, statement: Statement) -> Allow | None:
        """Where the file says, with a reason, that no running code needs what the statement takes away."""
        concerning = (one for one in self.allows if one.rule == RELEASED and one.reason.strip())
        return next((one for one in concerning if one.statement_line == statement.lines.first), None)


@record
class Run:
    """All that one deploy applies, in the tool's order."""

    migrations: tuple[Migration, ...] = ()
    transactions: Mapping[int, Transaction] = field(default_factory=dict)

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(statement for migration in self.migrations for statement in migration.statements)
