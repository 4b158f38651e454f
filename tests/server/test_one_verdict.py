"""One verdict on every head: what happens around the judging never ends in a pass, and leaves nothing in progress."""

import asyncio
import time
from dataclasses import replace

import pytest

from bot.review.job import JobKind
from bot.server.state.verdicts import VerdictTable
from bot.standins.github.model import Pull
from tests.support.turns import DANGER, PATH, SAFE, Turns, turns

pytestmark = pytest.mark.anyio


def _kinds(ends: list[str]) -> list[str]:
    return [end.partition(":")[0] for end in ends]


async def test_two_pushes_on_one_head_give_one_check_with_the_verdict_of_the_later() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        first, second = app.push(pull), app.push(pull)
        await app.reviewer.announce(first)
        await app.reviewer.announce(second)
        app.superseded.add(first.id)
        assert await app.perform(first) == "left to a later job"
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]
        assert await app.perform(second) == "failure"
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


async def test_a_head_is_never_superseded_by_itself() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        first, second = app.push(pull), app.push(pull)
        await app.reviewer.announce(first)
        await app.reviewer.announce(second)
        await app.reviewer.conclude_superseded(first)
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]
        await app.whole(second)
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


async def test_the_check_begins_on_the_commit_that_the_delivery_named() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        first = app.push(pull)
        app.at.github.push(pull, {PATH: SAFE})
        await app.reviewer.announce(first)
        assert _kinds(app.ends(first.head_sha or "")) == ["in progress"]
        assert app.ends(pull.head_sha) == []


async def test_a_head_that_another_replaced_is_cancelled_by_the_later_push() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        old, first = pull.head_sha, app.push(pull)
        await app.reviewer.announce(first)
        app.at.github.push(pull, {PATH: SAFE})
        second = app.push(pull)
        await app.reviewer.announce(second)
        app.superseded.add(first.id)
        assert await app.perform(first) == "superseded"
        await app.perform(second)
        assert app.ends(old) == [f"cancelled: Superseded by {pull.head_sha[:7]}"]
        assert _kinds(app.ends(pull.head_sha)) == ["success"]


async def test_an_old_head_that_github_does_not_show_holds_up_no_review() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: SAFE})
        old, first = pull.head_sha, app.push(pull)
        await app.reviewer.announce(first)
        app.at.github.push(pull, {PATH: DANGER})
        app.at.github.fail_next("GET", f"/commits/{old}/check-runs", 422, times=99)
        assert await app.whole(app.push(pull)) == "failure"
        assert len(app.at.github.reviews_of(pull)) == 1


async def test_a_push_during_the_judging_leaves_the_verdict_on_the_commit_it_is_about() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        old, first = pull.head_sha, app.push(pull)
        app.at.github.before("GET", "/git/blobs/", lambda: app.at.github.push(pull, {PATH: SAFE}))
        await app.whole(first)
        assert _kinds(app.ends(old)) == ["failure"]
        assert app.at.github.reviews_of(pull) == []
        await app.whole(app.push(pull))
        assert _kinds(app.ends(pull.head_sha)) == ["success"]


async def test_a_new_head_that_github_does_not_show_yet_is_waited_for() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: SAFE})
        await app.whole(app.push(pull))
        app.at.github.lag.heads = 1000.0
        old = pull.head_sha
        app.at.github.push(pull, {PATH: DANGER})
        later = app.push(pull)
        await app.reviewer.announce(later)
        assert (await app.perform(later, age=1.0)).startswith("wait: GitHub does not show")
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]
        app.at.github.advance(2000)
        assert await app.perform(later, age=3.0) == "failure"
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]
        assert _kinds(app.ends(old)) == ["success"]


async def test_a_push_that_is_told_after_the_one_that_followed_it_is_not_waited_for() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: SAFE})
        first = app.push(pull)
        app.at.github.push(pull, {PATH: DANGER})
        await app.whole(app.push(pull))
        await app.reviewer.announce(first)
        assert await app.perform(first, age=1.0) == "failure"
        assert app.ends(first.head_sha or "") == [f"cancelled: Superseded by {pull.head_sha[:7]}"]
        assert set(_kinds(app.ends(pull.head_sha))) == {"failure"}


