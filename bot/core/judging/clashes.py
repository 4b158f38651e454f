"""What the rules about clashes share: whose a file is, which unit a statement begins, what the run did to a thing.

A pull request that comes first, because it is merged or was opened earlier, is named by the one that comes later, which
carries the danger; the earlier one only notes it.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from bot.core.judging.beside import Brought, Elsewhere, Seen, Standing, Trace, place_of
from bot.core.judging.brought import MOST_LOCKS, locks
from bot.core.judging.history import Fate, History, Outcome, Unit
from bot.core.judging.last import Last
from bot.core.judging.policy import Thresholds
from bot.core.judging.rule import Breaks, Harm, Moment, Remark, Timed
from bot.core.judging.things import Thing
from bot.core.judging.touches import Part, Touch, touches
from bot.core.language.locks import LockMode
from bot.core.language.messages import NOTHING, File, Given, Line, Message, say
from bot.core.record import record

NAMES_IN_FOLDERS = ("migration.sql", "up.sql")
"""Names of migrations of which each has a folder of its own."""


def begun(moment: Moment) -> Sequence[Unit]:
    """The units whose first statement this is: what concerns a whole unit is reported once, there."""
    units = moment.evidence.beside.units.get(moment.migration.path, ())
    if not units or not moment.first:
        return ()
    if not units[0].first:
        return units if moment.migration.statements[0] is moment.statement else ()
    return _firsts(moment).get(id(moment.statement), ())


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
    """Whether the other is deployed before this one."""
    return moment.evidence.beside.comes_first(seen.brought)


def owner(path: str, moment: Moment) -> Message:
    """` in #12` for a file of the run that is known to be of another pull request; else nothing."""
    number = moment.evidence.beside.owners.get(path)
    return say(" in {}", pull(number)) if number is not None and number != moment.evidence.beside.number else NOTHING


def sentence_of(outcome: Outcome) -> Message:
    return say("{}", Given(outcome.says)) if outcome.says else NOTHING


def twin(moment: Moment, unit: Unit) -> Standing | None:
    """Another file of the base branch, or one that is judged together with this one and comes first, of this unit."""
    beside, here = moment.evidence.beside, moment.migration
    place = place_of(here.framework, unit)
    on_base = beside.base_at.get(place)
    if on_base is not None and on_base.path != here.path:
        return on_base
    first = beside.given_at.get(place)
    return first if first is not None and (first.path, first.unit.first) != (here.path, unit.first) else None


def elsewhere(moment: Moment, unit: Unit) -> Elsewhere | None:
    """The same unit in another file of another pull request; of one that comes first, if there is one."""
    beside, here = moment.evidence.beside, moment.migration
    found = [
        one
        for one in beside.others_at.get(place_of(here.framework, unit), ())
        if one.standing.path != here.path or unit.first
    ]
    return next((one for one in found if beside.comes_first(one.brought)), found[0] if found else None)


@record
class Before:
    """The last thing that the run did to a thing before the moment."""

    part: Part
    statement: int


def before(moment: Moment, key: str) -> Before | None:
    """What the run made, dropped or renamed last, before this statement, under this key."""
    events = _events(moment.timeline).get(key, ())
    at = bisect_left(events, moment.index, key=lambda one: one.statement)
    return events[at - 1] if at else None


@record
class Locked:
    """A lock that a transaction holds, with the statement that took it first."""

    mode: LockMode
    line: int
    statement: int


def locked_before(moment: Moment) -> Mapping[str, Locked]:
    """What the statement's transaction has locked before it, by relation."""
    kept = _LAST_LOCKS.get(moment.timeline, lambda: _locks_in(moment.timeline, moment.policy.thresholds))
    own = kept.get(moment.statement.transaction or 0, {})
    return {name: one for name, one in own.items() if one.statement < moment.index}


def _locks_in(timeline: Sequence[Timed], thresholds: Thresholds) -> Mapping[int, Mapping[str, Locked]]:
    """By transaction and relation; of a transaction that locks very many tables the first."""
    found: dict[int, dict[str, Locked]] = {}
    for index, timed in enumerate(timeline):
        if timed.statement.transaction is not None:
            own = found.setdefault(timed.statement.transaction, {})
            for name, mode in locks(timed, thresholds):
                if name in own or len(own) < MOST_LOCKS:
                    own.setdefault(name, Locked(mode, timed.statement.lines.first, index))
    return found


