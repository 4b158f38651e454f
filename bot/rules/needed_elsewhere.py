"""The rule about dropping or renaming what another pull request needs."""

from bot.core.judging.beside import Seen
from bot.core.judging.clashes import before, fails, noted, pull, seen_at, seen_elsewhere, touched_here, unless_other
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.touches import Part, Touch
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say


@rule(rank=5)
def needed_elsewhere(operation: op.Operation, moment: Moment) -> Hazards:
    """The statement drops or renames what another open pull request needs.

    If this is merged first, the other fails. If it is merged last, what the other has built is gone.

    ```sql flagged
    -- file: 20260516101500_drop_status.sql
    ALTER TABLE orders DROP COLUMN status;
    -- pull request 12: 20260515000000_orders_idx.sql
    CREATE INDEX orders_status_idx ON orders (status);
    ```

    Decide which of the two is meant. Where the other only reads or changes rows, as a backfill does, merging it first
    is enough.

    ```sql allowed
    -- file: 20260516101500_drop_idx.sql
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    -- given: CREATE INDEX orders_note_idx ON orders (note);
    -- transaction: no
    DROP INDEX CONCURRENTLY orders_note_idx;
    -- pull request 12: 20260515000000_orders_total.sql
    ALTER TABLE orders ADD COLUMN total numeric;
    ```
    """
    if not moment.evidence.beside.seen:
        return
    for touch in touched_here(moment):
        if touch.part in (Part.DROPS, Part.RENAMES):
            found = list(_found(touch, moment))
            if found:
                yield found[0]
                return


def _found(touch: Touch, moment: Moment) -> Hazards:
    known = seen_elsewhere(moment, touch)
    dropping = {one.brought.number for one in known if one.mark.part in (Part.DROPS, Part.RENAMES)}
    every = [one for one in known if _needs(one) and one.brought.number not in dropping]
    every.sort(key=lambda one: one.mark.part is not Part.BUILDS)
    last = before(moment, touch.thing.key) if every else None
    if not every or (last is not None and last.part is Part.MAKES):
        return
    seen = every[0]
    number = moment.evidence.beside.number
    title = say("{} is used in {}", touch.thing.named, pull(seen.brought.number))
    if number is not None and seen.brought.number > number:
        yield Hazard((noted(),), title, say("See {}, which was opened later: it is reported there.", seen_at(seen)))
    elif number is not None and seen.mark.part is Part.BUILDS:
        yield Hazard(
            (fails(touch.thing, moment.statement.path, seen.mark.path),),
            title,
            paragraphs(
                say("The statement at {} builds on it.", seen_at(seen)),
                say("If this is merged first, that fails. If that is merged first, this removes what it has built on."),
                say("Only one of the two can stand as it is."),
                unless_other(touch.thing, moment.statement.path, seen.mark.path),
            ),
        )
    elif number is not None:
        yield Hazard(
            (Breaks(None, proven=False),),
            title,
            paragraphs(
                say("The statement at {} needs it.", seen_at(seen)),
                say("If this is merged first, that fails: merge {} first.", pull(seen.brought.number)),
            ),
        )


def _needs(seen: Seen) -> bool:
    return not seen.brought.is_first and seen.mark.part in (Part.BUILDS, Part.USES)
