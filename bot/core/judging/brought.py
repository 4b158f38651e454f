"""What a run brings, out of its analysis: units, what it makes, drops and needs, and the order of its locks."""

from collections.abc import Iterator, Sequence

from bot.core.judging.beside import Brought, Standing, Taken, Trace
from bot.core.judging.policy import Thresholds
from bot.core.judging.rule import Timed
from bot.core.judging.touched import is_big, size_of
from bot.core.judging.touches import Part, touches
from bot.core.language.locks import LockMode, stronger

MOST_MARKS = 600
MOST_UNITS = 300
_MOST_STATEMENTS = 3_000
_MOST_TRANSACTIONS = 40
MOST_LOCKS = 20


def brought(number: int, units: Sequence[Standing], timeline: Sequence[Timed], thresholds: Thresholds) -> Brought:
    """What the pull request brings; of a very large one its beginning."""
    timeline = timeline[:_MOST_STATEMENTS]
    return Brought(
        number,
        units=tuple(units[:MOST_UNITS]),
        marks=tuple(_marks(timeline))[:MOST_MARKS],
        transactions=tuple(_transactions(timeline, thresholds))[:_MOST_TRANSACTIONS],
    )


def _marks(timeline: Sequence[Timed]) -> Iterator[Trace]:
    """Each thing once for each part, without what the run itself makes first or puts back in its place."""
    made: set[str] = set()
    found: dict[tuple[str, Part], Trace] = {}
    for timed in timeline:
        path, line = timed.statement.path, timed.statement.lines.first
        for touch in touches(timed.statement, timed.session):
            key, part = touch.thing.key, touch.part
            if part in (Part.MAKES, Part.REPLACES):
                replaced = found.pop((key, Part.DROPS), None) or found.pop((key, Part.RENAMES), None)
                made.add(key)
                if replaced is not None:
                    continue
            elif key in made:
                if part in (Part.DROPS, Part.RENAMES):
                    made.discard(key)
                    found.pop((key, Part.MAKES), None)
                    found.pop((key, Part.REPLACES), None)
                continue
            found.setdefault((key, part), Trace(key, part, path, line, touch.guarded))
    yield from found.values()


def _transactions(timeline: Sequence[Timed], thresholds: Thresholds) -> Iterator[tuple[Taken, ...]]:
    taken: dict[int, dict[str, Taken]] = {}
    for timed in timeline:
        number = timed.statement.transaction
        if number is None:
            continue
        for name, mode in locks(timed, thresholds):
            own = taken.setdefault(number, {})
            standing = own.get(name)
            if standing is None and len(own) < MOST_LOCKS:
                own[name] = Taken(name, mode, timed.statement.path, timed.statement.lines.first)
            elif standing is not None:
                own[name] = Taken(name, stronger(standing.mode, mode), standing.path, standing.line)
    yield from (tuple(own.values()) for own in taken.values() if len(own) > 1)


def locks(timed: Timed, thresholds: Thresholds) -> Iterator[tuple[str, LockMode]]:
    """The locks of the statement that are kept, on tables from before the run that are big or of unknown size."""
    for hold in timed.holds:
        if hold.early or hold.index or hold.mode.strength < LockMode.ROW_EXCLUSIVE.strength:
            continue
        if is_big(size_of(hold.relation, timed), thresholds):
            yield str(hold.relation), hold.mode
