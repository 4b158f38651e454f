"""The rule about plain DROP INDEX."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, rule
from bot.core.judging.sentences import kept_by_the_rest, names
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import safe


@rule(rank=40)
def drop_index_without_concurrently(drop: op.DropIndex, moment: Moment) -> Hazards:
    """Dropping an index locks its table against reads and writes, and waits for every query that uses it.

    The drop itself is instant, but the ACCESS EXCLUSIVE lock waits for every running query, and every new query
    waits behind it.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX users_email_idx ON users (email);
    DROP INDEX users_email_idx;
    ```

    `DROP INDEX CONCURRENTLY` waits as well, but blocks nobody. It cannot run inside a transaction.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    DROP INDEX CONCURRENTLY users_email_idx;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX users_email_idx ON users (email);
    -- transaction: no
    DROP INDEX CONCURRENTLY users_email_idx;
    ```
    """
    if drop.concurrently or (drop.if_exists and not moment.holds and moment.session.snapshot):
        return
    known = [moment.session.catalog.indexes.get(moment.session.resolve(name)) for name in drop.indexes]
    if all(
        moment.is_new(name) or (one is not None and moment.is_new(one.table))
        for name, one in zip(drop.indexes, known, strict=True)
    ):
        return
    dropped = {moment.session.resolve(name) for name in drop.indexes}
    locked = dict.fromkeys(block.relation for block in moment.blocks if block.relation not in dropped)
    tables = tuple(locked) or _tables(drop)
    rewrite = safe(moment)
    whose = say(" of {}", names(tables)) if tables != drop.indexes else NOTHING
    used = names(tables) if whose else say("its table")
    yield Hazard(
        harms=(
            *(Queues(table, LockMode.ACCESS_EXCLUSIVE, avoidable=rewrite is not None) for table in tables),
            *moment.blocks,
        ),
        title=say("Dropping {} locks out reads and writes{}", names(drop.indexes), whose),
        message=paragraphs(
            say("DROP INDEX waits for every query that uses {}, and every later query waits behind it.", used),
            kept_by_the_rest(moment),
            say(
                "PostgreSQL drops an index of a partitioned table only with this lock: instant once it has it. Put it "
                "alone in a transaction, behind a short lock_timeout."
            )
            if any(one is not None and one.partitioned for one in known)
            else NOTHING,
            say("Lock: {} on {}.", LockMode.ACCESS_EXCLUSIVE, used),
        ),
        rewrite=rewrite,
        assumptions=moment.effects.assumptions,
    )


def _tables(drop: op.DropIndex) -> tuple[Name, ...]:
    return (drop.table,) if drop.table is not None else drop.indexes
