"""The rule about two migrations that their tool takes for one."""

from bot.core.judging.beside import Standing
from bot.core.judging.clashes import begun, elsewhere, harm, history, noted, of_pull, owner, pull, sentence_of, twin
from bot.core.judging.history import Unit
from bot.core.judging.rule import Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, File, Given, Message, paragraphs, say


@rule(rank=1)
def duplicate_version(operation: op.Operation, moment: Moment) -> Hazards:
    """Two migrations have one version.

    A tool keeps one entry for each version. Of two files that have the same, it runs one, or refuses both. Neither Git
    nor a test on an empty database shows that: both files are new, and nothing conflicts.

    ```sql flagged
    -- file: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    -- file: 20260516101500_users_note.sql
    ALTER TABLE users ADD COLUMN note text;
    ```

    The other file may be on the base branch, or in another open pull request: then the one that was opened later has
    the danger, and the other a note.

    ```sql flagged
    -- file: 20260516101500_users_note.sql
    ALTER TABLE users ADD COLUMN note text;
    -- pull request 12: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    ```

    Give one of them a version of its own.

    ```sql allowed
    -- file: 20260516101501_users_note.sql
    ALTER TABLE users ADD COLUMN note text;
    -- base: 20260516101500_orders_note.sql
    ALTER TABLE orders ADD COLUMN note text;
    ```
    """
    for unit in begun(moment):
        yield from _clash(unit, moment)


def _clash(unit: Unit, moment: Moment) -> Hazards:
    beside = moment.evidence.beside
    outcome = history(moment).same
    worst = harm(outcome)
    if worst is None:
        return
    standing = twin(moment, unit)
    if standing is not None:
        where = NOTHING if standing in beside.given else say(" on the base branch")
        whose = owner(standing.path, moment) or where
        yield Hazard((worst,), _title(unit, standing, whose), _message(unit, standing, whose, moment))
    elif (other := elsewhere(moment, unit)) is not None:
        whose = say(" in {}", of_pull(other.brought))
        title = _title(unit, other.standing, whose)
        if beside.comes_first(other.brought):
            yield Hazard((worst,), title, _message(unit, other.standing, whose, moment))
        else:
            reported = say("{} was opened later, so it is reported there.", pull(other.brought.number))
            yield Hazard((noted(),), title, reported)


def _title(unit: Unit, standing: Standing, whose: Message) -> Message:
    return say("{} {} is also that of {}{}", Given(unit.what.capitalize()), Given(unit.key), File(standing.path), whose)


def _message(unit: Unit, standing: Standing, whose: Message, moment: Moment) -> Message:
    known = history(moment)
    return paragraphs(
        say("{}, and {}{} has the same.", Given(known.known_by), File(standing.path), whose),
        sentence_of(known.same),
        say("{}", Given(known.mend)),
    )
