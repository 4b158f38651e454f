"""The stand-in's contracts: always what the App uses of GitHub, and GitHub's own description if it is there."""

from typing import Any

import httpx
import pytest

from bot.standins.github import StandIn, running
from bot.standins.github.contract import USED
from bot.standins.github.endpoints import ROUTES
from bot.standins.github.model import Json
from tests.support.at_github import DESCRIPTION, app_of, stand_in

CHECKS = "/repos/{owner}/{repo}/check-runs"
REVIEWS = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
SHA = "0" * 40
CHECK: Json = {"name": "migsafe", "head_sha": SHA}
OUTPUT: Json = {"title": "Safe", "summary": "Nothing to do."}
NOTE: Json = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


def _requests() -> list[Any]:
    """(method, template, body, what is wrong with it)."""
    return [
        ("POST", CHECKS, {"name": "migsafe"}, "body.head_sha: missing"),
        ("POST", CHECKS, {**CHECK, "name": 1}, "body.name: int where string is expected"),
        ("POST", CHECKS, {**CHECK, "head_sha": "main"}, "body.head_sha: 'main' does not match"),
        ("POST", CHECKS, {**CHECK, "colour": "red"}, "body: GitHub does not know colour"),
        ("POST", CHECKS, {**CHECK, "output": {**OUTPUT, "summary": "x" * 65_536}}, "65536 characters"),
        ("POST", CHECKS, {**CHECK, "output": {**OUTPUT, "annotations": [NOTE] * 51}}, "51 items"),
        ("POST", CHECKS, {**CHECK, "output": {**OUTPUT, "annotations": [{**NOTE, "start_line": 0}]}}, "out of range"),
        ("PATCH", CHECKS + "/{check_run_id}", {"conclusion": "fine"}, "body.conclusion: 'fine' is none of"),
        ("POST", REVIEWS, {"event": "SHOUT"}, "body.event: 'SHOUT' is none of"),
        ("POST", REVIEWS, {"comments": [{"path": "a", "body": "b", "row": 1}]}, "body.comments[0].row: not known"),
    ]


async def _create_check(github: StandIn, body: Json) -> httpx.Response:
    """Sends it with a valid token, without the App's client, which would not send it."""
    repository = next(iter(github.repositories.values()))
    app = app_of(github)
    token = await app._mint(github.installation_of(repository).id, repository.id)
    await app.close()
    async with httpx.AsyncClient(base_url=github.url, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {token}"}
        return await http.post(f"/repos/{repository.full_name}/check-runs", headers=headers, json=body)


@pytest.mark.parametrize(("method", "template", "body", "wrong"), _requests())
def test_a_wrong_request_is_found_without_githubs_description(
    method: str, template: str, body: Json, wrong: str
) -> None:
    [problem] = USED.request(method, template, {}, body)
    assert wrong in problem


@pytest.mark.anyio
async def test_a_wrong_request_is_refused_and_recorded_in_a_clone_without_githubs_description() -> None:
    async with running() as github:
        assert github.held_to == ("what the App uses of GitHub",)
        repository = github.add_repository("acme/shop")
        answer = await _create_check(github, {"name": "migsafe", "head_sha": repository.branches["main"], "colour": 1})
        assert answer.status_code == 422
        assert github.rejected == ["POST /repos/acme/shop/check-runs: body: GitHub does not know colour"]
        assert github.check_runs == []


@pytest.mark.anyio
async def test_a_wrong_answer_is_recorded_in_a_clone_without_githubs_description() -> None:
    async with running() as github:
        app = app_of(github)
        github.slug = ""
        await app.app()
        await app.close()
        assert github.violations == ["GET /app: answer.slug: 0 characters (what the App uses of GitHub)"]


def test_what_the_app_uses_is_served() -> None:
    served = {(route.method.lower(), route.template) for route in ROUTES}
    used = {(method, template) for template, methods in USED.description["paths"].items() for method in methods}
    assert used <= served


@pytest.mark.anyio
async def test_the_tests_are_checked_against_githubs_own_description() -> None:
    """The only test that skips without that description: our own contract applies in every clone."""
    if DESCRIPTION is None:
        pytest.skip("not held against GitHub's description: ../shared is not at hand")
    async with stand_in() as github:
        assert github.held_to == (USED.name, "GitHub's OpenAPI description")
    assert DESCRIPTION.request("POST", CHECKS, {}, CHECK) == []
    assert DESCRIPTION.request("POST", CHECKS, {}, {"name": "migsafe"}) != []
    assert DESCRIPTION.request("POST", CHECKS, {}, {**CHECK, "name": 1}) != []
    assert DESCRIPTION.request("POST", CHECKS, {}, {**CHECK, "colour": "red"}) == ["body: GitHub does not know colour"]
    assert DESCRIPTION.request("GET", "/repos/{owner}/{repo}/pulls", {"state": "odd"}, None) != []
