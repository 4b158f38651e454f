"""The rule about plain DETACH PARTITION."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, rule
from bot.core.judging.sentences import locks, names
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.rewrites import safe
from bot.core.rewrites.tables import default_partition


@rule(rank=42)
def partition_detached_under_lock(detach: op.DetachPartition, moment: Moment) -> Hazards:
    """DETACH PARTITION locks the whole partitioned table against reads and writes.

    It is instant, but it waits for every query on any partition, and everybody waits behind it.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (1000);
    ALTER TABLE events DETACH PARTITION events_1;
    ```

    Since PostgreSQL 14 there is DETACH ... CONCURRENTLY, outside a transaction, and only where there is no
    DEFAULT partition.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;
    ```

    ```sql allowed
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (1000);
    -- transaction: no
    ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY;
    ```
    """
    if detach.concurrently or detach.finalize or moment.is_new(detach.table):
        return
    tables = tuple(block.relation for block in moment.blocks if block.mode.blocks_reads)
    if not tables:
        return
    default = default_partition(detach.table, moment)
    rewrite = safe(moment)
    yield Hazard(
        harms=(
            *(Queues(table, LockMode.ACCESS_EXCLUSIVE, avoidable=rewrite is not None) for table in tables),
            *moment.blocks,
        ),
        title=say("Detaching {} locks all of {}", detach.partition, detach.table),
        message=paragraphs(
            say(
                "DETACH PARTITION waits for every query on {} and its partitions, and everybody waits behind it.",
                detach.table,
            ),
            say(
                "CONCURRENTLY is refused here, because {} is a DEFAULT partition: keep lock_timeout short and try "
                "again.",
                default.name,
            )
            if default is not None
            else NOTHING,
            say("It locks {}.", names(tables)) if len(tables) > 1 else NOTHING,
            locks(moment.blocks, moment),
        ),
        rewrite=rewrite,
        assumptions=moment.effects.assumptions,
    )
