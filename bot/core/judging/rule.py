"""What a rule is: a function of a moment that yields hazards, and its docstring, the manual page."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from enum import Enum
from typing import Any, get_args, get_type_hints

from bot.core.cost.estimate import Estimate
from bot.core.effects import effects
from bot.core.judging.beside import NOTHING_BESIDE, Surroundings
from bot.core.judging.findings import SafeRewrite
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.locks import LockMode
from bot.core.language.messages import Message
from bot.core.language.migrations import Migration, Run, Statement, Transaction
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.catalog import CatalogColumn, Relation, RelationKind
from bot.core.schema.session import Held, Session


@record
class Evidence:
    """Further facts from outside the run, gathered before judging.

    `ignored_columns`: (table, column) that the application's base branch already ignores, with the place.
    `references`: (table, column or None) -> places in the code that still use it.
    `beside`: the base branch's migrations, and what other open pull requests bring.
    """

    ignored_columns: dict[tuple[str, str], str] = field(default_factory=dict)
    references: dict[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)
    beside: Surroundings = NOTHING_BESIDE


@record
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


@record
class Moment:
    """One operation about to run, with all that is known. `index` is that of its statement in the run."""

    run: Run
    migration: Migration
    timeline: Sequence["Timed"]
    """The whole run, for rules that look back or ahead."""
    index: int
    operation: op.Operation
    policy: Policy
    evidence: Evidence
    once: dict[str, Any] = field(default_factory=dict)
    """What is worked out once for the statement, by name: it is the same for each of its operations."""

    @property
    def statement(self) -> Statement:
        return self.timeline[self.index].statement

    @property
    def effects(self) -> Effects:
        return self.timeline[self.index].effects

    @property
    def estimate(self) -> Estimate | None:
        """The statement's own run time, None where a size that it depends on is not known."""
        return self.timeline[self.index].estimate

    @property
    def judged(self) -> Estimate:
        """The same, or what it would be at the size the policy assumes."""
        return self.timeline[self.index].judged

    @property
    def holds(self) -> Sequence[Hold]:
        """The locks that the statement takes on relations that existed before the run, with how long each is held."""
        return self.timeline[self.index].holds

    @property
    def session(self) -> Session:
        """The session before the statement."""
        return self.timeline[self.index].session

    @property
    def transaction(self) -> Transaction | None:
        number = self.statement.transaction
        return self.run.transactions.get(number) if number is not None else None

    @property
    def first(self) -> bool:
        """Whether this is the first operation of its statement: hazards of the statement are reported once, there."""
        return self.operation is self.statement.operations[0]

    @property
    def major(self) -> int:
        """The major version of the effects."""
        return min(max(self.session.catalog.major, 12), 18)

    @property
    def alone(self) -> Effects:
        """The effects of this operation as a separate statement; with the others, where it needs them to succeed."""
        if len(self.statement.operations) == 1:
            return self.effects
        alone = effects(replace(self.statement, operations=(self.operation,)), self.session, self.major)
        needs_others = any(one.certain for one in alone.failures) and not any(
            one.certain for one in self.effects.failures
        )
        return self.effects if needs_others else alone

    def relation(self, name: Name) -> Relation | None:
        """The relation after the statements so far, None where it is not known."""
        return self.session.catalog.relations.get(self.session.resolve(name))

    def column(self, table: Name, column: str) -> CatalogColumn | None:
        relation = self.relation(table)
        return relation.column(column) if relation is not None else None

    def is_new(self, name: Name) -> bool:
        """Whether this run created it, so that nobody else uses it."""
        created = self.session.created
        return name in created or self.session.resolve(name) in created

    @property
    def held(self) -> tuple[Held, ...]:
        """The locks that the transaction has taken before it, on relations that others use and may wait for."""
        if self.statement.transaction is None or self.session.transaction != self.statement.transaction:
            return ()
        return tuple(lock for lock in self.session.felt if lock.relation not in self.session.created)

    @property
    def blocks(self) -> tuple["Blocks", ...]:
        """Who waits because of the statement, until its transaction ends; the strongest lock of each table.

        A lock on an index that blocks reads blocks those of its table: planning opens every index. CONCURRENTLY
        and VACUUM take strong locks only for a moment at their end.
        """
        found: dict[Name, Blocks] = {}
        match self.operation:
            case op.Vacuum(full=False) | op.CreateIndex(concurrently=True) | op.DropIndex(concurrently=True):
                return ()
            case op.Reindex(concurrently=True) | op.DetachPartition(concurrently=True):
                return ()
            case _:
                pass
        for hold in self.holds:
            table = self._table(hold)
            if not self._is_felt(hold) or table in self.session.created:
                continue
            standing = found.get(table)
            weight = (hold.mode.strength, hold.judged.likely)
            if standing is None or weight > (standing.mode.strength, standing.judged.likely):
                found[table] = Blocks(table, hold.mode, hold.seconds, hold.judged)
        return tuple(found.values())

    def _is_felt(self, hold: Hold) -> bool:
        """Whether anybody waits for it: only its owner's REFRESH writes to a materialized view."""
        relation = self.session.catalog.relations.get(hold.relation)
        if relation is not None and relation.kind is RelationKind.MATERIALIZED_VIEW:
            return hold.mode.blocks_reads
        return hold.mode.blocks_writes

    def _table(self, hold: Hold) -> Name:
        if not hold.index:
            return hold.relation
        index = self.session.catalog.indexes.get(hold.relation)
        return index.table if index is not None else hold.relation


