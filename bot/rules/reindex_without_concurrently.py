"""The rule about plain REINDEX."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def reindex_without_concurrently(rebuild: op.Reindex, moment: Moment) -> Hazards:
    """REINDEX makes reads and writes wait while it rebuilds.

    The table is locked against writes only, but each index against everything, and planning any query opens
    every index of its tables: reads wait as well.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX users_email_idx ON users (email);
    REINDEX INDEX users_email_idx;
    ```

    REINDEX CONCURRENTLY builds a new index beside the old one.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    REINDEX INDEX CONCURRENTLY users_email_idx;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX users_email_idx ON users (email);
    -- transaction: no
    REINDEX INDEX CONCURRENTLY users_email_idx;
    ```
    """
    if rebuild.concurrently:
        return
    blocks = moment.blocks
    if not blocks:
        return
    target = rebuild.target or (named.schema(rebuild.name) if rebuild.name is not None else say("the database"))
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("REINDEX of {} makes reads and writes wait", target),
        message=paragraphs(
            say(
                "REINDEX locks each index against everything while it is rebuilt, and every query has to open the "
                "indexes of its tables."
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=moment.effects.assumptions,
    )