async def test_after_a_minute_the_head_that_github_shows_is_judged() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        first = app.push(pull)
        app.at.github.push(pull, {PATH: DANGER + "\n"}, force=True)
        assert (await app.perform(first, age=59.0)).startswith("wait")
        assert await app.perform(first, age=61.0) == "failure"
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]
        assert app.ends(first.head_sha or "") == [f"cancelled: Superseded by {pull.head_sha[:7]}"]
        assert await app.perform(first, age=70.0) == "failure"
        assert len(app.ends(first.head_sha or "")) == 1


async def test_a_verdict_for_the_base_of_before_does_not_pass_a_pull_request_that_was_retargeted_meanwhile() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        app.at.repository.branches["release"] = pull.head_sha
        pull.base = "release"
        first = app.push(pull)

        def retarget() -> None:
            pull.base = "main"
            app.superseded.add(first.id)

        app.at.github.after("GET", f"/pulls/{pull.number}", retarget)
        assert await app.perform(first) == "left to a later job"
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]
        assert await app.perform(app.push(pull)) == "failure"
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


async def test_a_list_of_checks_that_is_older_than_the_newest_leaves_none_in_progress() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        await app.whole(app.push(pull))
        again = app.job(JobKind.RERUN, number=pull.number, head_sha=pull.head_sha)
        await app.reviewer.announce(again)
        runs = app.at.github.check_runs
        hidden = runs[-1]
        app.at.github.before("GET", f"/commits/{pull.head_sha}/check-runs", lambda: runs.remove(hidden))
        app.at.github.after("GET", f"/commits/{pull.head_sha}/check-runs", lambda: runs.append(hidden))
        await app.perform(again)
        assert _kinds(app.ends(pull.head_sha)) == ["failure", "failure"]


async def test_a_refused_call_after_the_judging_does_not_hide_the_danger() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        app.at.github.fail_next("GET", f"/pulls/{pull.number}/comments", 403, times=99)
        await app.whole(job, age=100.0)
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500, 502])
@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_conclusion_that_is_refused_is_written_all_the_same(status: int, times: int) -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        app.at.github.fail_next("PATCH", "/check-runs/", status, times=times)
        await app.whole(app.push(pull))
        assert set(_kinds(app.ends(pull.head_sha))) == {"failure"}


async def test_a_verdict_that_could_not_be_written_is_written_before_anything_else_at_the_next_try() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        app.at.github.fail_next("PATCH", "/check-runs/", 500, times=2)
        assert (await app.perform(job)).startswith("wait")
        app.at.github.fail_next("GET", "/pulls/", 500, times=99)
        assert (await app.perform(job)).startswith("wait: GitHub answered 500")
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


@pytest.mark.parametrize("status", [403, 404, 409, 422, 500])
@pytest.mark.parametrize(
    "where", ["/pulls/1", "/pulls/1/files", "/compare/", "/git/blobs/", "/git/trees/", "/contents/", "/check-runs"]
)
async def test_what_fails_once_is_asked_again(where: str, status: int) -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        app.at.github.fail_next("GET", where, status, times=4)
        await app.whole(app.push(pull))
        assert set(_kinds(app.ends(pull.head_sha))) == {"failure"}
        assert len(app.at.github.reviews_of(pull)) == 1


@pytest.mark.parametrize("on_error", ["action_required", "neutral", "fail"])
async def test_what_stays_refused_ends_as_the_repository_says(on_error: str) -> None:
    async with turns(files={".github/migsafe.yml": f"on_error: {on_error}\n"}) as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        app.at.github.fail_next("GET", "/git/blobs/", 404, times=999)
        assert (await app.perform(job)).startswith("wait: GitHub answered 404 to GET")
        await app.reviewer.say_waiting(job, "GitHub answered 404 to GET x", 4.0)
        assert app.ends(pull.head_sha) == ["in progress: Waiting for GitHub"]
        await app.reviewer.conclude_failed(job, "e1", "GitHub answered 404 to GET x")
        conclusion = "failure" if on_error == "fail" else on_error
        assert app.ends(pull.head_sha) == [f"{conclusion}: Not judged: GitHub answered 404 to GET x"]


