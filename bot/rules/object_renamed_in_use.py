"""The rule about schemas, functions and types renamed under running code."""

from itertools import islice

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, paragraphs, say
from bot.core.rewrites import safe

_NAMED_BY_CODE = ("SCHEMA", "FUNCTION", "PROCEDURE", "ROUTINE", "TYPE", "DOMAIN")


@rule(rank=16)
def object_renamed_in_use(change: op.RenameObject, moment: Moment) -> Hazards:
    """Renaming a schema, function or type breaks the code that uses the old name.

    ```sql flagged
    -- given: CREATE DOMAIN share AS integer CHECK (VALUE <= 100);
    ALTER DOMAIN share RENAME TO percentage;
    ```

    ```sql flagged
    -- given: CREATE SCHEMA billing;
    ALTER SCHEMA billing RENAME TO invoicing;
    ```

    Keep both names until no code uses the old one: a domain of the old name over a renamed domain, a function of the
    old name that calls the renamed one. Other types are renamed when no code names them. A schema has no second name:
    code that names tables without their schema finds them by `search_path`, which may hold both; other code needs the
    old name.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER DOMAIN share RENAME TO percentage;
    CREATE DOMAIN share AS percentage;
    -- 2. Deploy: Release code that uses percentage.
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP DOMAIN share;
    ```

    ```sql allowed
    CREATE SCHEMA invoicing;
    ```
    """
    if change.kind.upper() not in _NAMED_BY_CODE or _stays_under_its_name(change, moment):
        return
    rewrite = safe(moment)
    yield Hazard(
        harms=(Breaks(None, proven=False, code_only=True),),
        title=say("Renaming {} breaks code that uses the old name", named.thing(change.name)),
        message=paragraphs(
            say(
                "Code that uses {} fails from this statement on; code that uses {} fails until then. Both run "
                "while a deploy rolls out.",
                named.thing(change.name),
                named.thing(change.to),
            ),
            _without_a_plan(change, moment) if rewrite is None else NOTHING,
        ),
        rewrite=rewrite,
        assumptions=(say("running code may still use the old name"),),
    )


def _stays_under_its_name(change: op.RenameObject, moment: Moment) -> bool:
    """Whether something else has the old name when the transaction ends."""
    for timed in islice(moment.timeline, moment.index + 1, None):
        if moment.transaction is None or timed.statement.transaction != moment.statement.transaction:
            return False
        for one in timed.statement.operations:
            if change.name == getattr(one, "domain" if isinstance(one, op.CreateDomain) else "function", None):
                return isinstance(one, op.CreateDomain | op.CreateFunction)
    return False


def _without_a_plan(change: op.RenameObject, moment: Moment) -> Message:
    if change.kind.upper() == "SCHEMA":
        return say(
            "PostgreSQL has no second name for a schema. Code that finds its tables by search_path goes on if that "
            "holds {} and {} before this runs; for code that writes {} before a name, keep the schema.",
            named.schema(change.name.name),
            named.schema(change.to),
            named.schema(change.name.name),
        )
    if moment.session.snapshot:
        return say(
            "A function of the old name that calls the new one cannot be written here: create a second one by hand, "
            "and drop the old one when no code calls it."
        )
    return say(
        "A function of the old name that calls the new one keeps both: what its arguments are is not known here."
    )
