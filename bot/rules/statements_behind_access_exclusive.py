"""The rule about work done while a table is locked already."""

from collections.abc import Sequence
from itertools import islice

from bot.core.effects import InTransaction
from bot.core.locks import LockMode
from bot.core.names import Name
from bot.core.operations import Operation
from bot.core.phrases import kept, lines, locks, names, paragraphs, those, waits
from bot.core.rewrites import alone, safe
from bot.core.rule import Blocks, Hazard, Hazards, Moment, Timed, rule


@rule(rank=45, last=True)
def statements_behind_access_exclusive(operation: Operation, moment: Moment) -> Hazards:
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
    if not moment.first or moment.statement.transaction is None or not _is_long(moment.timeline[moment.index], moment):
        return
    held = {
        lock.relation: lock.since
        for lock in moment.held
        if lock.mode is LockMode.ACCESS_EXCLUSIVE
        and lock.relation not in moment.session.catalog.indexes
        and lock.since < moment.index
    }
    blocks: list[Blocks] = []
    for table, since in held.items():
        works = _behind(table, since, moment)
        if works and works[0] is moment.timeline[moment.index]:
            blocks.append(_block(table, works))
    if not blocks:
        return
    tables = [block.relation for block in blocks]
    took = [moment.timeline[held[table]] for table in tables]
    more = [one for table in tables for one in _behind(table, held[table], moment)[1:]]
    yield Hazard(
        harms=tuple(blocks),
        title=f"{names(tables)} {those(tables, 'stays', 'stay')} locked while this statement runs",
        message=paragraphs(
            f"{_capital(lines(took, moment))} locked {names(tables)} against reads and writes, and the lock is kept "
            f"{kept(moment)}.",
            f"{_capital(lines(more, moment))} {those(more, 'works', 'work')} behind it as well." if more else "",
            waits(blocks, moment),
            locks(blocks, moment),
        ),
        rewrite=safe(moment) or alone(moment, "In a migration of its own, so that no lock is held meanwhile."),
    )


def _behind(table: Name, since: int, moment: Moment) -> Sequence[Timed]:
    """The long statements of the transaction after the one that locked the table; those that say so themselves not."""
    number = moment.statement.transaction
    return [
        timed
        for timed in islice(moment.timeline, since + 1, None)
        if timed.statement.transaction == number and _is_long(timed, moment) and not _locks(timed, table)
    ]


def _is_long(timed: Timed, moment: Moment) -> bool:
    if timed.statement.transaction is not None and timed.effects.in_transaction is InTransaction.REFUSED:
        return False
    return timed.judged.likely > moment.policy.thresholds.reads_blocked_warning


def _locks(timed: Timed, table: Name) -> bool:
    return any(hold.relation == table and hold.mode is LockMode.ACCESS_EXCLUSIVE for hold in timed.holds)


def _block(table: Name, works: Sequence[Timed]) -> Blocks:
    """Everybody waits for all of the work that is still to come."""
    seconds, judged = works[0].estimate, works[0].judged
    for timed in works[1:]:
        seconds = seconds + timed.estimate if seconds is not None and timed.estimate is not None else None
        judged = judged + timed.judged
    return Blocks(table, LockMode.ACCESS_EXCLUSIVE, seconds, judged, behind=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
