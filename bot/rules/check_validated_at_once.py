"""The rule about checks that read the table while they are added."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import operations as op
from bot.core.language.messages import Code, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def check_validated_at_once(change: op.AddCheck, moment: Moment) -> Hazards:
    """Adding a CHECK reads the whole table while nobody can use it.

    ADD CONSTRAINT ... CHECK takes an ACCESS EXCLUSIVE lock and keeps it while every row is checked.

    ```sql flagged
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- rows: orders 40000000
    ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0);
    ```

    NOT VALID checks new rows only and is instant; VALIDATE CONSTRAINT, in a transaction of its own, reads the
    old ones while everybody works.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    ```
    """
    done = moment.alone
    if change.constraint.not_valid or not done.scans or moment.is_new(change.table):
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("The check on {} is made against every row under lock", change.table),
        message=paragraphs(
            say(
                "PostgreSQL reads every row of {} and checks {}.", change.table, Code(change.constraint.expression.text)
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
