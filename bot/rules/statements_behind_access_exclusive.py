"""The rule about work done while a table is locked already."""

from bot.core.locks import LockMode
from bot.core.operations import Begin, Commit, Operation, Rollback, Savepoint, SetSetting
from bot.core.phrases import kept, locks, names, paragraphs, waits
from bot.core.rewrites import alone, safe
from bot.core.rule import Blocks, Hazard, Hazards, Moment, rule
from bot.core.words import listing


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
    if not moment.first or isinstance(operation, Begin | Commit | Rollback | Savepoint | SetSetting):
        return
    if moment.statement.transaction is None or moment.judged.likely <= moment.policy.thresholds.reads_blocked_warning:
        return
    held = {
        lock.relation: lock.mode
        for lock in moment.held
        if lock.mode is LockMode.ACCESS_EXCLUSIVE
        and lock.relation not in moment.session.catalog.indexes
        and lock.since < moment.index
    }
    if not held:
        return
    blocks = tuple(Blocks(name, mode, moment.estimate, moment.judged, behind=True) for name, mode in held.items())
    lines = sorted({moment.timeline[lock.since].statement.lines.first for lock in moment.held if lock.relation in held})
    where = f"Line{'s' if len(lines) > 1 else ''} {listing(str(line) for line in lines)}"
    yield Hazard(
        harms=blocks,
        title=f"{names(list(held))} stays locked while this statement runs",
        message=paragraphs(
            f"{where} locked {names(list(held))} against reads and writes, and the lock is kept {kept(moment)}.",
            waits(blocks, moment),
            locks(blocks, moment),
        ),
        rewrite=safe(moment) or alone(moment, "In a migration of its own, so that no lock is held meanwhile."),
    )
