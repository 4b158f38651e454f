"""Reviews at a stand-in for GitHub, in this process: no queue and no child, but the real state, requests and words."""

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.review.answers import answer_command
from bot.review.group import review_group
from bot.review.hub import RepositoryInfo
from bot.review.job import CommentKind, Job, JobKind
from bot.review.ports import Context
from bot.review.pull_request import review_pull_request
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.brought import BroughtTable
from bot.server.state.commands import CommandTable
from bot.server.state.configurations import ConfigurationTable
from bot.server.state.plans import PlanTable
from bot.server.state.verdicts import VerdictTable
from bot.standins.github.merge_queue import QueueEntry
from bot.standins.github.model import CheckRun, Pull
from tests.support.at_github import Scene, scene

_DELIVERIES = count(1)
Argument = TypeVar("Argument")
Result = TypeVar("Result")


class NoDatabase:
    """A replica that nobody configured."""

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        del repository, paths
        return ()

    async def snapshot(self, repository: RepositoryInfo, database: str, asked: Asked) -> Catalog:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Reviewing:
    """A scene, and what reviews work with in it."""

    at: Scene
    state: StateStore
    stored: list[Job] = field(default_factory=list)
    """The jobs that reviews have stored."""

    async def context(self) -> Context:
        """What one job works with: it remembers nothing of another's requests."""
        hub = await self.at.app.installation(self.at.installation, self.at.repository.id, "acme/shop")
        return Context(
            hub,
            NoDatabase(),
            AcknowledgementTable(self.state),
            ConfigurationTable(self.state),
            Here(),
            _not_superseded,
            VerdictTable(self.state),
            BroughtTable(self.state),
            PlanTable(self.state),
            self._store,
        )

    def job(self, kind: JobKind, **about: Any) -> Job:
        """A job of a delivery of its own."""
        about = {"delivery": f"delivery{next(_DELIVERIES)}", **about}
        return Job(kind, self.at.installation, self.at.repository.id, "acme/shop", **about)

    async def reviewed(self, pull: Pull) -> CheckRun:
        """Reviews the pull request's head; the check run that says how it ended."""
        await review_pull_request(
            await self.context(), self.job(JobKind.PUSH, number=pull.number, head_sha=pull.head_sha)
        )
        return self.at.github.check_runs_of(pull.head_sha)[-1]

    async def closed(self, pull: Pull, *, merged: bool = False) -> None:
        """Closes or merges the pull request, and does what follows."""
        if merged:
            self.at.github.merge(pull)
        else:
            self.at.github.close(pull)
        about = {"number": pull.number, "head_sha": pull.head_sha, "extra": {"action": "closed"}}
        await review_pull_request(await self.context(), self.job(JobKind.PUSH, delivery=f"close{pull.number}", **about))

    async def judged_again(self) -> list[int]:
        """Does the jobs that were stored, and those that they store; the pull requests they were about."""
        numbers: list[int] = []
        while self.stored:
            job = self.stored.pop(0)
            assert job.number is not None
            numbers.append(job.number)
            await review_pull_request(await self.context(), job)
        return numbers

    async def _store(self, job: Job) -> None:
        if job.id not in {one.id for one in self.stored}:
            self.stored.append(job)

    async def said(self, pull: Pull, words: str, author: str = "dev") -> str:
        """The answer to a comment on the pull request."""
        comment = self.at.github.comment(pull, words, author)
        job = self.job(JobKind.COMMAND, number=pull.number, comment=comment.id, comment_kind=CommentKind.ISSUE)
        await answer_command(await self.context(), job, CommandTable(self.state))
        return self.at.github.comments_of(pull)[-1].body

    async def grouped(self, base_sha: str, head_sha: str, **extra: str) -> CheckRun:
        """Reviews a merge group; its check run."""
        job = self.job(JobKind.GROUP, head_sha=head_sha, base_sha=base_sha, extra=extra)
        await review_group(await self.context(), job)
        return self.at.github.check_runs_of(head_sha)[-1]

    async def queued(self, entry: QueueEntry) -> CheckRun:
        """Reviews a group of a merge queue, as its event asks for it; its check run."""
        base_ref = f"refs/heads/{entry.pull.base}"
        return await self.grouped(entry.base_sha, entry.head_sha, head_ref=entry.head_ref, base_ref=base_ref)


@asynccontextmanager
async def reviewing(*, files: Mapping[str, Any] | None = None, **options: Any) -> AsyncIterator[Reviewing]:
    """A scene with an empty state."""
    with tempfile.TemporaryDirectory() as folder:
        state = StateStore(Settings(state=f"sqlite:///{Path(folder)}/migsafe.db"))
        await state.open()
        try:
            async with scene(files=files, **options) as at:
                yield Reviewing(at, state)
        finally:
            await state.close()


class Here:
    """No child: the call is done in this process, and no file hits a limit."""

    def share(self, installation: int, *, trusted: bool, again: bool) -> "Here":
        del installation, trusted, again
        return self

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        return function(argument)

    def limit_hit(self, blob: str) -> str | None:
        del blob
        return None

    def remember_limit(self, blob: str, reason: str) -> None:
        raise NotImplementedError


async def _not_superseded() -> bool:
    return False
