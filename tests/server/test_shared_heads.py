"""A check run belongs to a commit: pull requests with one head share the worst verdict; a merge group has its own."""

import asyncio
from dataclasses import replace

import pytest

from bot.report.shapes import CheckOutput, Conclusion
from bot.review.heads import Gate
from bot.review.job import CommentKind, Job, JobKind
from bot.server.state.forgetting import forget_repositories
from bot.server.state.verdicts import VerdictTable
from bot.standins.github.merge_queue import MergeQueue, QueueEntry
from bot.standins.github.model import Pull
from tests.support.turns import DANGER, PATH, SAFE, Turns, turns

pytestmark = pytest.mark.anyio


def _kinds(ends: list[str]) -> list[str]:
    return [end.partition(":")[0] for end in ends]


def _two(app: Turns) -> tuple[Pull, Pull]:
    """A danger proposed to main, and the same branch proposed to one that has it already."""
    github, repository = app.at.github, app.at.repository
    first = app.at.opened({PATH: DANGER})
    repository.branches["release"] = first.head_sha
    second = github.open_pull_request(repository, {"README.md": "x\n"}, head="other", base="release")
    repository.branches[second.head] = first.head_sha
    second.head_sha = first.head_sha
    return first, second


async def test_two_pull_requests_with_one_head_share_the_worst_verdict() -> None:
    async with turns() as app:
        first, second = _two(app)
        await app.whole(app.push(first))
        await app.whole(app.push(second))
        newest = app.ends(first.head_sha)[-1]
        assert newest == "failure: #1: Blocked: 1 danger"
        [*_, run] = app.at.github.check_runs_of(first.head_sha)
        assert "This commit is the head of #1 and #2." in (run.summary or "")
        assert "- #2: No migrations changed" in (run.summary or "")


async def test_a_commit_does_not_pass_before_all_its_pull_requests_are_judged() -> None:
    async with turns() as app:
        first, second = _two(app)
        one, two = app.push(first), app.push(second)
        await app.reviewer.announce(one)
        await app.reviewer.announce(two)
        assert (await app.perform(two)).startswith("waiting for other pull requests")
        assert app.ends(first.head_sha) == ["in progress: Waiting for #1"]
        assert await app.perform(one) == "failure"
        assert _kinds(app.ends(first.head_sha)) == ["failure"]


async def test_a_commit_does_not_pass_for_one_of_its_pull_requests_after_the_state_was_lost() -> None:
    async with turns() as app:
        first, second = _two(app)
        await app.whole(app.push(first))
        await app.whole(app.push(second))
        await forget_repositories(app.state, app.at.installation, [app.at.repository.id], whole=True)
        assert (await app.perform(app.push(second))).startswith("waiting for other pull requests")
        assert app.at.github.required_check(first.head_sha) == "waits"
        assert [job.number for job in app.stored] == [first.number]
        await app.perform(app.stored[0])
        assert app.ends(first.head_sha)[-1] == "failure: #1: Blocked: 1 danger"


async def test_a_lost_state_waits_for_no_pull_request_that_is_closed() -> None:
    async with turns() as app:
        first, second = _two(app)
        await app.whole(app.push(first))
        await app.whole(app.push(second))
        await forget_repositories(app.state, app.at.installation, [app.at.repository.id], whole=True)
        app.at.github.close(first)
        assert await app.perform(app.push(second)) == "success"
        assert app.ends(first.head_sha)[-1] == "success: No migrations changed"


async def test_a_danger_is_not_kept_back_for_another_pull_request() -> None:
    async with turns() as app:
        first, second = _two(app)
        one, two = app.push(first), app.push(second)
        await app.reviewer.announce(one)
        await app.reviewer.announce(two)
        assert await app.perform(one) == "failure"
        assert _kinds(app.ends(first.head_sha)) == ["failure"]
        await app.perform(two)
        assert app.at.github.required_check(first.head_sha) == "blocks"


async def test_what_a_danger_says_stays_while_another_pull_request_waits_for_github() -> None:
    async with turns() as app:
        first, second = _two(app)
        one, two = app.push(first), app.push(second)
        await app.reviewer.announce(one)
        await app.reviewer.announce(two)
        await app.perform(one)
        await app.reviewer.say_waiting(two, "GitHub answered 500 to GET x", 5.0)
        assert app.ends(first.head_sha) == ["failure: Blocked: 1 danger"]


