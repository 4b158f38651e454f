"""What the worker does to the table of jobs: each step is one transaction, which a crash leaves whole or undone."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from bot.core import clock
from bot.review.job import Job, JobKind
from bot.server.jobs.coalescing import WaitingJob, choose
from bot.server.jobs.database import JobDatabase
from bot.server.jobs.packing import pack, unpack
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.tables import jobs, ticks

log = structlog.get_logger(__name__)

_ANNOUNCING = 1
"""Of a job whose check is being put in progress: that job runs by itself, or nobody would end what is begun for it."""
SKEW = 60.0
"""Seconds by which clocks that agree may differ; what is further in the future was written by a wrong one."""


class Todo(StrEnum):
    """What is left to do of a job; the values are stored."""

    PERFORM = "perform"
    REPLACED = "replaced"
    """A later push did away with it: the check of its head says so."""
    FAILED = "failed"
    """It cannot be done: its check says so."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker runs. `claim` numbers its runs, so that one that lost it can change nothing."""

    id: str
    seq: int
    job: Job
    stored_at: float
    todo: Todo
    claim: int
    tries: int
    troubled_at: float | None
    error_id: str | None
    trouble: str | None


class JobLedger:
    """The jobs as one worker sees them."""

    def __init__(
        self, database: JobDatabase, worker: str, rhythm: Rhythm, now: Callable[[], float] = clock.now
    ) -> None:
        self._database = database
        self._worker = worker
        self._rhythm = rhythm
        self._clock = now
        self._ahead = 0.0
        """Seconds by which the clock of PostgreSQL, which all share, is ahead of this host's."""

    async def take(self, most: int, most_firsts: int = 0) -> Sequence[Claimed]:
        """Claims up to `most` jobs that may run now: one of a lane, a few of an installation, all in their order.

        Up to `most_firsts` where nothing else of their installation runs.
        """
        if not self._database.is_sqlite and not await self._database.run_alone(self._find):
            return ()
        return await self._database.run(lambda connection: self._take(connection, most, most_firsts))

    async def take_unannounced(self, before: float, most: int) -> Sequence[tuple[Job, float]]:
        """Jobs, and when they were stored: before this time, waiting still, announced by nobody; each once."""
        shared = before + self._ahead
        found = await self._database.run_alone(lambda connection: _find_unannounced(connection, shared, most))
        taken: list[tuple[Job, float]] = []
        for row in found:
            announced = (
                sa.update(jobs).where(jobs.c.seq == row.seq, jobs.c.announced == 0).values(announced=_ANNOUNCING)
            )
            if await self._database.run_alone(lambda connection, mine=announced: connection.execute(mine).rowcount):
                taken.append((unpack(row.packed), row.stored_at - self._ahead))
        return taken

    async def note_announced(self, job: Job) -> None:
        """The check is in progress for this job, or could not be put there."""
        said = sa.update(jobs).where(jobs.c.id == job.id).values(announced=2)
        await self._database.run_alone(lambda connection: connection.execute(said))

    async def has_later_push(self, claimed: Claimed) -> bool:
        """Whether a push of the same pull request waits that came after this job."""
        later = sa.select(sa.literal(1)).where(
            jobs.c.lane == claimed.job.subject,
            jobs.c.state == "waiting",
            jobs.c.kind == JobKind.PUSH,
            jobs.c.seq > claimed.seq,
        )
        return bool(await self._database.run_alone(lambda connection: connection.scalar(later.limit(1))))

    async def end(self, claimed: Claimed, outcome: str) -> None:
        await self._change(claimed, state="ended", owner=None, outcome=outcome, ended_at=self._now())

    async def postpone(self, claimed: Claimed, seconds: float) -> None:
        """Puts it back, to be tried again after this time: until then it holds nothing up."""
        # What the clock of another host calls the future began now.
        since = min(claimed.troubled_at or self._now(), self._now())
        due = self._now() + seconds
        await self._change(claimed, state="waiting", owner=None, due=due, tries=claimed.tries + 1, troubled_at=since)

    def waited(self, claimed: Claimed) -> float:
        """Seconds since the first failed attempt in a row."""
        return max(0.0, self._now() - claimed.troubled_at) if claimed.troubled_at is not None else 0.0

    async def fail(self, claimed: Claimed, error_id: str, trouble: str | None) -> None:
        """What is left to do is to say that it failed."""
        said = {"todo": Todo.FAILED, "error_id": error_id, "trouble": trouble}
        await self._change(claimed, state="waiting", owner=None, due=0.0, tries=0, troubled_at=None, **said)

    async def replace(self, claimed: Claimed) -> None:
        """What is left to do is to say that a later push did away with it."""
        lane = {"todo": Todo.REPLACED, "lane": claimed.id}
        await self._change(claimed, state="waiting", owner=None, due=0.0, tries=0, troubled_at=None, **lane)

    async def set_aside(self, claimed: Claimed) -> None:
        """It goes on running without a place among its installation's."""
        await self._change(claimed, aside=1)

    async def release(self) -> None:
        """Puts back what this worker runs, because it is stopping."""
        mine = (jobs.c.state == "running") & (jobs.c.owner == self._worker)
        put_back = sa.update(jobs).where(mine).values(state="waiting", owner=None)
        await self._database.run_alone(lambda connection: connection.execute(put_back))

    async def take_over(self, worker: str, lock: "sa.Executable | None" = None) -> int:
        """Puts back the jobs of a worker that is gone, or fails those that saw too many crashes; returns how many.

        `lock` selects whether its lock could be taken, for as long as the transaction lasts: another worker that does
        the same, or the worker itself when it is back, then finds nothing of the old to run or to take.
        """
        return await self._database.run(lambda connection: self._take_over(connection, worker, lock))

    async def owners(self) -> Collection[str]:
        """The workers that run jobs."""
        names = sa.select(jobs.c.owner).where(jobs.c.state == "running").distinct()
        return set(await self._database.run_alone(lambda connection: connection.scalars(names).all())) - {None}

    async def take_tick(self, name: str, tick: int) -> bool:
        """Whether this worker is the first to see this tick."""
        return await self._database.run(lambda connection: _take_tick(connection, name, tick))

    async def forget(self, before: float) -> int:
        """Deletes jobs that ended before this time, a few hundred in a transaction; returns how many."""
        old = sa.select(jobs.c.seq).where(jobs.c.state == "ended", jobs.c.ended_at < before).limit(400)
        forgotten = 0
        while True:
            deleted = await self._database.run(
                lambda connection: connection.execute(sa.delete(jobs).where(jobs.c.seq.in_(old))).rowcount
            )
            forgotten += deleted
            if deleted < 400:
                return forgotten

    def _now(self) -> float:
        return self._clock() + self._ahead

    async def _change(self, claimed: Claimed, **values: Any) -> None:
        mine = (jobs.c.seq == claimed.seq) & (jobs.c.claim == claimed.claim) & (jobs.c.owner == self._worker)
        change = sa.update(jobs).where(mine, jobs.c.state == "running").values(**values)
        if not await self._database.run_alone(lambda connection: connection.execute(change).rowcount):
            log.warning("another worker has this job now", job=claimed.id)

    def _take(self, connection: sa.Connection, most: int, most_firsts: int) -> Sequence[Claimed]:
        if connection.dialect.name != "sqlite":
            self._ahead = connection.execute(_ONE_AT_A_TIME).one().now - self._clock()
        found = self._find(connection)
        firsts = [row for row in found[most:most_firsts] if row.place == 1]
        chosen = {row.lane: row.seq for row in (*found[:most], *firsts)}
        return self._claim(connection, chosen) if chosen else ()

    def _find(self, connection: sa.Connection) -> Sequence[Any]:
        """What may run now: the installations take turns."""
        return connection.execute(_FIRSTS, self._bounds()).all()

    def _bounds(self) -> dict[str, float]:
        now, longest = self._now(), self._rhythm.longest_wait
        return {"now": now, "soon": now + SKEW, "longest": now + longest, "slots": self._rhythm.per_installation}

    def _claim(self, connection: sa.Connection, firsts: dict[str, int]) -> Sequence[Claimed]:
        """Claims one job of each lane, and settles those that its run answers."""
        waiting = sa.select(jobs).where(jobs.c.lane.in_(firsts), jobs.c.state == "waiting").order_by(jobs.c.seq)
        lanes: dict[str, dict[int, Any]] = defaultdict(dict)
        for row in connection.execute(waiting):
            lanes[row.lane][row.seq] = row
        return [self._claim_one(connection, rows, firsts[lane]) for lane, rows in lanes.items()]

    def _claim_one(self, connection: sa.Connection, rows: dict[int, Any], first: int) -> Claimed:
        settled, run = 0, None
        if rows[first].todo == Todo.PERFORM and len(rows) > 1:
            alike = {seq: WaitingJob(seq, unpack(row.packed)) for seq, row in rows.items() if row.todo == Todo.PERFORM}
            chosen = choose(alike[first], list(alike.values()))
            first = chosen.run.seq
            answered = [each for each in chosen.answered if rows[each.seq].announced != _ANNOUNCING]
            if answered:
                run = chosen.run.job.answering(each.job for each in answered)
                _set(connection, first, packed=pack(run))
            for each in answered:
                _set(connection, each.seq, state="ended", outcome="coalesced", ended_at=self._now())
            for each in chosen.replaced:
                lane = rows[each.seq].id
                _set(connection, each.seq, todo=Todo.REPLACED, lane=lane, due=0.0, tries=0, troubled_at=None)
            settled = max((each.seq for each in (*answered, *chosen.replaced)), default=0)
        row = rows[first]
        # Something newer asks for the same: the time for trying begins again.
        fresh = {"tries": 0, "troubled_at": None} if settled > first else {}
        _set(connection, first, state="running", aside=0, owner=self._worker, claim=row.claim + 1, **fresh)
        # Stored by a clock that was ahead: from here on, it grows older.
        stored_at = min(row.stored_at, self._now())
        if stored_at < row.stored_at:
            _set(connection, first, stored_at=stored_at)
        return Claimed(
            row.id,
            row.seq,
            run or unpack(row.packed),
            stored_at - self._ahead,
            Todo(row.todo),
            row.claim + 1,
            0 if fresh else row.tries,
            None if fresh else row.troubled_at,
            row.error_id,
            row.trouble,
        )

    def _take_over(self, connection: sa.Connection, worker: str, lock: "sa.Executable | None") -> int:
        if lock is not None and not connection.scalar(lock):
            return 0
        theirs = (jobs.c.state == "running") & (jobs.c.owner == worker)
        rows = connection.execute(sa.select(jobs.c.seq, jobs.c.id, jobs.c.todo, jobs.c.crashes).where(theirs)).all()
        for row in rows:
            values: dict[str, Any] = {"state": "waiting", "owner": None, "crashes": row.crashes + 1}
            if row.crashes + 1 >= self._rhythm.recoveries:
                error_id = uuid.uuid4().hex[:8]
                log.error("a job crashed its worker too often", job=row.id, error_id=error_id)
                values |= {"crashes": 0, "error_id": error_id, "tries": 0, "todo": Todo.FAILED}
                if row.todo != Todo.PERFORM:
                    values |= {"state": "ended", "outcome": f"failed {error_id}", "ended_at": self._now()}
            _set(connection, row.seq, **values)
        return len(rows)


