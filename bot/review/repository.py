"""Asks for reviews again: of a repository's open pull requests, or of all that has one commit as its head."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.report import check_run
from bot.review.hub import Hub, PullRequest
from bot.review.job import Job, JobKind, read_external_id
from bot.review.publishing import retract_comment

_MOST = 50
"""Pull requests of one job; a further job goes on with the next ones."""
_COMMITS = 50
"""The newest commits of a pull request whose earlier checks are withdrawn."""
_WITHDRAWN = "The repository became public: what stood here named exact sizes. See the newest check run."

Store = Callable[[Job], Awaitable[object]]


async def review_open_pull_requests(hub: Hub, job: Job, store: Store) -> str:
    """Stores a job for each open pull request, and one for the rest if there are many; returns how many there are.

    If the repository became public, what we wrote when it was private is withdrawn first: it shows exact sizes. The
    new review shows what everybody may read.
    """
    repository = await hub.repository()
    went_public = not repository.private and job.extra.get("action") == "publicized"
    below = int(job.extra.get("below", 0)) or None
    listed = sorted(await hub.open_pull_requests(), key=lambda pull: -pull.number)
    left = [pull for pull in listed if below is None or pull.number < below]
    for pull in left[:_MOST]:
        if went_public:
            await _withdraw(hub, pull)
        again = replace(job, kind=JobKind.RERUN, repository=repository.full_name, number=pull.number, extra={})
        await store(replace(again, head_sha=pull.head_sha, base_sha=pull.base_sha))
    if len(left) > _MOST:
        last = left[_MOST - 1].number
        delivery = f"{job.delivery.partition('-below-')[0]}-below-{last}"
        await store(replace(job, extra={**job.extra, "below": str(last)}, delivery=delivery))
        return f"{_MOST} pull requests to review again, and {len(left) - _MOST} in a further job"
    return f"{len(left)} pull requests to review again"


async def _withdraw(hub: Hub, pull: PullRequest) -> None:
    """Takes back what GitHub lets us: comments, the text of reviews and answers, the words of earlier check runs.

    Annotations of earlier runs cannot be removed, and GitHub keeps the history of what is edited.
    """
    for comment in await hub.posted_comments(pull.number):
        await retract_comment(hub, comment, _WITHDRAWN)
    await hub.withdraw_texts(pull.number, _WITHDRAWN)
    commits = [commit.sha for commit in await hub.pull_commits(pull.number)][-_COMMITS:]
    for head_sha in dict.fromkeys((*commits, pull.head_sha)):
        for run in (await hub.head_checks(head_sha)).runs:
            if run.concluded and run.title != check_run.withdrawn().title:
                await hub.amend_check(run.id, check_run.withdrawn())


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
