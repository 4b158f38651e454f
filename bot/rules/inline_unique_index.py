"""The rule about UNIQUE or PRIMARY KEY written at a column that is added."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def inline_unique_index(change: op.AddColumn, moment: Moment) -> Hazards:
    """UNIQUE or PRIMARY KEY at an added column builds its index while nobody can use the table.

    The index is built under the ACCESS EXCLUSIVE lock of ADD COLUMN.

    ```sql flagged
    -- given: CREATE TABLE accounts (id bigint PRIMARY KEY, name text);
    ALTER TABLE accounts ADD COLUMN email text UNIQUE;
    ```

    Build the index CONCURRENTLY and make it the constraint afterwards.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE accounts ADD COLUMN email text;
    -- 2. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE UNIQUE INDEX CONCURRENTLY accounts_email_key ON accounts (email);
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE USING INDEX accounts_email_key;
    ```

    ```sql allowed
    CREATE TABLE accounts (id bigint PRIMARY KEY, email text UNIQUE);
    ```
    """
    keys = [one for one in change.column.constraints if isinstance(one, op.Unique | op.PrimaryKey)]
    done = moment.alone
    if not keys or done.rewrites or moment.is_new(change.table) or not done.index_builds:
        return
    kind = "primary key" if isinstance(keys[0], op.PrimaryKey) else "unique constraint"
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say(
            "The {} on {} builds its index under lock", say(kind), named.column(change.column.name, change.table)
        ),
        message=paragraphs(
            say("PostgreSQL reads all of {} and builds an index before ADD COLUMN releases its lock.", change.table),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
