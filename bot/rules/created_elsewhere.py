"""The rule about creating what another pull request creates, too."""

from bot.core.judging.beside import Seen
from bot.core.judging.clashes import (
    before,
    comes_first,
    fails,
    noted,
    pull,
    seen_at,
    seen_elsewhere,
    touched_here,
    unless_other,
)
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.judging.touches import Part, Touch
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say


@rule(rank=5)
def created_elsewhere(operation: op.Operation, moment: Moment) -> Hazards:
    """Another pull request creates something of the same name.

    The one that is deployed later fails: it exists already. With IF NOT EXISTS it is skipped instead, and what the
    other has made stays, whatever its columns are. With OR REPLACE it wins, and what the other has made is gone. The
    index of a key has the key's name, and an index must not have that of another.

    ```sql flagged
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note varchar(200);
    -- pull request 12: 20260515000000_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    ```

    Name it otherwise, or leave it to the other.

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY);
    -- rows: orders 100
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    -- pull request 12: 20260515000000_orders_remark.sql
    ALTER TABLE orders ADD COLUMN remark text;
    ```
    """
    if not moment.evidence.beside.seen:
        return
    for touch in touched_here(moment):
        if touch.part in (Part.MAKES, Part.REPLACES) and touch.thing.sure:
            found = list(_found(touch, moment))
            if found:
                yield found[0]
                return


def _found(touch: Touch, moment: Moment) -> Hazards:
    for seen in seen_elsewhere(moment, touch):
        if seen.mark.part not in (Part.MAKES, Part.REPLACES) or before(moment, touch.thing.key) is not None:
            continue
        if touch.part is Part.REPLACES:
            yield from _replaced(touch, seen, moment)
            continue
        title = say("{} is also created in {}", touch.thing.named, pull(seen.brought.number))
        if comes_first(seen, moment):
            stops = say("Where that has run, this fails, because it exists already, and the migration stops here.")
            skipped = say("Where that has run, this is skipped: what it made there stays as it is.")
            yield Hazard(
                (noted() if touch.guarded else fails(touch.thing, moment.statement.path, seen.mark.path),),
                title,
                paragraphs(
                    say("The statement at {} creates it, too.", seen_at(seen)),
                    skipped if touch.guarded else stops,
                    unless_other(touch.thing, moment.statement.path, seen.mark.path),
                ),
            )
        elif not seen.mark.guarded:
            reported = say("See {}, which was opened later: it is reported there.", seen_at(seen))
            yield Hazard((noted(),), title, reported)


def _replaced(touch: Touch, seen: Seen, moment: Moment) -> Hazards:
    """Both run, in either order: whichever comes last counts. What is merged may be what this one begins with."""
    if seen.brought.merged:
        return
    title = say("{} is also made in {}", touch.thing.named, pull(seen.brought.number))
    if comes_first(seen, moment):
        yield Hazard(
            (Breaks(None, proven=False),),
            title,
            paragraphs(
                say("The statement at {} makes it, too.", seen_at(seen)),
                say("Nothing fails: whichever runs last replaces what the other has made. Let one of them hold both."),
                unless_other(touch.thing, moment.statement.path, seen.mark.path),
            ),
        )
    else:
        reported = say("See {}, which was opened later: it is reported there.", seen_at(seen))
        yield Hazard((noted(),), title, reported)
