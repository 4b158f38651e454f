"""A repository whose name, owner or visibility changed: its open pull requests are judged again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.review.job import Job, JobKind
from bot.review.ports import Hub
from bot.review.publishing import retract_comment

_MOST = 200
"""Pull requests, the newest; older ones are judged again when they are pushed to or asked about."""


async def review_open_pull_requests(hub: Hub, job: Job, store: Callable[[Job], Awaitable[object]]) -> str:
    """Stores a job for each open pull request; returns how many there are.

    Before a repository that became public is judged again, our comments of when it was private are taken back: they
    show exact sizes. The new review shows what everybody may read.
    """
    repository = await hub.repository()
    pulls = (await hub.open_pull_requests())[:_MOST]
    for pull in pulls:
        if not repository.private and job.extra.get("action") == "publicized":
            for comment in await hub.posted_comments(pull.number):
                await retract_comment(hub, comment, "The repository became public: see the newest review.")
        again = replace(job, kind=JobKind.RERUN, repository=repository.full_name, number=pull.number, extra={})
        await store(replace(again, head_sha=pull.head_sha, base_sha=pull.base_sha))
    return f"{len(pulls)} pull requests to judge again"
