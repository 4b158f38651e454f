"""The rule about work done while a table is locked already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.core.judging.last import Last
from bot.core.judging.rule import Blocks, Hazard, Hazards, Moment, Speaks, Timed, rule
from bot.core.judging.sentences import kept, lines, locks, names, waits
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, capital, paragraphs, plural, say
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate, total
from bot.core.rewrites import alone, safe
from bot.core.schema.session import Held

_TABLES = 20
"""At most this many are checked; the first are locked longest."""
_NEAR = 10
"""Long statements that are looked at one by one; of those behind them only the time counts."""


@rule(rank=45, speaks=Speaks.IF_UNSAID)
def statements_behind_access_exclusive(operation: op.Operation, moment: Moment) -> Hazards:
    """Long work after an ACCESS EXCLUSIVE lock keeps everybody waiting until the transaction ends.

    Locks are held until the transaction ends. A change that is instant on its own locks the table for as long
    as everything behind it in the same transaction takes.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    ALTER TABLE users ADD COLUMN plan text;
    UPDATE orders SET total = 0;
    ```

    Put the long work into a migration, or a script, of its own.

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text;
    ALTER TABLE users ADD COLUMN city text;
    ```
    """
    here = moment.timeline[moment.index]
    if not moment.first or not _keeps_waiting(here, moment) or _is_said(moment):
        return
    ahead = _LAST.get(moment.timeline, lambda: _ahead(moment.timeline, moment))[moment.index]
    works = _behind(moment, ahead.last)
    tables = [table for table, found in works.items() if here in found]
    if not tables:
        return
    since = {lock.relation: lock.since for lock in reversed(moment.held)}
    took = [moment.timeline[since[table]] for table in tables if table in since]
    more = list({id(timed): timed for found in works.values() for timed in found if timed is not here}.values())
    blocks = tuple(_block(table, found, ahead.rest) for table, found in works.items())
    yield Hazard(
        harms=blocks,
        title=say("{} {} locked while this statement runs", names(tables), plural(tables, "stays", "stay")),
        message=paragraphs(
            say(
                "{} locked {} against reads and writes, and the lock is kept {}.",
                capital(lines(took, moment)),
                names(tables),
                kept(moment),
            ),
            say("{} {} behind such a lock as well.", capital(lines(more, moment)), plural(more, "works", "work"))
            if more
            else NOTHING,
            waits(blocks, moment),
            locks(blocks, moment),
        ),
        rewrite=safe(moment) or alone(moment, say("In a migration of its own, so that no lock is held while it runs.")),
    )


def _keeps_waiting(timed: Timed, moment: Moment) -> bool:
    """Whether it works long after a lock of another statement: for its own lock there is another finding."""
    return (
        timed.statement.transaction is not None
        and timed.statement.transaction == timed.session.transaction
        and _is_long(timed, moment)
        and any(
            _shuts(lock, moment) and lock.relation not in timed.session.created and not _locks(timed, lock.relation)
            for lock in timed.session.felt
        )
    )


def _shuts(lock: Held, moment: Moment) -> bool:
    """Whether it is on a table, and lets nobody read; the table of a dropped index has a lock of its own."""
    if lock.mode is not LockMode.ACCESS_EXCLUSIVE or lock.relation in moment.session.catalog.indexes:
        return False
    taken = moment.timeline[lock.since].holds if lock.since < len(moment.timeline) else ()
    return not any(hold.index for hold in taken if hold.relation == lock.relation)


def _is_said(moment: Moment) -> bool:
    """Whether an earlier statement of the file's transaction has this finding: once is enough."""
    for index in reversed(range(moment.index)):
        timed = moment.timeline[index]
        if timed.statement.transaction != moment.statement.transaction or timed.statement.path != moment.statement.path:
            return False
        if _keeps_waiting(timed, moment):
            return True
    return False


def _behind(moment: Moment, last: int) -> dict[Name, list[Timed]]:
    """The tables that the transaction locks, each with the long work from here on during which it stays locked."""
    found: dict[Name, list[Timed]] = {lock.relation: [] for lock in moment.held if _shuts(lock, moment)}
    for timed in moment.timeline[moment.index : last + 1]:
        strong = (hold for hold in timed.holds if hold.mode is LockMode.ACCESS_EXCLUSIVE)
        own = [hold.relation for hold in strong if not (hold.index or hold.early)]
        if _is_long(timed, moment):
            for table, works in islice(found.items(), _TABLES):
                if table not in own:
                    works.append(timed)
        for table in own:
            if table not in timed.session.created:
                found.setdefault(table, [])
    return {table: works for table, works in found.items() if works}


@dataclass(frozen=True, slots=True)
class _Ahead:
    """From a long statement on: up to where each is looked at, and how long the long ones behind that take."""

    last: int
    rest: Sequence[tuple[Estimate | None, Estimate]] = ()


_LAST: Last[Mapping[int, _Ahead]] = Last()


def _ahead(timeline: Sequence[Timed], moment: Moment) -> Mapping[int, _Ahead]:
    """By the index of the long statement."""
    found: dict[int, _Ahead] = {}
    end, transaction = len(timeline) - 1, None
    long: list[tuple[int, Estimate | None, Estimate]] = []
    for index in reversed(range(len(timeline))):
        timed = timeline[index]
        if timed.statement.transaction != transaction:
            end, transaction = index, timed.statement.transaction
            long.clear()
        if _is_long(timed, moment):
            seconds, judged = timed.estimate, timed.judged
            if long:
                _, later, later_judged = long[-1]
                seconds = None if seconds is None or later is None else seconds + later
                judged = judged + later_judged
            long.append((index, seconds, judged))
            near = len(long) - _NEAR
            found[index] = _Ahead(long[near][0], (long[near - 1][1:],)) if near > 0 else _Ahead(end)
    return found


def _is_long(timed: Timed, moment: Moment) -> bool:
    if timed.statement.transaction is not None and timed.effects.in_transaction is InTransaction.REFUSED:
        return False
    return timed.judged.likely > moment.policy.thresholds.reads_blocked_warning


def _locks(timed: Timed, table: Name) -> bool:
    return any(hold.relation == table and hold.mode is LockMode.ACCESS_EXCLUSIVE for hold in timed.holds)


def _block(table: Name, works: Sequence[Timed], rest: Sequence[tuple[Estimate | None, Estimate]]) -> Blocks:
    """Everybody waits for all of the remaining work."""
    times = [*((timed.estimate, timed.judged) for timed in works), *rest]
    known = [seconds for seconds, _ in times if seconds is not None]
    seconds = total(known) if len(known) == len(times) else None
    return Blocks(table, LockMode.ACCESS_EXCLUSIVE, seconds, total([judged for _, judged in times]), behind=True)
