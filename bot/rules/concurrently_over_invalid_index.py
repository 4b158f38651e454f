"""The rule about an invalid index that a failed attempt left behind."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import indexes, safe


@rule(rank=12)
def concurrently_over_invalid_index(index: op.CreateIndex, moment: Moment) -> Hazards:
    """IF NOT EXISTS keeps the invalid index that a failed attempt left behind.

    When CREATE INDEX CONCURRENTLY fails or is cancelled, an INVALID index stays: no query uses it, every write
    maintains it, and a unique one guards nothing. `CREATE INDEX CONCURRENTLY IF NOT EXISTS` then says "already
    exists, skipping" and succeeds.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX users_email_idx ON users (email);
    -- invalid: users_email_idx
    -- transaction: no
    CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email_idx ON users (email);
    ```

    Drop what was left, then build it.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    DROP INDEX CONCURRENTLY IF EXISTS users_email_idx;
    -- 2. A migration outside a transaction:
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```
    """
    broken = indexes.invalid(index, moment)
    if broken is None:
        return
    outcome = say(
        "PostgreSQL finds the name taken, skips the statement, and the migration succeeds without an index."
        if index.if_not_exists
        else 'The statement fails: "already exists".'
    )
    left = named.index(broken.name, index.table)
    yield Hazard(
        harms=(Breaks(index.table, proven=True),),
        title=say("{} exists already, and is INVALID", left),
        message=paragraphs(
            say(
                "An earlier attempt to build {} failed and left it INVALID: no query uses it, and every write to {} "
                "maintains it.",
                left,
                index.table,
            ),
            outcome,
        ),
        rewrite=safe(moment),
    )
