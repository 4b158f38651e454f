"""The rule about partitions that are read while they are attached."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=32)
def partition_attached_with_scan(attach: op.AttachPartition, moment: Moment) -> Hazards:
    """ATTACH PARTITION reads the new partition, and the DEFAULT partition, under lock.

    PostgreSQL has to see that every row fits the bounds, and that the DEFAULT partition holds none of them. It
    reads both under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves it; missing indexes are built as
    well.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE rest PARTITION OF events DEFAULT;
    -- given: CREATE TABLE second (id bigint NOT NULL, body text);
    -- rows: rest 40000000
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ```

    Prove the bounds first, by checks that are validated while everybody works.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE second ADD CONSTRAINT second_bound CHECK (id IS NOT NULL AND id >= 10 AND id < 20) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE second VALIDATE CONSTRAINT second_bound;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE rest ADD CONSTRAINT rest_second_not CHECK (NOT (id IS NOT NULL AND id >= 10 AND id < 20)) NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE rest VALIDATE CONSTRAINT rest_second_not;
    -- 5. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ALTER TABLE second DROP CONSTRAINT second_bound;
    ALTER TABLE rest DROP CONSTRAINT rest_second_not;
    ```

    ```sql allowed
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    CREATE TABLE second (id bigint NOT NULL, body text);
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ```
    """
    read = tuple(name for name in moment.effects.scans if not moment.is_new(name))
    if moment.is_new(attach.table) or not read:
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Attaching {} reads {} under lock", attach.partition, names(read)),
        message=paragraphs(
            say("PostgreSQL reads every row of {} to see that it lies on the right side of the bounds.", names(read)),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )
