"""Does a job: opens its repository, runs the review or the command, and concludes the check when that fails."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.review.answers import answer_command
from bot.review.configuration import fetch_configuration
from bot.review.errors import HubError
from bot.review.job import Checked, CommentKind, Job, JobKind
from bot.review.ports import AcknowledgementStore, ConfigurationStore, Confine, Context, Hub, Replica
from bot.review.publishing import conclude_closed, conclude_group_ended
from bot.review.pull_request import review_group, review_pull_request
from bot.review.repository import review_head_again, review_open_pull_requests
from bot.server.jobs import Attempt

OpenHub = Callable[[Job], Awaitable[Hub]]


class Sweep(Protocol):
    """Finds what was missed and repairs it; returns a summary."""

    async def __call__(self) -> str: ...

    async def sweep_installation(self, installation_id: int, repository_ids: Collection[int]) -> str:
        """Looks at these repositories of an installation at once; at all of them if none is named."""
        ...


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The App's tasks (`bot.server.jobs.Tasks`). Running one twice changes nothing more."""

    open_hub: OpenHub
    replica: Replica
    acknowledgements: AcknowledgementStore
    configurations: ConfigurationStore
    confine: Confine
    sweep: Sweep
    store: Callable[[Job], Awaitable[object]]
    """Stores a further job; one that is stored already is not stored again."""

    async def announce(self, job: Job) -> None:
        """Puts the check of the head in progress, before the job waits for its turn."""
        if not job.kind.concludes_check or _names_only_head(job):
            return
        hub = await self.open_hub(job)
        checked = await _find_checked(hub, job)
        if checked is not None:
            await hub.start_check(checked.head_sha, checked.external_id)

    async def perform(self, job: Job, attempt: Attempt) -> str:
        """Does the job and returns how it ended. Raises HubError; with `retry_after` if it passes."""
        if job.kind is JobKind.INSTALLATION:
            named = [int(number) for number in job.extra.get("repositories", "").split(",") if number]
            return await self.sweep.sweep_installation(job.installation, named)
        hub = await self.open_hub(job)
        if job.kind is JobKind.REPOSITORY:
            return await review_open_pull_requests(hub, job, self.store)
        if job.kind is JobKind.GROUP_ENDED:
            return await conclude_group_ended(hub, job)
        if _names_only_head(job):
            return await review_head_again(hub, job, self.store)
        context = Context(
            hub, self.replica, self.acknowledgements, self.configurations, self.confine, attempt.is_superseded
        )
        if job.kind is JobKind.COMMAND:
            return await answer_command(context, job)
        if job.number is not None:
            return await review_pull_request(context, job)
        return await review_group(context, job)

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a later push replaced before the job began."""
        if job.number is None or job.head_sha is None:
            return
        hub = await self.open_hub(job)
        pull = await hub.pull_request(job.number)
        if pull.head_sha != job.head_sha:
            checked = Checked(job.repository_id, job.head_sha, number=job.number)
            check = await hub.start_check(job.head_sha, checked.external_id)
            await hub.conclude_check(check, check_run.superseded(pull.head_sha))

    async def say_waiting(self, job: Job, reason: str, seconds: float) -> None:
        """Says in the check in progress what the job waits for."""
        if not job.kind.concludes_check or _names_only_head(job):
            return
        hub = await self.open_hub(job)
        checked = await _find_checked(hub, job)
        if checked is not None:
            check = await hub.start_check(checked.head_sha, checked.external_id)
            await hub.describe_check(check, *check_run.waiting(reason, seconds))

    async def conclude_failed(self, job: Job, error_id: str, trouble: str | None) -> None:
        """Concludes the check, or answers the command, with an id that is in the log, too."""
        if job.kind in (JobKind.INSTALLATION, JobKind.REPOSITORY, JobKind.GROUP_ENDED) or _names_only_head(job):
            return
        hub = await self.open_hub(job)
        if job.kind is JobKind.COMMAND:
            await _apologise(hub, job, error_id)
            return
        checked = await _find_checked(hub, job)
        if checked is None:
            if job.head_sha is not None:
                await conclude_closed(hub, job.head_sha)
            return
        if job.kind is JobKind.PUSH and job.head_sha not in (None, checked.head_sha):
            # A later push has its own job, and only that job may review the current head.
            await self.conclude_superseded(job)
            return
        if (await hub.head_checks(checked.head_sha)).concluded:
            return
        check = await hub.start_check(checked.head_sha, checked.external_id)
        policy = await _fetch_policy(hub, self.configurations, job)
        said = check_run.internal_error(error_id, policy) if trouble is None else check_run.trouble(trouble, policy)
        await hub.conclude_check(check, said)


def _names_only_head(job: Job) -> bool:
    """Whether the job must find out first what it is about: all checks of a commit are wanted again."""
    return job.kind is JobKind.RERUN and job.number is None


async def _find_checked(hub: Hub, job: Job) -> Checked | None:
    """The commit whose check the job concludes: the head as it is now, or the merge group's."""
    if job.number is None:
        if job.head_sha is None or job.base_sha is None:
            return None
        return Checked(job.repository_id, job.head_sha, base_sha=job.base_sha)
    pull = await hub.pull_request(job.number)
    return Checked(job.repository_id, pull.head_sha, number=job.number) if pull.open else None


async def _fetch_policy(hub: Hub, store: ConfigurationStore, job: Job) -> Policy:
    """The policy, for its `on_error`; the defaults if even that cannot be read."""
    try:
        if job.number is not None:
            pull = await hub.pull_request(job.number)
            repository, base_ref, base_sha = pull.repository, pull.base_ref, pull.base_sha
        else:
            repository, base_ref, base_sha = await hub.repository(), _base_ref(job), job.base_sha or ""
        return (await fetch_configuration(hub, store, repository, base_ref, base_sha)).policy
    except HubError:
        return Policy()


def _base_ref(job: Job) -> str:
    return job.extra.get("base_ref", "").removeprefix("refs/heads/")


async def _apologise(hub: Hub, job: Job, error_id: str) -> None:
    if job.comment is None or job.number is None:
        return
    kind = job.comment_kind or CommentKind.ISSUE
    text = f"migsafe failed to do this. Its log has the details under `{error_id}`."
    thread = job.comment if kind is CommentKind.REVIEW_COMMENT else None
    await hub.reply(job.number, text, to_comment=thread, marker=f"answer-{kind}-{job.comment}")
    await hub.react(job.comment, kind, "confused")
