"""The rule about tables dropped under running code, or dropped and created again."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.sentences import how_large, still_used
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say
from bot.core.language.names import Name
from bot.core.rewrites import safe
from bot.core.rewrites.drops import is_made_again, is_replaced


@rule(rank=15)
def table_dropped_in_use(drop: op.DropTable, moment: Moment) -> Hazards:
    """Dropping a table breaks the code that still uses it, and its rows are lost.

    `create_table force: true` is a DROP TABLE, too: it empties a table that exists already. The tables that
    its foreign keys refer to are locked against reads and writes as well.

    ```sql flagged
    -- given: CREATE TABLE drafts (id bigint PRIMARY KEY, body text);
    DROP TABLE drafts;
    ```

    Drop it in a later deploy, when no code names it any more, and its foreign keys before, one by one.

    ```sql rewritten
    -- 1. Deploy: Release code that uses drafts no more.
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP TABLE drafts;
    ```

    ```sql allowed
    CREATE TABLE staging (id bigint);
    DROP TABLE staging;
    ```
    """
    for name in drop.tables:
        relation = moment.relation(name)
        missing = relation is None and moment.session.snapshot and moment.session.catalog.complete
        if moment.is_new(name) or (drop.if_exists and missing):
            continue
        if is_made_again(name, moment):
            yield _again(name, moment)
        else:
            yield _replaced(name, moment) if is_replaced(name, moment) else _gone(name, moment)


def _gone(name: Name, moment: Moment) -> Hazard:
    places = moment.evidence.references.get((name.name, None), ())
    return Hazard(
        harms=(Breaks(name, proven=bool(places), code_only=True),),
        title=say("Dropping {} breaks code that still uses it", name),
        message=paragraphs(
            say(
                "Code that runs while this is deployed may still use {}, and fails from then on; its rows are lost.",
                name,
            ),
            still_used(places),
            how_large(name, moment),
        ),
        rewrite=safe(moment),
        assumptions=() if places else (say("running code may still use the table"),),
    )


def _again(name: Name, moment: Moment) -> Hazard:
    relation = moment.relation(name)
    rows = relation.size.rows if relation is not None and relation.size is not None else None
    return Hazard(
        harms=(Breaks(name, proven=bool(rows)),),
        title=say("{} is dropped and created again: its rows are lost", name),
        message=paragraphs(
            say(
                "The table is dropped and created again, so whatever {} holds is gone (`force: true` does the same).",
                name,
            ),
            how_large(name, moment),
        ),
        assumptions=() if rows else (say("the table may have rows"),),
    )


def _replaced(name: Name, moment: Moment) -> Hazard:
    return Hazard(
        harms=(Breaks(name, proven=False),),
        title=say("{} is replaced by another table: rows written in between are lost", name),
        message=paragraphs(
            say(
                "Another table takes the name {}. Whatever is written to {} after its rows were copied is lost, "
                "unless it was locked against writes before.",
                name,
                name,
            ),
            how_large(name, moment),
        ),
        assumptions=(say("rows are written while they are copied"),),
    )
