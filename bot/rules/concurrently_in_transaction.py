"""The rule about CONCURRENTLY where PostgreSQL refuses it."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import because
from bot.core.language import operations as op
from bot.core.language.facts import InTransaction
from bot.core.language.messages import Message, paragraphs, say
from bot.core.language.migrations import Scope
from bot.core.rewrites import safe


@rule(rank=10)
def concurrently_in_transaction(
    change: op.CreateIndex | op.DropIndex | op.Reindex | op.DetachPartition, moment: Moment
) -> Hazards:
    """CONCURRENTLY is refused inside a transaction, and the migration fails.

    PostgreSQL says "cannot run inside a transaction block", whether the transaction was opened by the file, by
    the tool, or came about because several statements were sent as one string.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    Put the statement alone into a file that runs outside a transaction.

    ```sql rewritten
    -- 1. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```
    """
    if not change.concurrently or moment.effects.in_transaction is not InTransaction.REFUSED:
        return
    transaction = moment.transaction
    if transaction is None:
        return
    relation = change.table if isinstance(change, op.CreateIndex | op.DetachPartition) else None
    yield Hazard(
        harms=(Breaks(relation, proven=transaction.scope is not Scope.ASSUMED),),
        title=say("{} CONCURRENTLY is refused in a transaction", _words(change)),
        message=paragraphs(
            say(
                "PostgreSQL refuses {} CONCURRENTLY inside a transaction block, so the migration fails here.",
                _words(change),
            ),
            say("It runs in one here: {}.", because(moment)),
        ),
        rewrite=safe(moment),
    )


def _words(change: op.CreateIndex | op.DropIndex | op.Reindex | op.DetachPartition) -> Message:
    match change:
        case op.CreateIndex():
            return say("CREATE INDEX")
        case op.DropIndex():
            return say("DROP INDEX")
        case op.Reindex():
            return say("REINDEX")
        case op.DetachPartition():
            return say("DETACH PARTITION")
