"""The rule about enum values renamed under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.rewrites import safe


@rule(rank=16)
def enum_value_renamed(change: op.RenameEnumValue, moment: Moment) -> Hazards:
    """Renaming an enum value breaks the code that still uses the old one.

    ```sql flagged
    -- given: CREATE TYPE mood AS ENUM ('sad', 'happy');
    ALTER TYPE mood RENAME VALUE 'happy' TO 'glad';
    ```

    Add the new value, release code that knows both, move the rows in batches, and leave the old value unused.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TYPE mood ADD VALUE 'glad' AFTER 'happy';
    -- 2. Deploy: Release code that reads "happy" and "glad" and writes "glad", also in defaults, checks and functions.
    -- 3. Deploy: Release code that knows only "glad", when no row holds "happy": move rows in batches before.
    ```

    ```sql allowed
    CREATE TYPE weather AS ENUM ('fair', 'foul');
    ```
    """
    yield Hazard(
        harms=(Breaks(None, proven=False, code_only=True),),
        title=say("Renaming {} breaks code that uses the old value", named.thing(change.value)),
        message=say(
            "From this statement on PostgreSQL refuses {} wherever running code compares with it or writes it. "
            "Add {} beside it, move the rows in batches, and leave the old value unused.",
            named.thing(change.value),
            named.thing(change.to),
        ),
        rewrite=safe(moment),
        assumptions=(say("running code may still use the old value"),),
    )
