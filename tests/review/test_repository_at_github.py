"""What is reviewed again at one person's wish, or because a repository changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.review.job import Checked, Job, JobKind
from bot.review.repository import review_head_again
from tests.support.at_github import Scene, scene


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
