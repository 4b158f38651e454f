"""What the rules about clashes share: whose a file is, which unit a statement begins, what the run did to a thing.

A pull request that comes first, because it is merged or was opened earlier, is named by the one that comes later, which
carries the danger; the earlier one only notes it.
"""

from collections.abc import Iterator, Sequence

from bot.core.judging.beside import Brought, Seen, Standing, Trace
from bot.core.judging.history import Fate, History, Outcome, Unit
from bot.core.judging.rule import Breaks, Harm, Moment, Remark, Timed
from bot.core.judging.things import Part, Touch, touches
from bot.core.language.messages import NOTHING, File, Given, Line, Message, say
from bot.core.record import record


def begun(moment: Moment) -> Iterator[Unit]:
    """The units whose first statement this is: what concerns a whole unit is reported once, there."""
    if moment.evidence.beside.histories and moment.first:
        statements = moment.migration.statements
        for unit in moment.evidence.beside.units.get(moment.migration.path, ()):
            first = next((one for one in statements if unit.holds(one.lines.first)), None)
            if first is moment.statement:
                yield unit


def begins_file(moment: Moment) -> bool:
    return moment.first and moment.migration.statements[0] is moment.statement


def harm(outcome: Outcome) -> Harm | None:
    """What the tool does is a danger where it is certain, a warning where it is not, else nothing."""
    if outcome.fate.is_certain:
        return Breaks(None, proven=True)
    return Breaks(None, proven=False) if outcome.says and outcome.fate is Fate.UNSURE else None


def noted() -> Harm:
    """For the pull request that comes first."""
    return Remark(None)


def pull(number: int) -> Message:
    return say("#{}", Line(number))


def of_pull(other: Brought) -> Message:
    """`#12`, `#12 (merged)`."""
    if other.queued:
        return say("{} (ahead in the queue)", pull(other.number))
    return say("{} (merged)", pull(other.number)) if other.merged else pull(other.number)


def at(mark: Trace) -> Message:
    """`line 3 of a.sql`."""
    return say("line {} of {}", Line(mark.line), File(mark.path))


def seen_at(seen: Seen) -> Message:
    """`line 3 of a.sql in #12`."""
    return say("{} in {}", at(seen.mark), of_pull(seen.brought))


def comes_first(seen: Seen, moment: Moment) -> bool:
    """Whether the other is deployed before this one: it is merged, ahead in the queue, or was opened earlier."""
    other, number = seen.brought, moment.evidence.beside.number
    return other.is_first or number is None or other.number < number


def owner(path: str, moment: Moment) -> Message:
    """` in #12` for a file of the run that is known to be of another pull request; else nothing."""
    number = moment.evidence.beside.owners.get(path)
    return say(" in {}", pull(number)) if number is not None and number != moment.evidence.beside.number else NOTHING


def sentence_of(outcome: Outcome) -> Message:
    return say("{}", Given(outcome.says)) if outcome.says else NOTHING


def twin(moment: Moment, unit: Unit) -> Standing | None:
    """Another file of the base branch, or one that is judged together with this one and comes first, of this unit."""
    beside, here = moment.evidence.beside, moment.migration
    for one in beside.base:
        if one.unit.place == unit.place and one.framework == here.framework and one.path != here.path:
            return one
    for one in beside.given:
        if one.unit is unit or (one.path == here.path and one.unit.first == unit.first):
            return None
        if one.unit.place == unit.place and one.framework == here.framework:
            return one
    return None


def elsewhere(moment: Moment, unit: Unit, among: Sequence[Brought]) -> tuple[Brought, Standing] | None:
    """The same unit in another file of another pull request."""
    for other in among:
        for one in other.units:
            same = one.unit.place == unit.place and one.framework == moment.migration.framework
            if same and one.path != moment.migration.path:
                return other, one
    return None


@record
class Before:
    """The last thing that the run did to a thing before the moment."""

    part: Part
    statement: int


def before(moment: Moment, key: str) -> Before | None:
    """What the run made, dropped or renamed last, before this statement, under this key."""
    events = _events(moment.timeline).get(key, ())
    return next((one for one in reversed(events) if one.statement < moment.index), None)


def touched_here(moment: Moment) -> Iterator[Touch]:
    """What the statement makes, drops and needs, at its first operation, each thing once."""
    if not moment.first:
        return
    said: set[tuple[str, Part]] = set()
    for touch in touches(moment.statement, moment.session):
        if (touch.thing.key, touch.part) not in said:
            said.add((touch.thing.key, touch.part))
            yield touch


_last: list[tuple[object, dict[str, list[Before]]]] = []


def _events(timeline: Sequence[Timed]) -> dict[str, list[Before]]:
    """By key; kept for the run that was asked about last, whose moments come one after the other."""
    if _last and _last[0][0] is timeline:
        return _last[0][1]
    found: dict[str, list[Before]] = {}
    for index, timed in enumerate(timeline):
        for touch in touches(timed.statement, timed.session):
            if touch.part in (Part.MAKES, Part.DROPS, Part.RENAMES):
                found.setdefault(touch.thing.key, []).append(Before(touch.part, index))
    _last[:] = [(timeline, found)]
    return found


def history(moment: Moment) -> History:
    return moment.evidence.beside.history(moment.migration.framework)
