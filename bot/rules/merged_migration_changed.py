"""The rule about a migration of the base branch that is edited, renamed or deleted."""

from bot.core.judging.beside import UNKNOWN_KEY, Edited
from bot.core.judging.clashes import begins_file, harm, history, sentence_of
from bot.core.judging.history import Unit
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, Remark, rule
from bot.core.language import operations as op
from bot.core.language.messages import File, Given, Message, paragraphs, say


@rule(rank=4)
def merged_migration_changed(operation: op.Operation, moment: Moment) -> Hazards:
    """A migration that the base branch has already is changed, renamed or deleted.

    Where it has run it does not run again: a database that is made anew gets another schema than those that are there.
    Some tools compare a checksum, and stop.

    ```sql flagged
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN remark text;
    -- was: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    ```

    Write a new migration that makes the difference. Comments may change where the tool compares no checksum.

    ```sql allowed
    -- file: 20260516101500_orders_note.sql
    -- Written by the customer.
    ALTER TABLE orders ADD COLUMN note text;
    -- was: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    ```
    """
    edited = moment.evidence.beside.edited.get(moment.migration.path)
    if edited is None or not edited.changed or not begins_file(moment):
        return
    known = history(moment)
    outcome = known.deleted if edited.deleted else known.edited
    worst = harm(outcome) if edited.changed[0].what != UNKNOWN_KEY else None
    if _is_run_again(edited, moment):
        again = all(one.is_repeatable for statement in moment.migration.statements for one in statement.operations)
        yield Hazard(
            (Breaks(None, proven=not again),),
            say("The base branch has this migration as {}", File(edited.renamed)),
            paragraphs(
                say("Under the new name it is another migration: where the old one has run, this one runs as well."),
                sentence_of(known.deleted),
            ),
        )
    elif worst is not None or outcome.says:
        yield Hazard(
            (worst or Remark(None),),
            say("A merged migration is deleted") if edited.deleted else say("A merged migration is changed"),
            paragraphs(_which(edited), sentence_of(outcome), _instead(edited)),
        )


def _is_run_again(edited: Edited, moment: Moment) -> bool:
    """Whether the file has another key than before, so that the tool takes it for a new one."""
    if not edited.renamed:
        return False
    places = {unit.place for unit in moment.evidence.beside.units.get(moment.migration.path, ())}
    return bool(places) and not any(one.unit.place in places for one in edited.units)


def _which(edited: Edited) -> Message:
    first: Unit = edited.changed[0]
    more = say(" and others of this file") if len(edited.changed) > 1 else say("")
    gone = say("is no longer there") if edited.deleted else say("does something else than on the base branch")
    return say("{} {}{} {}.", Given(first.what.capitalize()), Given(first.key), more, gone)


def _instead(edited: Edited) -> Message:
    if edited.deleted:
        return say("If what it made has to go, write a new migration that drops it.")
    return say("Leave the file as it is, and write a new migration that makes the difference.")
