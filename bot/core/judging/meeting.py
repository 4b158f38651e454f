"""Where two pull requests meet: what decides whether one must be judged again because of the other."""

from collections.abc import Iterator

from bot.core.judging.beside import Brought, Trace
from bot.core.judging.touches import Part

_GONE = (Part.DROPS, Part.RENAMES)
_MADE = (Part.MAKES, Part.REPLACES)


def meetings(one: Brought, other: Brought) -> frozenset[str]:
    """A word for each place where they clash; the same words while nothing changes there."""
    state = "merged" if other.merged else "open"
    return frozenset(f"{state} {found}" for found in (*_units(one, other), *_things(one, other), *_locks(one, other)))


def outdates(one: Brought, merged: Brought) -> frozenset[str]:
    """Where what was merged is newer than what the other brings: some tools apply nothing older."""
    newest = {
        (two.framework, two.unit.scope, two.unit.what): two.unit.order
        for two in merged.units
        if two.unit.order is not None
    }
    return frozenset(
        f"older {found.path}"
        for found in one.units
        if found.unit.order is not None
        and (order := newest.get((found.framework, found.unit.scope, found.unit.what))) is not None
        and order > found.unit.order
    )


def _units(one: Brought, other: Brought) -> Iterator[str]:
    theirs = {(two.framework, *two.unit.place): two for two in other.units}
    below = {(two.unit.scope, key): two for two in other.units for key in two.unit.after}
    for mine in one.units:
        twin = theirs.get((mine.framework, *mine.unit.place))
        if twin is not None and (twin.path != mine.path or mine.unit.what == "change set"):
            yield f"unit {mine.path} {twin.path}"
        for key in mine.unit.after:
            rival = below.get((mine.unit.scope, key))
            if rival is not None and rival.unit.key != mine.unit.key:
                yield f"heads {mine.unit.key} {rival.unit.key}"
            if (mine.framework, mine.unit.scope, mine.unit.what, key) in theirs:
                yield f"needs {key}"


def _things(one: Brought, other: Brought) -> Iterator[str]:
    """Not in files that both bring: they are one migration each."""
    theirs: dict[str, list[Trace]] = {}
    ours, others = one.paths, other.paths
    for mark in other.marks:
        if mark.path not in ours:
            theirs.setdefault(mark.key, []).append(mark)
    for mine in one.marks:
        for mark in theirs.get(mine.key, ()) if mine.path not in others else ():
            if mine.part in _GONE or mark.part in _GONE or (mine.part in _MADE and mark.part in _MADE):
                yield f"{mine.key} {mine.part.value} {mark.part.value} {mark.path} {mark.line}"


def _locks(one: Brought, other: Brought) -> Iterator[str]:
    orders = {
        (first.name, second.name)
        for taken in other.transactions
        for index, first in enumerate(taken)
        for second in taken[index + 1 :]
    }
    for taken in one.transactions:
        for index, first in enumerate(taken):
            for second in taken[index + 1 :]:
                if (second.name, first.name) in orders:
                    yield f"locks {first.name} {second.name}"
