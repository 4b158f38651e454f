"""The rule about TRUNCATE."""

from bot.core.judging.rule import Breaks, Harm, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import how_large, kept_by_the_rest, locks, names
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, paragraphs, say
from bot.core.language.names import Name


@rule(rank=15)
def truncate_in_migration(truncate: op.Truncate, moment: Moment) -> Hazards:
    """TRUNCATE deletes every row and locks the table against reads and writes.

    With CASCADE it empties every table that refers to it, too.

    ```sql flagged
    -- given: CREATE TABLE drafts (id bigint PRIMARY KEY, body text);
    TRUNCATE drafts;
    ```

    ```sql allowed
    CREATE TABLE staging (id bigint);
    TRUNCATE staging;
    ```
    """
    emptied = tuple(name for name in moment.effects.emptied if not moment.is_new(name))
    if not emptied:
        return
    asked = {moment.session.resolve(name) for name in truncate.tables}
    more = [name for name in emptied if name not in asked]
    harms: tuple[Harm, ...] = tuple(Breaks(name, proven=_has_rows(name, moment)) for name in emptied)
    yield Hazard(
        harms=(*harms, *moment.blocks),
        title=say("TRUNCATE deletes all rows of {}", names(emptied)),
        message=paragraphs(
            say("Every row of {} is gone when the transaction commits.", names(emptied)),
            say("CASCADE reaches {}, which the statement does not name.", names(more))
            if more and truncate.cascade
            else NOTHING,
            how_large(emptied[0], moment) if len(emptied) == 1 else NOTHING,
            _otherwise(emptied[0]) if len(emptied) == 1 else NOTHING,
            kept_by_the_rest(moment),
            locks(moment.blocks, moment),
        ),
        assumptions=() if any(_has_rows(name, moment) for name in emptied) else (say("the tables may have rows"),),
    )


def _otherwise(table: Name) -> Message:
    return say(
        "A DELETE in batches is not the same: it keeps what others write meanwhile, fires the triggers, keeps the "
        "space and the numbers of identity columns. Where no code uses {}, TRUNCATE behind a lock_timeout hurts "
        "nobody; where code does and nothing refers to the table, put an empty one in its place (CREATE TABLE ... LIKE "
        "... INCLUDING ALL, its owner and rights, then both renamed in one transaction) and drop the old one later.",
        table,
    )


def _has_rows(name: Name, moment: Moment) -> bool:
    relation = moment.relation(name)
    return relation is not None and relation.size is not None and bool(relation.size.rows)
