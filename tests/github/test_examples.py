"""The deliveries of GitHub that octokit publishes are read without an error, also old ones."""

import json
from typing import Any

import pytest

from bot.github import app, conversation, hub
from bot.review.errors import HubError
from tests.support.places import SHARED

EXAMPLES = SHARED / "data" / "github" / "webhook-examples.json"


@pytest.fixture(scope="module")
def payloads() -> list[dict[str, Any]]:
    if not EXAMPLES.is_file():
        pytest.skip("octokit's example deliveries are not at hand (../shared)")
    return [example for event in json.loads(EXAMPLES.read_text("utf-8")) for example in event["examples"]]


def test_every_pull_request_is_read(payloads: list[dict[str, Any]]) -> None:
    found = [hub._pull(each["pull_request"]) for each in payloads if "pull_request" in each]
    assert len(found) > 30
    assert all(len(pull.head_sha) == 40 and pull.author and pull.repository.id for pull in found)


def test_every_repository_is_read(payloads: list[dict[str, Any]]) -> None:
    found = [hub.read_repository(each["repository"]) for each in payloads if "repository" in each]
    assert len(found) > 200
    assert all("/" in repository.full_name for repository in found)


def test_every_installation_is_read(payloads: list[dict[str, Any]]) -> None:
    whole = [each["installation"] for each in payloads if "account" in each.get("installation", {})]
    found = [app._installation(each) for each in whole]
    assert found
    assert all(installation.account for installation in found)


@pytest.mark.parametrize(("key", "address"), [("comment", "issue_url"), ("comment", "pull_request_url")])
def test_every_comment_is_read(payloads: list[dict[str, Any]], key: str, address: str) -> None:
    comments = [each[key] for each in payloads if address in each.get(key, {}) and "user" in each.get(key, {})]
    found = [conversation._comment(each) for each in comments]
    assert len(found) > 3
    assert all(comment.id and comment.author for comment in found)


def test_nothing_is_read_out_of_nothing(payloads: list[dict[str, Any]]) -> None:
    for each in payloads:
        try:
            hub._pull(each)
        except HubError:
            continue
        pytest.fail("a delivery was treated as a pull request")