async def test_whoever_accepts_a_danger_is_not_told_success_while_another_pull_request_blocks_the_commit() -> None:
    async with turns() as app:
        first = app.at.opened({PATH: DANGER})
        third = app.at.github.open_pull_request(app.at.repository, {"README.md": "x\n"}, head="third")
        third.head_sha = app.at.repository.branches[third.head] = first.head_sha
        for pull in (first, third):
            await app.whole(app.push(pull))
        comment = app.at.github.comment(first, "/migsafe allow generated-column-rewrite because the table is small")
        about = {"number": first.number, "comment": comment.id, "comment_kind": CommentKind.ISSUE}
        await app.perform(app.job(JobKind.COMMAND, **about))
        assert app.ends(first.head_sha)[-1].startswith(f"failure: #{third.number}: Blocked")
        [*_, answer] = app.at.github.comments_of(first)
        assert f"The check of `{first.head_sha[:7]}` is now `failure`." in answer.body


async def test_a_review_that_cannot_be_posted_leaves_the_words_of_the_verdict_that_counts() -> None:
    async with turns() as app:
        first, second = _two(app)
        two = app.push(second)
        await app.whole(app.push(first))
        await app.whole(two)
        await app.reviewer.conclude_failed(two, "e1", "GitHub answered 502 to POST /reviews")
        [*_, run] = app.at.github.check_runs_of(first.head_sha)
        assert (run.conclusion, run.title) == ("failure", "#1: Blocked: 1 danger")
        assert (run.summary or "").startswith("The review could not be posted: `GitHub answered 502")


async def test_closing_one_leaves_the_verdict_of_the_other() -> None:
    async with turns() as app:
        first, second = _two(app)
        await app.whole(app.push(first))
        await app.whole(app.push(second))
        app.at.github.close(first)
        assert await app.perform(app.push(first, extra={"action": "closed"})) == "closed"
        assert app.ends(first.head_sha)[-1] == "success: No migrations changed"


async def test_closing_one_leaves_the_check_in_progress_of_the_other() -> None:
    async with turns() as app:
        first, second = _two(app)
        one, two = app.push(first), app.push(second)
        await app.reviewer.announce(one)
        await app.reviewer.announce(two)
        app.at.github.close(first)
        await app.perform(app.push(first, extra={"action": "closed"}))
        assert _kinds(app.ends(first.head_sha)) == ["in progress"]
        await app.perform(two)
        assert app.ends(first.head_sha) == ["success: No migrations changed"]


async def test_a_commit_whose_other_pull_request_was_closed_unseen_is_not_held_up() -> None:
    async with turns() as app:
        first, second = _two(app)
        await app.reviewer.announce(app.push(first))
        app.at.github.close(first)
        await app.whole(app.push(second))
        assert app.ends(first.head_sha) == ["success: No migrations changed"]


async def test_a_closed_pull_request_leaves_nothing_in_progress_and_nothing_that_passes() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        old = pull.head_sha
        await app.reviewer.announce(app.push(pull))
        app.at.github.push(pull, {PATH: SAFE})
        await app.reviewer.announce(app.push(pull))
        app.at.github.close(pull)
        await app.perform(app.push(pull, extra={"action": "closed"}))
        assert (app.ends(old), app.ends(pull.head_sha)) == (["cancelled: Closed"], ["cancelled: Closed"])


async def test_a_closed_pull_request_begins_no_check() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        app.at.github.close(pull)
        await app.whole(app.push(pull, extra={"action": "closed"}))
        assert app.ends(pull.head_sha) == []


async def test_a_pull_request_that_was_reopened_is_judged_again() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: DANGER})
        await app.reviewer.announce(app.push(pull))
        app.at.github.close(pull)
        await app.perform(app.push(pull, extra={"action": "closed"}))
        pull.state = "open"
        await app.whole(app.push(pull))
        assert _kinds(app.ends(pull.head_sha)) == ["cancelled", "failure"]


async def test_a_run_again_of_a_failing_job_ends_honestly_on_each_pull_request() -> None:
    async with turns() as app:
        first, second = _two(app)
        for pull in (first, second):
            await app.whole(app.push(pull))
        again = app.job(JobKind.RERUN, head_sha=first.head_sha)
        assert await app.perform(again) == "2 pull requests to review again"
        for job in app.stored:
            await app.reviewer.announce(job)
            await app.reviewer.conclude_failed(job, "e1", "GitHub answered 500 to GET x")
        assert app.at.github.required_check(first.head_sha) == "blocks"
        assert all(not end.startswith("in progress") for end in app.ends(first.head_sha))


