"""The workflows of a job, as DBOS runs and resumes them.

A completed step is not repeated after a crash; an interrupted one is. Every decision is made from the result of a
step, so that a replay takes the same path.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, DBOSClient, SetEnqueueOptions, SetWorkflowID

from bot.review.errors import HubError
from bot.review.job import Job, JobKind
from bot.runtime import metrics
from bot.server.jobs.packing import unpack
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.storage import RUNS, TURNS
from bot.server.jobs.tasks import Attempt, Tasks

log = structlog.get_logger(__name__)

Packed = Mapping[str, Any]
_P = ParamSpec("_P")
_R = TypeVar("_R")
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobSteps:
    """The steps of a job, without its path: each returns plain data, and logs what its task raises.

    Only `is_superseded` raises: if the queue's database does not answer.
    """

    tasks: Tasks
    client: DBOSClient
    rhythm: Rhythm

    async def try_announce(self, packed: Packed) -> None:
        job = unpack(packed)
        if job.head_sha is None:
            return
        with _about(job):
            try:
                async with asyncio.timeout(self.rhythm.announce):
                    await self.tasks.announce(job)
                metrics.first_check.observe(max(0.0, time.time() - packed["at"]))
            except Exception as error:
                log.warning("could not put the check in progress yet", error=repr(error))

    async def is_superseded(self, packed: Packed) -> bool:
        """Whether a later push of this pull request is waiting for its turn.

        Only pushes count, only those that wait for the mutex, and only those after this one in the queue's total
        order: a job that crashed is waiting there again itself, and the last in that order is never skipped.
        """
        job = unpack(packed)
        if job.kind is not JobKind.PUSH:
            return False
        mine = f"{job.id}/turn"
        options: dict[str, Any] = {"load_input": False, "load_output": False}
        waiting = await self.client.list_workflows_async(
            queue_name=TURNS, status="ENQUEUED", workflow_id_prefix=f"{JobKind.PUSH}:{job.subject}:", **options
        )
        others = [row for row in waiting if row.workflow_id != mine]
        if not others:
            return False
        rows = await self.client.list_workflows_async(workflow_ids=[mine], **options)
        since = rows[0].created_at or 0
        return any((row.created_at or 0, row.workflow_id) > (since, mine) for row in others)

    async def attempt(self, packed: Packed) -> Result:
        """`end` with what the task returned; otherwise an `error` id, `trouble` with GitHub's answer if it was one, and
        `wait` in seconds if that passes."""
        job, started = unpack(packed), time.perf_counter()
        with _about(job):
            result = await self._perform(job, packed)
        outcome = next(key for key in ("end", "wait", "error") if key in result)
        metrics.jobs.labels(job.kind, outcome).observe(time.perf_counter() - started)
        if outcome == "wait":
            metrics.waits.labels(job.kind).inc()
        if outcome == "end":
            metrics.verdict.observe(max(0.0, time.time() - packed["at"]))
        return result

    async def try_conclude_superseded(self, packed: Packed) -> bool:
        """Concludes the check of a head that will not be reviewed; best effort."""
        job = unpack(packed)
        return await self._conclude(job, "superseded", self.tasks.conclude_superseded(job))

    async def try_say_waiting(self, packed: Packed, reason: str, seconds: float) -> None:
        job = unpack(packed)
        with _about(job):
            try:
                async with asyncio.timeout(self.rhythm.announce):
                    await self.tasks.say_waiting(job, reason, seconds)
            except Exception as error:
                log.warning("could not say what the check waits for", error=repr(error))

    async def try_conclude_failed(self, packed: Packed, error_id: str, trouble: str | None = None) -> bool:
        job = unpack(packed)
        return await self._conclude(job, "failed", self.tasks.conclude_failed(job, error_id, trouble))

    async def try_sweep(self) -> str:
        try:
            async with asyncio.timeout(max(self.rhythm.sweep * 0.8, 1.0)):
                done = await self.tasks.sweep()
        except Exception as error:
            log.exception("a sweep ended early")
            metrics.sweeps.labels("failed").inc()
            return repr(error)
        metrics.sweeps.labels("done").inc()
        return done

    async def _perform(self, job: Job, packed: Packed) -> Result:
        async def is_superseded() -> bool:
            return await self.is_superseded(packed)

        error_id = uuid.uuid4().hex[:8]
        try:
            async with asyncio.timeout(self.rhythm.job):
                end = await self.tasks.perform(job, Attempt(max(0.0, time.time() - packed["at"]), is_superseded))
        except HubError as error:
            log.warning(
                "a request to GitHub failed", error=str(error), retry_after=error.retry_after, error_id=error_id
            )
            trouble = {"error": error_id, "trouble": str(error)}
            return trouble if error.retry_after is None else {**trouble, "wait": error.retry_after}
        except Exception:
            log.exception("a job failed", error_id=error_id)
            return {"error": error_id}
        log.info("a job ended", end=end)
        return {"end": end}

    async def _conclude(self, job: Job, what: str, concluding: Awaitable[None]) -> bool:
        with _about(job):
            try:
                async with asyncio.timeout(self.rhythm.announce * 3):
                    await concluding
            except Exception as error:
                log.warning("could not conclude the check", ended=what, error=repr(error))
                return False
        return True


def register(steps: JobSteps, home: asyncio.AbstractEventLoop) -> None:
    """Registers steps and workflows under the names that the database stores. The steps run on the loop `home`.

    DBOS knows only functions that were registered before it is launched, so they are made here, around methods.
    """
    workflows = _Workflows(steps, home)
    _workflow("arrive", workflows.arrive, steps.rhythm)
    _workflow("sweep", workflows.sweep, steps.rhythm)


class _Workflows:
    """The path of a job. Each of `arrive`, `turn`, `run` and `sweep` is a workflow, whose steps complete once."""

    def __init__(self, steps: JobSteps, home: asyncio.AbstractEventLoop) -> None:
        self.rhythm = steps.rhythm
        self.try_announce = _step("announce", home, steps.try_announce)
        self.is_superseded = _step("newer", home, steps.is_superseded)
        self.attempt = _step("attempt", home, steps.attempt)
        self.try_conclude_superseded = _step("superseded", home, steps.try_conclude_superseded)
        self.try_say_waiting = _step("waiting", home, steps.try_say_waiting)
        self.try_conclude_failed = _step("failed", home, steps.try_conclude_failed)
        self.try_sweep = _step("swept", home, steps.try_sweep)
        self.registered_turn = _workflow("turn", self.turn, steps.rhythm)
        self.registered_run = _workflow("run", self.run, steps.rhythm)

    async def arrive(self, packed: Packed) -> str:
        """Puts the head's check in progress, and queues for the pull request's turn."""
        job = unpack(packed)
        await self.try_announce(packed)
        with SetWorkflowID(f"{job.id}/turn"), SetEnqueueOptions(queue_partition_key=job.subject):
            await DBOS.enqueue_workflow_async(TURNS, self.registered_turn, packed)
        return "announced"

    async def turn(self, packed: Packed) -> str:
        """The pull request's mutex: one job at a time, and not this one if a later push is waiting."""
        job = unpack(packed)
        if await self.is_superseded(packed):
            await self.try_conclude_superseded(packed)
            return "superseded"
        with SetWorkflowID(f"{job.id}/run"), SetEnqueueOptions(queue_partition_key=str(job.installation)):
            running = await DBOS.enqueue_workflow_async(RUNS, self.registered_run, packed)
        try:
            return await running.get_result(polling_interval_sec=0.2)
        except Exception as error:
            return await self._give_up(packed, f"run-{type(error).__name__[:40]}")

    async def run(self, packed: Packed) -> str:
        """Attempts the job, and waits in between for what passes at GitHub, at least as long as it asks."""
        left = self.rhythm.patience(unpack(packed).kind)
        for attempts in itertools.count(1):
            result = await self.attempt(packed)
            if "end" in result:
                return result["end"]
            pause = self.rhythm.pause(attempts, result["wait"], left) if "wait" in result else None
            if pause is None:
                return await self._give_up(packed, result["error"], result.get("trouble"))
            left -= pause
            if (
                "trouble" in result
            ):  # the first release, whose waiting jobs this one resumes, wrote none and said nothing
                await self.try_say_waiting(packed, result["trouble"], pause)
            if await self._sleep_unless_superseded(packed, pause):
                break
        await self.try_conclude_superseded(packed)
        return "superseded"

    async def sweep(self) -> str:
        return await self.try_sweep()

    async def _sleep_unless_superseded(self, packed: Packed, pause: float) -> bool:
        """Sleeps durably for `pause` seconds; returns True early if a later push makes the job unnecessary."""
        while pause > 0:
            await DBOS.sleep_async(min(pause, 30.0))
            pause -= 30.0
            if await self.is_superseded(packed):
                return True
        return False

    async def _give_up(self, packed: Packed, error_id: str, trouble: str | None = None) -> str:
        for pause in (2.0, 15.0, 60.0, 0.0):
            if await self.try_conclude_failed(packed, error_id, trouble):
                break
            if pause:
                await DBOS.sleep_async(pause)
        return f"failed {error_id}"


def _workflow(
    name: str, body: Callable[_P, Coroutine[Any, Any, str]], rhythm: Rhythm
) -> Callable[_P, Coroutine[Any, Any, str]]:
    """Wraps a method, which cannot be registered itself: DBOS sets attributes on the function."""

    async def workflow(*args: _P.args, **kwargs: _P.kwargs) -> str:
        return await body(*args, **kwargs)

    return DBOS.workflow(name=name, max_recovery_attempts=rhythm.recoveries)(workflow)


def _step(
    name: str, home: asyncio.AbstractEventLoop, do: Callable[_P, Coroutine[Any, Any, _R]]
) -> Callable[_P, Awaitable[_R]]:
    """Workflows run on DBOS's own loop; the step runs on the loop `home`, where the App's connections are."""

    async def step(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(do(*args, **kwargs), home))

    return DBOS.step(name=name)(step)


def _about(job: Job) -> Any:
    return structlog.contextvars.bound_contextvars(
        delivery_id=job.delivery,
        job=job.id,
        installation_id=job.installation,
        repository=job.repository,
        pull_request=job.number,
        head_sha=job.head_sha,
    )
