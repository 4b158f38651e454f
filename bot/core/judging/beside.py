"""What stands beside a run: the migrations of the base branch, and what other open pull requests bring.

A rule looks here for what a file alone does not show: that another has its version, that another pull request drops
what it uses. `Brought` is what one pull request brings, in few enough words to be kept while it is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from bot.core.judging.history import FINE, History, Unit
from bot.core.judging.touches import Part
from bot.core.language.locks import LockMode
from bot.core.record import record

UnitPlace = tuple[str, str, str, str]
"""A framework and the place of a unit of it."""
_MOST_LOCKING = 50
"""Transactions that are compared for one relation."""

UNKNOWN_KEY = "file"
"""What a file is a unit of where it is not known by what its tool knows it."""
UNKNOWN = History("which tool runs this is not known", FINE, FINE, FINE, FINE)


@record
class Standing:
    """A unit with the file that holds it, and the framework that reads it."""

    path: str
    framework: str
    unit: Unit


@record
class Trace:
    """Where a pull request makes, drops or needs a thing (`things.Thing.key`)."""

    key: str
    part: Part
    path: str
    line: int
    guarded: bool = False


@record
class Taken:
    """A lock of a transaction on a relation that is big, or of unknown size; `name` is the qualified relation."""

    name: str
    mode: LockMode
    path: str
    line: int


@record
class Brought:
    """What a pull request brings.

    `merged`: it is part of the base branch, deployed or not. `queued`: it is ahead in the merge queue, so that it is a
    part of what a merge group is judged on.

    `transactions` holds the locks of each in the order in which it takes them.
    """

    number: int
    merged: bool = False
    queued: bool = False
    added: tuple[str, ...] = ()
    """The migrations that are new files."""
    units: tuple[Standing, ...] = ()
    marks: tuple[Trace, ...] = ()
    transactions: tuple[tuple[Taken, ...], ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether it is deployed before whatever is judged now."""
        return self.merged or self.queued

    @property
    def paths(self) -> frozenset[str]:
        return frozenset((*(one.path for one in self.units), *(mark.path for mark in self.marks)))


NOTHING_BROUGHT = Brought(0)


@record
class Seen:
    """A mark of another pull request, with that pull request."""

    brought: Brought
    mark: Trace


@record
class Elsewhere:
    """A unit of another pull request, with that pull request."""

    brought: Brought
    standing: Standing


@record
class Locking:
    """A transaction of another pull request."""

    brought: Brought
    taken: tuple[Taken, ...]


@record
class Edited:
    """A migration of the base branch that the run changes: its units as they were, and which of them changed.

    `renamed` is its old path where it has another now, `deleted` whether it is gone.
    """

    units: tuple[Standing, ...]
    changed: tuple[Unit, ...] = ()
    renamed: str = ""
    deleted: bool = False


@record
class Surroundings:
    """`number` is the pull request that is judged, None where several are, or none.

    `units` are those of the run's files by path; `given` the same for all files that are judged together, in order;
    `base` those of the base branch in the same folders, `whole` whether none is missing among them. `edited` are
    the files that the base branch has already, by path. `owners` names the pull request of a file of the run.
    """

    number: int | None = None
    histories: Mapping[str, History] = field(default_factory=dict)
    units: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)
    given: tuple[Standing, ...] = ()
    base: tuple[Standing, ...] = ()
    base_files: frozenset[str] = frozenset()
    whole: bool = False
    edited: Mapping[str, Edited] = field(default_factory=dict)
    others: tuple[Brought, ...] = ()
    owners: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    """What the others do to each thing (`marks_by_key`)."""
    base_at: Mapping[UnitPlace, Standing] = field(default_factory=dict)
    given_at: Mapping[UnitPlace, Standing] = field(default_factory=dict)
    """The first of each place (`units_by_place`)."""
    others_at: Mapping[UnitPlace, tuple["Elsewhere", ...]] = field(default_factory=dict)
    newest: Mapping[tuple[str, str, str], Standing] = field(default_factory=dict)
    """The newest of the base branch by framework, scope and what it is (`newest_units`)."""
    children: Mapping[tuple[str, str], tuple[Standing, ...]] = field(default_factory=dict)
    """Of the base branch and the given files: what builds on a key of a scope (`units_by_parent`)."""
    locked: Mapping[str, tuple["Locking", ...]] = field(default_factory=dict)
    """The transactions of others by the relations that they lock (`transactions_by_name`)."""
    shared: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """For a file of the run, the numbers of the others that bring it, too (`shared_files`)."""

    def history(self, framework: str) -> History:
        return self.histories.get(framework, UNKNOWN)

    def is_merged(self, path: str, line: int) -> bool:
        """Whether the base branch has this unit of the file already: where it has run, it does not run again."""
        edited = self.edited.get(path)
        if edited is None:
            return False
        before = {(one.unit.what, one.unit.key) for one in edited.units}
        return any(unit.holds(line) and (unit.what, unit.key) in before for unit in self.units.get(path, ()))

    def comes_first(self, other: Brought) -> bool:
        """Whether it is deployed before this one: merged, ahead in the queue, or opened earlier."""
        return other.is_first or self.number is None or other.number < self.number


