"""A kept plan in JSON, as the state holds it: only what is written here is read back."""

from typing import Any

from bot.core.judging.findings import StepKind
from bot.core.judging.owed import KeptFile, KeptPlan, KeptSteps


def plan_to_json(plan: KeptPlan) -> list[dict[str, Any]]:
    return [
        {
            "path": steps.path,
            "origin": steps.origin,
            "shape": steps.shape,
            "here": list(steps.here),
            "around": list(steps.around),
            "owed": steps.owed,
            "whole": steps.whole,
            "files": [_file_to_json(file) for file in steps.files],
        }
        for steps in plan.steps
    ]


def plan_from_json(found: Any, number: int, *, merged: bool) -> KeptPlan:
    """Raises KeyError, TypeError or ValueError if another program has written it."""
    steps = tuple(
        KeptSteps(
            one["path"],
            one["origin"],
            one["shape"],
            tuple(one["here"]),
            tuple(one["around"]),
            tuple(_file_from_json(file) for file in one["files"]),
            one["owed"],
            one.get("whole", False),
        )
        for one in found
    )
    return KeptPlan(number, steps, merged)


def _file_to_json(file: KeptFile) -> dict[str, Any]:
    return {
        "kind": file.kind.value,
        "path": file.path,
        "text": file.text,
        "note": file.note,
        "stage": file.stage,
        "transactional": file.transactional,
        "does": list(file.does),
        "brought_by": file.brought_by,
        "done_by": file.done_by,
    }


def _file_from_json(found: Any) -> KeptFile:
    return KeptFile(
        StepKind(found["kind"]),
        found["path"],
        found["text"],
        found["note"],
        found["stage"],
        found["transactional"],
        tuple(found["does"]),
        found["brought_by"],
        found.get("done_by", ""),
    )
