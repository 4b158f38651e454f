"""The rule about stored generated columns."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Code, Message, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=20)
def generated_column_rewrite(change: op.AddColumn | op.SetExpression, moment: Moment) -> Hazards:
    """Adding a stored generated column rewrites the table while nobody can use it.

    PostgreSQL computes the value of every row, rewrites the whole table and every index, and holds an ACCESS
    EXCLUSIVE lock until the transaction ends: reads and writes wait. `to_tsvector` over long texts makes it
    slower still.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    -- rows: events 1150000
    ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
    ```

    A plain column that a trigger fills is instant; existing rows are filled in batches by a script,
    outside the migration. An index on the expression, or from PostgreSQL 18 on `VIRTUAL`, may do without a stored copy.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN search tsvector;
    CREATE FUNCTION events_search_fill() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      NEW.search := to_tsvector('english', NEW.body);
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER events_search_fill BEFORE INSERT OR UPDATE OF body, search ON events
    FOR EACH ROW EXECUTE FUNCTION events_search_fill();
    -- 2. A script, in batches:
    UPDATE events
    SET search = to_tsvector('english', body)
    WHERE search IS NULL AND (to_tsvector('english', body)) IS NOT NULL;
    ```

    Nobody uses a table that the same deploy creates:

    ```sql allowed
    CREATE TABLE notes (id bigint PRIMARY KEY, body text);
    ALTER TABLE notes ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
    ```
    """
    if isinstance(change, op.AddColumn) and change.column.generated is None:
        return
    done = moment.alone
    if not done.rewrites or moment.is_new(change.table):
        return
    column = change.column.name if isinstance(change, op.AddColumn) else change.column
    name = named.column(column, change.table)
    verb = "Adding" if isinstance(change, op.AddColumn) else "Changing"
    blocks = moment.blocks
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("{} {} rewrites {}", say(verb), name, change.table),
        message=paragraphs(
            say(
                "{} is a stored generated column: PostgreSQL computes it for every row and rewrites {} and all "
                "of its indexes.",
                name,
                change.table,
            ),
            consequences(moment, blocks),
            _without_a_copy(change, moment),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )


def _without_a_copy(change: op.AddColumn | op.SetExpression, moment: Moment) -> Message:
    """What does without a stored copy of the value."""
    if isinstance(change, op.SetExpression):
        return say("No way around that is known here: a second stored column would rewrite the table, too.")
    if change.column.generated is None:
        return NOTHING
    index = say(
        "Where the column is only searched, an index on {}, built CONCURRENTLY, does without it.",
        Code(f"({change.column.generated.expression.text})"),
    )
    if moment.major < _VIRTUAL:
        return index
    return say("{} VIRTUAL in place of STORED is instant: the value is computed when it is read.", index)


_VIRTUAL = 18
