"""The rule about other statements that PostgreSQL refuses in a transaction."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, Speaks, rule
from bot.core.judging.sentences import because
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import Code, paragraphs, say
from bot.core.language.migrations import Scope
from bot.core.rewrites import outside_a_transaction


@rule(rank=10, speaks=Speaks.IF_UNSAID)
def refused_in_transaction(operation: op.Operation, moment: Moment) -> Hazards:
    """VACUUM and a few other statements are refused inside a transaction, and the migration fails.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    VACUUM users;
    ```

    Run it outside a transaction, in a file of its own, or leave it to autovacuum.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    VACUUM users;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    VACUUM (TRUNCATE false) users;
    ```
    """
    transaction = moment.transaction
    if not moment.first or transaction is None or moment.effects.in_transaction is not InTransaction.REFUSED:
        return
    statement = Code(" ".join(moment.statement.sql.split()[:3]))
    yield Hazard(
        harms=(Breaks(None, proven=transaction.scope is not Scope.ASSUMED),),
        title=say("{} is refused in a transaction", statement),
        message=paragraphs(
            say("PostgreSQL refuses this statement inside a transaction block, so the migration fails here."),
            say("It runs in one here: {}.", because(moment)),
        ),
        rewrite=outside_a_transaction(moment),
    )
