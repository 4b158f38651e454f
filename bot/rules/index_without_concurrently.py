"""The rule about plain CREATE INDEX."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def index_without_concurrently(index: op.CreateIndex, moment: Moment) -> Hazards:
    """Building an index blocks writes to its table.

    A plain `CREATE INDEX` holds a SHARE lock while it reads every row: inserts, updates and deletes wait until
    the index is built and the transaction ends.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE INDEX users_email_idx ON users (email);
    ```

    `CONCURRENTLY` reads the table twice and blocks nobody. It cannot run inside a transaction, and when it
    fails it leaves an invalid index to drop by hand. On a partitioned table it works partition by partition.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    Nobody else can see a table that the same deploy creates:

    ```sql allowed
    CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE INDEX users_email_idx ON users (email);
    ```
    """
    done = moment.effects
    if index.concurrently or not done.scans or moment.is_new(index.table):
        return
    blocks = moment.blocks
    if not blocks:
        return
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Building {} blocks writes to {}", _named(index), index.table),
        message=paragraphs(
            say(
                "CREATE INDEX without CONCURRENTLY reads all of {} and makes writers wait until it is done.",
                index.table,
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )


def _named(index: op.CreateIndex) -> Message:
    return say("{}", named.index(index.index, index.table)) if index.index else say("this index")
