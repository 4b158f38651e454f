"""The steps of a job: limits, logs and metrics around a task; what a task raises becomes a value."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from bot.core import clock
from bot.review.errors import HubError
from bot.review.job import Job
from bot.runtime import metrics
from bot.server.jobs.ledger import Claimed
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.tasks import Attempt, Tasks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """The task returned."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Hindered:
    """It did not. `trouble`: what GitHub answered; `wait`: the seconds that are asked for, if it passes."""

    error_id: str
    trouble: str | None = None
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class JobSteps:
    """The steps of a job, without its path. None raises."""

    tasks: Tasks
    rhythm: Rhythm

    async def try_announce(self, job: Job, stored_at: float) -> None:
        """Puts the check in progress; best effort."""
        if await self._try(job, "announce", self.tasks.announce(job), self.rhythm.announce) is None:
            metrics.first_check.observe(max(0.0, clock.now() - stored_at))

    async def attempt(
        self,
        claimed: Claimed,
        is_superseded: Callable[[], Awaitable[bool]],
        step_aside: Callable[[], Awaitable[None]],
        waited: float,
    ) -> Ended | Hindered:
        job, started = claimed.job, time.perf_counter()
        with about(job):
            age = max(0.0, clock.now() - claimed.stored_at)
            result = await self._perform(job, Attempt(age, is_superseded, step_aside, waited))
        outcome = "end" if isinstance(result, Ended) else "error" if result.wait is None else "wait"
        metrics.jobs.labels(job.kind, outcome).observe(time.perf_counter() - started)
        if outcome == "end":
            metrics.verdict.observe(max(0.0, clock.now() - claimed.stored_at))
        if outcome == "wait":
            metrics.waits.labels(job.kind).inc()
        return result

    async def try_say_waiting(self, job: Job, reason: str, seconds: float) -> None:
        await self._try(job, "say waiting", self.tasks.say_waiting(job, reason, seconds), self.rhythm.announce)

    async def try_conclude_superseded(self, job: Job) -> Exception | None:
        """Concludes the check of a head that will not be reviewed. Returns what prevented it."""
        return await self._try(job, "superseded", self.tasks.conclude_superseded(job), self.rhythm.announce * 3)

    async def try_conclude_failed(self, job: Job, error_id: str, trouble: str | None) -> Exception | None:
        concluding = self.tasks.conclude_failed(job, error_id, trouble)
        return await self._try(job, "failed", concluding, self.rhythm.announce * 3)

    async def try_sweep(self) -> None:
        try:
            async with asyncio.timeout(max(self.rhythm.sweep * 0.8, 1.0)):
                await self.tasks.sweep()
        except (OperationalError, InterfaceError) as error:
            log.warning("the state did not answer a sweep", error=_first_line(error))
            metrics.sweeps.labels("failed").inc()
        except Exception:
            log.exception("a sweep ended early")
            metrics.sweeps.labels("failed").inc()
        else:
            metrics.sweeps.labels("done").inc()

    async def _perform(self, job: Job, attempt: Attempt) -> Ended | Hindered:
        error_id = uuid.uuid4().hex[:8]
        try:
            async with asyncio.timeout(self.rhythm.job):
                outcome = await self.tasks.perform(job, attempt)
        except HubError as error:
            log.warning(
                "a request to GitHub failed", error=str(error), retry_after=error.retry_after, error_id=error_id
            )
            return Hindered(error_id, str(error), error.retry_after)
        except (OperationalError, InterfaceError) as error:
            # Our own database: the job is not to blame, and one line says it.
            log.warning("the state did not answer a job; trying again", error=_first_line(error), error_id=error_id)
            return Hindered(error_id, wait=0.0)
        except Exception:
            log.exception("a job failed", error_id=error_id)
            return Hindered(error_id)
        log.info("a job ended", end=outcome)
        return Ended(outcome)

    async def _try(self, job: Job, what: str, doing: Awaitable[None], seconds: float) -> Exception | None:
        with about(job):
            try:
                async with asyncio.timeout(seconds):
                    await doing
            except Exception as error:
                log.warning("could not write to the check", step=what, error=_first_line(error))
                return error
        return None


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().partition("\n")[0]


def about(job: Job) -> Any:
    """Puts the job on every line that is logged inside."""
    return structlog.contextvars.bound_contextvars(
        delivery_id=job.delivery,
        job=job.id,
        installation_id=job.installation,
        repository=job.repository,
        pull_request=job.number,
        head_sha=job.head_sha,
    )
