"""The rule about an invalid index that a failed attempt left behind."""

from bot.core.judging.phrases import paragraphs
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.rewrites import indexes, safe
from bot.core.words import code


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
    outcome = (
        "PostgreSQL finds the name taken, skips the statement, and the migration succeeds without an index."
        if index.if_not_exists
        else 'The statement fails: "already exists".'
    )
    yield Hazard(
        harms=(Breaks(index.table, proven=True),),
        title=f"{code(broken.name)} exists already, and is INVALID",
        message=paragraphs(
            f"An earlier attempt to build {code(broken.name)} failed and left it INVALID: no query uses it, and "
            f"every write to {code(index.table)} maintains it.",
            outcome,
        ),
        rewrite=safe(moment),
    )
