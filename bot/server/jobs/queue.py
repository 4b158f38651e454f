"""The web side of the queue: a job is stored once per delivery, in one transaction."""

import asyncio
import time
from collections import Counter
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from dbos import error as dbos_errors

from bot.review.job import Job, JobKind, Stored
from bot.runtime.settings import Settings
from bot.server.jobs.packing import pack
from bot.server.jobs.storage import ARRIVALS, WORKFLOWS, connection, new_client, quiet_dbos


class Queue:
    """Stores incoming jobs. Call `open` first; safe to use from many tasks."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.state
        self._database = connection(self.url, synchronous="FULL")
        self._client: DBOSClient | None = None
        self._writing = asyncio.Semaphore(1 if settings.embedded else 8)
        """SQLite lets one write at a time; queueing here is fairer and faster than in its busy handler."""

    async def open(self) -> None:
        """Creates the tables if they are missing: the web process may need them before any worker has run."""
        quiet_dbos()
        await asyncio.to_thread(DBOS.migrate, self.url)
        self._client = new_client(self._database)

    async def store(self, job: Job) -> Stored:
        """Returns once the job is on disk. A delivery that is stored already is a duplicate, however its job ended."""
        try:
            async with self._writing:
                await self._enqueue(job)
        except dbos_errors.DBOSWorkflowIDInUseError:
            return "duplicate"
        return "accepted"

    async def depth(self) -> dict[str, float]:
        """The numbers of jobs `waiting` and `running`, and the age in seconds of the `oldest` waiting job."""
        rows = await self._opened.list_workflows_async(
            status=["ENQUEUED", "DELAYED", "PENDING"],
            name=list(WORKFLOWS),
            limit=2000,
            load_input=False,
            load_output=False,
        )
        states = Counter("running" if row.status == "PENDING" else "waiting" for row in rows)
        since = [row.created_at for row in rows if row.status != "PENDING" and row.created_at]
        oldest = max(0.0, time.time() - min(since) / 1000) if since else 0.0
        return {"waiting": states["waiting"], "running": states["running"], "oldest": oldest}

    async def busy(self, subject: str) -> bool:
        """Whether a job that will conclude this pull request's check is waiting or running."""
        rows = await self._opened.list_workflows_async(
            status=["ENQUEUED", "DELAYED", "PENDING"],
            workflow_id_prefix=[f"{kind}:{subject}:" for kind in JobKind if kind.concludes_check],
            limit=1,
            load_input=False,
            load_output=False,
        )
        return bool(rows)

    async def trouble(self) -> str | None:
        """Why nothing can be stored now, or None."""
        try:
            async with asyncio.timeout(3):
                await self._opened.check_connection_async()
        except Exception as error:
            return f"the queue's database does not answer ({type(error).__name__})"
        return None

    async def outcome(self, job_id: str) -> str | None:
        """How a job ended: `superseded`, `failed` with an error id, or what the task returned. None until it ends."""
        rows = await self._opened.list_workflows_async(workflow_ids=[f"{job_id}/turn"])
        return str(rows[0].output) if rows and rows[0].status == "SUCCESS" else None

    async def close(self) -> None:
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
        engine: Any = self._database.get("system_database_engine")
        if isinstance(engine, sa.Engine):
            engine.dispose()

    async def _enqueue(self, job: Job) -> None:
        await self._opened.enqueue_async(
            {
                "workflow_name": "arrive",
                "queue_name": ARRIVALS,
                "workflow_id": job.id,
                "workflow_id_reuse_policy": "reject",
            },
            pack(job, time.time()),
        )

    @property
    def _opened(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the queue is not open")
        return self._client
