"""The rule about required columns that existing rows cannot have."""

from bot.core.cost.estimate import Estimate
from bot.core.judging.rule import Blocks, Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import how_large
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=12)
def not_null_without_default(change: op.AddColumn, moment: Moment) -> Hazards:
    """Adding a NOT NULL column without a default fails as soon as the table has a row.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text NOT NULL;
    ```

    Add it nullable, fill it, then require it; or give it a constant default.

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT 'free';
    ```
    """
    column = change.column
    required = any(isinstance(one, op.NotNull) for one in column.constraints)
    filled = (
        column.default or column.generated or column.identity or (column.type is not None and column.type.is_serial)
    )
    if not required or filled or moment.is_new(change.table):
        return
    relation = moment.relation(change.table)
    known = relation.size.rows if relation is not None and relation.size is not None else None
    if known == 0 or (relation is not None and relation.column(column.name) is not None and change.if_not_exists):
        return
    yield Hazard(
        harms=(Breaks(change.table, proven=bool(known)), *_at_once(moment)),
        title=say(
            "{} is NOT NULL, and existing rows of {} have no value for it",
            named.column(column.name, change.table),
            change.table,
        ),
        message=paragraphs(
            say(
                "PostgreSQL refuses to add a NOT NULL column without a default to a table that has rows, so the "
                "migration fails."
            ),
            how_large(change.table, moment) or say("migsafe cannot tell whether {} has rows.", change.table),
        ),
        rewrite=safe(moment),
    )


def _at_once(moment: Moment) -> tuple[Blocks, ...]:
    """The first row ends the statement: nobody waits for long."""
    return tuple(Blocks(block.relation, block.mode, None, Estimate(0, 0, 0)) for block in moment.blocks)
