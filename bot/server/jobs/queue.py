"""The web side of the queue: a job is stored once per delivery, before it is answered."""

import asyncio
from collections.abc import Callable, Collection

import sqlalchemy as sa

from bot.core import clock
from bot.review.job import Job, JobKind, Stored
from bot.runtime.settings import Settings
from bot.server.jobs.arrivals import GroupCommit, missing_from
from bot.server.jobs.database import JobDatabase, arrivals_database
from bot.server.jobs.direct_arrivals import DirectCommit
from bot.server.jobs.packing import as_row, unpack
from bot.server.jobs.tables import arrivals, jobs

_CONCLUDING = [str(kind) for kind in JobKind if kind.concludes_check]


class Queue:
    """Stores incoming jobs. Call `open` first; safe to use from many tasks, and from several event loops."""

    def __init__(self, settings: Settings) -> None:
        self.wake: Callable[[], None] = lambda: None
        """Called after a job is stored: a worker in this process need not look for it."""
        self._state = JobDatabase(settings.state, synchronous="FULL")
        self._arriving = arrivals_database(settings.state) if settings.embedded else None
        self._commits = GroupCommit(self._arriving) if self._arriving is not None else DirectCommit(settings.state)

    async def open(self) -> None:
        """Creates the tables if they are missing: the web process may need them before any worker has run."""
        await self._state.create()
        if self._arriving is not None:
            await self._arriving.create()
        self._commits.start()

    async def store(self, job: Job) -> Stored:
        """Returns once the job is on disk. A delivery that is stored already is a duplicate, however its job ended."""
        is_new = await self._commits.add(as_row(job, clock.now()))
        if is_new:
            self.wake()
        return "accepted" if is_new else "duplicate"

    async def depth(self) -> dict[str, float]:
        """The numbers of jobs `waiting` and `running`, and the age in seconds of the `oldest` waiting job."""
        rows = await self._state.run(lambda connection: connection.execute(_DEPTH).all())
        counts = {row.state: row.jobs for row in rows}
        since = [row.since for row in rows if row.state == "waiting"]
        oldest = max(0.0, clock.now() - since[0]) if since else 0.0
        arriving = await missing_from(self._arriving, self._state) if self._arriving is not None else 0
        return {"waiting": counts.get("waiting", 0) + arriving, "running": counts.get("running", 0), "oldest": oldest}

    async def busy(self, subject: str) -> bool:
        """Whether a job that will conclude this pull request's check is waiting or running."""
        found = sa.select(sa.literal(1)).where(
            jobs.c.subject == subject, jobs.c.state != "ended", jobs.c.kind.in_(_CONCLUDING)
        )
        if await self._state.run(lambda connection: connection.scalar(found.limit(1))):
            return True
        if self._arriving is None:
            return False
        about = (arrivals.c.subject == subject, arrivals.c.kind.in_(_CONCLUDING))
        return await missing_from(self._arriving, self._state, *about) > 0

    async def abandon(self, job: Job, repository_ids: Collection[int], *, whole: bool) -> int:
        """Ends the jobs of these repositories, or of the `whole` installation, that have waited since before this job.

        Returns how many of them still run.
        """
        return await self._state.run(lambda connection: _abandon(connection, job, set(repository_ids), whole=whole))

    async def trouble(self) -> str | None:
        """Why nothing can be stored now, or None."""
        try:
            async with asyncio.timeout(3):
                await (self._arriving or self._state).run(lambda connection: connection.scalar(sa.select(1)))
        except Exception as error:
            return f"the queue's database does not answer ({type(error).__name__})"
        return None

    async def outcome(self, job_id: str) -> str | None:
        """How a job ended: `superseded`, `coalesced`, `failed` with an error id, or what the task returned.

        None until it ends.
        """
        ended = sa.select(jobs.c.outcome).where(jobs.c.id == job_id, jobs.c.state == "ended")
        return await self._state.run(lambda connection: connection.scalar(ended))

    async def close(self) -> None:
        await self._commits.close()
        if self._arriving is not None:
            await self._arriving.close()
        await self._state.close()


def _abandon(connection: sa.Connection, job: Job, repositories: Collection[int], *, whole: bool) -> int:
    mine = sa.select(jobs.c.seq).where(jobs.c.id == job.id).scalar_subquery()
    earlier = (jobs.c.installation == job.installation, jobs.c.state != "ended", jobs.c.seq < mine)
    running = 0
    for row in connection.execute(sa.select(jobs.c.seq, jobs.c.packed).where(*earlier)).all():
        if whole or unpack(row.packed).repository_id in repositories:
            waits = (jobs.c.seq == row.seq) & (jobs.c.state == "waiting")
            ending = sa.update(jobs).where(waits).values(state="ended", outcome="abandoned", ended_at=clock.now())
            running += 1 - connection.execute(ending).rowcount
    return running


_DEPTH = (
    sa.select(jobs.c.state, sa.func.count().label("jobs"), sa.func.min(jobs.c.stored_at).label("since"))
    .where(jobs.c.state != "ended")
    .group_by(jobs.c.state)
)