async def test_a_known_danger_does_not_become_neutral_because_github_is_in_trouble() -> None:
    async with turns(files={".github/migsafe.yml": "on_error: neutral\n"}) as app:
        pull = app.at.opened({PATH: DANGER})
        await app.whole(app.push(pull))
        again = app.job(JobKind.RERUN, number=pull.number, head_sha=pull.head_sha)
        await app.reviewer.announce(again)
        await app.reviewer.conclude_failed(again, "e1", "GitHub answered 500 to GET x")
        assert _kinds(app.ends(pull.head_sha)) == ["failure", "failure"]


async def test_an_open_item_that_is_required_does_not_become_neutral_because_github_is_in_trouble() -> None:
    async with turns(files={".github/migsafe.yml": "on_error: neutral\nrequire: [statements-read]\n"}) as app:
        pull = app.at.opened({PATH: "-- migrate:up\nSELECT what(;\n-- migrate:down\n"})
        await app.whole(app.push(pull))
        again = app.job(JobKind.RERUN, number=pull.number, head_sha=pull.head_sha)
        await app.reviewer.announce(again)
        await app.reviewer.conclude_failed(again, "e1", "GitHub answered 500 to GET x")
        assert _kinds(app.ends(pull.head_sha)) == ["action_required", "action_required"]
        assert app.ends(pull.head_sha)[1] == "action_required: Attention: 1 statement not read, open: statements-read"


async def test_a_danger_is_one_still_when_its_commit_becomes_the_head_again_while_github_is_in_trouble() -> None:
    async with turns(files={".github/migsafe.yml": "on_error: neutral\n"}) as app:
        pull = app.at.opened({PATH: DANGER})
        dangerous = pull.head_sha
        await app.whole(app.push(pull))
        app.at.github.push(pull, {PATH: SAFE})
        await app.whole(app.push(pull))
        pull.head_sha = app.at.repository.branches[pull.head] = dangerous
        back = app.push(pull)
        await app.reviewer.announce(back)
        await app.reviewer.conclude_failed(back, "e1", "GitHub answered 500 to GET x")
        assert _kinds(app.ends(dangerous)) == ["failure", "failure"]


async def test_a_worker_that_dies_as_it_tells_github_of_a_danger_does_not_forget_it() -> None:
    async with turns(files={".github/migsafe.yml": "on_error: neutral\n"}) as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)

        def die() -> None:
            doing.cancel()

        app.at.github.after("PATCH", "/check-runs/", die)
        doing = asyncio.create_task(app.perform(job))
        with pytest.raises(asyncio.CancelledError):
            await doing
        await app.reviewer.conclude_failed(job, "e1", "GitHub answered 500 to GET x")
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]


async def test_a_failure_of_our_own_is_called_internal() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        await app.reviewer.announce(job)
        await app.reviewer.conclude_failed(job, "9f2c", None)
        assert app.ends(pull.head_sha) == ["action_required: Not judged: internal error 9f2c"]


@pytest.mark.parametrize("missing", ["contents", "pull_requests"])
async def test_a_missing_permission_is_said_in_the_check(missing: str) -> None:
    permissions = {"metadata": "read", "contents": "read", "checks": "write", "pull_requests": "write"}
    del permissions[missing]
    async with turns(permissions=permissions) as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        await app.reviewer.announce(job)
        assert (await app.perform(job)).startswith("wait: the permission")
        await app.reviewer.say_waiting(job, "it is", 5.0)
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]
        [kept] = await VerdictTable(app.state).of_pull(app.at.repository.id, pull.number)
        await VerdictTable(app.state).keep(replace(kept, refused_at=time.time() - 20.0))
        kind, _, trouble = (await app.perform(job)).partition(": ")
        assert kind == "refused"
        await app.reviewer.conclude_failed(job, "e1", trouble)
        [end] = app.ends(pull.head_sha)
        assert end.startswith(f"action_required: Not judged: the permission {missing}: read is missing")


