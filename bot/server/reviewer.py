"""Does a job: opens its repository, runs the review or the command, and concludes the check when that fails."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from bot.core import clock
from bot.report import check_run
from bot.review.answers import answer_command
from bot.review.confined_port import Confinements
from bot.review.errors import HubError, MissingPermission, NoAccess, NotInstalled, TooLarge
from bot.review.giving_up import conclude_unjudged
from bot.review.group import end_group_unless_there, review_group
from bot.review.heads import LATE, Gate, refused_since
from bot.review.hub import Hub
from bot.review.job import Checked, CommentKind, Job, JobKind
from bot.review.ports import (
    AcknowledgementStore,
    BroughtStore,
    ConfigurationStore,
    Confine,
    Context,
    PlanStore,
    Replica,
    VerdictStore,
)
from bot.review.pull_request import review_pull_request
from bot.review.remembered import CommandStore
from bot.review.repository import review_head_again, review_open_pull_requests
from bot.server.jobs import Attempt

_PERMISSION_MINDED = 10.0
"""Seconds for which a missing permission is believed to be a mistake of GitHub's."""
_SOON = 1.0

_GRANT = (
    "whoever owns the account that migsafe is installed on can grant it: in the settings of that account, under GitHub "
    "Apps, migsafe shows the permissions that it asks for"
)

_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
"""What GitHub calls the authors of comments who belong to the repository."""

OpenHub = Callable[[Job], Awaitable[Hub]]


class Sweep(Protocol):
    """Finds what was missed and repairs it; returns a summary."""

    async def __call__(self) -> str: ...

    async def sweep_installation(self, installation_id: int, repository_ids: Collection[int]) -> str:
        """Looks at these repositories of an installation at once; at all of them if none is named."""
        ...

    async def is_gone(self, installation_id: int, repository_id: int) -> bool:
        """Whether GitHub says that the repository is the App's no more; then what is kept of it is to be deleted."""
        ...


class Forget(Protocol):
    """Deletes what is kept of repositories; with `whole`, of all that the installation had. Returns how many rows."""

    async def __call__(self, installation: int, repository_ids: Collection[int], /, *, whole: bool) -> int: ...