_ONE_AT_A_TIME = sa.text(
    "SELECT pg_advisory_xact_lock(1835623281), extract(epoch FROM clock_timestamp())::float8 AS now"
)
"""Workers that take jobs at the same time would each see a free slot."""

_FIRSTS = sa.text("""
WITH due AS (
  SELECT seq, lane, installation, row_number() OVER (PARTITION BY lane ORDER BY seq) AS nth
  FROM migsafe_jobs
  WHERE state = 'waiting' AND (due <= :now OR due > :longest OR troubled_at > :soon)
    AND lane NOT IN (SELECT lane FROM migsafe_jobs WHERE state = 'running')
), placed AS (
  SELECT seq, lane, installation, row_number() OVER (PARTITION BY installation ORDER BY seq) AS place
  FROM due WHERE nth = 1
), busy AS (
  SELECT installation, count(*) AS jobs FROM migsafe_jobs WHERE state = 'running' AND aside = 0 GROUP BY installation
)
SELECT placed.seq, placed.lane, placed.place + coalesce(busy.jobs, 0) AS place
FROM placed LEFT JOIN busy ON busy.installation = placed.installation
WHERE placed.place + coalesce(busy.jobs, 0) <= :slots
ORDER BY placed.place + coalesce(busy.jobs, 0), placed.seq
""")
"""The first jobs of each installation, one of a lane: a busy installation is not in the way of others.

A job that is due later than any pause lasts, or was refused in the future, was put back by a clock that was ahead.
"""


