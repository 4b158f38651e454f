"""Clocks that are wrong, differ, or are set: nothing waits for an hour, and nothing is given up at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core import clock
from bot.runtime.settings import Settings
from bot.server.jobs import Queue, Rhythm
from bot.server.jobs.arrivals import ArrivalsFile
from bot.server.jobs.database import JobDatabase, arrivals_database
from bot.server.jobs.ledger import JobLedger
from bot.server.jobs.tables import jobs
from tests.server.test_jobs import push, state

__all__ = ["state"]

HOUR = 3600.0


@dataclass
class Host:
    """A worker's host, whose clock is wrong by so many seconds."""

    url: str
    database: JobDatabase
    wrong: float = 0.0

    def __post_init__(self) -> None:
        self.ledger = JobLedger(self.database, "w1", Rhythm(), self.now)

    def now(self) -> float:
        return clock.now() + self.wrong

    async def store(self, delivery: str = "d1") -> None:
        """As a web side with the right clock does."""
        queue = Queue(Settings(state=self.url))
        await queue.open()
        await queue.store(push(5, delivery))
        await queue.close()
        if self.url.startswith("sqlite"):
            file = arrivals_database(self.url)
            arriving = ArrivalsFile(file)
            await arriving.open()
            await arriving.drain_into(self.database)
            await file.close()

    async def due_in(self) -> float:
        """Seconds by the right clock until the job is due."""
        due = await self.database.run(lambda connection: connection.scalar(sa.select(sa.func.max(jobs.c.due))))
        return due - clock.now()


@asynccontextmanager
async def host(url: str, wrong: float = 0.0) -> AsyncIterator[Host]:
    database = JobDatabase(url, synchronous="NORMAL")
    await database.create()
    try:
        yield Host(url, database, wrong)
    finally:
        await database.close()


def run(story: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_delivery_that_was_stored_in_the_future_grows_older_once_it_is_taken(state: str) -> None:
    async def story() -> None:
        async with host(state, wrong=-HOUR) as here:
            await here.store()
            [claimed] = await here.ledger.take(5)
            age = here.now() - claimed.stored_at
            assert 0 <= age < 30
            here.wrong += 100
            await here.ledger.postpone(claimed, 0.0)
            [again] = await here.ledger.take(5)
            # Where a database's clock is shared, that of the host does not count.
            assert here.now() - again.stored_at >= (100 if state.startswith("sqlite") else 0)

    run(story)


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_workers_and_web_sides_on_one_postgresql_go_by_its_clock(database: str, wrong: float) -> None:
    async def story() -> None:
        async with host(database, wrong) as first, host(database, -wrong) as second:
            await first.store()
            [claimed] = await first.ledger.take(5)
            assert abs(first.now() - claimed.stored_at) < 30
            await first.ledger.postpone(claimed, 20.0)
            assert 0 < await first.due_in() < 30
            assert not await second.ledger.take(5)
            await first.ledger.postpone(claimed, 0.0)
            assert second.ledger.waited(claimed) < 30

    run(story)


def test_what_was_put_back_is_tried_again_after_the_clock_was_set_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with host(f"sqlite:///{tmp_path}/m.db") as here:
            await here.store()
            [claimed] = await here.ledger.take(5)
            await here.ledger.postpone(claimed, 5.0)
            assert not await here.ledger.take(5)
            here.wrong = -HOUR
            [claimed] = await here.ledger.take(5)
            assert here.ledger.waited(claimed) == 0
            await here.ledger.postpone(claimed, 5.0)
            assert not await here.ledger.take(5)
            assert await here.due_in() < -HOUR + 30

    run(story)


def test_a_check_is_announced_whatever_time_its_delivery_came_at(tmp_path: Path) -> None:
    async def story() -> None:
        async with host(f"sqlite:///{tmp_path}/m.db", wrong=-HOUR) as here:
            await here.store()
            assert [job.delivery for job, _ in await here.ledger.take_unannounced(here.now() - 2, 5)] == ["d1"]

    run(story)


def test_sweeps_go_on_after_the_clock_was_set_back(state: str) -> None:
    async def story() -> None:
        async with host(state) as here:
            assert await here.ledger.take_tick("sweep", 100)
            assert not await here.ledger.take_tick("sweep", 100)
            assert not await here.ledger.take_tick("sweep", 99)
            assert await here.ledger.take_tick("sweep", 88)
            assert not await here.ledger.take_tick("sweep", 88)
            assert await here.ledger.take_tick("sweep", 89)

    run(story)