async def test_a_crash_between_the_verdict_and_the_review_posts_the_review_once() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        app.at.github.fail_next("POST", "/reviews", 502, times=2)
        assert (await app.perform(job)).startswith("wait")
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]
        for _ in range(3):
            assert await app.perform(job) == "failure"
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]
        assert len(app.at.github.reviews_of(pull)) == 1


async def test_a_review_that_cannot_be_posted_leaves_one_check_that_says_so() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        job = app.push(pull)
        app.at.github.fail_next("POST", "/reviews", 502, times=99)
        for _ in range(4):
            assert (await app.perform(job)).startswith("wait")
        await app.reviewer.conclude_failed(job, "e1", "GitHub answered 502 to POST /reviews")
        assert _kinds(app.ends(pull.head_sha)) == ["failure"]
        [run] = app.at.github.check_runs_of(pull.head_sha)
        assert (run.summary or "").startswith("The review could not be posted: `GitHub answered 502")


async def test_the_verdict_stands_before_the_review_is_posted() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        seen: list[list[str]] = []
        app.at.github.before("POST", "/reviews", lambda: seen.append(_kinds(app.ends(pull.head_sha))))
        await app.whole(app.push(pull))
        assert seen == [["failure"]]


OTHER = "db/migrations/20260516101501_more.sql"


async def test_a_danger_in_one_file_is_not_kept_back_for_another_that_cannot_be_read() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER, OTHER: SAFE})
        job = app.push(pull)
        app.at.github.fail_next("GET", f"/git/blobs/{_blob(app, pull, OTHER)}", 500, times=12)
        assert (await app.perform(job)).startswith("wait: GitHub answered 500")
        assert app.ends(pull.head_sha) == [
            "failure: Blocked: 1 danger, open: statements-read, part of the work could not be done"
        ]
        assert (await app.perform(job)).startswith("wait: GitHub answered 500")
        assert len(app.ends(pull.head_sha)) == 1
        app.at.github.faults.forget()
        assert await app.perform(job) == "failure"
        assert app.ends(pull.head_sha)[-1] == "failure: Blocked: 1 danger"
        assert len(app.at.github.reviews_of(pull)) == 1


async def test_what_is_safe_in_one_file_says_nothing_of_another_that_cannot_be_read() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER, OTHER: SAFE})
        job = app.push(pull)
        app.at.github.fail_next("GET", f"/git/blobs/{_blob(app, pull, PATH)}", 500, times=99)
        assert (await app.perform(job)).startswith("wait: GitHub answered 500")
        assert _kinds(app.ends(pull.head_sha)) == ["in progress"]


def _blob(app: Turns, pull: Pull, path: str) -> str:
    return next(change.sha for change in app.at.github.files_of(pull) if change.path == path)


async def test_observing_posts_nothing_but_the_check() -> None:
    async with turns(files={".github/migsafe.yml": "mode: observe\n"}) as app:
        pull = app.at.opened({PATH: DANGER})
        await app.whole(app.push(pull))
        assert _kinds(app.ends(pull.head_sha)) == ["neutral"]
        assert app.at.github.reviews_of(pull) == []


async def test_a_run_concludes_the_check_that_was_begun_for_a_later_job_which_it_answers() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        push = app.push(pull)
        again = app.job(JobKind.RERUN, number=pull.number, head_sha=pull.head_sha)
        await app.reviewer.announce(push)
        await app.reviewer.announce(again)
        assert await app.perform(push.answering([again])) == "failure"
        assert app.ends(pull.head_sha)[-1] == "failure: Blocked: 1 danger"
        assert "in progress" not in " ".join(app.ends(pull.head_sha))


async def test_a_head_that_was_replaced_gets_no_check_from_a_worker_that_announces_it_late() -> None:
    """Two workers: one has concluded it as superseded when the other, which meant to announce it, comes to that."""
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        first = app.push(pull)
        app.at.github.push(pull, {PATH: SAFE})
        second = app.push(pull)
        app.superseded.add(first.id)
        await app.perform(second)
        await app.reviewer.conclude_superseded(first)
        await app.reviewer.announce(first)
        assert "in progress" not in " ".join([*app.ends(first.head_sha or ""), *app.ends(pull.head_sha)])
