"""The rule about a statement that needs what another pull request drops or renames."""

from bot.core.judging.clashes import (
    before,
    comes_first,
    fails,
    noted,
    owner,
    pull,
    seen_at,
    seen_elsewhere,
    touched_here,
    unless_other,
)
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.judging.touches import Part, Touch
from bot.core.language import operations as op
from bot.core.language.messages import File, Line, Message, paragraphs, say

_GONE = (Part.DROPS, Part.RENAMES)


@rule(rank=5)
def dropped_elsewhere(operation: op.Operation, moment: Moment) -> Hazards:
    """The statement needs what another pull request drops or renames.

    Each is right by itself, and nothing conflicts in Git. The one that is deployed later fails.

    ```sql flagged
    -- file: 20260516101500_orders_idx.sql
    CREATE INDEX orders_status_idx ON orders (status);
    -- pull request 12: 20260515000000_drop_status.sql
    ALTER TABLE orders DROP COLUMN status;
    ```

    The one that was opened later has the danger, the other a note. When one of them is merged, closed or changed, the
    other is judged again.

    ```sql allowed
    -- given: CREATE TABLE orders (id bigint PRIMARY KEY, note text);
    -- rows: orders 100
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ALTER COLUMN note SET DEFAULT '';
    -- pull request 12: 20260515000000_orders_idx.sql
    CREATE INDEX orders_note_idx ON orders (note);
    ```
    """
    beside = moment.evidence.beside
    if not beside.seen and len(moment.run.migrations) < 2:
        return
    for touch in touched_here(moment):
        if touch.part in (Part.USES, Part.BUILDS):
            found = list(_found(touch, moment))
            if found:
                yield found[0]
                return


def _found(touch: Touch, moment: Moment) -> Hazards:
    last = before(moment, touch.thing.key) if _may_be_gone(touch, moment) else None
    if last is not None and last.part is Part.MAKES:
        return
    if last is not None:
        statement = moment.timeline[last.statement].statement
        if statement.path != moment.statement.path:
            where = say(
                "line {} of {}{}", Line(statement.lines.first), File(statement.path), owner(statement.path, moment)
            )
            yield Hazard(
                (fails(touch.thing, moment.statement.path, statement.path),),
                _title(touch, last.part, owner(statement.path, moment)),
                _fails(touch, last.part, where, unless_other(touch.thing, moment.statement.path, statement.path)),
            )
        return
    for seen in seen_elsewhere(moment, touch):
        if seen.mark.part not in _GONE:
            continue
        if comes_first(seen, moment):
            whose = say(" in {}", pull(seen.brought.number))
            yield Hazard(
                (fails(touch.thing, moment.statement.path, seen.mark.path),),
                _title(touch, seen.mark.part, whose),
                _fails(
                    touch,
                    seen.mark.part,
                    seen_at(seen),
                    unless_other(touch.thing, moment.statement.path, seen.mark.path),
                ),
            )
        elif touch.part is Part.BUILDS:
            whose = say(" in {}", pull(seen.brought.number))
            yield Hazard(
                (noted(),),
                _title(touch, seen.mark.part, whose),
                say("See {}, which was opened later: it is reported there.", seen_at(seen)),
            )


def _may_be_gone(touch: Touch, moment: Moment) -> bool:
    return len(moment.run.migrations) > 1 or touch.thing.key in moment.evidence.beside.seen


def _title(touch: Touch, part: Part, whose: Message) -> Message:
    done = say("renamed") if part is Part.RENAMES else say("dropped")
    return say("{} is {}{}", touch.thing.named, done, whose or say(" by another file"))


def _fails(touch: Touch, part: Part, where: Message, unless: Message) -> Message:
    done = say("renames") if part is Part.RENAMES else say("drops")
    return paragraphs(
        say("This statement needs {}, and {} {} it.", touch.thing.named, where, done),
        say("Where that has run, this fails, and the migration stops here."),
        unless,
    )
