"""The model's facts beside the measured ones: every difference in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.language.facts import Effects, InTransaction
from bot.core.language.locks import LockMode
from bot.core.language.names import Name
from bot.core.schema.catalog import RelationKind
from bot.core.schema.session import Session
from tests.truth.shapes import Shape, modelled, plain, prepare

WEAK = LockMode.SHARE_UPDATE_EXCLUSIVE.strength
_WAITS = {
    "uncommitted writer on the table": "written",
    "idle transaction that has read the table": "read",
    "old snapshot elsewhere": "snapshot",
    "uncommitted writer on another table": "any of the tables",
}


class Facts:
    """The effects of all statements of a shape, merged."""

    def __init__(self) -> None:
        self.locks: dict[str, LockMode] = {}
        self.new_locks: dict[str, LockMode] = {}
        self.transient: dict[str, LockMode] = {}
        self.names: dict[str, set[str]] = {}
        self.refused = False
        self.sqlstates: set[str] = set()
        self.certain: set[str] = set()
        self.waits: set[str] = set()
        self.index_names: set[str] = set()

    def add(self, effects: Effects, before: Session) -> None:
        for lock in effects.locks:
            existed = exists(before, lock.relation)
            into = self.transient if lock.early else self.locks if existed else self.new_locks
            name = plain(lock.relation)
            if lock.index:
                self.index_names.add(name)
            if name not in into or into[name].strength < lock.mode.strength:
                into[name] = lock.mode
        for what in (
            "rewrites", "scans", "index_builds", "index_rebuilds", "sequence_rewrites", "emptied", "drops",
            "invalid_indexes",
        ):  # fmt: skip
            names = (name for name in getattr(effects, what) if what != "scans" or exists(before, name))
            self.names.setdefault(what, set()).update(map(plain, names))
        self.refused = self.refused or effects.in_transaction is InTransaction.REFUSED
        self.sqlstates |= {failure.sqlstate for failure in effects.failures}
        self.certain |= {failure.sqlstate for failure in effects.failures if failure.certain}
        self.waits |= set(effects.waits_for)


def exists(session: Session, name: Name) -> bool:
    return name in session.catalog.relations or name in session.catalog.indexes


def facts(before: Session, shape: Shape, major: int) -> Facts:
    found = Facts()
    for effects in modelled(before, shape, major):
        found.add(effects, before)
        if any(failure.certain for failure in effects.failures):
            break
    return found


def differences(start: Session, shape: Shape, major: int, result: Mapping[str, Any]) -> Iterator[str]:
    """Where the model differs from the measurement, for a shape in the database `start`."""
    yield from differences_from(prepare(start, shape, major), shape, major, result)


def differences_from(before: Session, shape: Shape, major: int, result: Mapping[str, Any]) -> Iterator[str]:
    """Where the model differs from the measurement, for a shape in the session `before` its statements."""
    found = facts(before, shape, major)
    error = result.get("error", {}).get("sqlstate")
    indexes = found.index_names | {plain(name) for name in before.catalog.indexes}
    sequences = {plain(one.name) for one in before.catalog.relations.values() if one.kind is RelationKind.SEQUENCE}
    if (locks := result.get("locks", {})) is not None:
        alone = result.get("in_transaction_ok") is False
        mine = {**found.locks, **_stronger(found, locks)} if alone else found.locks
        yield from _compare_locks(mine, locks, indexes, sequences, failing=bool(error))
        yield from _compare_early(found, result.get("transient_locks", {}))
    yield from _compare_names(found, result, shape.planner, failing=bool(error))
    if found.refused != (result.get("in_transaction_ok") is False):
        yield f"refused in a transaction: {found.refused}"
    if error and error not in found.sqlstates and error not in _NOT_DERIVABLE:
        yield f"error {error} is missing (has {sorted(found.sqlstates)})"
    if not error and found.certain:
        yield f"claims to fail: {sorted(found.certain)}"
    for waiting in result.get("waits_for", ()):
        if not any(_WAITS[waiting] in said for said in found.waits) and "vacuum" not in shape.id:
            yield f"does not wait for: {waiting}"


# Not in any catalog: a server that cannot be reached.
_NOT_DERIVABLE = frozenset({"XX000", "08006"})


def _stronger(found: Facts, theirs: Mapping[str, str]) -> dict[str, LockMode]:
    """Outside a transaction block a trace also shows locks that were released, if they were taken at all."""
    return {name: mode for name, mode in found.transient.items() if theirs.get(name) == mode.value}


def _compare_locks(
    mine: Mapping[str, LockMode], theirs: Mapping[str, str], indexes: set[str], sequences: set[str], *, failing: bool
) -> Iterator[str]:
    """All of tables; of indexes those from ShareUpdateExclusiveLock up, of sequences those that anybody notices."""
    for name in sorted(mine.keys() | theirs.keys()):
        said = mine.get(name)
        measured = LockMode(theirs[name]) if name in theirs else None
        strongest = max(said.strength if said else 0, measured.strength if measured else 0)
        if name in indexes and (strongest < WEAK or (said is None and measured is LockMode.SHARE)):
            continue
        if name in sequences and strongest == LockMode.ACCESS_SHARE.strength:
            continue
        if said is measured or (failing and said is not None and (measured is None or "_" not in name)):
            continue
        yield f"lock on {name}: {_short(said)}, measured {_short(measured)}"


def _short(mode: LockMode | None) -> str:
    return mode.value.removesuffix("Lock") if mode is not None else "none"


def _compare_early(found: Facts, theirs: Mapping[str, str]) -> Iterator[str]:
    for name, mode in theirs.items():
        measured = LockMode(mode)
        said = found.transient.get(name)
        if said is not measured and name not in found.locks and measured.strength >= WEAK:
            yield f"early lock on {name}: {_short(said)}, measured {_short(measured)}"


_FIELDS = {
    "rewrites": "rewrite",
    "index_rebuilds": "index_rebuild",
    "index_builds": "index_built",
    "sequence_rewrites": "sequence_rewrite",
    "emptied": "emptied",
    "drops": "dropped",
}


def _compare_names(found: Facts, result: Mapping[str, Any], planner: frozenset[str], *, failing: bool) -> Iterator[str]:
    for mine, theirs in _FIELDS.items():
        said, measured = found.names.get(mine, set()), set(result.get(theirs, ()))
        if mine == "drops":
            said = said - found.new_locks.keys() - found.names.get("index_builds", set())
        if mine == "index_builds":
            measured |= set(result.get("index_rebuild", ())) & said
        if mine == "index_rebuilds":
            measured -= found.names.get("index_builds", set())
        if said == measured or (failing and measured <= said):
            continue
        if failing and not measured <= said and theirs in ("rewrite", "index_built"):
            continue
        yield f"{theirs}: {sorted(said)}, measured {sorted(measured)}"
    read = found.names.get("scans", set()) | found.names.get("rewrites", set()) | found.names.get("emptied", set())
    measured = set(result.get("full_scan", ())) | set(result.get("full_index_scan", ()))
    if missing := {name for name in measured if name not in read | planner and not _is_index_scan(name, result)}:
        yield f"full scan of {sorted(missing)} is missing"
    said = found.names.get("scans", set())
    extra = (
        said
        - set(result.get("full_scan", ()))
        - set(result.get("scan_started", ()))
        - _through_indexes(result)
        - planner
    )
    if extra and not failing:
        yield f"full scan of {sorted(extra)} was not measured"
    if not set(result.get("invalid_indexes", ())) <= found.names.get("invalid_indexes", set()) | _known_invalid(result):
        yield f"invalid indexes: {sorted(found.names.get('invalid_indexes', ()))}, measured {result['invalid_indexes']}"


def _is_index_scan(name: str, result: Mapping[str, Any]) -> bool:
    return name in result.get("full_index_scan", ())


def _through_indexes(result: Mapping[str, Any]) -> set[str]:
    """Tables read through a whole index: it begins with the table's name, or is an index of it."""
    found: set[str] = set()
    for index in result.get("full_index_scan", ()):
        parts = index.split("_")
        found |= {"_".join(parts[:length]) for length in range(1, len(parts) + 1)}
        found |= {"t"} if index == "ri" else set()
    return found


def _known_invalid(result: Mapping[str, Any]) -> set[str]:
    """An index that was invalid before and stays so."""
    return {"ux"} & set(result.get("invalid_indexes", ()))
