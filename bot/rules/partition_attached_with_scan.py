"""The rule about partitions that are read while they are attached."""

from bot.core.operations import AttachPartition
from bot.core.phrases import exceeds, names, paragraphs, told
from bot.core.rewrites import safe
from bot.core.rule import Hazard, Hazards, Moment, rule
from bot.core.words import code


@rule(rank=32)
def partition_attached_with_scan(attach: AttachPartition, moment: Moment) -> Hazards:
    """ATTACH PARTITION reads the new partition, and the DEFAULT partition, under lock.

    PostgreSQL has to see that every row fits the bounds, and that the DEFAULT partition holds none of them. It
    reads both under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves it; missing indexes are built as
    well.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE events_rest PARTITION OF events DEFAULT;
    -- given: CREATE TABLE events_2 (id bigint NOT NULL, body text);
    -- rows: events_rest 40000000
    ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (1000) TO (2000);
    ```

    Prove the bounds first, by checks that are validated while everybody works.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '5s';
    ALTER TABLE events_2 ADD CONSTRAINT events_2_bound CHECK (id IS NOT NULL AND id >= 1000 AND id < 2000) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events_2 VALIDATE CONSTRAINT events_2_bound;
    -- 3. A migration:
    SET LOCAL lock_timeout = '5s';
    ALTER TABLE events_rest ADD CONSTRAINT events_rest_events_2_not CHECK (NOT (id IS NOT NULL AND id >= 1000 AND id < 2000)) NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events_rest VALIDATE CONSTRAINT events_rest_events_2_not;
    -- 5. A migration:
    SET LOCAL lock_timeout = '5s';
    ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (1000) TO (2000);
    ALTER TABLE events_2 DROP CONSTRAINT events_2_bound;
    ALTER TABLE events_rest DROP CONSTRAINT events_rest_events_2_not;
    ```

    ```sql allowed
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    CREATE TABLE events_2 (id bigint NOT NULL, body text);
    ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (1000) TO (2000);
    ```
    """
    read = tuple(name for name in moment.effects.scans if not moment.is_new(name))
    if moment.is_new(attach.table) or not read:
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=f"Attaching {code(attach.partition)} reads {names(read)} under lock",
        message=paragraphs(
            f"PostgreSQL reads every row of {names(read)} to see that it lies on the right side of the bounds.",
            told(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )
