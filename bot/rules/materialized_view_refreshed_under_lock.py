"""The rule about plain REFRESH MATERIALIZED VIEW."""

from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import consequences, exceeds
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, paragraphs, say
from bot.core.rewrites import safe


@rule(rank=32)
def materialized_view_refreshed_under_lock(refresh: op.RefreshMaterializedView, moment: Moment) -> Hazards:
    """REFRESH MATERIALIZED VIEW keeps readers of the view waiting while its query runs.

    ```sql flagged
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- given: CREATE MATERIALIZED VIEW totals AS SELECT id, total FROM orders;
    REFRESH MATERIALIZED VIEW totals;
    ```

    CONCURRENTLY lets people read; it needs a unique index on the view, on plain columns and without WHERE. Where there
    is none, build that first.

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
    -- given: CREATE MATERIALIZED VIEW totals AS SELECT id, total FROM orders;
    -- given: CREATE UNIQUE INDEX totals_id_idx ON totals (id);
    REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
    ```
    """
    if refresh.concurrently or not refresh.with_data or moment.is_new(refresh.view):
        return
    blocks = moment.blocks
    rewrite = safe(moment)
    yield Hazard(
        harms=(*blocks, *exceeds(moment)),
        title=say("Refreshing {} keeps its readers waiting", refresh.view),
        message=paragraphs(
            say("REFRESH without CONCURRENTLY locks {} against reads while its query runs.", refresh.view),
            NOTHING
            if rewrite is not None
            else say(
                "CONCURRENTLY needs a unique index on plain columns of the view, without WHERE. Which columns tell its "
                "rows apart only you know: build it first, by CREATE UNIQUE INDEX CONCURRENTLY, in a file of its own."
            ),
            consequences(moment, blocks),
        ),
        rewrite=rewrite,
        assumptions=moment.effects.assumptions,
    )
