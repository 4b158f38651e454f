"""What is reviewed again at one person's wish, or because a repository changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.review import repository as repositories
from bot.review.job import Checked, Job, JobKind
from bot.review.repository import review_head_again, review_open_pull_requests
from tests.support.at_github import Scene, scene
from tests.support.reviewing import reviewing


def run(story: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
    async def told() -> None:
        async with scene(**options) as at:
            await story(at)

    asyncio.run(asyncio.wait_for(told(), 20))


def rerun(at: Scene, head_sha: str) -> Job:
    return Job(JobKind.RERUN, at.installation, at.repository.id, "acme/shop", head_sha=head_sha, delivery="d")


def test_every_open_pull_request_of_a_head_is_reviewed_in_its_own_turn() -> None:
    async def story(at: Scene) -> None:
        first, second, closed = at.opened(), at.opened({"b.txt": "b"}), at.opened({"c.txt": "c"})
        second.head_sha = closed.head_sha = first.head_sha
        at.github.close(closed)
        at.opened({"d.txt": "d"})
        stored: list[Job] = []

        async def store(job: Job) -> None:
            stored.append(job)

        await review_head_again(at.hub, rerun(at, first.head_sha), store)
        assert {job.subject for job in stored} == {f"{at.repository.id}:{pull.number}" for pull in (first, second)}
        assert {job.kind for job in stored} == {JobKind.RERUN}

    run(story)


def test_a_merge_groups_commit_is_checked_again_as_the_group() -> None:
    async def story(at: Scene) -> None:
        base, head = at.github.merge_group(at.repository, [at.opened()])
        await at.hub.start_check(head, Checked(at.repository.id, head, base_sha=base).external_id)
        stored: list[Job] = []

        async def store(job: Job) -> None:
            stored.append(job)

        await review_head_again(at.hub, rerun(at, head), store)
        assert [(job.kind, job.number, job.head_sha, job.base_sha) for job in stored] == [
            (JobKind.GROUP, None, head, base)
        ]

    run(story)


PATH = "db/migrations/20260516101500_change.sql"
UNSAFE = "-- migrate:up\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\nDROP TABLE a;\n-- migrate:down\n"


@pytest.mark.anyio
async def test_a_repository_that_became_public_shows_nothing_of_what_was_written_before() -> None:
    async with reviewing(private=True) as review:
        pull = review.at.opened({PATH: UNSAFE})
        old = pull.head_sha
        await review.reviewed(pull)
        await review.said(pull, "/migsafe explain")
        review.at.github.push(pull, {"README.md": "x\n"})
        await review.reviewed(pull)
        review.at.repository.private = False
        job = review.job(JobKind.REPOSITORY, extra={"action": "publicized"})
        context = await review.context()
        for _ in range(2):
            await review_open_pull_requests(context.hub, job, context.store)
        posted = [one.body for one in review.at.github.reviews_of(pull)]
        answers = [one.body for one in review.at.github.comments_of(pull) if one.author is review.at.github.bot]
        assert posted
        assert answers
        assert all(body.startswith("The repository became public") for body in (*posted, *answers))
        assert all("migsafe:reply" in body for body in answers), "the command is not answered again"
        runs = [*review.at.github.check_runs_of(old), *review.at.github.check_runs_of(pull.head_sha)]
        assert {run.title for run in runs} == {"Withdrawn: the repository became public"}
        assert {run.conclusion for run in runs} == {"failure"}, "only the words change"
        await review.reviewed(pull)
        assert len(review.at.github.reviews_of(pull)) == len(posted) + 1
        assert "became public" not in (review.at.github.reviews_of(pull)[-1].body or "")


def test_many_pull_requests_are_reviewed_again_in_several_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repositories, "_MOST", 2)

    async def story(at: Scene) -> None:
        numbers = {at.opened({f"{name}.txt": "x"}).number for name in "abcde"}
        jobs = [Job(JobKind.REPOSITORY, at.installation, at.repository.id, "acme/shop", delivery="d")]
        reviewed: list[int | None] = []
        ids = set()

        async def store(job: Job) -> None:
            ids.add(job.id)
            if job.kind is JobKind.REPOSITORY:
                jobs.append(job)
            else:
                reviewed.append(job.number)

        ended = [await review_open_pull_requests(at.hub, job, store) for job in jobs]
        assert sorted(reviewed, key=str) == sorted(numbers, key=str)
        assert ended[0] == "2 pull requests to review again, and 3 in a further job"
        assert len(ids) == len(reviewed) + len(ended) - 1

    run(story)
