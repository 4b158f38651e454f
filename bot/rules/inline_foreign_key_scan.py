"""The rule about a foreign key written at a column that is added."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=30)
def inline_foreign_key_scan(change: op.AddColumn, moment: Moment) -> Hazards:
    """REFERENCES at an added column with a default checks every row while others wait.

    With a default, `DEFAULT NULL` included, PostgreSQL looks up every row of both tables: the table itself is
    locked against reads and writes, the referenced one against writes.

    ```sql flagged
    -- given: CREATE TABLE plans (id bigint PRIMARY KEY);
    -- given: CREATE TABLE accounts (id bigint PRIMARY KEY, name text);
    ALTER TABLE accounts ADD COLUMN plan_id bigint DEFAULT 1 REFERENCES plans (id);
    ```

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE accounts ADD COLUMN plan_id bigint DEFAULT 1;
    -- 2. A migration outside a transaction:
    SET lock_timeout = 0;
    CREATE INDEX CONCURRENTLY accounts_plan_id_idx ON accounts (plan_id);
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE accounts ADD CONSTRAINT accounts_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans (id) NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE accounts VALIDATE CONSTRAINT accounts_plan_id_fkey;
    ```

    Without a default there is nothing to check, and nothing is read:

    ```sql allowed
    -- given: CREATE TABLE plans (id bigint PRIMARY KEY);
    -- given: CREATE TABLE accounts (id bigint PRIMARY KEY, name text);
    ALTER TABLE accounts ADD COLUMN plan_id bigint REFERENCES plans (id);
    ```
    """
    keys = [one for one in change.column.constraints if isinstance(one, op.ForeignKey)]
    done = moment.alone
    if not keys or change.column.default is None or not done.scans or done.rewrites or moment.is_new(change.table):
        return
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say(
            "The foreign key on {} is checked against every row under lock",
            named.column(change.column.name, change.table),
        ),
        message=paragraphs(
            say(
                "Because {} has a default, PostgreSQL looks up every row of {} in {}.",
                named.column(change.column.name, change.table),
                change.table,
                names([key.references for key in keys]),
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )
