"""The rule about columns renamed under running code."""

from bot.core.operations import RenameColumn
from bot.core.phrases import paragraphs
from bot.core.rewrites import safe
from bot.core.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.words import code, listing


@rule(rank=15)
def column_renamed_in_use(change: RenameColumn, moment: Moment) -> Hazards:
    """Renaming a column breaks the code that still runs with the old name.

    There is no moment at which old and new code can both run: whichever is deployed first fails.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, name text);
    ALTER TABLE users RENAME COLUMN name TO full_name;
    ```

    Keep both names for a while, or leave the column its name and change only what the code calls it.

    ```sql rewritten
    ```

    ```sql allowed
    CREATE TABLE drafts (id bigint PRIMARY KEY, name text);
    ALTER TABLE drafts RENAME COLUMN name TO full_name;
    ```
    """
    if moment.is_new(change.table) or change.kind == "TYPE":
        return
    began = moment.timeline[0].session.catalog.relations.get(moment.session.resolve(change.table))
    if began is not None and began.columns and began.column(change.column) is None:
        return
    places = moment.evidence.references.get((change.table.name, change.column), ())
    yield Hazard(
        harms=(Breaks(change.table, proven=bool(places)),),
        title=f"Renaming {code(change.column)} breaks code that says the old name",
        message=paragraphs(
            f"From this statement on, code that says {code(change.column)} fails; until it, code that says "
            f"{code(change.to)} does. "
            f"Both run while a deploy rolls out.",
            f"The old name stands in {listing(code(place) for place in places[:3])}." if places else "",
        ),
        rewrite=safe(moment),
        assumptions=() if places else ("running code may still use the old name",),
    )
