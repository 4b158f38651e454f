"""The worker: takes jobs, resumes what a crash interrupted, and takes over the jobs of workers that are gone."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient
from dbos import error as dbos_errors

from bot.runtime import metrics
from bot.runtime.settings import Settings
from bot.server.jobs.claim import Claim, FileClaim, SessionClaim
from bot.server.jobs.packing import unpack
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.storage import (
    ARRIVALS,
    NAME,
    RUNS,
    SWEEPS,
    TURNS,
    VERSION,
    WORKFLOWS,
    connection,
    new_client,
    quiet_dbos,
    serializer,
)
from bot.server.jobs.tasks import Tasks
from bot.server.jobs.workflows import JobSteps, register

log = structlog.get_logger(__name__)


class Worker:
    """Works while its `running` context is open. Only one at a time in a process, because DBOS allows one."""

    def __init__(self, settings: Settings, tasks: Tasks, rhythm: Rhythm | None = None) -> None:
        self.url = settings.state
        self.tasks = tasks
        self.rhythm = rhythm or Rhythm()
        self.ready = asyncio.Event()
        self.claim: Claim = FileClaim(self.url) if settings.embedded else SessionClaim(self.url, settings.worker_id)
        self._dead_since: dict[str, float] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Waits for the worker's lock in the background: the web side serves while it does. Drains at the end."""
        task = asyncio.create_task(self._keep_working(), name="worker")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def wait(self) -> None:
        """Returns once the worker takes jobs."""
        await self.ready.wait()

    async def _keep_working(self) -> None:
        """Starts the worker again after every error: it waits for a lost database, then resumes all that is stored."""
        while True:
            try:
                await self._work()
            except Exception:
                log.exception("the worker ended; starting it again")
            await asyncio.sleep(self.rhythm.restart)

    async def _work(self) -> None:
        async with self.claim.held():
            database = connection(self.url, synchronous="NORMAL")
            client = new_client(database)
            try:
                await self._launch(database, JobSteps(self.tasks, client, self.rhythm))
                await self._tend(client)
            finally:
                self.ready.clear()
                await _finish(client, database, self.rhythm.drain)

    async def _launch(self, database: Any, steps: JobSteps) -> None:
        """In a thread, so that DBOS keeps to a loop and threads of its own: it would take over this loop's."""
        home = asyncio.get_running_loop()
        await asyncio.to_thread(self._launch_dbos, database, steps, home)
        self.ready.set()
        log.info("working", worker=self.claim.worker)

    def _launch_dbos(self, database: Any, steps: JobSteps, home: asyncio.AbstractEventLoop) -> None:
        quiet_dbos()
        DBOS.migrate(self.url)
        self._register_queues(steps.client)
        DBOS(
            config={
                "name": NAME,
                "executor_id": self.claim.worker,
                "application_version": VERSION,
                "serializer": serializer(),
                "log_level": "WARNING",
                "notification_listener_polling_interval_sec": self.rhythm.poll,
                **database,
            }
        )
        register(steps, home)
        DBOS.launch()

    def _register_queues(self, client: DBOSClient) -> None:
        """Before DBOS is launched, which would notice a later queue only after a second."""
        every, slots = self.rhythm.poll, self.rhythm.per_installation
        client.register_queue(ARRIVALS, worker_concurrency=50, polling_interval_sec=every)
        client.register_queue(
            TURNS, partition_concurrency=1, worker_concurrency=500, polling_interval_sec=self.rhythm.poll_turns
        )
        client.register_queue(RUNS, partition_concurrency=slots, worker_concurrency=30, polling_interval_sec=every)
        client.register_queue(SWEEPS, global_concurrency=1, polling_interval_sec=every)

    async def _tend(self, client: DBOSClient) -> None:
        """Asks for a sweep at the start and at regular times, once among all workers; does the housekeeping."""
        await _ask_for_sweep(client, f"start-{uuid.uuid4().hex}")
        ticks = int(time.time() // self.rhythm.sweep)
        while True:
            await asyncio.sleep(min(self.rhythm.tend, self.rhythm.sweep))
            try:
                if (now := int(time.time() // self.rhythm.sweep)) != ticks:
                    ticks = now
                    await _ask_for_sweep(client, str(ticks))
                    await prune(client, self.rhythm.keep)
                await self.reap(client)
                await self._give_up_crashed(client)
            except Exception:
                log.exception("housekeeping ended early")

    async def reap(self, client: DBOSClient) -> int:
        """Takes over the jobs of workers that hold no lock, unless they restart within the grace."""
        rows = await client.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        owners = {row.executor_id for row in rows if row.executor_id and row.executor_id != self.claim.worker}
        dead = {owner for owner in owners if not await self.claim.alive(owner)}
        self._dead_since = {owner: self._dead_since.get(owner, time.monotonic()) for owner in dead}
        long_dead = {owner for owner in dead if time.monotonic() - self._dead_since[owner] >= self.rhythm.grace}
        taken = 0
        for row in rows:
            if row.executor_id not in long_dead or row.queue_name is None:
                continue
            times = int((row.attributes or {}).get("reaped", 0))
            if times >= self.rhythm.recoveries:
                await self._give_up(client, row.workflow_id)
                continue
            await client.update_workflow_attributes_async(row.workflow_id, {"reaped": times + 1})
            await client.resume_workflow_async(row.workflow_id, queue_name=row.queue_name)
            taken += 1
        if taken:
            log.warning("took over jobs of workers that are gone", workers=sorted(long_dead), jobs=taken)
            metrics.reaped.inc(taken)
        return taken

    async def _give_up_crashed(self, client: DBOSClient) -> None:
        """Concludes the checks of jobs that saw too many crashes; the next job of their pull request runs already."""
        rows = await client.list_workflows_async(
            status="MAX_RECOVERY_ATTEMPTS_EXCEEDED", name=list(WORKFLOWS), load_input=False, load_output=False
        )
        for row in rows:
            await self._give_up(client, row.workflow_id)

    async def _give_up(self, client: DBOSClient, workflow_id: str) -> None:
        (row,) = await client.list_workflows_async(workflow_ids=[workflow_id], load_output=False)
        arguments = (row.input or {"args": ()})["args"]
        error_id = uuid.uuid4().hex[:8]
        log.error("a job crashed its worker too often", job=workflow_id, error_id=error_id)
        steps = JobSteps(self.tasks, client, self.rhythm)
        if arguments and not await steps.try_conclude_failed(arguments[0], error_id):
            log.error(
                "could not conclude the check of the job that crashed its worker",
                job=unpack(arguments[0]).id,
                error_id=error_id,
            )
        await client.cancel_workflow_async(workflow_id)


async def prune(client: DBOSClient, keep: float) -> int:
    """Deletes jobs that ended more than `keep` seconds ago; nothing else is ever deleted."""
    before = (datetime.now(UTC) - timedelta(seconds=keep)).isoformat()
    forgotten = 0
    while True:
        rows = await client.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=400,
            load_input=False,
            load_output=False,
        )
        if not rows:
            return forgotten
        await client.delete_workflows_async([row.workflow_id for row in rows])
        forgotten += len(rows)


async def _ask_for_sweep(client: DBOSClient, tick: str) -> None:
    with contextlib.suppress(dbos_errors.DBOSWorkflowIDInUseError):
        await client.enqueue_async(
            {
                "workflow_name": "sweep",
                "queue_name": SWEEPS,
                "workflow_id": f"sweep:{tick}",
                "workflow_id_reuse_policy": "reject",
            }
        )


async def _finish(client: DBOSClient, database: Any, drain: int) -> None:
    """Stops DBOS in a thread, because the jobs it waits for run on this loop."""
    await asyncio.shield(asyncio.to_thread(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=drain))
    await asyncio.to_thread(client.destroy)
    engine = database.get("system_database_engine")
    if isinstance(engine, sa.Engine):
        engine.dispose()
