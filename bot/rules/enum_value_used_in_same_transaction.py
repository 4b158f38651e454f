"""The rule about enum values used before that is allowed."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import because
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, listing, paragraphs, say
from bot.core.rewrites import alone, apart, safe

_UNSAFE_NEW_ENUM_VALUE_USAGE = "55P04"


@rule(rank=10)
def enum_value_used_in_same_transaction(operation: op.Operation, moment: Moment) -> Hazards:
    """A new enum value cannot be used in the transaction that adds it.

    `ALTER TYPE ... ADD VALUE` is allowed in a transaction, but until that commits PostgreSQL refuses every use
    of the value: "unsafe use of new value".

    ```sql flagged
    -- given: CREATE TYPE mood AS ENUM ('sad', 'happy');
    -- given: CREATE TABLE people (id bigint PRIMARY KEY, mood mood);
    ALTER TYPE mood ADD VALUE 'content';
    UPDATE people SET mood = 'content' WHERE id = 1;
    ```

    Add the value in a migration of its own, and use it in the next.

    ```sql allowed
    -- given: CREATE TYPE mood AS ENUM ('sad', 'happy');
    ALTER TYPE mood ADD VALUE 'content';
    ```
    """
    if not moment.first:
        return
    failure = next((one for one in moment.effects.failures if one.sqlstate == _UNSAFE_NEW_ENUM_VALUE_USAGE), None)
    if failure is None and not _is_default(moment):
        return
    values = [value for _, value in sorted(moment.session.enum_values) if f"'{value}'" in moment.statement.sql]
    added = listing(map(named.thing, values)) or say("The new enum value")
    yield Hazard(
        harms=(Breaks(None, proven=failure is None or failure.certain),),
        title=say("{} is used in the transaction that adds it", added),
        message=paragraphs(
            say(
                "PostgreSQL refuses a new enum value until the transaction that added it has committed: this "
                "statement fails."
            ),
            say("It runs in the same one here: {}.", because(moment)) if because(moment) else NOTHING,
        ),
        rewrite=apart(safe(moment))
        or alone(moment, say("In a migration of its own, when the value is committed."), unhurried=False),
    )


def _is_default(moment: Moment) -> bool:
    """Whether a column of the enum that is added or created here has a new value as its default."""
    columns = [
        column
        for operation in moment.statement.operations
        for column in (
            (operation.column,)
            if isinstance(operation, op.AddColumn)
            else operation.columns
            if isinstance(operation, op.CreateTable)
            else ()
        )
    ]
    return any(
        column.type is not None
        and column.default is not None
        and column.type.element.name == enum.name
        and f"'{value}'" in column.default.text
        for column in columns
        for enum, value in moment.session.enum_values
    )
