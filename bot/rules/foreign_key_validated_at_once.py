"""The rule about foreign keys that are checked while they are added."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def foreign_key_validated_at_once(change: op.AddForeignKey, moment: Moment) -> Hazards:
    """Adding a foreign key blocks writes to both tables while every row is looked up.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    -- given: CREATE INDEX orders_user_id_idx ON orders (user_id);
    ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
    ```

    NOT VALID checks new rows only and is instant; VALIDATE CONSTRAINT, in a transaction of its own, reads the
    old ones while everybody works.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY);
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);
    -- given: CREATE INDEX orders_user_id_idx ON orders (user_id);
    ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
    ```
    """
    done = moment.alone
    if change.constraint.not_valid or not done.scans or moment.is_new(change.table):
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("The foreign key to {} is checked against every row under lock", change.constraint.references),
        message=paragraphs(
            say(
                "PostgreSQL looks up every row of {} in {} before it lets writers continue.",
                change.table,
                change.constraint.references,
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
