"""The answer to "is this migration safe to ship?": eleven items, settled by migsafe or by a person."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

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
from bot.core.language import messages as ms
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import Bytes, Message, Rows, say
from bot.core.language.migrations import Scope, Statement
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.catalog import Size
from bot.core.words import code, count, duration, listing, sentence

LONG_LAG = 60.0
"""Seconds of replay lag from which the catalog is called old."""


class Acknowledged(Protocol):
    """A person's word on an item: who, when (ISO 8601) and why."""

    @property
    def item(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def reason(self) -> str: ...


def checklist(analysis: Analysis, acknowledgements: Iterable[Acknowledged] = ()) -> tuple[ChecklistItem, ...]:
    """Every item in the order of DESIGN section 7. An acknowledgement settles what is open, not what has failed."""
    said = {word.item: word for word in acknowledgements}
    return tuple(_acknowledged(_item(id, analysis), said.get(id)) for id in ITEMS)


@record
class _Answer:
    state: State
    reason: Message | str


def _done(reason: Message | str) -> _Answer:
    return _Answer(State.DONE, reason)


def _open(reason: Message | str) -> _Answer:
    return _Answer(State.OPEN, reason)


def _failed(reason: str) -> _Answer:
    return _Answer(State.FAILED, reason)


def _not_applicable(reason: str) -> _Answer:
    return _Answer(State.NOT_APPLICABLE, reason)


def _item(id: str, analysis: Analysis) -> ChecklistItem:
    text, settle = _QUESTIONS[id]
    answer = settle(analysis)
    reason = ms.sentence(answer.reason) if isinstance(answer.reason, Message) else sentence(answer.reason)
    return ChecklistItem(id, text, answer.state, reason)


def _acknowledged(item: ChecklistItem, word: Acknowledged | None) -> ChecklistItem:
    if word is None or item.state is not State.OPEN:
        return item
    return replace(item, state=State.DONE, reason=sentence(word.reason), by=word.by, at=word.at)


def _statements_read(analysis: Analysis) -> _Answer:
    statements = analysis.run.statements
    unread = sum(_is_unread(statement) for statement in statements)
    if analysis.not_read:
        return _open("; ".join(analysis.not_read))
    if not analysis.run.migrations:
        return _not_applicable("no migration changed")
    if not unread and not analysis.unread:
        return _done(f"read {len(statements):,} of {count(len(statements), 'statement')}")
    places = listing(_place(part.path, part.lines.first, analysis) for part in analysis.unread[:5])
    more = f" and {len(analysis.unread) - 5} more" if len(analysis.unread) > 5 else ""
    return _open(
        f"read {len(statements) - unread:,} of {count(len(statements), 'statement')}; not read: {places}{more}"
    )


def _locks(analysis: Analysis) -> _Answer:
    holds = list(blocking(analysis))
    if not holds:
        return _not_read(analysis, "lock") or _not_applicable(
            "nothing that existed before is locked against reads or writes"
        )
    worst = sorted(_longest(holds).values(), key=_weight, reverse=True)
    said = "; ".join(_wait(hold) for hold in worst[:3])
    if len(worst) > 3:
        said += f"; and {len(worst) - 3} more"
    levels = {_level(hold, analysis) for hold in holds}
    by = _accepted_by(analysis)
    if by and levels & {"danger", "warning"}:
        return _not_read(analysis, "lock") or _done(f"{said}; accepted by {listing(code(who) for who in by)}")
    if "danger" in levels:
        return _failed(said)
    if "warning" in levels or any(hold.seconds is None for hold in holds):
        return _open(said)
    return _not_read(analysis, "lock") or _done(said)


def _timeouts(analysis: Analysis) -> _Answer:
    late = [timed for timed in analysis.timeline if _runs_out(timed)]
    if late:
        timed = late[0]
        limit = timed.session.seconds("statement_timeout") or 0.0
        own = duration(timed.estimate) if timed.estimate is not None else "unknown"
        said = f"{_line(timed, analysis)} takes {own}, and statement_timeout ends it after {duration(limit)}"
        by = _accepted_by(analysis)
        return _open(f"{said}; accepted by {listing(code(who) for who in by)}") if by else _failed(said)
    for timed in analysis.timeline:
        waits = timed.session.seconds("lock_timeout")
        if timed.effects.invalid_indexes and waits:
            return _open(
                f"a lock_timeout of {duration(waits)} is in force at {_line(timed, analysis)}: if the wait is longer, "
                "the index is left INVALID"
            )
    strong = [timed for timed in analysis.timeline if any(hold.mode.blocks_reads for hold in timed.holds)]
    if not strong:
        return _not_read(analysis, "wait for a lock") or _not_applicable(
            "no statement asks for a lock that stops everybody behind it"
        )
    return _lock_timeout(strong, analysis)


def _lock_timeout(strong: Sequence[Timed], analysis: Analysis) -> _Answer:
    said = ""
    for timed in strong:
        waits, setting = timed.session.seconds("lock_timeout"), timed.session.setting("lock_timeout")
        where = _line(timed, analysis)
        if waits is None:
            return _open(f"the lock_timeout is not known at {where}: unless it is set, everybody may wait behind it")
        source = f" (set by {setting.source})" if setting is not None and setting.source else ""
        if waits == 0:
            return _open(f"the lock_timeout is off at {where}{source}: while it waits, everybody waits behind it")
        said = f"the lock_timeout is {duration(waits)}{source}"
        if waits > analysis.policy.thresholds.long_lock_timeout:
            return _open(f"{said} at {where}: everybody waits behind it as long")
    return _done(said)


def _transaction(analysis: Analysis) -> _Answer:
    if not analysis.timeline:
        return _not_applicable("there is no statement to run")
    for timed in analysis.timeline:
        inside = timed.statement.transaction is not None
        if inside and timed.effects.in_transaction is InTransaction.REFUSED:
            where = _line(timed, analysis)
            return _failed(f"{where} is refused inside a transaction, and it runs in one{_because(timed, analysis)}")
    numbers = dict.fromkeys(timed.statement.transaction for timed in analysis.timeline)
    transactions = [analysis.run.transactions[number] for number in numbers if number in analysis.run.transactions]
    assumed = next((one for one in transactions if one.scope is Scope.ASSUMED), None)
    if assumed is not None:
        return _open(f"assumed, not seen: {assumed.because or 'the file runs in one transaction'}")
    alone = sum(timed.statement.transaction is None for timed in analysis.timeline)
    inside = len(analysis.timeline) - alone
    parts = [f"{count(inside, 'statement')} in {count(len(transactions), 'transaction')}"] if inside else []
    parts += [f"{count(alone, 'statement')} outside a transaction"] if alone else []
    because = "; ".join(dict.fromkeys(one.because for one in transactions if one.because))
    said = listing(parts) + (f" ({because})" if because else "")
    return _not_read(analysis, "be refused in a transaction") or _done(said)


def _replica(analysis: Analysis) -> _Answer:
    if analysis.catalog_trouble is not None:
        return _failed(f"not reached: {analysis.catalog_trouble}")
    catalog = analysis.catalog
    if catalog is None:
        return _open("no replica is configured: nothing is known of the tables that exist")
    what = "a replica" if catalog.standby else "a primary"
    read = f"read from {what}{f' at {catalog.at}' if catalog.at else ''}"
    if catalog.replay_lag is None:
        return _done(read)
    if catalog.replay_lag > LONG_LAG:
        return _open(f"{read}, {duration(catalog.replay_lag)} behind: what it shows may be older than the schema")
    return _done(f"{read}, {duration(catalog.replay_lag)} behind")


def _sizes(analysis: Analysis) -> _Answer:
    tables = list(touched(analysis))
    if not tables:
        return _not_read(analysis, "touch a table") or _not_applicable("no table that existed before is touched")
    unknown = [name for name, known in tables if known is None or known.rows is None]
    if unknown:
        assumed = Rows(analysis.policy.thresholds.assumed_rows, secret=False)
        return _open(say("the size of {} is not known: judged as {}", ms.listing(dict.fromkeys(unknown)), assumed))
    stale = [say("{}: {}", name, known.stale) for name, known in tables if known is not None and known.stale]
    if stale:
        return _open(ms.joined("; ", stale[:3]))
    return _done(ms.joined("; ", (_sized(name, known) for name, known in tables[:4] if known is not None)))


def _timed(analysis: Analysis) -> _Answer:
    big = list(dict.fromkeys(name for name, known in worked_on(analysis) if is_big(known, analysis.policy.thresholds)))
    if not big:
        return _not_read(analysis, "read or write a big table") or _not_applicable(
            "no statement reads or writes a big table in full"
        )
    return _open(f"say how long it took on data of production's size, for {_names(big)}")


def _recovery(analysis: Analysis) -> _Answer:
    gone = list(dict.fromkeys(lost(analysis)))
    if gone:
        return _open(f"no rollback brings back {listing(gone)} once it is committed: say where the backup is")
    if not analysis.timeline:
        return _not_applicable("there is no statement to run")
    left = [name for timed in analysis.timeline for name in timed.effects.invalid_indexes]
    if left:
        return _done(f"a failure may leave {_names(left)} INVALID; the runbook finds what is, drops it, and goes on")
    if _all_or_nothing(analysis):
        said = "a failure leaves nothing behind; the runbook applies the migration by hand"
    else:
        said = "a failure leaves the statements before it applied; the runbook goes on statement by statement"
    return _not_read(analysis, "leave something behind") or _done(said)


def _old_code(analysis: Analysis) -> _Answer:
    felt = list(dict.fromkeys(_felt(analysis)))
    if felt:
        return _open(f"say that the running code copes: {_some(felt)}")
    left = _done("the new schema takes nothing from the running code")
    return _not_read(analysis, "change what running code uses") or left


def _new_code(analysis: Analysis) -> _Answer:
    made = list(dict.fromkeys(_made(analysis)))
    if made:
        return _open(
            f"say that code which needs {_some(made)} is deployed after this, or fails loudly at its start without it"
        )
    return _not_read(analysis, "make what new code needs") or _not_applicable(
        "it makes nothing that new code could need"
    )


def _rerun(analysis: Analysis) -> _Answer:
    if not analysis.timeline:
        return _not_applicable("there is no statement to run")
    alone = [migration for migration in analysis.run.migrations if not is_atomic(migration)]
    if not alone:
        said = "each file is applied in full or not at all, so it can simply run again"
        return _not_read(analysis, "commit half-way") or _done(said)
    for timed in analysis.timeline:
        if any(
            isinstance(one, op.CreateIndex) and one.concurrently and one.if_not_exists
            for one in timed.statement.operations
        ):
            where = _line(timed, analysis)
            return _open(f"{where} skips an INVALID index that a failure left behind: drop it before it runs again")
    stuck = [timed for timed in analysis.timeline if timed.statement.transaction is None and not repeatable(timed)]
    if stuck:
        lines = listing(_line(timed, analysis) for timed in stuck[:4])
        return _open(f"half applied, it stops at what is there already: {lines}")
    return _not_read(analysis, "not run twice") or _done("what is there already is passed over")


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


def _not_read(analysis: Analysis, may: str) -> _Answer | None:
    """What cannot be said because a part was not read."""
    if not analysis.unread and not analysis.not_read:
        return None
    return _open(f"what was not read may {may}")


def _longest(holds: Iterable[Hold]) -> dict[Name, Hold]:
    worst: dict[Name, Hold] = {}
    for hold in holds:
        if hold.relation not in worst or _weight(hold) > _weight(worst[hold.relation]):
            worst[hold.relation] = hold
    return worst


def _weight(hold: Hold) -> tuple[float, int]:
    return hold.judged.likely, hold.mode.strength


def _wait(hold: Hold) -> str:
    long = duration(hold.seconds) if hold.seconds is not None else "for a time that is not known"
    return f"{hold.mode.blocks} of {code(hold.relation)} wait {long}"


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
    """Who accepted what takes long, where nothing of the kind is left to accept."""
    long = [finding for finding in analysis.findings if finding.estimate is not None and finding.severity.rank > 1]
    if any(finding.allowed is None for finding in long):
        return []
    return list(dict.fromkeys(finding.allowed.by for finding in long if finding.allowed is not None))


def _runs_out(timed: Timed) -> bool:
    limit = timed.session.seconds("statement_timeout")
    return bool(limit) and timed.estimate is not None and timed.estimate.high > (limit or 0.0)


def _because(timed: Timed, analysis: Analysis) -> str:
    number = timed.statement.transaction
    transaction = analysis.run.transactions.get(number) if number is not None else None
    return f": {transaction.because}" if transaction is not None and transaction.because else ""


def _sized(name: Name, known: Size) -> Message:
    heap = say(" in {}", Bytes(known.heap_bytes + known.toast_bytes)) if known.heap_bytes is not None else ms.NOTHING
    return say("{} has {}{}", name, Rows(known.rows or 0), heap)


def _felt(analysis: Analysis) -> Iterator[str]:
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


def _made(analysis: Analysis) -> Iterator[str]:
    for _, operation in on_existing(analysis):
        match needed_by_new_code(operation):
            case (made, None):
                yield code(made)
            case (made, str(column)):
                yield code(f"{made.name}.{column}")
            case None:
                pass


def _all_or_nothing(analysis: Analysis) -> bool:
    return all(is_atomic(migration) for migration in analysis.run.migrations)


def _place(path: str, line: int, analysis: Analysis) -> str:
    return f"line {line}" if len(analysis.run.migrations) == 1 else f"{code(path)} line {line}"


def _line(timed: Timed, analysis: Analysis) -> str:
    return _place(timed.statement.path, timed.statement.lines.first, analysis)


def _names(names: Iterable[Name]) -> str:
    return listing(code(name) for name in dict.fromkeys(names))


def _some(parts: Sequence[str], most: int = 4) -> str:
    return listing(parts) if len(parts) <= most else f"{', '.join(parts[:most])} and {len(parts) - most} more"
