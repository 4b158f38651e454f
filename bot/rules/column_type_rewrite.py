"""The rule about column types that cannot be changed in place."""

from dataclasses import replace

from bot.core.cost.estimate import Estimate
from bot.core.judging.rule import Blocks, Harm, Hazard, Hazards, Moment, Remark, rule
from bot.core.judging.sentences import consequences, exceeds, names
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, paragraphs, say
from bot.core.rewrites import safe
from bot.core.rewrites.retyping import no_way


@rule(rank=20)
def column_type_rewrite(change: op.AlterColumnType, moment: Moment) -> Hazards:
    """Changing a column's type rewrites the table, or its indexes, while nobody can use it.

    Most changes (`integer` to `bigint`, `json` to `jsonb`, `text` to `varchar(n)`, `timestamp` to `timestamptz`
    outside UTC) rewrite every row and rebuild every index, under an ACCESS EXCLUSIVE lock. Some keep the
    rows but rebuild the column's indexes, or check every row against a CHECK.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, clicks integer NOT NULL DEFAULT 0);
    ALTER TABLE events ALTER COLUMN clicks TYPE bigint;
    ```

    Fill a second column, prove that it has all that the old one has, and exchange the two in an instant; until the last
    step the exchange can be undone at once.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN clicks_new bigint;
    CREATE FUNCTION events_clicks_new_fill() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      NEW.clicks_new := NEW.clicks;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER events_clicks_new_fill BEFORE INSERT OR UPDATE OF clicks, clicks_new ON events
    FOR EACH ROW EXECUTE FUNCTION events_clicks_new_fill();
    -- 2. A script, in batches:
    UPDATE events SET clicks_new = clicks WHERE clicks_new IS NULL;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD CONSTRAINT events_clicks_new_not_null NOT NULL clicks_new NOT VALID;
    -- 4. A migration:
    SET LOCAL statement_timeout = 0;
    ALTER TABLE events VALIDATE CONSTRAINT events_clicks_new_not_null;
    ANALYZE events (clicks_new);
    -- 5. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP TRIGGER events_clicks_new_fill ON events;
    DROP FUNCTION events_clicks_new_fill;
    ALTER TABLE events ALTER COLUMN clicks_new SET DEFAULT 0;
    ALTER TABLE events ALTER COLUMN clicks DROP DEFAULT;
    ALTER TABLE events RENAME COLUMN clicks TO clicks_old;
    ALTER TABLE events RENAME COLUMN clicks_new TO clicks;
    ALTER TABLE events ALTER COLUMN clicks_old DROP NOT NULL;
    ALTER TABLE events RENAME CONSTRAINT events_clicks_new_not_null TO events_clicks_not_null;
    CREATE FUNCTION events_clicks_old_keep() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' AND NEW.clicks_old IS NOT NULL THEN
        NEW.clicks := NEW.clicks_old;
      END IF;
      IF TG_OP = 'INSERT' OR NEW.clicks IS DISTINCT FROM OLD.clicks THEN
        NEW.clicks_old := CASE WHEN NEW.clicks BETWEEN -2147483648 AND 2147483647 THEN NEW.clicks END;
      END IF;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER events_clicks_old_keep BEFORE INSERT OR UPDATE OF clicks, clicks_old ON events
    FOR EACH ROW EXECUTE FUNCTION events_clicks_old_keep();
    -- 6. Deploy: Wait until no way back is needed, and no code inserts into events without naming columns.
    -- 7. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP TRIGGER events_clicks_old_keep ON events;
    DROP FUNCTION events_clicks_old_keep;
    ALTER TABLE events DROP COLUMN clicks_old;
    ```

    A type that every old value already fits is instant: a longer `varchar`, `varchar` to `text`, more digits of a
    `numeric`:

    ```sql allowed
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, title varchar(50), price numeric(10,2));
    ALTER TABLE events ALTER COLUMN title TYPE varchar(200), ALTER COLUMN price TYPE numeric(12,2);
    ```
    """
    done = moment.alone
    if moment.is_new(change.table) or not (done.rewrites or done.scans or done.index_rebuilds):
        return
    known = moment.column(change.table, change.column)
    old = say(" from {}", known.type) if known is not None else NOTHING
    column = named.column(change.column, change.table)
    blocks = tuple(replace(block, doubtful=known is None) for block in moment.blocks)
    harms: tuple[Harm, ...] = (*blocks, *exceeds(moment))
    if known is None and _is_mostly_harmless(change):
        yield _harmless(change, moment)
        return
    yield Hazard(
        harms=harms,
        title=say("Changing {} to {} {} {}", column, change.type, _what(moment), change.table),
        message=paragraphs(
            say("The change{} to {} {}.", old, change.type, _work(change, moment)),
            NOTHING if known is not None else say("migsafe cannot tell what type {} has now.", column),
            consequences(moment, blocks),
            no_way(moment),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions
        or (() if known is not None else (say("the type of {} is not known", named.bare(column)),)),
    )


def _harmless(change: op.AlterColumnType, moment: Moment) -> Hazard:
    instant = tuple(Blocks(block.relation, block.mode, None, Estimate(0, 0, 0)) for block in moment.blocks)
    column = named.column(change.column, change.table)
    return Hazard(
        harms=(Remark(change.table), *instant),
        title=say("Changing {} to {} is instant from varchar, not from every type", column, change.type),
        message=say(
            "migsafe cannot tell what type {} of {} has now. From `varchar` and `text` nothing is rewritten; from "
            "most other types the whole table is, while nobody can use it.",
            column,
            change.table,
        ),
        assumptions=(say("{} is varchar or text now", named.bare(column)),),
    )


def _is_mostly_harmless(change: op.AlterColumnType) -> bool:
    """To text without conversion: from varchar, by far the most common old type, nothing is rewritten."""
    return str(change.type) in ("text", "varchar") and change.using is None and change.collation is None


def _what(moment: Moment) -> Message:
    done = moment.alone
    if done.rewrites:
        return say("rewrites")
    return say("rebuilds indexes of" if done.index_rebuilds else "reads all of")


def _work(change: op.AlterColumnType, moment: Moment) -> Message:
    done = moment.alone
    if done.rewrites:
        return say("rewrites every row of {} and rebuilds its indexes", change.table)
    if done.index_rebuilds:
        return say("keeps the rows, but rebuilds {}", names(list(done.index_rebuilds)))
    return say("keeps the rows, but checks each of them against the constraints on the column")