class Abandon(Protocol):
    """Ends the jobs that wait for what is gone since this job came; returns how many of them still run."""

    async def __call__(self, job: Job, repository_ids: Collection[int], /, *, whole: bool) -> int: ...


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The App's tasks (`bot.server.jobs.Tasks`). Running one twice changes nothing more."""

    open_hub: OpenHub
    replica: Replica
    acknowledgements: AcknowledgementStore
    configurations: ConfigurationStore
    verdicts: VerdictStore
    brought: BroughtStore
    plans: PlanStore
    confinements: Confinements
    sweep: Sweep
    store: Callable[[Job], Awaitable[object]]
    """Stores a further job; one that is stored already is not stored again."""
    commands: CommandStore
    forget: Forget
    abandon: Abandon

    async def announce(self, job: Job) -> None:
        """Puts the check of the job's commit in progress, before the job waits for its turn."""
        if _has_check(job):
            gate = Gate(await self.open_hub(job), self.verdicts, job)
            await gate.begin(_checked(gate))

    async def perform(self, job: Job, attempt: Attempt) -> str:
        """Does the job and returns how it ended. Raises HubError; with `retry_after` if it passes, or may pass."""
        try:
            return await self._perform(job, attempt)
        except NoAccess as refused:
            # There is nothing to be written to. Whoever grants it again has all open pull requests looked at.
            if attempt.waited < LATE:
                raise HubError(str(refused), retry_after=_SOON) from refused
            if isinstance(refused, NotInstalled):
                await self._is_gone(job)
            return f"no access: {refused}"
        except HubError as refused:
            if refused.retry_after is not None or not job.kind.concludes_check:
                raise
            given = await self._give_time(job, attempt, refused)
            if given.retry_after is None and await self._is_gone(job):
                return f"no access: {refused}"
            raise given from refused

    async def _is_gone(self, job: Job) -> bool:
        """Whether the repository is the App's no more. What GitHub does not tell now, it tells the sweep."""
        with contextlib.suppress(HubError):
            return job.repository_id != 0 and await self.sweep.is_gone(job.installation, job.repository_id)
        return False

    def _share(self, job: Job) -> Confine:
        """What the job may use of the children; whoever may only comment gets little."""
        trusted = job.kind is not JobKind.COMMAND or job.extra.get("association") in _MEMBERS
        return self.confinements.share(job.installation, trusted=trusted, again=job.kind is JobKind.RERUN)

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a later push replaced before the job began.

        If it is still the head, the later job takes the check up. What cannot be told now is that job's to end, too.
        """
        if job.number is not None and job.head_sha is not None:
            async with self._telling(job):
                await self._conclude_superseded(job, job.number)

    async def _conclude_superseded(self, job: Job, number: int) -> None:
        gate = Gate(await self.open_hub(job), self.verdicts, job)
        own = await self.verdicts.get(_checked(gate))
        pull = await gate.hub.pull_request(number)
        if not pull.open or pull.head_sha == job.head_sha or (own is not None and own.left_to_another(job)):
            return
        shown = await self.verdicts.get(gate.checked(pull.head_sha))
        if own is not None and shown is not None and shown.begun_at < own.begun_at:
            # GitHub shows a head that was there before this one: its answer is old.
            return
        await gate.retire(_checked(gate), check_run.superseded(pull.head_sha))

    async def say_waiting(self, job: Job, reason: str, seconds: float) -> None:
        """Says in the check in progress what the job waits for."""
        if _has_check(job):
            gate = Gate(await self.open_hub(job), self.verdicts, job)
            await gate.begin(_checked(gate))
            await gate.describe(_checked(gate), reason, seconds)

    async def conclude_failed(self, job: Job, error_id: str, trouble: str | None) -> None:
        """Concludes the check, or answers the command, with an id that is in the log, too."""
        async with self._telling(job):
            if job.kind is JobKind.COMMAND:
                await _apologise(await self.open_hub(job), job, error_id)
            elif job.kind.concludes_check and not _names_only_head(job):
                context = self._context(await self.open_hub(job), job, _not_superseded)
                await conclude_unjudged(context, job, error_id, trouble)

    @contextlib.asynccontextmanager
    async def _telling(self, job: Job) -> AsyncGenerator[None, None]:
        """Says NotInstalled of what GitHub refuses because the repository is not the App's any more."""
        try:
            yield
        except NoAccess:
            raise
        except HubError as refused:
            if refused.retry_after is None and await self._is_gone(job):
                raise NotInstalled(str(refused)) from refused
            raise

    async def _perform(self, job: Job, attempt: Attempt) -> str:
        if job.kind in (JobKind.INSTALLATION, JobKind.GONE):
            named = [int(number) for number in job.extra.get("repositories", "").split(",") if number]
            if job.kind is JobKind.INSTALLATION:
                return await self.sweep.sweep_installation(job.installation, named)
            return await self._forget(job, named, attempt)
        hub = await self.open_hub(job)
        if job.kind is JobKind.REPOSITORY:
            return await review_open_pull_requests(hub, job, self.store)
        if _names_only_head(job):
            return await review_head_again(hub, job, self.store)
        context = self._context(hub, job, attempt.is_superseded, attempt.age)
        context = replace(context, step_aside=attempt.step_aside)
        if job.kind is JobKind.GROUP_ENDED:
            return await end_group_unless_there(context, job)
        if job.kind is JobKind.COMMAND:
            return await answer_command(context, job, self.commands)
        if job.number is not None:
            return await review_pull_request(context, job)
        return await review_group(context, job)

    async def _forget(self, job: Job, repository_ids: Collection[int], attempt: Attempt) -> str:
        """Once nothing of it runs, which would write to the state what is to be forgotten."""
        whole = job.extra.get("action") == "deleted"
        running = await self.abandon(job, repository_ids, whole=whole)
        if running and attempt.waited < LATE:
            raise HubError(f"{running} jobs of what is gone are still running", retry_after=_SOON)
        return f"{await self.forget(job.installation, repository_ids, whole=whole)} rows forgotten"

    def _context(self, hub: Hub, job: Job, is_superseded: Callable[[], Awaitable[bool]], age: float = 0.0) -> Context:
        return Context(
            hub,
            self.replica,
            self.acknowledgements,
            self.configurations,
            self._share(job),
            is_superseded,
            self.verdicts,
            self.brought,
            self.plans,
            self.store,
            age,
        )

    async def _give_time(self, job: Job, attempt: Attempt, refused: HubError) -> HubError:
        """The refusal as the queue must see it: it counts once it has stayed for a minute.

        GitHub does not know a commit everywhere at once, and what it refuses once it often grants a moment later.
        """
        since = attempt.age if _names_only_head(job) else clock.now() - await refused_since(self.verdicts, job)
        missing = isinstance(refused, MissingPermission)
        said = f"the permission {refused.named} is missing\n{refused}\n{_GRANT}" if missing else str(refused)
        passes = since < (_PERMISSION_MINDED if missing else LATE) and not isinstance(refused, TooLarge)
        return HubError(said, retry_after=_SOON if passes else None)


async def _not_superseded() -> bool:
    return False


def _names_only_head(job: Job) -> bool:
    """Whether the job must find out first what it is about: all checks of a commit are wanted again."""
    return job.kind is JobKind.RERUN and job.number is None


def _has_check(job: Job) -> bool:
    """Whether the job begins a check, and on which commit is known."""
    closed = job.extra.get("action") == "closed"
    return job.kind.concludes_check and job.head_sha is not None and not closed and not _names_only_head(job)


def _checked(gate: Gate) -> Checked:
    assert gate.job.head_sha is not None
    return gate.checked(gate.job.head_sha)


async def _apologise(hub: Hub, job: Job, error_id: str) -> None:
    if job.comment is None or job.number is None:
        return
    kind = job.comment_kind or CommentKind.ISSUE
    text = f"migsafe failed to do this. Its log has the details under `{error_id}`."
    thread = job.comment if kind is CommentKind.REVIEW_COMMENT else None
    await hub.reply(job.number, text, to_comment=thread, marker=f"answer-{kind}-{job.comment}")
    await hub.react(job.comment, kind, "confused")
