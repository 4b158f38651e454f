"""The rule about row security that lets nobody see anything."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.messages import say


@rule(rank=17)
def row_security_without_policy(change: op.SetRowSecurity, moment: Moment) -> Hazards:
    """Row security without a policy hides every row from everybody but the owner.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    ```

    Create the policies first, or in the same transaction.

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE POLICY everybody ON users USING (true);
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    ```
    """
    relation = moment.relation(change.table)
    if change.state != "ENABLE" or moment.is_new(change.table) or relation is None:
        return
    if relation.policies or relation.row_security or _follows(change, moment):
        return
    yield Hazard(
        harms=(Breaks(change.table, proven=False),),
        title=say("Row security without a policy hides every row of {}", change.table),
        message=say(
            "{} has no policy: from here on roles that neither own it nor bypass row security see no row and "
            "can write none. Create the policies first, or in the same transaction.",
            change.table,
        ),
        assumptions=(say("the application does not connect as the owner of the table"),),
    )


def _follows(change: op.SetRowSecurity, moment: Moment) -> bool:
    number, table = moment.statement.transaction, moment.session.resolve(change.table)
    return number is not None and any(
        isinstance(operation, op.CreatePolicy) and moment.session.resolve(operation.table) == table
        for timed in moment.timeline[moment.index + 1 :]
        if timed.statement.transaction == number
        for operation in timed.statement.operations
    )
