"""The answer to "is this migration safe to ship?": eleven items, settled by migsafe or by a person."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import LiteralString, Protocol

from bot.core.judging.analysis import Analysis
from bot.core.judging.compatibility import columns_concerned, felt_by_running_code, needed_by_new_code
from bot.core.judging.findings import ChecklistItem, State
from bot.core.judging.rule import Hold, Timed
from bot.core.judging.touched import (
    blocking,
    is_atomic,
    is_big,
    lost,
    on_existing,
    only_new,
    repeatable,
    size_of,
    touched,
    worked_on,
)
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import (
    NOTHING,
    Account,
    Bytes,
    File,
    Given,
    Line,
    Message,
    Number,
    Rows,
    Seconds,
    count,
    joined,
    listing,
    say,
    sentence,
)
from bot.core.language.migrations import Scope, Statement
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.catalog import Size

LONG_LAG = 60.0
"""Seconds of replay lag from which the catalog counts as old."""


class Acknowledged(Protocol):
    """A person's acknowledgement of an item: who, when (ISO 8601) and why."""

    @property
    def item(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def reason(self) -> str: ...


def checklist(analysis: Analysis, acknowledgements: Iterable[Acknowledged] = ()) -> tuple[ChecklistItem, ...]:
    """Every item, in the order of `ITEMS`. An acknowledgement settles what is open, not what has failed."""
    acknowledged = {word.item: word for word in acknowledgements}
    return tuple(_acknowledged(_item(id, analysis), acknowledged.get(id)) for id in ITEMS)


@record
class _Answer:
    state: State
    reason: Message


def _done(reason: Message) -> _Answer:
    return _Answer(State.DONE, reason)


def _open(reason: Message) -> _Answer:
    return _Answer(State.OPEN, reason)


def _failed(reason: Message) -> _Answer:
    return _Answer(State.FAILED, reason)


def _not_applicable(reason: Message) -> _Answer:
    return _Answer(State.NOT_APPLICABLE, reason)


def _item(id: str, analysis: Analysis) -> ChecklistItem:
    text, settle = _QUESTIONS[id]
    answer = settle(analysis)
    return ChecklistItem(id, text, answer.state, sentence(answer.reason))


def _acknowledged(item: ChecklistItem, word: Acknowledged | None) -> ChecklistItem:
    if word is None or item.state is not State.OPEN:
        return item
    return replace(item, state=State.DONE, reason=sentence(say("{}", Given(word.reason))), by=word.by, at=word.at)


def _statements_read(analysis: Analysis) -> _Answer:
    statements = analysis.run.statements
    unread = sum(_is_unread(statement) for statement in statements)
    if analysis.not_read:
        return _open(joined("; ", (say("{}", Given(reason)) for reason in analysis.not_read)))
    if not analysis.run.migrations:
        return _not_applicable(say("no migration changed"))
    in_all = count(len(statements), "statement")
    if not unread and not analysis.unread:
        return _done(say("read {} of {}", Number(len(statements)), in_all))
    places = listing(_place(part.path, part.lines.first, analysis) for part in analysis.unread[:5])
    more = say(" and {} more", Number(len(analysis.unread) - 5)) if len(analysis.unread) > 5 else NOTHING
    return _open(say("read {} of {}; not read: {}{}", Number(len(statements) - unread), in_all, places, more))


def _locks(analysis: Analysis) -> _Answer:
    holds = list(blocking(analysis))
    if not holds:
        return _not_read(analysis, "lock") or _not_applicable(
            say("nothing that existed before is locked against reads or writes")
        )
    worst = sorted(_longest(holds).values(), key=_weight, reverse=True)
    waits = [_wait(hold) for hold in worst[:3]]
    if len(worst) > 3:
        waits.append(say("and {} more", Number(len(worst) - 3)))
    reason = joined("; ", waits)
    levels = {_level(hold, analysis) for hold in holds}
    by = _accepted_by(analysis)
    if by and levels & {"danger", "warning"}:
        return _not_read(analysis, "lock") or _done(_accepted(reason, by))
    if "danger" in levels:
        return _failed(reason)
    if "warning" in levels or any(hold.seconds is None for hold in holds):
        return _open(reason)
    return _not_read(analysis, "lock") or _done(reason)


def _timeouts(analysis: Analysis) -> _Answer:
    late = [timed for timed in analysis.timeline if _runs_out(timed)]
    if late:
        timed = late[0]
        limit = timed.session.seconds("statement_timeout") or 0.0
        own = say("{}", timed.estimate) if timed.estimate is not None else say("unknown")
        reason = say("{} takes {}, and statement_timeout ends it after {}", _line(timed, analysis), own, Seconds(limit))
        by = _accepted_by(analysis)
        return _open(_accepted(reason, by)) if by else _failed(reason)
    for timed in analysis.timeline:
        waits = timed.session.seconds("lock_timeout")
        if timed.effects.invalid_indexes and waits:
            return _open(
                say(
                    "a lock_timeout of {} is in force at {}: if the wait is longer, the index is left INVALID",
                    Seconds(waits),
                    _line(timed, analysis),
                )
            )
    strong = [timed for timed in analysis.timeline if any(hold.mode.blocks_reads for hold in timed.holds)]
    if not strong:
        return _not_read(analysis, "wait for a lock") or _not_applicable(
            say("no statement asks for a lock that stops everybody behind it")
        )
    return _lock_timeout(strong, analysis)


def _lock_timeout(strong: Sequence[Timed], analysis: Analysis) -> _Answer:
    reason = NOTHING
    for timed in strong:
        waits, setting = timed.session.seconds("lock_timeout"), timed.session.setting("lock_timeout")
        where = _line(timed, analysis)
        if waits is None:
            return _open(
                say("the lock_timeout is not known at {}: unless it is set, everybody may wait behind it", where)
            )
        source = say(" (set by {})", Given(setting.source)) if setting is not None and setting.source else NOTHING
        if waits == 0:
            return _open(
                say("the lock_timeout is off at {}{}: while it waits, everybody waits behind it", where, source)
            )
        reason = say("the lock_timeout is {}{}", Seconds(waits), source)
        if waits > analysis.policy.thresholds.long_lock_timeout:
            return _open(say("{} at {}: everybody waits behind it as long", reason, where))
    return _done(reason)


def _transaction(analysis: Analysis) -> _Answer:
    if not analysis.timeline:
        return _not_applicable(say("there is no statement to run"))
    for timed in analysis.timeline:
        inside = timed.statement.transaction is not None
        if inside and timed.effects.in_transaction is InTransaction.REFUSED:
            where, because = _line(timed, analysis), _because(timed, analysis)
            return _failed(say("{} is refused inside a transaction, and it runs in one{}", where, because))
    numbers = dict.fromkeys(timed.statement.transaction for timed in analysis.timeline)
    transactions = [analysis.run.transactions[number] for number in numbers if number in analysis.run.transactions]
    assumed = next((one for one in transactions if one.scope is Scope.ASSUMED), None)
    if assumed is not None:
        because = say("{}", Given(assumed.because)) if assumed.because else say("the file runs in one transaction")
        return _open(say("assumed, not seen: {}", because))
    alone = sum(timed.statement.transaction is None for timed in analysis.timeline)
    inside = len(analysis.timeline) - alone
    groups = count(len(transactions), "transaction")
    parts = [say("{} in {}", count(inside, "statement"), groups)] if inside else []
    parts += [say("{} outside a transaction", count(alone, "statement"))] if alone else []
    reasons = dict.fromkeys(one.because for one in transactions if one.because)
    because = joined("; ", (say("{}", Given(reason)) for reason in reasons))
    reason = say("{}{}", listing(parts), say(" ({})", because) if because else NOTHING)
    return _not_read(analysis, "be refused in a transaction") or _done(reason)


def _replica(analysis: Analysis) -> _Answer:
    if analysis.catalog_trouble is not None:
        return _failed(say("not reached: {}", Given(analysis.catalog_trouble)))
    catalog = analysis.catalog
    if catalog is None:
        return _open(say("no replica is configured: nothing is known of the tables that exist"))
    at = say(" at {}", Given(catalog.at)) if catalog.at else NOTHING
    read = say("read from {}{}", say("a replica" if catalog.standby else "a primary"), at)
    if catalog.replay_lag is None:
        return _done(read)
    if catalog.replay_lag > LONG_LAG:
        late = Seconds(catalog.replay_lag)
        return _open(say("{}, {} behind: what it shows may be older than the schema", read, late))
    return _done(say("{}, {} behind", read, Seconds(catalog.replay_lag)))


def _sizes(analysis: Analysis) -> _Answer:
    tables = list(touched(analysis))
    if not tables:
        return _not_read(analysis, "touch a table") or _not_applicable(say("no table that existed before is touched"))
    unknown = [name for name, known in tables if known is None or known.rows is None]
    if unknown:
        assumed = Rows(analysis.policy.thresholds.assumed_rows, secret=False)
        return _open(say("the size of {} is not known: judged as {}", listing(dict.fromkeys(unknown)), assumed))
    stale = [say("{}: {}", name, known.stale) for name, known in tables if known is not None and known.stale]
    if stale:
        return _open(joined("; ", stale[:3]))
    return _done(joined("; ", (_sized(name, known) for name, known in tables[:4] if known is not None)))


def _timed(analysis: Analysis) -> _Answer:
    big = list(dict.fromkeys(name for name, known in worked_on(analysis) if is_big(known, analysis.policy.thresholds)))
    if not big:
        return _not_read(analysis, "read or write a big table") or _not_applicable(
            say("no statement reads or writes a big table in full")
        )
    return _open(say("say how long it took on data of production's size, for {}", listing(big)))


def _recovery(analysis: Analysis) -> _Answer:
    gone = list(dict.fromkeys(lost(analysis)))
    if gone:
        return _open(say("no rollback brings back {} once it is committed: say where the backup is", listing(gone)))
    if not analysis.timeline:
        return _not_applicable(say("there is no statement to run"))
    left = [name for timed in analysis.timeline for name in timed.effects.invalid_indexes]
    if left:
        indexes = listing(named.index(name) for name in dict.fromkeys(left))
        return _done(say("a failure may leave {} INVALID; the runbook finds what is, drops it, and goes on", indexes))
    if _all_or_nothing(analysis):
        reason = say("a failure leaves nothing behind; the runbook applies the migration by hand")
    else:
        reason = say("a failure leaves the statements before it applied; the runbook goes on statement by statement")
    return _not_read(analysis, "leave something behind") or _done(reason)


def _old_code(analysis: Analysis) -> _Answer:
    felt = list(dict.fromkeys(_felt(analysis)))
    if felt:
        return _open(say("say that the running code copes: {}", listing(felt, most=4)))
    left = _done(say("the new schema takes nothing from the running code"))
    return _not_read(analysis, "change what running code uses") or left


def _new_code(analysis: Analysis) -> _Answer:
    made = list(dict.fromkeys(_made(analysis)))
    if made:
        return _open(
            say(
                "say that code which needs {} is deployed after this, or fails loudly at its start without it",
                listing(made, most=4),
            )
        )
    return _not_read(analysis, "create what new code needs") or _not_applicable(
        say("it creates nothing that new code could need")
    )


def _rerun(analysis: Analysis) -> _Answer:
    if not analysis.timeline:
        return _not_applicable(say("there is no statement to run"))
    alone = [migration for migration in analysis.run.migrations if not is_atomic(migration)]
    if not alone:
        reason = say("each file is applied in full or not at all, so it can simply run again")
        return _not_read(analysis, "commit half-way") or _done(reason)
    for timed in analysis.timeline:
        if any(
            isinstance(one, op.CreateIndex) and one.concurrently and one.if_not_exists
            for one in timed.statement.operations
        ):
            where = _line(timed, analysis)
            return _open(
                say("{} skips an INVALID index that a failure left behind: drop it before it runs again", where)
            )
    stuck = [timed for timed in analysis.timeline if timed.statement.transaction is None and not repeatable(timed)]
    if stuck:
        lines = listing(_line(timed, analysis) for timed in stuck[:4])
        return _open(say("half applied, it stops at what exists already: {}", lines))
    return _not_read(analysis, "not run twice") or _done(say("what exists already is skipped"))


_Settle = Callable[[Analysis], _Answer]
_QUESTIONS: dict[str, tuple[str, _Settle]] = {
    "statements-read": ("Every statement was read", _statements_read),
    "locks": ("Nobody waits long for a lock", _locks),
    "timeouts": ("The timeouts fit", _timeouts),
    "transaction": ("Each statement runs in a transaction, or outside one, as it must", _transaction),
    "replica": ("The database was looked at", _replica),
    "sizes": ("The sizes of the tables are known", _sizes),
    "timed": ("Timed on data of production's size", _timed),
    "recovery": ("There is a way back", _recovery),
    "old-code": ("The running code works with the new schema", _old_code),
    "new-code": ("New code refuses the old schema loudly", _new_code),
    "rerun": ("Half applied, it can run again", _rerun),
}
ITEMS: tuple[str, ...] = tuple(_QUESTIONS)


def _is_unread(statement: Statement) -> bool:
    return any(isinstance(operation, op.Unread) for operation in statement.operations)


def _not_read(analysis: Analysis, may: LiteralString) -> _Answer | None:
    """What cannot be reason because a part was not read."""
    if not analysis.unread and not analysis.not_read:
        return None
    return _open(say("what was not read may {}", say(may)))


def _longest(holds: Iterable[Hold]) -> dict[Name, Hold]:
    worst: dict[Name, Hold] = {}
    for hold in holds:
        if hold.relation not in worst or _weight(hold) > _weight(worst[hold.relation]):
            worst[hold.relation] = hold
    return worst


def _weight(hold: Hold) -> tuple[float, int]:
    return hold.judged.likely, hold.mode.strength


def _wait(hold: Hold) -> Message:
    long = say("{}", hold.seconds) if hold.seconds is not None else say("for a time that is not known")
    return say("{} of {} wait {}", say(hold.mode.blocks), hold.relation, long)


def _level(hold: Hold, analysis: Analysis) -> str:
    thresholds = analysis.policy.thresholds
    known = size_of(hold.relation, analysis.timeline[hold.statement])
    small = known is not None and not is_big(known, analysis.policy.thresholds)
    if small and hold.last == hold.statement:
        return "note"
    danger = thresholds.reads_blocked_danger if hold.mode.blocks_reads else thresholds.writes_blocked_danger
    warning = thresholds.reads_blocked_warning if hold.mode.blocks_reads else thresholds.writes_blocked_warning
    return "danger" if hold.judged.likely > danger else "warning" if hold.judged.likely > warning else "note"


def _accepted_by(analysis: Analysis) -> list[str]:
    """Who accepted the long locks, where none is left to accept."""
    long = [finding for finding in analysis.findings if finding.estimate is not None and finding.severity.rank > 1]
    if any(finding.allowed is None for finding in long):
        return []
    return list(dict.fromkeys(finding.allowed.by for finding in long if finding.allowed is not None))


def _accepted(reason: Message, by: Sequence[str]) -> Message:
    return say("{}; accepted by {}", reason, listing(map(Account, by)))


def _runs_out(timed: Timed) -> bool:
    limit = timed.session.seconds("statement_timeout")
    return bool(limit) and timed.estimate is not None and timed.estimate.high > (limit or 0.0)


def _because(timed: Timed, analysis: Analysis) -> Message:
    number = timed.statement.transaction
    transaction = analysis.run.transactions.get(number) if number is not None else None
    return say(": {}", Given(transaction.because)) if transaction is not None and transaction.because else NOTHING


def _sized(name: Name, known: Size) -> Message:
    heap = say(" in {}", Bytes(known.heap_bytes + known.toast_bytes)) if known.heap_bytes is not None else NOTHING
    return say("{} has {}{}", name, Rows(known.rows or 0), heap)


def _felt(analysis: Analysis) -> Iterator[Message]:
    added: set[tuple[Name, str]] = set()
    for timed, operation in on_existing(analysis):
        if isinstance(operation, op.AddColumn):
            added.add((operation.table, operation.column.name))
        clause = felt_by_running_code(operation)
        if clause is None or (isinstance(operation, op.DropTable) and only_new(timed, operation.tables)):
            continue
        columns = columns_concerned(operation)
        if not columns or not columns <= added:
            yield clause


def _made(analysis: Analysis) -> Iterator[Message]:
    for _, operation in on_existing(analysis):
        match needed_by_new_code(operation):
            case (made, None):
                yield say("{}", made)
            case (made, str(column)):
                yield say("{}", named.column_of(Name(made.name), column))
            case None:
                pass


def _all_or_nothing(analysis: Analysis) -> bool:
    return all(is_atomic(migration) for migration in analysis.run.migrations)


def _place(path: str, line: int, analysis: Analysis) -> Message:
    at = say("line {}", Line(line))
    return at if len(analysis.run.migrations) == 1 else say("{} {}", File(path), at)


def _line(timed: Timed, analysis: Analysis) -> Message:
    return _place(timed.statement.path, timed.statement.lines.first, analysis)
