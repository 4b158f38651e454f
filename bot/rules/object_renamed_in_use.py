"""The rule about schemas, functions and types renamed under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say

_NAMED_BY_CODE = ("SCHEMA", "FUNCTION", "PROCEDURE", "ROUTINE", "TYPE", "DOMAIN")


@rule(rank=16)
def object_renamed_in_use(change: op.RenameObject, moment: Moment) -> Hazards:
    """Renaming a schema, function or type breaks the code that uses the old name.

    ```sql flagged
    -- given: CREATE SCHEMA billing;
    ALTER SCHEMA billing RENAME TO invoicing;
    ```

    Create the new one beside the old, release code that uses the new name, and drop the old one afterwards.

    ```sql allowed
    CREATE SCHEMA invoicing;
    ```
    """
    if change.kind.upper() not in _NAMED_BY_CODE:
        return
    yield Hazard(
        harms=(Breaks(None, proven=False, code_only=True),),
        title=say("Renaming {} breaks code that uses the old name", named.thing(change.name)),
        message=say(
            "Code that uses {} fails from this statement on; code that uses {} fails until then. Both run "
            "while a deploy rolls out.",
            named.thing(change.name),
            named.thing(change.to),
        ),
        assumptions=(say("running code may still use the old name"),),
    )
