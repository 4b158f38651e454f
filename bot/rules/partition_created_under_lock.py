"""The rule about CREATE TABLE ... PARTITION OF."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=42)
def partition_created_under_lock(table: op.CreateTable, moment: Moment) -> Hazards:
    """CREATE TABLE ... PARTITION OF locks the whole partitioned table against reads and writes.

    It waits for every query on the table, and reads its DEFAULT partition in full under the lock.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    -- given: CREATE TABLE rest PARTITION OF events DEFAULT;
    -- rows: rest 40000000
    CREATE TABLE second PARTITION OF events FOR VALUES FROM (10) TO (20);
    ```

    A table created beside it and then attached takes a lock on the parent that lets everybody work.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE rest ADD CONSTRAINT rest_second_not CHECK (NOT (id IS NOT NULL AND id >= 10 AND id < 20)) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE rest VALIDATE CONSTRAINT rest_second_not;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    CREATE TABLE second (
        LIKE events INCLUDING ALL EXCLUDING IDENTITY
    );
    ALTER TABLE events ATTACH PARTITION second FOR VALUES FROM (10) TO (20);
    ALTER TABLE rest DROP CONSTRAINT rest_second_not;
    ```

    ```sql allowed
    CREATE TABLE events (id bigint NOT NULL, body text) PARTITION BY RANGE (id);
    CREATE TABLE second PARTITION OF events FOR VALUES FROM (10) TO (20);
    ```
    """
    parent = table.partition_of
    if parent is None or moment.is_new(parent):
        return
    locked = tuple(block.relation for block in moment.blocks if block.mode.blocks_reads)
    if not locked:
        return
    read = tuple(name for name in moment.effects.scans if not moment.is_new(name))
    queues = tuple(Queues(name, LockMode.ACCESS_EXCLUSIVE, avoidable=True) for name in locked)
    yield Hazard(
        harms=(*queues, *moment.blocks, *exceeds(moment)),
        title=say("Creating {} as a partition locks all of {}", table.table, parent),
        message=paragraphs(
            say("CREATE TABLE ... PARTITION OF waits for every query on {}, and everybody waits behind it.", parent),
            say("Under the lock it reads {}, to see that no row there belongs in the new partition.", names(read))
            if read
            else NOTHING,
            consequences(moment, moment.blocks),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )
