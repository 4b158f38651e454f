"""What a pull request brings, as it is kept in the state: in JSON, of which only what is written here is read back."""

from dataclasses import dataclass
from typing import Any

from bot.core.judging.beside import Brought, Standing, Taken, Trace
from bot.core.judging.history import Unit
from bot.core.judging.touches import Part
from bot.core.language.locks import LockMode


@dataclass(frozen=True, slots=True)
class KeptBrought:
    """What a pull request brings, as it was judged last, and which branch it is on."""

    number: int
    base_ref: str
    head_ref: str
    head_sha: str
    brought: Brought


def brought_to_json(brought: Brought, *, units_only: bool = False) -> dict[str, Any]:
    """`units_only`: of a pull request that brings too much, its versions alone."""
    found: dict[str, Any] = {"added": list(brought.added), "units": [_unit_to_json(one) for one in brought.units]}
    if not units_only:
        found["marks"] = [[one.key, one.part.value, one.path, one.line, one.guarded] for one in brought.marks]
        found["transactions"] = [
            [[one.name, one.mode.name, one.path, one.line] for one in taken] for taken in brought.transactions
        ]
    return found


def brought_from_json(found: Any, number: int, *, merged: bool) -> Brought:
    """Raises KeyError, TypeError or ValueError if another program has written it."""
    return Brought(
        number,
        merged=merged,
        added=tuple(found["added"]),
        units=tuple(_unit_from_json(one) for one in found["units"]),
        marks=tuple(
            Trace(key, Part(part), path, line, guarded) for key, part, path, line, guarded in found.get("marks", ())
        ),
        transactions=tuple(
            tuple(Taken(name, LockMode[mode], path, line) for name, mode, path, line in taken)
            for taken in found.get("transactions", ())
        ),
    )


def _unit_to_json(one: Standing) -> dict[str, Any]:
    unit = one.unit
    return {
        "path": one.path,
        "framework": one.framework,
        "key": unit.key,
        "scope": unit.scope,
        "what": unit.what,
        "order": list(unit.order) if unit.order is not None else None,
        "after": list(unit.after),
        "apart": unit.apart,
        "repeatable": unit.repeatable,
    }


def _unit_from_json(found: Any) -> Standing:
    order = found["order"]
    unit = Unit(
        found["key"],
        found["scope"],
        what=found["what"],
        order=tuple(order) if order is not None else None,
        after=tuple(found["after"]),
        apart=found["apart"],
        repeatable=found["repeatable"],
    )
    return Standing(found["path"], found["framework"], unit)
