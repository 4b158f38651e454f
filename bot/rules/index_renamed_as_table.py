"""The rule about ALTER TABLE used on an index."""

from dataclasses import replace

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Hazard, Hazards, Moment, Queues, rule
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import say
from bot.core.rewrites.finishing import finished
from bot.core.rewrites.steps import migration


@rule(rank=46)
def index_renamed_as_table(change: op.RenameRelation, moment: Moment) -> Hazards:
    """ALTER TABLE ... RENAME of an index makes reads and writes of its table wait; ALTER INDEX does not.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX old_name ON users (email);
    ALTER TABLE old_name RENAME TO users_email_idx;
    ```

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER INDEX old_name RENAME TO users_email_idx;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE INDEX old_name ON users (email);
    ALTER INDEX old_name RENAME TO users_email_idx;
    ```
    """
    index = moment.session.catalog.indexes.get(moment.session.resolve(change.relation))
    if change.kind == "INDEX" or index is None or moment.is_new(index.table):
        return
    proper = replace(change, kind="INDEX")
    yield Hazard(
        harms=(Queues(index.table, LockMode.ACCESS_EXCLUSIVE, avoidable=True),),
        title=say("ALTER TABLE on the index {} locks out everybody", change.relation),
        message=say(
            "{} is an index of {}. ALTER TABLE locks it against everything, so every query on the table waits; "
            "ALTER INDEX ... RENAME lets all of them pass.",
            change.relation,
            index.table,
        ),
        rewrite=finished(SafeRewrite((migration(f"rename_{change.relation.name}", proper),)), moment),
    )
