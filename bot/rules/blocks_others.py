"""The rule about everything else that makes others wait too long."""

from bot.core.judging.rule import Blocks, Hazard, Hazards, Moment, Speaks, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import alone, safe


@rule(rank=90, speaks=Speaks.IF_NOBODY_WAITS)
def blocks_others(operation: op.Operation, moment: Moment) -> Hazards:
    """The statement makes others wait for longer than the thresholds allow.

    This covers what no other rule names: a lock that blocks reads or writes, held while the statement works.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    -- given: CREATE INDEX orders_user_id_idx ON orders (user_id);
    -- given: ALTER TABLE orders ADD CONSTRAINT to_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    ALTER TABLE orders ADD CONSTRAINT to_users FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    ALTER TABLE orders VALIDATE CONSTRAINT to_user;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ALTER COLUMN email SET STATISTICS 500;
    ```
    """
    thresholds = moment.policy.thresholds
    if not moment.first or moment.judged.likely <= min(
        thresholds.reads_blocked_warning, thresholds.writes_blocked_warning
    ):
        return
    blocks = tuple(block for block in _blocked(moment) if _is_long(block, moment))
    if not blocks:
        return
    behind = all(block.behind for block in blocks)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Others wait for {} while this statement runs", names([block.relation for block in blocks])),
        message=paragraphs(
            say("A lock that an earlier statement of the transaction took is kept while this one works.")
            if behind
            else NOTHING,
            consequences(moment, blocks),
        ),
        rewrite=safe(moment)
        or (
            alone(moment, say("In a migration of its own, so that no lock is held while it runs.")) if behind else None
        ),
        assumptions=moment.effects.assumptions,
    )


def _blocked(moment: Moment) -> tuple[Blocks, ...]:
    """Who waits while this statement works, for its own locks or for those that its transaction holds already."""
    own = {block.relation: block.mode for block in moment.blocks}
    held: dict[Name, LockMode] = {}
    locked_out = {lock.relation for lock in moment.held if lock.mode is LockMode.ACCESS_EXCLUSIVE}
    for lock in moment.held:
        strongest = own.get(lock.relation)
        if lock.relation in locked_out or not lock.mode.blocks_writes:
            continue  # Another rule reports those, and nobody waits for weak locks.
        if _is_first_behind(moment, lock.since) and (strongest is None or lock.mode.strength > strongest.strength):
            held[lock.relation] = lock.mode
    indexes = moment.session.catalog.indexes
    return (
        *(Blocks(name, mode, moment.estimate, moment.judged) for name, mode in own.items() if name not in held),
        *(
            Blocks(name, mode, moment.estimate, moment.judged, behind=True)
            for name, mode in held.items()
            if name not in indexes
        ),
    )


def _is_first_behind(moment: Moment, since: int) -> bool:
    """Whether no earlier statement after the lock has worked long already."""
    between = (moment.timeline[index] for index in range(since + 1, moment.index))
    return not any(
        timed.statement.transaction == moment.statement.transaction
        and timed.judged.likely > moment.policy.thresholds.writes_blocked_warning
        for timed in between
    )


def _is_long(block: Blocks, moment: Moment) -> bool:
    thresholds = moment.policy.thresholds
    allowed = thresholds.reads_blocked_warning if block.mode.blocks_reads else thresholds.writes_blocked_warning
    return block.judged.likely > allowed
