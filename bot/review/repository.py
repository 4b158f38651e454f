"""Asks for reviews again: of a repository's open pull requests, or of all that has one commit as its head."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.review.job import Job, JobKind, read_external_id
from bot.review.ports import Hub
from bot.review.publishing import retract_comment

_MOST = 200
"""The newest pull requests; older ones are reviewed again at their next push or command."""

Store = Callable[[Job], Awaitable[object]]


async def review_open_pull_requests(hub: Hub, job: Job, store: Store) -> str:
    """Stores a job for each open pull request; returns how many there are.

    If the repository became public, our comments from when it was private are withdrawn first: they show exact sizes.
    The new review shows what everybody may read.
    """
    repository = await hub.repository()
    pulls = (await hub.open_pull_requests())[:_MOST]
    for pull in pulls:
        if not repository.private and job.extra.get("action") == "publicized":
            for comment in await hub.posted_comments(pull.number):
                await retract_comment(hub, comment, "The repository became public: see the newest review.")
        again = replace(job, kind=JobKind.RERUN, repository=repository.full_name, number=pull.number, extra={})
        await store(replace(again, head_sha=pull.head_sha, base_sha=pull.base_sha))
    return f"{len(pulls)} pull requests to review again"


async def review_head_again(hub: Hub, job: Job, store: Store) -> str:
    """Stores a job for each open pull request with the job's head, so that each is done under its own mutex.

    A commit that is no pull request's head may be a merge group's: our earlier check run on it says so.
    """
    assert job.head_sha is not None
    pulls = [pull for pull in await hub.open_pull_requests() if pull.head_sha == job.head_sha]
    for pull in pulls:
        await store(replace(job, number=pull.number, base_sha=pull.base_sha, extra={}))
    if pulls:
        return f"{len(pulls)} pull requests to review again"
    named = [read_external_id(run.external_id) for run in (await hub.head_checks(job.head_sha)).runs]
    group = next((one for one in named if one is not None and one.base_sha is not None), None)
    if group is None:
        return "no open pull request has this head"
    await store(replace(job, kind=JobKind.GROUP, base_sha=group.base_sha))
    return "a merge group to check again"