NOTHING_BESIDE = Surroundings()


def shared_files(paths: Iterable[str], others: Sequence[Brought]) -> dict[str, frozenset[int]]:
    wanted = frozenset(paths)
    found: dict[str, set[int]] = {}
    for other in others:
        for path in other.paths & wanted:
            found.setdefault(path, set()).add(other.number)
    return {path: frozenset(numbers) for path, numbers in found.items()}


def marks_by_key(others: Sequence[Brought]) -> dict[str, tuple[Seen, ...]]:
    """What each does to a thing; of those that are merged, in the order of merging, what is left of it in the end."""
    found: dict[str, list[Seen]] = {}
    merged: dict[str, Seen] = {}
    for other in others:
        for mark in other.marks:
            if not other.is_first:
                found.setdefault(mark.key, []).append(Seen(other, mark))
            elif mark.part in (Part.MAKES, Part.REPLACES, Part.DROPS, Part.RENAMES):
                merged[mark.key] = Seen(other, mark)
    for key, last in merged.items():
        found.setdefault(key, []).insert(0, last)
    return {key: tuple(seen) for key, seen in found.items()}


def place_of(framework: str, unit: Unit) -> UnitPlace:
    return (framework, *unit.place)


def units_by_place(standing: Iterable[Standing]) -> dict[UnitPlace, Standing]:
    """The first of each place."""
    found: dict[UnitPlace, Standing] = {}
    for one in standing:
        found.setdefault(place_of(one.framework, one.unit), one)
    return found


def others_by_place(others: Sequence[Brought]) -> dict[UnitPlace, tuple[Elsewhere, ...]]:
    found: dict[UnitPlace, list[Elsewhere]] = {}
    for other in others:
        for one in other.units:
            found.setdefault(place_of(one.framework, one.unit), []).append(Elsewhere(other, one))
    return {place: tuple(units) for place, units in found.items()}


def newest_units(base: Sequence[Standing]) -> dict[tuple[str, str, str], Standing]:
    """By framework, scope and what it is."""
    found: dict[tuple[str, str, str], Standing] = {}
    for one in base:
        key = (one.framework, one.unit.scope, one.unit.what)
        if one.unit.order is not None and (key not in found or one.unit.order > (found[key].unit.order or ())):
            found[key] = one
    return found


def units_by_parent(standing: Iterable[Standing]) -> dict[tuple[str, str], tuple[Standing, ...]]:
    found: dict[tuple[str, str], list[Standing]] = {}
    for one in standing:
        for key in one.unit.after:
            found.setdefault((one.unit.scope, key), []).append(one)
    return {key: tuple(units) for key, units in found.items()}


def transactions_by_name(others: Sequence[Brought]) -> dict[str, tuple[Locking, ...]]:
    """Of those that are open or queued: what is merged has been deployed, or is deployed before."""
    found: dict[str, list[Locking]] = {}
    for other in others:
        for taken in () if other.merged else other.transactions:
            for one in taken:
                found.setdefault(one.name, []).append(Locking(other, taken))
    return {name: tuple(locking[:_MOST_LOCKING]) for name, locking in found.items()}
