"""The workflows of a job, as DBOS runs and resumes them.

A step that has completed is not repeated after a crash; one that was cut off is. Whatever decides the path is the
result of a step, so that a replay takes the same path.
"""

import asyncio
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
from bot.server.jobs.storage import RUNS, TURNS, Rhythm, unpacked
from bot.server.jobs.tasks import Tasks

log = structlog.get_logger(__name__)

Packed = Mapping[str, Any]
_P = ParamSpec("_P")
_R = TypeVar("_R")
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobSteps:
    """The steps of a job, without the queue: each ends in plain data and raises nothing."""

    tasks: Tasks
    client: DBOSClient
    rhythm: Rhythm

    async def announce(self, stored: Packed) -> None:
        job = unpacked(stored)
        if job.head_sha is None:
            return
        with _about(job):
            try:
                async with asyncio.timeout(self.rhythm.announce):
                    await self.tasks.announce(job)
                metrics.first_check.observe(max(0.0, time.time() - stored["at"]))
            except Exception as error:
                log.warning("could not put the check in progress yet", error=repr(error))

    async def newer(self, stored: Packed) -> bool:
        """Whether a later push of this pull request waits for its turn.

        Only pushes count, only those that wait for the mutex, and only those after this one in the queue's total
        order: a job that crashed waits there again itself, and the last in that order is never skipped.
        """
        job = unpacked(stored)
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

    async def attempt(self, stored: Packed) -> Result:
        """`end` with what the task said; else an `error` id, and `wait` where GitHub asks for patience."""
        job, started = unpacked(stored), time.perf_counter()
        with _about(job):
            result = await self._attempted(job, stored)
        outcome = next(key for key in ("end", "wait", "error") if key in result)
        metrics.jobs.labels(job.kind, outcome).observe(time.perf_counter() - started)
        if outcome == "wait":
            metrics.waits.labels(job.kind).inc()
        if outcome == "end":
            metrics.verdict.observe(max(0.0, time.time() - stored["at"]))
        return result

    async def overtaken(self, stored: Packed) -> bool:
        """Concludes the check of a head nobody will look at; best effort."""
        job = unpacked(stored)
        return await self._said(job, "superseded", self.tasks.conclude_superseded(job))

    async def give_up(self, stored: Packed, error_id: str) -> bool:
        job = unpacked(stored)
        return await self._said(job, "failed", self.tasks.conclude_failed(job, error_id))

    async def sweep(self) -> str:
        try:
            async with asyncio.timeout(max(self.rhythm.sweep * 0.8, 1.0)):
                done = await self.tasks.sweep()
        except Exception as error:
            log.exception("a sweep ended early")
            metrics.sweeps.labels("failed").inc()
            return repr(error)
        metrics.sweeps.labels("done").inc()
        return done

    async def _attempted(self, job: Job, stored: Packed) -> Result:
        async def still_newest() -> bool:
            return not await self.newer(stored)

        error_id = uuid.uuid4().hex[:8]
        try:
            async with asyncio.timeout(self.rhythm.job):
                end = await self.tasks.perform(job, still_newest)
        except HubError as error:
            log.warning("GitHub could not be asked", error=str(error), retry_after=error.retry_after, error_id=error_id)
            return {"error": error_id} if error.retry_after is None else {"error": error_id, "wait": error.retry_after}
        except Exception:
            log.exception("a job failed", error_id=error_id)
            return {"error": error_id}
        log.info("a job ended", end=end)
        return {"end": end}

    async def _said(self, job: Job, what: str, saying: Awaitable[None]) -> bool:
        with _about(job):
            try:
                async with asyncio.timeout(self.rhythm.announce * 3):
                    await saying
            except Exception as error:
                log.warning("could not conclude the check", ended=what, error=repr(error))
                return False
        return True


def register(steps: JobSteps, home: asyncio.AbstractEventLoop) -> None:
    """Registers steps and workflows under the names that stand in the database. The steps run at `home`."""
    rhythm = steps.rhythm
    announce = _step("announce", home, steps.announce)
    newer = _step("newer", home, steps.newer)
    attempt = _step("attempt", home, steps.attempt)
    overtaken = _step("superseded", home, steps.overtaken)
    give_up = _step("failed", home, steps.give_up)
    swept = _step("swept", home, steps.sweep)

    @DBOS.workflow(name="arrive", max_recovery_attempts=rhythm.recoveries)
    async def arrive(stored: Packed) -> str:
        job = unpacked(stored)
        await announce(stored)
        with SetWorkflowID(f"{job.id}/turn"), SetEnqueueOptions(queue_partition_key=job.subject):
            await DBOS.enqueue_workflow_async(TURNS, turn, stored)
        return "announced"

    @DBOS.workflow(name="turn", max_recovery_attempts=rhythm.recoveries)
    async def turn(stored: Packed) -> str:
        job = unpacked(stored)
        if await newer(stored):
            await overtaken(stored)
            return "superseded"
        with SetWorkflowID(f"{job.id}/run"), SetEnqueueOptions(queue_partition_key=str(job.installation)):
            running = await DBOS.enqueue_workflow_async(RUNS, run, stored)
        try:
            return await running.get_result(polling_interval_sec=0.2)
        except Exception as error:
            return await fail(stored, f"run-{type(error).__name__[:40]}")

    @DBOS.workflow(name="run", max_recovery_attempts=rhythm.recoveries)
    async def run(stored: Packed) -> str:
        waited, error_id = 0.0, ""
        for _ in range(rhythm.attempts):
            result = await attempt(stored)
            if "end" in result:
                return result["end"]
            error_id = result["error"]
            pause = max(result.get("wait", 0.0), 1.0)
            if "wait" not in result or waited + pause > rhythm.longest_wait:
                break
            waited += pause
            if await slept_and_overtaken(stored, pause):
                await overtaken(stored)
                return "superseded"
        return await fail(stored, error_id)

    async def slept_and_overtaken(stored: Packed, pause: float) -> bool:
        """Sleeps durably, and looks up now and then whether the work is still wanted."""
        while pause > 0:
            await DBOS.sleep_async(min(pause, 30.0))
            pause -= 30.0
            if await newer(stored):
                return True
        return False

    async def fail(stored: Packed, error_id: str) -> str:
        for pause in (2.0, 15.0, 60.0, 0.0):
            if await give_up(stored, error_id):
                break
            if pause:
                await DBOS.sleep_async(pause)
        return f"failed {error_id}"

    @DBOS.workflow(name="sweep", max_recovery_attempts=rhythm.recoveries)
    async def sweep() -> str:
        return await swept()


def _step(
    name: str, home: asyncio.AbstractEventLoop, hand: Callable[_P, Coroutine[Any, Any, _R]]
) -> Callable[_P, Awaitable[_R]]:
    """Workflows run on a loop of DBOS's own; the work is done at home, where the App's connections are."""

    async def step(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(hand(*args, **kwargs), home))

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
