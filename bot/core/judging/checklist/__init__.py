"""The answer to "is this migration safe to ship?": eleven items, settled by migsafe or by a person."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from bot.core.judging.analysis import Analysis
from bot.core.judging.checklist.answers import (
    Settled,
    done,
    failed,
    line_of,
    not_applicable,
    not_read,
    place,
    still_open,
)
from bot.core.judging.checklist.waiting import locks, timeouts
from bot.core.judging.compatibility import columns_concerned, felt_by_running_code, needed_by_new_code
from bot.core.judging.findings import ChecklistItem, State
from bot.core.judging.released import taken_away
from bot.core.judging.rule import Timed
from bot.core.judging.touched import (
    is_atomic,
    is_big,
    lost,
    on_existing,
    only_new,
    repeatable,
    touched,
    worked_on,
)
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import (
    NOTHING,
    Bytes,
    Code,
    Given,
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
from bot.core.language.migrations import Allow, Scope, Statement
from bot.core.language.names import Name
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


def _item(id: str, analysis: Analysis) -> ChecklistItem:
    text, settle = _QUESTIONS[id]
    answer = settle(analysis)
    return ChecklistItem(id, text, answer.state, sentence(answer.reason))


def _acknowledged(item: ChecklistItem, word: Acknowledged | None) -> ChecklistItem:
    if word is None or item.state is not State.OPEN:
        return item
    return replace(item, state=State.DONE, reason=sentence(say("{}", Given(word.reason))), by=word.by, at=word.at)


def _statements_read(analysis: Analysis) -> Settled:
    statements = analysis.run.statements
    unread = sum(_is_unread(statement) for statement in statements)
    if analysis.not_read:
        return still_open(joined("; ", (say("{}", Given(reason)) for reason in analysis.not_read)))
    if not analysis.run.migrations:
        return not_applicable(say("no migration changed"))
    in_all = count(len(statements), "statement")
    if not unread and not analysis.unread:
        return done(say("read {} of {}", Number(len(statements)), in_all))
    places = listing(place(part.path, part.lines.first, analysis) for part in analysis.unread[:5])
    more = say(" and {} more", Number(len(analysis.unread) - 5)) if len(analysis.unread) > 5 else NOTHING
    return still_open(say("read {} of {}; not read: {}{}", Number(len(statements) - unread), in_all, places, more))


def _transaction(analysis: Analysis) -> Settled:
    if not analysis.timeline:
        return not_applicable(say("there is no statement to run"))
    for timed in analysis.timeline:
        inside = timed.statement.transaction is not None
        if inside and timed.effects.in_transaction is InTransaction.REFUSED:
            where, because = line_of(timed, analysis), _because(timed, analysis)
            return failed(say("{} is refused inside a transaction, and it runs in one{}", where, because))
    numbers = dict.fromkeys(timed.statement.transaction for timed in analysis.timeline)
    transactions = [analysis.run.transactions[number] for number in numbers if number in analysis.run.transactions]
    assumed = next((one for one in transactions if one.scope is Scope.ASSUMED), None)
    if assumed is not None:
        because = say("{}", Given(assumed.because)) if assumed.because else say("the file runs in one transaction")
        return still_open(say("assumed, not seen: {}", because))
    alone = sum(timed.statement.transaction is None for timed in analysis.timeline)
    inside = len(analysis.timeline) - alone
    groups = count(len(transactions), "transaction")
    parts = [say("{} in {}", count(inside, "statement"), groups)] if inside else []
    parts += [say("{} outside a transaction", count(alone, "statement"))] if alone else []
    reasons = dict.fromkeys(one.because for one in transactions if one.because)
    because = joined("; ", (say("{}", Given(reason)) for reason in reasons))
    reason = say("{}{}", listing(parts), say(" ({})", because) if because else NOTHING)
    return not_read(analysis, "be refused in a transaction") or done(reason)


def _replica(analysis: Analysis) -> Settled:
    if analysis.catalog_trouble is not None:
        return failed(say("not reached: {}", Given(analysis.catalog_trouble)))
    catalog = analysis.catalog
    if catalog is None:
        return still_open(say("no replica is configured: nothing is known of the tables that exist"))
    at = say(" at {}", Given(catalog.at)) if catalog.at else NOTHING
    read = say("read from {}{}", say("a replica" if catalog.standby else "a primary"), at)
    if catalog.replay_lag is None:
        return done(read)
    if catalog.replay_lag > LONG_LAG:
        late = Seconds(catalog.replay_lag)
        return still_open(say("{}, {} behind: what it shows may be older than the schema", read, late))
    return done(say("{}, {} behind", read, Seconds(catalog.replay_lag)))


def _sizes(analysis: Analysis) -> Settled:
    tables = list(touched(analysis))
    if not tables:
        return not_read(analysis, "touch a table") or not_applicable(say("no table that existed before is touched"))
    unknown = [name for name, known in tables if known is None or known.rows is None]
    if unknown:
        assumed = Rows(analysis.policy.thresholds.assumed_rows, secret=False)
        return still_open(say("the size of {} is not known: judged as {}", listing(dict.fromkeys(unknown)), assumed))
    stale = [say("{}: {}", name, known.stale) for name, known in tables if known is not None and known.stale]
    if stale:
        return still_open(joined("; ", stale[:3]))
    return done(joined("; ", (_sized(name, known) for name, known in tables[:4] if known is not None)))


def _timed(analysis: Analysis) -> Settled:
    big = list(dict.fromkeys(name for name, known in worked_on(analysis) if is_big(known, analysis.policy.thresholds)))
    if not big:
        return not_read(analysis, "read or write a big table") or not_applicable(
            say("no statement reads or writes a big table in full")
        )
    return still_open(say("say how long it took on data of production's size, for {}", listing(big)))


def _recovery(analysis: Analysis) -> Settled:
    gone = list(dict.fromkeys(lost(analysis)))
    if gone:
        return still_open(
            say("no rollback brings back {} once it is committed: say where the backup is", listing(gone))
        )
    if not analysis.timeline:
        return not_applicable(say("there is no statement to run"))
    left = [name for timed in analysis.timeline for name in timed.effects.invalid_indexes]
    if left:
        indexes = listing(named.index(name) for name in dict.fromkeys(left))
        return done(say("a failure may leave {} INVALID; the runbook finds what is, drops it, and goes on", indexes))
    if _all_or_nothing(analysis):
        reason = say("a failure leaves nothing behind; the runbook applies the migration by hand")
    else:
        reason = say("a failure leaves the statements before it applied; the runbook goes on statement by statement")
    return not_read(analysis, "leave something behind") or done(reason)


def _old_code(analysis: Analysis) -> Settled:
    felt = list(dict.fromkeys(_felt(analysis)))
    said = joined("; ", _releases(analysis))
    if felt:
        return still_open(joined("; ", (say("say that the running code copes: {}", listing(felt, most=4)), said)))
    left = done(said or say("the new schema takes nothing from the running code"))
    return not_read(analysis, "change what running code uses") or left


def _new_code(analysis: Analysis) -> Settled:
    made = list(dict.fromkeys(_made(analysis)))
    if made:
        return still_open(
            say(
                "say that code which needs {} is deployed after this, or fails loudly at its start without it",
                listing(made, most=4),
            )
        )
    return not_read(analysis, "create what new code needs") or not_applicable(
        say("it creates nothing that new code could need")
    )


def _rerun(analysis: Analysis) -> Settled:
    if not analysis.timeline:
        return not_applicable(say("there is no statement to run"))
    alone = [migration for migration in analysis.run.migrations if not is_atomic(migration)]
    if not alone:
        reason = say("each file is applied in full or not at all, so it can simply run again")
        return not_read(analysis, "commit half-way") or done(reason)
    for timed in analysis.timeline:
        if any(
            isinstance(one, op.CreateIndex) and one.concurrently and one.if_not_exists
            for one in timed.statement.operations
        ):
            where = line_of(timed, analysis)
            return still_open(
                say("{} skips an INVALID index that a failure left behind: drop it before it runs again", where)
            )
    stuck = [timed for timed in analysis.timeline if timed.statement.transaction is None and not repeatable(timed)]
    if stuck:
        lines = listing(line_of(timed, analysis) for timed in stuck[:4])
        return still_open(say("half applied, it stops at what exists already: {}", lines))
    return not_read(analysis, "not run twice") or done(say("what exists already is skipped"))


_Settle = Callable[[Analysis], Settled]


_QUESTIONS: dict[str, tuple[str, _Settle]] = {
    "statements-read": ("Every statement was read", _statements_read),
    "locks": ("Nobody waits long for a lock", locks),
    "timeouts": ("The timeouts fit", timeouts),
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
        if taken_away(operation) and _release_of(timed, analysis) is not None:
            continue
        if clause is None or (isinstance(operation, op.DropTable) and only_new(timed, operation.tables)):
            continue
        columns = columns_concerned(operation)
        if not columns or not columns <= added:
            yield clause


def _releases(analysis: Analysis) -> Iterator[Message]:
    """Who says that no running code needs what is taken away: the author, in the file."""
    for timed, operation in on_existing(analysis):
        gone, said = taken_away(operation), _release_of(timed, analysis)
        if gone and said is not None:
            where = place(timed.statement.path, said.line, analysis)
            yield say("the author says in {} that no running code needs {}: {}", where, Code(gone), Given(said.reason))


def _release_of(timed: Timed, analysis: Analysis) -> Allow | None:
    path = timed.statement.path
    files = (migration for migration in analysis.run.migrations if migration.path == path)
    return next((said for one in files if (said := one.released(timed.statement)) is not None), None)


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
