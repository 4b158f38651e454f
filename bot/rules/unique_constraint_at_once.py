"""The rule about unique and primary key constraints that build their index under lock."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def unique_constraint_at_once(change: op.AddUnique | op.AddPrimaryKey, moment: Moment) -> Hazards:
    """Adding a unique or primary key constraint builds its index while nobody can use the table.

    The ACCESS EXCLUSIVE lock is held while the index is built. A primary key over columns that may be null
    scans the table for nulls as well, even USING INDEX.

    ```sql flagged
    -- given: CREATE TABLE accounts (id bigint PRIMARY KEY, email text);
    ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE (email);
    ```

    Build the unique index CONCURRENTLY, then make it the constraint: that is instant.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE UNIQUE INDEX CONCURRENTLY accounts_email_key ON accounts (email);
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE USING INDEX accounts_email_key;
    ```

    ```sql allowed
    -- given: CREATE TABLE accounts (id bigint PRIMARY KEY, email text);
    -- given: CREATE UNIQUE INDEX accounts_email_key ON accounts (email);
    ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE USING INDEX accounts_email_key;
    ```
    """
    done = moment.alone
    if moment.is_new(change.table) or not (done.index_builds or done.scans):
        return
    kind = "primary key" if isinstance(change, op.AddPrimaryKey) else "unique constraint"
    using = change.constraint.using_index
    work = (
        say("PostgreSQL reads all of {} to see that no key is null: its columns may be null so far.", change.table)
        if using
        else say(
            "PostgreSQL reads all of {} and builds the index of the {} under its lock; duplicates make it fail.",
            change.table,
            say(kind),
        )
    )
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say(
            "The {} of {} {} under lock", say(kind), change.table, say("scans it" if using else "builds its index")
        ),
        message=paragraphs(work, consequences(moment, blocks)),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
