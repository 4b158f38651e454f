"""The rule about LOCK TABLE."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, rule
from bot.core.judging.sentences import consequences, names
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say


@rule(rank=44)
def lock_table_in_migration(lock: op.LockTable, moment: Moment) -> Hazards:
    """LOCK TABLE makes others wait until the transaction ends.

    Without a mode it takes ACCESS EXCLUSIVE: reads and writes wait. The locks that DDL takes by itself are as
    strong as they have to be.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    LOCK TABLE users;
    ```

    ```sql allowed
    CREATE TABLE staging (id bigint);
    LOCK TABLE staging;
    ```
    """
    blocks = moment.blocks
    if not blocks or not lock.mode.blocks_writes:
        return
    tables = tuple(block.relation for block in blocks)
    yield Hazard(
        harms=(*blocks, *(Queues(table, lock.mode) for table in tables)),
        title=say("LOCK TABLE makes everybody wait for {}", names(tables)),
        message=paragraphs(
            say(
                "The lock on {} is kept until the transaction ends; it waits for every query that runs, and others "
                "wait behind it.",
                names(tables),
            ),
            consequences(moment, blocks),
        ),
        assumptions=moment.effects.assumptions,
    )
