"""The rule about statements that take longer than they are allowed."""

from bot.core.judging.rule import Hazard, Hazards, Moment, Speaks, rule
from bot.core.judging.sentences import exceeds, timeout
from bot.core.language import operations as op
from bot.core.language.messages import Seconds, paragraphs, say
from bot.core.rewrites import alone, safe


@rule(rank=60, speaks=Speaks.IF_UNSAID)
def statement_timeout_too_short(operation: op.Operation, moment: Moment) -> Hazards:
    """A statement that takes longer than statement_timeout is cancelled, and the migration fails.

    ```sql flagged
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- given: ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    -- rows: orders 400000000
    -- setting: statement_timeout 5s
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```

    Lift the timeout for this statement; work that blocks nobody may take its time.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- given: ALTER TABLE orders ADD CONSTRAINT total_is_positive CHECK (total >= 0) NOT VALID;
    -- rows: orders 400000000
    SET LOCAL statement_timeout = 0;
    ALTER TABLE orders VALIDATE CONSTRAINT total_is_positive;
    ```
    """
    over = exceeds(moment)
    if not moment.first or not over or moment.estimate is None:
        return
    yield Hazard(
        harms=over,
        title=say("The statement may take longer than its statement_timeout of {}", Seconds(over[0].timeout)),
        message=paragraphs(say("It takes {}.", moment.estimate), timeout(moment)),
        rewrite=None if moment.blocks else safe(moment) or alone(moment, say("Without the timeout: it blocks nobody.")),
    )