def seen_elsewhere(moment: Moment, touch: Touch) -> Sequence[Seen]:
    """What other pull requests do to the thing, unless this statement has run where the base branch is deployed.

    Not in files that both bring, as a branch does that began on another: each is one migration, in one place.
    """
    beside, path = moment.evidence.beside, moment.statement.path
    found = beside.seen.get(touch.thing.key, ())
    if not found or beside.is_merged(path, moment.statement.lines.first):
        return ()
    shared = beside.shared.get(path, frozenset())
    return [one for one in found if one.mark.path not in beside.units and one.brought.number not in shared]


def fails(thing: Thing, one: str, other: str) -> Harm:
    """What meets in these two files is certain to go wrong, unless they may be for two databases, or it is not sure
    that both mean the same thing."""
    return Breaks(None, proven=thing.sure and not _are_apart(one, other))


def unless_other(thing: Thing, one: str, other: str) -> Message:
    """What an author must know where two files may be for two databases, or mean two things; else nothing."""
    if _are_apart(one, other):
        return say("The two files lie in different folders: if these are for different databases, nothing goes wrong.")
    if not thing.sure:
        return say("If the two mean different functions of this name, nothing goes wrong.")
    return NOTHING


def _are_apart(one: str, other: str) -> bool:
    """Whether each lies in a folder of its own of the same name, as in a repository of several services."""
    mine, theirs = _folder(one), _folder(other)
    return mine != theirs and mine.rpartition("/")[2] == theirs.rpartition("/")[2]


def _folder(path: str) -> str:
    """The folder of the migrations: above a migration's own, where each has one."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[0] if name in NAMES_IN_FOLDERS else folder


def touched_here(moment: Moment) -> Sequence[Touch]:
    """What the statement makes, drops and needs, at its first operation, each thing once."""
    if not moment.first:
        return ()
    return _LAST_TOUCHES.get(moment.statement, lambda: _touches(moment))


def _touches(moment: Moment) -> Sequence[Touch]:
    found: dict[tuple[str, Part], Touch] = {}
    for touch in touches(moment.statement, moment.session):
        found.setdefault((touch.thing.key, touch.part), touch)
    return tuple(found.values())


def _firsts(moment: Moment) -> Mapping[int, tuple[Unit, ...]]:
    return _LAST_FIRSTS.get(moment.migration, lambda: _first_statements(moment))


def _first_statements(moment: Moment) -> Mapping[int, tuple[Unit, ...]]:
    """The units by the identity of their first statement; both are in the order of the file."""
    found: dict[int, tuple[Unit, ...]] = {}
    statements = iter(moment.migration.statements)
    statement = next(statements, None)
    for unit in moment.evidence.beside.units.get(moment.migration.path, ()):
        while statement is not None and statement.lines.first < unit.first:
            statement = next(statements, None)
        if statement is not None and unit.holds(statement.lines.first):
            found[id(statement)] = (*found.get(id(statement), ()), unit)
    return found


def _events(timeline: Sequence[Timed]) -> Mapping[str, Sequence[Before]]:
    return _LAST_EVENTS.get(timeline, lambda: _events_in(timeline))


def _events_in(timeline: Sequence[Timed]) -> Mapping[str, Sequence[Before]]:
    """By key, in the order of the run."""
    found: dict[str, list[Before]] = {}
    for index, timed in enumerate(timeline):
        for touch in touches(timed.statement, timed.session):
            if touch.part in (Part.MAKES, Part.REPLACES, Part.DROPS, Part.RENAMES):
                part = Part.MAKES if touch.part is Part.REPLACES else touch.part
                found.setdefault(touch.thing.key, []).append(Before(part, index))
    return found


_LAST_TOUCHES: Last[Sequence[Touch]] = Last()
_LAST_FIRSTS: Last[Mapping[int, tuple[Unit, ...]]] = Last()
_LAST_LOCKS: Last[Mapping[int, Mapping[str, Locked]]] = Last()
_LAST_EVENTS: Last[Mapping[str, Sequence[Before]]] = Last()


def history(moment: Moment) -> History:
    return moment.evidence.beside.history(moment.migration.framework)
