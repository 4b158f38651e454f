"""Whether a branch requires our check, by its rules and its protection."""

from typing import Any

import pytest

from bot.github.requirements import Requirement
from tests.support.at_github import scene

pytestmark = pytest.mark.anyio


def protected(**required: Any) -> dict[str, Any]:
    return {"name": "main", "protected": True, "protection": {"enabled": True, "required_status_checks": required}}


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        (protected(contexts=["migsafe"], checks=[{"context": "migsafe", "app_id": None}]), Requirement.OURS),
        (protected(contexts=["migsafe"], checks=[{"context": "migsafe", "app_id": -1}]), Requirement.OURS),
        (protected(contexts=["migsafe"]), Requirement.OURS),
        (protected(contexts=["migsafe"], checks=[{"context": "migsafe", "app_id": 1}]), Requirement.OTHER),
        (protected(contexts=["build"], checks=[{"context": "build", "app_id": None}]), Requirement.NONE),
    ],
)
async def test_a_branchs_own_protection_counts_as_its_rules_do(branch: dict[str, Any], expected: Requirement) -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/branches/main", 200, body=[])
        at.github.fail_next("GET", "/branches/main", 200, body=branch)
        assert await at.hub.requirement("main") is expected


async def test_what_github_does_not_show_is_not_taken_for_not_required() -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/rules/", 403, body={"message": "Resource not accessible by integration"})
        assert await at.hub.requirement("main") is Requirement.UNKNOWN
        at.github.require_check(at.repository)
        assert await at.hub.requirement("main") is Requirement.OURS
