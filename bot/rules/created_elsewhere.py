"""The rule about creating what another pull request creates, too."""

from bot.core.judging.clashes import (
    before,
    comes_first,
    fails,
    noted,
    pull,
    seen_at,
    seen_elsewhere,
    touched_here,
    unless_apart,
)
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.things import Part, Touch
from bot.core.language import operations as op
from bot.core.language.messages import paragraphs, say


@rule(rank=5)
def created_elsewhere(operation: op.Operation, moment: Moment) -> Hazards:
    """Another pull request creates something of the same name.

    The one that is deployed later fails: it exists already. With IF NOT EXISTS it is skipped instead, and what the
    other has made stays, whatever its columns are.

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
        if touch.part is Part.MAKES:
            found = list(_found(touch, moment))
            if found:
                yield found[0]
                return


def _found(touch: Touch, moment: Moment) -> Hazards:
    for seen in seen_elsewhere(moment, touch):
        if seen.mark.part is not Part.MAKES or before(moment, touch.thing.key) is not None:
            continue
        title = say("{} is also created in {}", touch.thing.named, pull(seen.brought.number))
        if comes_first(seen, moment):
            stops = say("Where that has run, this fails, because it exists already, and the migration stops here.")
            skipped = say("Where that has run, this is skipped: what it made there stays as it is.")
            yield Hazard(
                (noted() if touch.guarded else fails(moment.statement.path, seen.mark.path),),
                title,
                paragraphs(
                    say("The statement at {} creates it, too.", seen_at(seen)),
                    skipped if touch.guarded else stops,
                    unless_apart(moment.statement.path, seen.mark.path),
                ),
            )
        elif not seen.mark.guarded:
            reported = say("See {}, which was opened later: it is reported there.", seen_at(seen))
            yield Hazard((noted(),), title, reported)
