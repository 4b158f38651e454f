"""The rule about a CHECK written at a column that is added."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Code, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def inline_check_scan(change: op.AddColumn, moment: Moment) -> Hazards:
    """A CHECK at an added column makes PostgreSQL read the whole table while nobody can use it.

    Every row has the same value in the new column, and still each is checked, under the ACCESS EXCLUSIVE lock
    of ADD COLUMN.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    -- rows: events 40000000
    ALTER TABLE events ADD COLUMN weight integer DEFAULT 1 CHECK (weight > 0);
    ```

    Add the check NOT VALID, and validate it in a transaction of its own: that blocks nobody.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN weight integer DEFAULT 1;
    ALTER TABLE events ADD CONSTRAINT events_weight_check CHECK (weight > 0) NOT VALID;
    -- 2. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events VALIDATE CONSTRAINT events_weight_check;
    ```

    ```sql allowed
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN weight integer DEFAULT 1;
    ```
    """
    checks = [one for one in change.column.constraints if isinstance(one, op.Check)]
    done = moment.alone
    if not checks or not done.scans or done.rewrites or moment.is_new(change.table):
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("The check on {} reads all of {}", named.column(change.column.name, change.table), change.table),
        message=paragraphs(
            say(
                "PostgreSQL checks {} for every row of {}, although all have the same value.",
                Code(checks[0].expression.text),
                change.table,
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
