"""The rule about serial and identity columns added to a table."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=20)
def serial_column_rewrite(change: op.AddColumn, moment: Moment) -> Hazards:
    """Adding a serial or identity column rewrites the table while nobody can use it.

    Every existing row takes its number from the sequence, so the whole table and all its indexes are
    rewritten under an ACCESS EXCLUSIVE lock. An identity column is no better than `serial` here.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
    ```

    A plain column with a sequence as its default numbers new rows at once; the old ones follow in batches. Once none is
    empty, it becomes an identity column in an instant.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN number bigint;
    CREATE SEQUENCE events_number_fill OWNED BY events.number;
    GRANT USAGE ON SEQUENCE events_number_fill TO PUBLIC;
    ALTER TABLE events ALTER COLUMN number SET DEFAULT nextval('events_number_fill');
    -- 2. A script, in batches:
    UPDATE events SET number = nextval('events_number_fill') WHERE number IS NULL;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD CONSTRAINT events_number_not_null NOT NULL number NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events VALIDATE CONSTRAINT events_number_not_null;
    -- 5. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ALTER COLUMN number DROP DEFAULT;
    ALTER SEQUENCE events_number_fill OWNED BY NONE;
    ALTER TABLE events ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY;
    SELECT setval(pg_get_serial_sequence('events', 'number'), pg_sequence_last_value('events_number_fill'));
    DROP SEQUENCE events_number_fill;
    ```

    In a table that is created with it nothing has to be rewritten:

    ```sql allowed
    CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text);
    ```
    """
    column = change.column
    numbered = column.identity is not None or (column.type is not None and column.type.is_serial)
    if not numbered or moment.is_new(change.table) or not moment.alone.rewrites:
        return
    kind = "an identity column" if column.identity is not None else "a serial column"
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Adding {} rewrites {}", named.column(column.name, change.table), change.table),
        message=paragraphs(
            say(
                "{} is {}: every row takes a number from its sequence, so PostgreSQL rewrites {} and all of its "
                "indexes.",
                named.column(column.name, change.table),
                say(kind),
                change.table,
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=moment.alone.assumptions,
    )