@record
class Timed:
    """A statement of the run with its effects, its own time, and the session before it."""

    statement: Statement
    effects: Effects
    estimate: Estimate | None
    judged: Estimate
    session: Session
    holds: Sequence[Hold] = ()


@record
class Blocks:
    """Others wait: `relation` is locked in `mode` for `seconds` (None: its size is unknown).

    `judged` decides the severity: `seconds`, or what it would be at the size the policy assumes. `doubtful`: it
    depends on a fact of the schema that is not known. `behind`: the time is that of work on other relations.
    """

    relation: Name
    mode: LockMode
    seconds: Estimate | None
    judged: Estimate
    doubtful: bool = False
    behind: bool = False


@record
class Queues:
    """Instant work under a strong lock: it may wait in the queue, with everybody behind it.

    `avoidable`: PostgreSQL offers a form without that lock.
    """

    relation: Name
    mode: LockMode
    avoidable: bool = False


@record
class LocksRows:
    """Rows of `relation` are changed, so that other writers of the same rows wait, for `seconds`; else as `Blocks`."""

    relation: Name
    seconds: Estimate | None
    judged: Estimate


@record
class Exceeds:
    """The statement may run into its own timeout: `seconds` of work, as `withheld.compared`, against `timeout`."""

    relation: Name | None
    seconds: Estimate
    timeout: float


@record
class Breaks:
    """Certain failure, lost data, broken running code; `proven` where every fact was read.

    `code_only`: nothing but running code could object, so the author may say that none does (`migsafe: released`).
    """

    relation: Name | None
    proven: bool
    code_only: bool = False


@record
class Remark:
    """Worth only a note."""

    relation: Name | None = None


Harm = Blocks | Queues | LocksRows | Exceeds | Breaks | Remark


@record
class Hazard:
    """What a rule yields. The worst of `harms` decides the severity (`bot.core.judging.severity`).

    `title`: one line, the author's names, no full stop. `message`: what happens, to whom, for how long, how we
    know; then lock names. The words "Instead" and the code come from `rewrite`.
    """

    harms: tuple[Harm, ...]
    title: Message
    message: Message
    rewrite: SafeRewrite | None = None
    assumptions: tuple[Message, ...] = ()


Hazards = Iterator[Hazard]


class Speaks(Enum):
    """Whether a rule reports where others have reported."""

    ALWAYS = "always"
    IF_UNSAID = "where no other rule reports the same for the statement"
    IF_NOBODY_WAITS = "where no other rule reports the same, or that anybody waits as long"


@record
class Rule:
    """`id` is the file's name with hyphens; `watches` are the operation classes it is called for.

    `rank`: of two equally severe findings at one statement the lower rank comes first. `speaks`: which of its hazards
    count (`bot.core.judging.precedence`).
    """

    id: str
    explanation: str
    watches: tuple[type, ...]
    check: Callable[..., Iterable[Hazard]]
    rank: int = 50
    speaks: Speaks = Speaks.ALWAYS

    @property
    def title(self) -> str:
        """The first line of the explanation."""
        return self.explanation.split("\n", 1)[0]


def rule(*, rank: int = 50, speaks: Speaks = Speaks.ALWAYS) -> Callable[[Callable[..., Iterable[Hazard]]], Rule]:
    """Makes a rule of a function whose first parameter is annotated with the operations it watches.

    A single one, a union, or `op.Operation` for every kind.
    """

    def made(check: Callable[..., Iterable[Hazard]]) -> Rule:
        watched = next(iter(get_type_hints(check).values()))
        return Rule(
            id=check.__name__.replace("_", "-"),
            explanation=inspect.getdoc(check) or "",
            watches=tuple(op.OPERATIONS.values()) if watched is op.Operation else get_args(watched) or (watched,),
            check=check,
            rank=rank,
            speaks=speaks,
        )

    return made