def _set(connection: sa.Connection, seq: int, **values: Any) -> None:
    connection.execute(sa.update(jobs).where(jobs.c.seq == seq).values(**values))


def _find_unannounced(connection: sa.Connection, before: float, most: int) -> Sequence[Any]:
    waiting = (jobs.c.state == "waiting") & (jobs.c.announced == 0) & (jobs.c.todo == Todo.PERFORM)
    kinds = [kind for kind in JobKind if kind.concludes_check]
    later = jobs.alias("later")
    # A head that another push replaces gets no check any more.
    overtaken = sa.exists().where(
        later.c.lane == jobs.c.lane,
        later.c.state == "waiting",
        later.c.kind == JobKind.PUSH,
        later.c.seq > jobs.c.seq,
    )
    found = sa.select(jobs.c.seq, jobs.c.packed, jobs.c.stored_at).where(
        waiting, ~jobs.c.stored_at.between(before, before + SKEW), jobs.c.kind.in_(kinds), ~overtaken
    )
    return connection.execute(found.order_by(jobs.c.seq).limit(most)).all()


def _take_tick(connection: sa.Connection, name: str, tick: int) -> bool:
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(ticks)
    connection.execute(insert.values(name=name, tick=-1).on_conflict_do_nothing(index_elements=["name"]))
    # What is further ahead than the next one was taken by a clock that has been set back since.
    free = (ticks.c.tick < tick) | (ticks.c.tick > tick + 1)
    later = sa.update(ticks).where(ticks.c.name == name, free).values(tick=tick)
    return connection.execute(later).rowcount == 1
