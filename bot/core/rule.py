"""What a rule is: a function of a moment that yields hazards, and its docstring, the manual page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.core.effects import Effects
from bot.core.estimate import Estimate
from bot.core.findings import SafeRewrite
from bot.core.locks import LockMode
from bot.core.migrations import Migration, Run, Statement, Transaction
from bot.core.names import Name
from bot.core.operations import Operation
from bot.core.policy import Policy
from bot.core.session import Session


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the edge found out besides: answers to questions, gathered by the line before judging.

    `ignored_columns`: (table, column) that the application's base branch already ignores, with where.
    `references`: (table, column or None) -> places in the code that still use it.
    """

    ignored_columns: dict[tuple[str, str], str] = field(default_factory=dict)
    references: dict[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """A lock from the statement that takes it to the end of its transaction.

    `statement` and `last` are indexes in the run; `seconds` from the lock to its release, None where a part
    of it is unknown; then `judged` is what it would be at the size the policy assumes. `early`: released with
    the statement. `index`: the relation is an index.
    """

    relation: Name
    mode: LockMode
    statement: int
    last: int
    seconds: Estimate | None
    judged: Estimate
    early: bool = False
    index: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """One operation about to run, with all that is known. `index` is the statement's in the run.

    `estimate` is the statement's own run time; `holds` are the locks this statement takes on relations that
    existed before the run, with how long each is held.
    """

    run: Run
    migration: Migration
    index: int
    statement: Statement
    operation: Operation
    effects: Effects
    estimate: Estimate | None
    judged: Estimate
    holds: Sequence[Hold]
    session: Session
    transaction: Transaction | None
    policy: Policy
    evidence: Evidence
    timeline: Sequence["Timed"]
    """The whole run, for rules that look back or ahead."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A statement of the run with its effects, its own time, and the session before it."""

    statement: Statement
    effects: Effects
    estimate: Estimate | None
    judged: Estimate
    session: Session
    holds: Sequence[Hold] = ()


@dataclass(frozen=True, slots=True)
class Blocks:
    """Others wait: `relation` is locked in `mode` for `seconds` (None: its size is unknown).

    `judged` decides the severity: `seconds`, or what it would be at the size the policy assumes.
    """

    relation: Name
    mode: LockMode
    seconds: Estimate | None
    judged: Estimate


@dataclass(frozen=True, slots=True)
class Queues:
    """Instant work under a strong lock: it may wait in the queue, and everybody behind it.

    `avoidable`: PostgreSQL offers a form without that lock.
    """

    relation: Name
    mode: LockMode
    avoidable: bool = False


@dataclass(frozen=True, slots=True)
class Exceeds:
    """The statement may run into its own timeout: `seconds` of work against `timeout` seconds."""

    relation: Name | None
    seconds: Estimate
    timeout: float


@dataclass(frozen=True, slots=True)
class Breaks:
    """Certain failure, lost data, broken running code; `proven` where every fact was read."""

    relation: Name | None
    proven: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Worth a note and no more."""

    relation: Name | None = None


Harm = Blocks | Queues | Exceeds | Breaks | Remark


@dataclass(frozen=True, slots=True)
class Hazard:
    """What a rule yields. The worst of `harms` decides the severity (`bot.core.severity`).

    `title`: one line, the author's names, no full stop. `message`: what happens, to whom, for how long, how we
    know; then lock names. The words "Instead" and the code come from `rewrite`.
    """

    harms: tuple[Harm, ...]
    title: str
    message: str
    rewrite: SafeRewrite | None = None
    assumptions: tuple[str, ...] = ()


Hazards = Iterator[Hazard]


@dataclass(frozen=True, slots=True)
class Rule:
    """`id` is the file's name with hyphens; `watches` are the operation classes it is asked about."""

    id: str
    explanation: str
    watches: tuple[type, ...]
    check: Callable[..., Iterable[Hazard]]

    @property
    def title(self) -> str:
        """The first line of the explanation."""
        return self.explanation.split("\n", 1)[0]
