"""Which deliveries need a job, and which job."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.check_run import RERUN
from bot.review.job import Checked, CommentKind, Job, JobKind, read_external_id
from bot.server import events as folder
from bot.server.events import EVENTS
from bot.server.events.declaration import UNASKED, Events, event
from bot.server.events.payload import Payload

read = EVENTS.read
HEAD, BASE = "a" * 40, "b" * 40
COMMON: dict[str, Any] = {
    "installation": {"id": 7},
    "repository": {"id": 42, "full_name": "acme/shop"},
    "sender": {"login": "ada", "type": "User"},
}


def pull_request(action: str, **more: Any) -> dict[str, Any]:
    pull = {"number": 5, "head": {"sha": HEAD}, "base": {"sha": BASE}}
    return {**COMMON, "action": action, "number": 5, "pull_request": pull, **more}


def comment(body: str, action: str = "created", author: str = "User", **more: Any) -> dict[str, Any]:
    written = {"id": 99, "body": body, "user": {"login": "ada", "type": author}}
    return {**COMMON, "action": action, "issue": {"number": 5, "pull_request": {}}, "comment": written, **more}


def check_run(action: str, **check: Any) -> dict[str, Any]:
    return {**COMMON, "action": action, "check_run": {"head_sha": HEAD, "pull_requests": [], **check}}


@pytest.mark.parametrize("action", ["opened", "reopened", "synchronize", "ready_for_review"])
def test_a_changed_head_is_a_push(action: str) -> None:
    assert read("pull_request", pull_request(action), "d1") == Job(
        JobKind.PUSH, 7, 42, "acme/shop", 5, HEAD, BASE, delivery="d1"
    )


@pytest.mark.parametrize("action", ["labeled", "assigned", "converted_to_draft", "a_new_action", None])
def test_other_actions_ask_for_nothing(action: str) -> None:
    assert read("pull_request", pull_request(action), "d") is None


def test_a_closed_pull_request_keeps_its_place_among_the_pushes() -> None:
    job = read("pull_request", pull_request("closed"), "d1")
    assert job == Job(JobKind.PUSH, 7, 42, "acme/shop", 5, HEAD, BASE, delivery="d1", extra={"action": "closed"})


def test_an_edit_counts_only_if_the_base_changed() -> None:
    assert read("pull_request", pull_request("edited", changes={"title": {"from": "x"}}), "d") is None
    retargeted = read("pull_request", pull_request("edited", changes={"base": {"ref": {"from": "x"}}}), "d")
    assert retargeted is not None
    assert retargeted.kind is JobKind.PUSH


def test_a_command_in_the_conversation() -> None:
    assert read("issue_comment", comment("/migsafe help\nthanks"), "d") == Job(
        JobKind.COMMAND, 7, 42, "acme/shop", 5, comment=99, comment_kind=CommentKind.ISSUE, delivery="d"
    )


@pytest.mark.parametrize(
    ("event", "where", "kind", "action"),
    [
        pytest.param("pull_request_review_comment", "comment", CommentKind.REVIEW_COMMENT, "created", id="thread"),
        pytest.param("pull_request_review", "review", CommentKind.REVIEW, "submitted", id="review"),
    ],
)
def test_a_command_in_a_thread_or_a_review(event: str, where: str, kind: CommentKind, action: str) -> None:
    written = {"id": 99, "body": "/migsafe plan", "user": {"login": "ada", "type": "User"}}
    job = read(event, pull_request(action) | {where: written}, "d")
    assert job is not None
    assert (job.kind, job.number, job.comment, job.comment_kind) == (JobKind.COMMAND, 5, 99, kind)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(comment("please /migsafe help"), id="not at the start"),
        pytest.param(comment("> /migsafe help"), id="quoted"),
        pytest.param(comment("    /migsafe help"), id="code"),
        pytest.param(comment("hello\n/migsafe help"), id="second line"),
        pytest.param(comment("/migsafe help", author="Bot"), id="by a bot"),
        pytest.param(comment("/migsafe help", "deleted"), id="deleted"),
        pytest.param({**comment("/migsafe help"), "issue": {"number": 5}}, id="an issue, not a pull request"),
        pytest.param({**comment("/migsafe help"), "sender": {"login": "migsafe[bot]"}}, id="our own"),
    ],
)
def test_what_is_no_command(payload: Mapping[str, Any]) -> None:
    assert read("issue_comment", dict(payload), "d") is None


def test_an_edited_comment_counts_only_if_its_command_changed() -> None:
    same = comment("/migsafe plan\nnow with thanks", "edited", changes={"body": {"from": "/migsafe plan"}})
    assert read("issue_comment", same, "d") is None
    corrected = read(
        "issue_comment", comment("/migsafe plan", "edited", changes={"body": {"from": "/migsafe plna"}}), "d"
    )
    assert corrected is not None
    assert corrected.kind is JobKind.COMMAND


def test_a_command_that_somebody_else_wrote_into_a_comment_is_nobodys() -> None:
    before = {"body": {"from": "I see."}}
    written = comment("/migsafe allow table-rewrite fine", "edited", changes=before, sender={"login": "eve"})
    assert read("issue_comment", written, "d") is None
    own = read("issue_comment", {**written, "sender": {"login": "ada"}}, "d")
    assert own is not None
    assert own.extra == {}


def test_a_comment_that_accepted_something_and_is_gone_takes_that_with_it() -> None:
    gone = read("issue_comment", comment("/migsafe allow table-rewrite at night\nthanks", "deleted"), "d")
    assert gone is not None
    assert gone.extra == {
        "withdrawn": "/migsafe allow table-rewrite at night",
        "author": "ada",
        "by": "ada",
        "alone": "yes",
    }
    before = {"body": {"from": "/migsafe allow table-rewrite at night"}}
    other = read("issue_comment", comment("/migsafe plan", "edited", changes=before, sender={"login": "ada"}), "d")
    assert other is not None
    assert "alone" not in other.extra
    changed = read("issue_comment", comment("No.", "edited", changes=before, sender={"login": "eve"}), "d")
    assert changed is not None
    assert (changed.extra["by"], changed.extra["alone"]) == ("eve", "yes")


def test_a_forks_check_is_found_by_its_external_id() -> None:
    note = Checked(42, HEAD, number=5).external_id
    job = read("check_run", check_run("rerequested", external_id=note), "d")
    assert job == Job(JobKind.RERUN, 7, 42, "acme/shop", 5, HEAD, delivery="d")


def test_a_merge_groups_check_runs_again_as_a_group() -> None:
    note = Checked(42, HEAD, base_sha=BASE).external_id
    job = read("check_run", check_run("rerequested", external_id=note), "d")
    assert job == Job(JobKind.GROUP, 7, 42, "acme/shop", None, HEAD, BASE, delivery="d")


def test_an_external_id_of_another_repository_is_ignored() -> None:
    note = Checked(43, HEAD, number=5).external_id
    job = read("check_run", check_run("rerequested", external_id=note), "d")
    assert job is not None
    assert job.number is None


def test_a_button_of_ours_runs_the_check_again() -> None:
    payload = check_run("requested_action", external_id=Checked(42, HEAD, number=5).external_id)
    job = read("check_run", payload | {"requested_action": {"identifier": RERUN[2]}}, "d")
    assert job == Job(JobKind.RERUN, 7, 42, "acme/shop", 5, HEAD, delivery="d")


@pytest.mark.parametrize("button", [{"identifier": "accept"}, {}, None])
def test_a_button_that_is_not_ours_asks_for_nothing(button: Any) -> None:
    payload = check_run("requested_action", external_id=Checked(42, HEAD, number=5).external_id)
    assert read("check_run", payload | {"requested_action": button}, "d") is None


def test_a_suite_names_no_pull_request_even_if_github_lists_one() -> None:
    pulls = [{"number": 9, "base": {"repo": {"id": 1}}}, {"number": 5, "base": {"repo": {"id": 42}}}]
    suite = {**COMMON, "action": "rerequested", "check_suite": {"head_sha": HEAD, "pull_requests": pulls}}
    assert read("check_suite", suite, "d") == Job(JobKind.RERUN, 7, 42, "acme/shop", None, HEAD, delivery="d")


REFS = {"head_ref": f"refs/heads/gh-readonly-queue/release/2/pr-5-{BASE}", "base_ref": "refs/heads/release/2"}
GROUP = {**COMMON, "merge_group": {"head_sha": HEAD, "base_sha": BASE, **REFS}}


def test_a_merge_group_is_checked_under_its_ref() -> None:
    job = read("merge_group", {**GROUP, "action": "checks_requested"}, "d")
    assert job == Job(JobKind.GROUP, 7, 42, "acme/shop", None, HEAD, BASE, delivery="d", extra=REFS)


@pytest.mark.parametrize("reason", ["merged", "invalidated", "dequeued"])
def test_the_end_of_a_merge_group_has_a_job_of_its_own_after_the_groups(reason: str) -> None:
    job = read("merge_group", {**GROUP, "action": "destroyed", "reason": reason}, "d")
    assert job is not None
    assert (job.kind, job.subject, job.extra) == (JobKind.GROUP_ENDED, f"42:{HEAD}", {**REFS, "reason": reason})
    assert not job.kind.concludes_check


def test_a_group_without_a_ref_is_checked_all_the_same() -> None:
    group = {**COMMON, "action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}}
    odd = {**group, "merge_group": {"head_sha": HEAD, "base_sha": BASE, "head_ref": "not a ref"}}
    for payload in (group, odd):
        job = read("merge_group", payload, "d")
        assert job == Job(JobKind.GROUP, 7, 42, "acme/shop", None, HEAD, BASE, delivery="d")


def test_a_suite_of_a_merge_group_keeps_the_groups_ref() -> None:
    branch = REFS["head_ref"].removeprefix("refs/heads/")
    suite = {**COMMON, "action": "rerequested", "check_suite": {"head_sha": HEAD, "head_branch": branch}}
    job = read("check_suite", suite, "d")
    assert job is not None
    assert job.extra == {"head_ref": REFS["head_ref"]}


def test_what_is_kept_of_an_installation_or_a_repository_that_went_is_to_be_deleted() -> None:
    went = read("installation", {"action": "deleted", "installation": {"id": 7}, "repositories": [{"id": 42}]}, "d")
    assert went is not None
    assert (went.kind, went.extra) == (JobKind.GONE, {"repositories": "42", "action": "deleted"})
    lost = {"action": "removed", "installation": {"id": 7}, "repositories_removed": [{"id": 42}, {"id": 43}]}
    job = read("installation_repositories", lost, "d")
    assert job is not None
    assert (job.kind, job.extra["repositories"]) == (JobKind.GONE, "42,43")


@pytest.mark.parametrize("action", ["created", "unsuspend", "new_permissions_accepted"])
def test_an_installation_that_is_new_or_back_is_looked_at_at_once(action: str) -> None:
    payload = {"action": action, "installation": {"id": 7}, "repositories": [{"id": 42}]}
    job = read("installation", payload, "d")
    assert job == Job(JobKind.INSTALLATION, 7, 0, "", delivery="d", extra={"action": action})
    assert job is not None
    assert job.id == "installation:installation-7:d"


def test_only_the_repositories_that_were_added_are_looked_at() -> None:
    added = {"action": "added", "installation": {"id": 7}, "repositories_added": [{"id": 42}, {"id": 43}]}
    job = read("installation_repositories", added, "d")
    assert job == Job(JobKind.INSTALLATION, 7, 0, "", delivery="d", extra={"repositories": "42,43", "action": "added"})


@pytest.mark.parametrize(
    ("event", "action"),
    [
        *[(name, action) for name in UNASKED for action in ("suspend", "revoked")],
        ("ping", "created"),
        ("brand_new", "created"),
    ],
)
def test_events_without_a_job(event: str, action: str) -> None:
    assert read(event, {**COMMON, "action": action}, "d") is None


def repository(action: str) -> dict[str, Any]:
    return {**COMMON, "action": action}


@pytest.mark.parametrize("action", ["renamed", "transferred", "publicized", "privatized"])
def test_a_repository_whose_name_owner_or_visibility_changed_is_reviewed_again(action: str) -> None:
    job = read("repository", repository(action), "d")
    assert job == Job(JobKind.REPOSITORY, 7, 42, "acme/shop", delivery="d", extra={"action": action})
    assert job is not None
    assert job.id == "repository:42:d"


@pytest.mark.parametrize("action", ["created", "deleted", "archived", "unarchived", "edited"])
def test_other_changes_of_a_repository_need_no_review(action: str) -> None:
    assert read("repository", repository(action), "d") is None


DELIVERIES = {
    "pull_request": pull_request("opened"),
    "issue_comment": comment("/migsafe help"),
    "pull_request_review_comment": pull_request("created") | {"comment": comment("/migsafe help")["comment"]},
    "pull_request_review": pull_request("submitted") | {"review": comment("/migsafe help")["comment"]},
    "merge_group": {**COMMON, "action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": BASE}},
    "check_run": check_run("rerequested"),
    "check_suite": {**COMMON, "action": "rerequested", "check_suite": {"head_sha": HEAD}},
    "repository": repository("renamed"),
}
"""One of each event that the App subscribes to."""


@pytest.mark.parametrize("name", EVENTS.names)
def test_every_event_that_is_subscribed_to_asks_for_something(name: str) -> None:
    assert read(name, DELIVERIES[name], "d") is not None


def test_an_event_is_one_declaration() -> None:
    @event("deployment", actions=("created",), ignored=("queued",))
    def deployment(payload: Payload) -> Job | None:
        return payload.job(JobKind.RERUN, head=payload.sha("deployment", "sha"))

    events = Events((*EVENTS.declared, deployment))
    delivery = {**COMMON, "action": "created", "deployment": {"sha": HEAD}}
    assert events.read("deployment", delivery, "d") == Job(JobKind.RERUN, 7, 42, "acme/shop", None, HEAD, delivery="d")
    assert events.read("deployment", {**delivery, "action": "queued"}, "d") is None
    assert "deployment" in events.names
    assert [events.label(name) for name in ("deployment", "ping", "another")] == ["deployment", "ping", "other"]
    assert [events.action_label(action) for action in ("queued", "opened", "x")] == ["queued", "opened", "other"]


def test_a_file_in_the_folder_is_all_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deployments.py").write_text(
        "from bot.server.events.declaration import event\n\n\n"
        "@event('deployment', actions=('created',))\n"
        "def deployment(payload):\n    return None\n"
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    try:
        assert Events(folder.declared()).names == tuple(sorted((*EVENTS.names, "deployment")))
    finally:
        sys.modules.pop("bot.server.events.deployments", None)


def test_an_action_has_one_meaning() -> None:
    with pytest.raises(ValueError, match=r"pull_request\.opened is declared twice"):
        Events((*EVENTS.declared, event("pull_request", actions=("opened",))(lambda _: None)))


def test_a_repositorys_own_webhook_is_not_an_app() -> None:
    payload = pull_request("opened")
    del payload["installation"]
    assert read("pull_request", payload, "d") is None


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(
    event=st.sampled_from(EVENTS.names),
    action=st.sampled_from(sorted({action for declared in EVENTS.declared for action in declared.actions})),
    holes=st.dictionaries(
        st.sampled_from(["pull_request", "comment", "check_run", "issue", "repository", "installation", "changes"]),
        json,
    ),
)
def test_never_raises_whatever_is_missing(event: str, action: str, holes: dict[str, Any]) -> None:
    payload = {**pull_request(action), **comment("/migsafe help", action), **check_run(action), **holes}
    job = read(event, payload, "d")
    assert job is None or job.delivery == "d"


@pytest.mark.parametrize("name", ["../..", "acme/..", "./shop", "acme/.", "../shop", "acme", "acme/shop/x", "a b/c"])
def test_a_repositorys_name_is_no_path(name: str) -> None:
    payload = pull_request("opened") | {"repository": {"id": 42, "full_name": name}}
    assert read("pull_request", payload, "d") is None


@pytest.mark.parametrize("name", ["acme/.github", "acme/..x", "acme/a..b", "acme/x."])
def test_dots_in_a_repositorys_name_are_fine(name: str) -> None:
    payload = pull_request("opened") | {"repository": {"id": 42, "full_name": name}}
    assert read("pull_request", payload, "d") is not None


@given(json)
def test_never_raises_whatever_arrives(payload: Any) -> None:
    assert read("pull_request", payload, "d") is None


@pytest.mark.parametrize("checked", [Checked(1, HEAD, number=2), Checked(1, HEAD, base_sha=BASE), Checked(1, HEAD)])
def test_an_external_id_is_read_back(checked: Checked) -> None:
    assert read_external_id(checked.external_id) == checked


def test_a_job_is_known_by_what_it_is_about_and_its_delivery() -> None:
    job = read("pull_request", pull_request("opened"), "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    assert job is not None
    assert job.id == "push:42:5:72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert job.subject == "42:5"