async def test_a_run_again_of_one_judges_the_other_pull_requests_of_the_commit_again() -> None:
    async with turns() as app:
        first, second = _two(app)
        one, two = app.push(first), app.push(second)
        await app.reviewer.announce(one)
        await app.perform(two)
        await app.reviewer.conclude_failed(one, "e1", "GitHub answered 500 to GET x")
        assert app.ends(first.head_sha)[-1] == "action_required: #1: Not judged: GitHub answered 500 to GET x"
        await app.whole(app.job(JobKind.RERUN, number=second.number, head_sha=second.head_sha))
        [again] = app.stored
        assert (again.kind, again.number) == (JobKind.RERUN, first.number)
        await app.whole(again)
        assert app.ends(first.head_sha)[-1] == "failure: #1: Blocked: 1 danger"


async def test_a_run_that_github_made_late_gets_the_verdict() -> None:
    async with turns(timeout=0.3) as app:
        pull = app.at.opened({PATH: DANGER})
        app.at.github.fail_next("POST", "/check-runs", 201, after_effect=True, delay=1.5)
        await app.whole(app.push(pull))
        await app.whole(app.push(pull))
        github = app.at.github
        while len(github.check_runs_of(pull.head_sha)) < 3:
            await asyncio.sleep(0.02)
        assert github.required_check(pull.head_sha) == "waits"
        await app.whole(app.job(JobKind.REPAIR, number=pull.number, head_sha=pull.head_sha))
        assert set(_kinds(app.ends(pull.head_sha))) == {"failure"}


def _group(app: Turns, entry: QueueEntry, **extra: str) -> Job:
    refs = {"head_ref": entry.head_ref, "base_ref": "refs/heads/main", **extra}
    return app.job(JobKind.GROUP, head_sha=entry.head_sha, base_sha=entry.base_sha, extra=refs)


def _break_after_comparison(app: Turns) -> None:
    github = app.at.github
    github.after("GET", "/compare/", lambda: github.fail_next("GET", "/repos/", 500, times=999))


async def test_a_merge_group_is_judged_on_top_of_what_is_ahead_of_it() -> None:
    async with turns() as app:
        queue = MergeQueue(app.at.github, app.at.repository)
        first, second = app.at.opened({PATH: DANGER}), app.at.opened({"README.md": "x\n"})
        entries = queue.enqueue(first, second)
        for entry in entries:
            await app.whole(_group(app, entry))
        assert [app.ends(entry.head_sha) for entry in entries] == [
            ["failure: Blocked: 1 danger"],
            ["success: No migrations changed"],
        ]


@pytest.mark.parametrize(("content", "conclusion"), [(DANGER, "failure"), (SAFE, "success")])
async def test_a_merge_group_that_cannot_be_judged_takes_the_verdict_of_its_pull_request(
    content: str, conclusion: str
) -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: content})
        await app.whole(app.push(pull))
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(pull)
        job = _group(app, entry)
        _break_after_comparison(app)
        assert (await app.perform(job)).startswith("wait")
        app.at.github.faults.forget()
        await app.reviewer.conclude_failed(job, "e1", "GitHub answered 500 to GET x")
        assert _kinds(app.ends(entry.head_sha)) == [conclusion]
        [run] = app.at.github.check_runs_of(entry.head_sha)
        assert (run.summary or "").startswith("This merge group could not be judged: GitHub answered 500 to GET x.")


async def test_a_merge_group_that_was_blocked_is_not_passed_by_its_pull_request() -> None:
    async with turns() as app:
        queue = MergeQueue(app.at.github, app.at.repository)
        pull = app.at.opened({PATH: SAFE})
        await app.whole(app.push(pull))
        [entry] = queue.enqueue(pull)
        first, again = _group(app, entry), _group(app, entry)
        gate = Gate(app.at.hub, VerdictTable(app.state), first)
        blocked = CheckOutput(Conclusion.FAILURE, "Blocked: 1 danger", "What is ahead in the queue drops the table.")
        await gate.conclude(gate.checked(entry.head_sha), blocked)
        _break_after_comparison(app)
        assert (await app.perform(again)).startswith("wait")
        app.at.github.faults.forget()
        await app.reviewer.conclude_failed(again, "e1", "GitHub answered 500 to GET x")
        assert app.at.github.required_check(entry.head_sha) == "blocks"


