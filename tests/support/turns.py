"""The App's tasks one after another, as the queue would call them, without the queue: the state and GitHub are real."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.review.errors import HubError
from bot.review.hub import Hub
from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Attempt
from bot.server.reviewer import Abandon, Reviewer
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.brought import BroughtTable
from bot.server.state.commands import CommandTable
from bot.server.state.configurations import ConfigurationTable
from bot.server.state.forgetting import forget_repositories, repositories_kept
from bot.server.state.plans import PlanTable
from bot.server.state.verdicts import VerdictTable
from bot.server.sweep.departed import Departures
from bot.standins.github.model import Pull
from tests.support.at_github import Scene, scene
from tests.support.reviewing import Here, NoDatabase

Argument = TypeVar("Argument")
Result = TypeVar("Result")

PATH = "db/migrations/20260516101500_events.sql"
SAFE = "-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE events ADD COLUMN note text;\n-- migrate:down\n"
DANGER = (
    "-- migrate:up\n"
    "ALTER TABLE events ADD COLUMN found tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;\n"
    "-- migrate:down\n"
)


@dataclass(slots=True)
class Turns:
    """A scene and the App's tasks in it. `superseded` are the ids of pushes that a later one replaced."""

    at: Scene
    state: StateStore
    superseded: set[str] = field(default_factory=set)
    stored: list[Job] = field(default_factory=list)
    deliveries: int = 0
    abandon: Abandon = field(default_factory=lambda: _none_waits)

    @property
    def reviewer(self) -> Reviewer:
        return Reviewer(
            self._open_hub,
            NoDatabase(),
            AcknowledgementTable(self.state),
            ConfigurationTable(self.state),
            VerdictTable(self.state),
            BroughtTable(self.state),
            PlanTable(self.state),
            Here(),
            _NoSweep(Departures(self.at.app, self._store, partial(repositories_kept, self.state))),
            self._store,
            CommandTable(self.state),
            partial(forget_repositories, self.state),
            self.abandon,
        )

    def push(self, pull: Pull, **about: Any) -> Job:
        """The job of a delivery that names the pull request's head of now."""
        return self.job(JobKind.PUSH, **{"number": pull.number, "head_sha": pull.head_sha, **about})

    def job(self, kind: JobKind, **about: Any) -> Job:
        self.deliveries += 1
        at = self.at
        ours: dict[str, Any] = {"delivery": f"d{self.deliveries}", **about}
        return Job(kind, at.installation, at.repository.id, at.repository.full_name, **ours)

    async def perform(self, job: Job, age: float = 0.0, waited: float = 0.0) -> str:
        """One try. How it ended; for an error, `wait` or `refused` and what GitHub answered."""

        async def is_superseded() -> bool:
            return job.id in self.superseded

        try:
            return await self.reviewer.perform(job, Attempt(age, is_superseded, _stay, waited))
        except HubError as error:
            return f"{'refused' if error.retry_after is None else 'wait'}: {error}"

    async def whole(self, job: Job, age: float = 0.0) -> str:
        """As the queue does it, with a few tries that wait for nothing."""
        with contextlib.suppress(HubError):
            await self.reviewer.announce(job)
        for _ in range(5):
            ended = await self.perform(job, age)
            if not ended.startswith("wait"):
                break
        kind, _, trouble = ended.partition(": ")
        if kind in ("wait", "refused"):
            await self.reviewer.conclude_failed(job, "e1", trouble)
        return ended

    def ends(self, sha: str) -> list[str]:
        """Each check run of the commit, oldest first: its conclusion and title."""
        runs = self.at.github.check_runs_of(sha, "migsafe")
        return [f"{run.conclusion or 'in progress'}: {run.title or ''}" for run in runs]

    async def _open_hub(self, _: Job) -> Hub:
        return await self.at.app.installation(self.at.installation, self.at.repository.id, "acme/shop")

    async def _store(self, job: Job) -> str:
        self.stored.append(job)
        return "accepted"


async def _none_waits(*_: object, **__: object) -> int:
    return 0


async def _stay() -> None:
    pass


@contextlib.asynccontextmanager
async def turns(**options: Any) -> AsyncIterator[Turns]:
    """A scene with an empty state."""
    with tempfile.TemporaryDirectory() as folder:
        state = StateStore(Settings(state=f"sqlite:///{Path(folder)}/migsafe.db"))
        await state.open()
        try:
            async with scene(**options) as at:
                yield Turns(at, state)
        finally:
            await state.close()


@dataclass(frozen=True)
class _NoSweep:
    departures: Departures

    async def __call__(self) -> str:
        return ""

    async def sweep_installation(self, installation_id: int, repository_ids: Collection[int]) -> str:
        raise NotImplementedError

    async def is_gone(self, installation_id: int, repository_id: int) -> bool:
        return await self.departures.look_for(installation_id, repository_id)
