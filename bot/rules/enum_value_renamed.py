"""The rule about enum values renamed under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.words import code


@rule(rank=16)
def enum_value_renamed(change: op.RenameEnumValue, moment: Moment) -> Hazards:
    """Renaming an enum value breaks the code that still says the old one.

    ```sql flagged
    -- given: CREATE TYPE mood AS ENUM ('sad', 'happy');
    ALTER TYPE mood RENAME VALUE 'happy' TO 'glad';
    ```

    Add the new value, release code that knows both, move the rows in batches, and leave the old value unused.

    ```sql allowed
    CREATE TYPE weather AS ENUM ('fair', 'foul');
    ```
    """
    yield Hazard(
        harms=(Breaks(None, proven=False),),
        title=f"Renaming {code(change.value)} breaks code that says the old value",
        message=(
            f"From this statement on PostgreSQL refuses {code(change.value)} wherever running code compares with it "
            f"or writes it. Add {code(change.to)} beside it, move the rows in batches, and leave the old value "
            "unused."
        ),
        assumptions=("running code may still use the old value",),
    )