async def test_a_merge_group_with_other_files_than_its_pull_request_is_not_passed_by_it() -> None:
    async with turns() as app:
        pull = app.at.opened({PATH: SAFE})
        await app.whole(app.push(pull))
        app.at.github.push(pull, {PATH: DANGER})
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(pull)
        job = _group(app, entry)
        _break_after_comparison(app)
        assert (await app.perform(job)).startswith("wait")
        app.at.github.faults.forget()
        await app.reviewer.conclude_failed(job, "e1", "GitHub answered 500 to GET x")
        assert app.ends(entry.head_sha) == ["action_required: Not judged: GitHub answered 500 to GET x"]


async def test_a_merge_group_whose_ref_names_no_pull_request_says_what_does_not_count() -> None:
    async with turns() as app:
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(app.at.opened({PATH: SAFE}))
        await app.whole(_group(app, entry, head_ref="refs/heads/gh-readonly-queue/main/all"))
        [run] = app.at.github.check_runs_of(entry.head_sha)
        assert (run.summary or "").startswith("The ref of this merge group names no open pull request")


async def test_the_end_of_an_earlier_group_leaves_the_one_alone_that_has_the_same_commit() -> None:
    async with turns() as app:
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(app.at.opened({PATH: DANGER}))
        group = _group(app, entry)
        ended = replace(group, kind=JobKind.GROUP_ENDED, delivery="late", extra={**group.extra, "reason": "dequeued"})
        await app.reviewer.announce(group)
        # The request waits with the end, which came later and answers it.
        assert await app.perform(ended) == "the group is there again"
        [again] = app.stored
        assert app.ends(entry.head_sha) == ["in progress: "]
        await app.whole(again)
        assert _kinds(app.ends(entry.head_sha)) == ["failure"]
        # Once it is judged, nothing is left to do.
        await app.perform(ended)
        assert _kinds(app.ends(entry.head_sha)) == ["failure"]
        assert app.stored == [again]


async def test_a_group_that_was_ended_is_judged_when_the_end_comes_twice_and_it_is_there_again() -> None:
    async with turns() as app:
        queue = MergeQueue(app.at.github, app.at.repository)
        [entry] = queue.enqueue(app.at.opened({PATH: DANGER}))
        group = _group(app, entry)
        ended = replace(group, kind=JobKind.GROUP_ENDED, delivery="late")
        await app.reviewer.announce(group)
        there = app.at.repository.branches.pop(entry.head_ref.removeprefix("refs/heads/"))
        assert await app.perform(ended) == "group ended"
        assert _kinds(app.ends(entry.head_sha)) == ["cancelled"]
        app.at.repository.branches[entry.head_ref.removeprefix("refs/heads/")] = there
        await app.perform(replace(ended, delivery="later"))
        await app.whole(app.stored[-1])
        assert _kinds(app.ends(entry.head_sha))[-1] == "failure"


@pytest.mark.parametrize("reason", ["merged", "invalidated", "dequeued"])
async def test_a_merge_group_that_ended_is_cancelled_as_far_as_it_is_unfinished(reason: str) -> None:
    async with turns() as app:
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(app.at.opened({PATH: SAFE}))
        job = _group(app, entry)
        await app.reviewer.announce(job)
        ended = app.job(JobKind.GROUP_ENDED, head_sha=entry.head_sha, extra={"reason": reason})
        assert await app.perform(ended) == f"group {reason}"
        assert app.ends(entry.head_sha) == ["cancelled: The merge group ended"]
        await app.perform(ended)
        assert app.ends(entry.head_sha) == ["cancelled: The merge group ended"]


async def test_a_merge_group_that_ended_keeps_its_verdict() -> None:
    async with turns() as app:
        [entry] = MergeQueue(app.at.github, app.at.repository).enqueue(app.at.opened({PATH: SAFE}))
        await app.whole(_group(app, entry))
        base = entry.base_sha
        await app.perform(
            app.job(JobKind.GROUP_ENDED, head_sha=entry.head_sha, base_sha=base, extra={"reason": "merged"})
        )
        assert _kinds(app.ends(entry.head_sha)) == ["success"]
