"""The rule about columns dropped under running code."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import still_used
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.rewrites import safe


@rule(rank=15)
def column_dropped_in_use(change: op.DropColumn, moment: Moment) -> Hazards:
    """Dropping a column breaks the code that still runs with it.

    While a deploy rolls out, old code is still running; ORMs name every column they know in INSERT and SELECT,
    also those that nobody uses any more. The values are gone for good.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text, plan text);
    ALTER TABLE users DROP COLUMN plan;
    ```

    Release code that ignores the column first, and drop it in the next deploy.

    ```sql rewritten
    -- 1. Deploy: Release code that neither reads nor writes users.plan (ORMs: ignore it).
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    ALTER TABLE users DROP COLUMN plan;
    ```

    ```sql allowed
    CREATE TABLE drafts (id bigint PRIMARY KEY, plan text);
    ALTER TABLE drafts DROP COLUMN plan;
    ```
    """
    if moment.is_new(change.table) or _is_made_here(change, moment):
        return
    key = (change.table.name, change.column)
    if key in moment.evidence.ignored_columns:
        return
    places = moment.evidence.references.get(key, ())
    column = named.column(change.column, change.table)
    yield Hazard(
        harms=(Breaks(change.table, proven=bool(places), code_only=True),),
        title=say("Dropping {} breaks code that still uses it", column),
        message=paragraphs(
            say(
                "Code that runs while this is deployed may still read or write {} of {}, and fails from then on; "
                "the values are lost.",
                column,
                change.table,
            ),
            still_used(places),
        ),
        rewrite=safe(moment),
        assumptions=() if places else (say("running code may still use the column"),),
    )


def _is_made_here(change: op.DropColumn, moment: Moment) -> bool:
    """Whether this run added the column, so that no running code can know it."""
    table = moment.session.resolve(change.table)
    began = moment.timeline[0].session.catalog.relations.get(table)
    now = moment.relation(change.table)
    return began is not None and now is not None and began.column(change.column) is None and bool(began.columns)
