"""The columns that a query reads, as far as it is certain whose each of them is."""

from collections.abc import Sequence

from bot.core.language.names import Name
from bot.core.record import record
from bot.sql.text.cursor import Cursor, QueryLevel


@record
class Beginning:
    """How much had been found where a query begins."""

    levels: int
    sources: int
    columns: int


def beginning(c: Cursor) -> Beginning:
    return Beginning(len(c.found.levels), len(c.found.sources), len(c.found.columns))


def columns_since(c: Cursor, begun: Beginning) -> tuple[tuple[Name, str], ...]:
    """Relations with their columns.

    With a qualifier where it stands for one relation in the whole query; without one where its SELECT reads nothing
    but one relation, and no other query is around it.
    """
    sources = c.found.sources[begun.sources :]
    levels = c.found.levels[begun.levels :]
    meant: dict[str, set[Name | None]] = {}
    for called, name in sources:
        meant.setdefault(called, set()).add(name)
    own = _by_level([level.columns for level in levels])
    single = [_only(at, sources, begun.sources) for at in _members([level.sources for level in levels])]
    found: dict[tuple[Name, str], None] = {}
    for at in range(begun.columns, len(c.found.columns)):
        column, qualifier, _, _ = c.found.columns[at]
        if qualifier is not None:
            name = _one(meant.get(qualifier, set()))
        else:
            place = own.get(at)
            # The name of a relation alone is a whole row, and one in GROUP BY may be that of an output column.
            certain = place is not None and column not in meant and at not in levels[place].grouped
            name = single[place] if certain and place is not None and not levels[place].enclosed else None
        if name is not None:
            found[name, column] = None
    return tuple(found)


def note_level(c: Cursor, begun: Beginning, grouped: range, *, enclosed: bool) -> None:
    """Notes a SELECT that ends here."""
    columns, sources = range(begun.columns, len(c.found.columns)), range(begun.sources, len(c.found.sources))
    c.found.levels.append(QueryLevel(sources, columns, grouped, enclosed))


def _by_level(ranges: Sequence[range]) -> dict[int, int]:
    """For each place the first range that holds it: inner SELECTs end before those around them."""
    found: dict[int, int] = {}
    for level, places in enumerate(ranges):
        for at in places:
            found.setdefault(at, level)
    return found


def _members(ranges: Sequence[range]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in ranges]
    for at, level in _by_level(ranges).items():
        found[level].append(at)
    return found


def _only(places: Sequence[int], sources: Sequence[tuple[str, Name | None]], first: int) -> Name | None:
    return sources[places[0] - first][1] if len(places) == 1 else None


def _one(names: set[Name | None]) -> Name | None:
    return next(iter(names)) if len(names) == 1 else None
