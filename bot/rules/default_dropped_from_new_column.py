"""The rule about defaults that old code relies on."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.rewrites import safe
from bot.core.rewrites.drops import is_needed_by_old_code


@rule(rank=16)
def default_dropped_from_new_column(change: op.DropDefault, moment: Moment) -> Hazards:
    """Dropping the default of a NOT NULL column just added makes every INSERT of running code fail.

    The code that runs while this is deployed does not know the column, so it cannot give it a value. ORMs do
    this automatically: Django adds a default for the existing rows and drops it again.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';
    ALTER TABLE users ALTER COLUMN plan DROP DEFAULT;
    ```

    Keep the default until the new code is everywhere.

    ```sql rewritten
    -- 1. Deploy: Release code that always writes users.plan.
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users ALTER COLUMN plan DROP DEFAULT;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';
    ```
    """
    if not is_needed_by_old_code(change, moment):
        return
    column = named.column(change.column, change.table)
    yield Hazard(
        harms=(Breaks(moment.session.resolve(change.table), proven=False, code_only=True),),
        title=say("Without its default {} makes running code's INSERTs fail", column),
        message=say(
            "{} is NOT NULL and new: code that runs while this is deployed does not write it, so every INSERT into {} "
            "fails from here on. Keep the default until the new code is everywhere.",
            column,
            change.table,
        ),
        rewrite=safe(moment),
        assumptions=(say("running code inserts into the table"),),
    )
