"""Deliveries: payloads made from the stand-in's state, signed, sent once, and recorded."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

import httpx

from bot.standins.github import as_json
from bot.standins.github.model import (
    Account,
    CheckRun,
    Delivery,
    IssueComment,
    Json,
    Pull,
    Repository,
    Review,
    ReviewComment,
)
from bot.standins.github.stand_in import StandIn

TIMEOUT = 10.0
"""Seconds that GitHub waits for an answer."""


def pull_request(github: StandIn, pull: Pull, action: str, *, sender: str | None = None, **changes: Any) -> Json:
    """`changes` is added unchanged: `before`, `after`, `changes`, `label`."""
    body = {"action": action, "number": pull.number, "pull_request": as_json.pull_full(github, pull), **changes}
    return _around(github, pull.repository, body, sender or pull.author.login)


def issue_comment(github: StandIn, comment: IssueComment, action: str = "created", **changes: Any) -> Json:
    simple = as_json.pull_simple(github, comment.pull)
    address = simple["issue_url"]
    pull_links = {
        "url": simple["url"],
        "html_url": simple["html_url"],
        "diff_url": simple["diff_url"],
        "patch_url": simple["patch_url"],
        "merged_at": simple["merged_at"],
    }
    kept = ("id", "node_id", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees")
    later = ("milestone", "created_at", "updated_at", "closed_at", "author_association", "body", "draft", "html_url")
    issue = {
        "url": address,
        "repository_url": f"{github.url}/repos/{comment.pull.repository.full_name}",
        "comments_url": f"{address}/comments",
        **{name: simple[name] for name in (*kept, *later)},
        "comments": len(github.comments_of(comment.pull)),
        "pull_request": pull_links,
    }
    body = {"action": action, "issue": issue, "comment": as_json.issue_comment(github, comment), **changes}
    return _around(github, comment.pull.repository, body, comment.author.login)


def review_comment(github: StandIn, comment: ReviewComment, action: str = "created", **changes: Any) -> Json:
    """For `pull_request_review_comment`."""
    pull = as_json.pull_simple(github, comment.pull)
    body = {"action": action, "comment": as_json.review_comment(github, comment), "pull_request": pull, **changes}
    return _around(github, comment.pull.repository, body, comment.author.login)


def pull_request_review(github: StandIn, review: Review, action: str = "submitted") -> Json:
    shown = {
        **as_json.review(github, review),
        "body": review.body or None,
        "submitted_at": review.submitted_at,
        "state": review.state.lower(),
    }
    body = {"action": action, "review": shown, "pull_request": as_json.pull_simple(github, review.pull)}
    return _around(github, review.pull.repository, body, review.author.login)


def check_run(
    github: StandIn, run: CheckRun, action: str = "rerequested", *, identifier: str | None = None, sender: str = "dev"
) -> Json:
    """`identifier` is that of the button, for `requested_action`."""
    shown = as_json.check_run(github, run)
    shown["check_suite"] = as_json.check_suite(github, run.repository, run.head_sha, run.suite)
    body: Json = {"action": action, "check_run": shown}
    if identifier:
        body["requested_action"] = {"identifier": identifier}
    return _around(github, run.repository, body, sender)


def check_suite(
    github: StandIn, repository: Repository, sha: str, action: str = "rerequested", *, sender: str = "dev"
) -> Json:
    suite = next((run.suite for run in github.check_runs if run.head_sha == sha), github.next_id())
    body = {"action": action, "check_suite": as_json.check_suite(github, repository, sha, suite)}
    return _around(github, repository, body, sender)


def merge_group(
    github: StandIn,
    repository: Repository,
    base_sha: str,
    head_sha: str,
    action: str = "checks_requested",
    *,
    reason: str | None = None,
) -> Json:
    """`reason` of a group that is destroyed: merged, invalidated or dequeued."""
    ref = github.queue_refs.get(head_sha, f"refs/heads/gh-readonly-queue/{repository.default_branch}/pr-1-{base_sha}")
    base = ref.replace("gh-readonly-queue/", "", 1).rpartition("/")[0]
    commit = as_json.git_commit(github, repository, head_sha)
    group = {
        "head_sha": head_sha,
        "head_ref": ref,
        "base_sha": base_sha,
        "base_ref": base,
        "head_commit": {
            "id": head_sha,
            "tree_id": commit["tree"]["sha"],
            "message": commit["message"],
            "timestamp": commit["author"]["date"],
            "author": commit["author"],
            "committer": commit["committer"],
        },
    }
    why = {"reason": reason} if reason else {}
    return _around(github, repository, {"action": action, **why, "merge_group": group}, "github-merge-queue[bot]")


def installation(github: StandIn, owner: str, action: str = "created") -> Json:
    installed = github.install(owner)
    kept = ("id", "node_id", "name", "full_name", "private")
    seen = [
        {name: as_json.repository(github, each)[name] for name in kept}
        for each in github.repositories.values()
        if github.sees(installed, each)
    ]
    return {
        "action": action,
        "installation": as_json.installation(github, installed),
        "repositories": seen,
        "requester": None,
        "sender": as_json.user(github, installed.account),
    }


def ping(github: StandIn) -> Json:
    events = as_json.app(github)["events"]
    config = {"content_type": "json", "insecure_ssl": "0", "url": github.hook_url, "secret": "********"}
    hook = {"type": "App", "id": 1, "name": "web", "active": True, "events": events, "config": config}
    return {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {**hook, "app_id": github.app_id}}


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(github: StandIn, delivery: Delivery) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/0000000",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Hook-ID": "1",
        "X-GitHub-Hook-Installation-Target-ID": str(github.app_id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }


async def deliver(
    github: StandIn,
    url: str,
    event: str,
    payload: Json,
    *,
    guid: str | None = None,
    secret: str | None = None,
    redelivery: bool = False,
) -> Delivery:
    """Sends a signed delivery once, and records how it went; gives up after ten seconds, as GitHub does.

    Raises nothing: the delivery says what went wrong.
    """
    github.hook_url = url
    delivery = Delivery(
        github.next_id(),
        guid or str(uuid.uuid4()),
        event,
        payload.get("action"),
        payload,
        url,
        github.stamp(),
        0,
        0.0,
        redelivery=redelivery,
        installation=payload.get("installation", {}).get("id"),
        repository=payload.get("repository", {}).get("id"),
    )
    body = json.dumps(payload).encode()
    signed = {"X-Hub-Signature-256": signature(secret or github.webhook_secret, body)}
    started = time.monotonic()
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=url.startswith("https")) as client:
            answer = await client.post(url, content=body, headers=headers(github, delivery) | signed)
        delivery.status_code, delivery.answer = answer.status_code, answer.text
    except httpx.HTTPError as error:
        delivery.answer = type(error).__name__
    delivery.duration = time.monotonic() - started
    github.deliveries.append(delivery)
    return delivery


def redeliver(github: StandIn, delivery: Delivery) -> None:
    """Starts to send it again with the same GUID, to the current address; does not wait for it."""
    url = github.hook_url or delivery.url
    again = deliver(github, url, delivery.event, delivery.payload, guid=delivery.guid, redelivery=True)
    task = asyncio.get_running_loop().create_task(again)
    _RUNNING.add(task)
    task.add_done_callback(_RUNNING.discard)


_RUNNING: set[asyncio.Task[Delivery]] = set()


def _around(github: StandIn, repository: Repository, body: Json, sender: str) -> Json:
    """The payload with what every payload of a repository has."""
    installed = github.installation_of(repository)
    kind = "Bot" if sender.endswith("[bot]") else "User"
    who: Account = github.account(sender, kind)
    around: Json = {
        "repository": as_json.repository(github, repository),
        "sender": as_json.user(github, who),
        "installation": {"id": installed.id, "node_id": as_json.node("Installation", installed.id)},
    }
    if repository.organisation:
        owner = as_json.user(github, repository.owner)
        kept: Sequence[str] = ("login", "id", "node_id", "avatar_url")
        base = f"{github.url}/orgs/{owner['login']}"
        around["organization"] = {**{name: owner[name] for name in kept}, "url": base, "description": None}
    return body | around
