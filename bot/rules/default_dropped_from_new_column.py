"""The rule about defaults that old code relies on."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say


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

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';
    ```
    """
    table = moment.session.resolve(change.table)
    if moment.is_new(table):
        return
    added = [
        operation
        for timed in moment.timeline[: moment.index]
        for operation in timed.statement.operations
        if isinstance(operation, op.AddColumn)
        and operation.column.name == change.column
        and moment.session.resolve(operation.table) == table
    ]
    if not any(isinstance(one, op.NotNull) for operation in added for one in operation.column.constraints):
        return
    column = named.column(change.column, change.table)
    yield Hazard(
        harms=(Breaks(table, proven=False, code_only=True),),
        title=say("Without its default {} makes running code's INSERTs fail", column),
        message=say(
            "{} is NOT NULL and new: code that runs while this is deployed does not write it, so every INSERT into {} "
            "fails from here on. Keep the default until the new code is everywhere.",
            column,
            change.table,
        ),
        assumptions=(say("running code inserts into the table"),),
    )
