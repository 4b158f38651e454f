"""The rule about defaults that differ from row to row."""

from dataclasses import replace

from bot.core.effects import effects
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Code, Message, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=20)
def volatile_default_rewrite(change: op.AddColumn, moment: Moment) -> Hazards:
    """Adding a column with a volatile default rewrites the table while nobody can use it.

    A default that may differ from row to row (`gen_random_uuid()`, `random()`, `clock_timestamp()`,
    `nextval(...)`, functions of your own left VOLATILE) has to be computed and stored for each of them. Reads
    and writes wait until the table and its indexes are rewritten.

    ```sql flagged
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN token uuid DEFAULT gen_random_uuid();
    ```

    Add the column first, set its default for new rows, and fill the old ones in batches.

    ```sql rewritten
    -- 1. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE events ADD COLUMN token uuid;
    ALTER TABLE events ALTER COLUMN token SET DEFAULT gen_random_uuid();
    -- 2. A script, in batches:
    UPDATE events SET token = gen_random_uuid() WHERE token IS NULL;
    ```

    A constant or stable default (`now()`, `CURRENT_USER`) is stored once for all rows since PostgreSQL 11:

    ```sql allowed
    -- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
    ALTER TABLE events ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();
    ```
    """
    column = change.column
    if column.default is None or column.generated or column.identity or moment.is_new(change.table):
        return
    done = moment.alone
    bare = replace(change, column=replace(column, default=None))
    if not done.rewrites or effects((bare,), moment.session, moment.major).rewrites:
        return
    doubtful = _is_doubtful(done.assumptions, effects((bare,), moment.session, moment.major).assumptions)
    blocks = tuple(replace(block, doubtful=doubtful) for block in moment.blocks)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("The default of {} rewrites {}", named.column(column.name, change.table), change.table),
        message=paragraphs(
            say(
                "{} may differ from row to row, so PostgreSQL stores a value in each and rewrites {} and all "
                "of its indexes.",
                Code(column.default.text),
                change.table,
            ),
            consequences(moment, blocks),
        ),
        rewrite=safe(moment),
        assumptions=done.assumptions,
    )


def _is_doubtful(with_default: tuple[Message, ...], without: tuple[Message, ...]) -> bool:
    """Whether something about the default itself had to be assumed: the volatility of an unknown function."""
    return bool(set(with_default) - set(without))
