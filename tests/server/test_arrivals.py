"""Deliveries on their way into the queue: never kept waiting by the worker, never lost, never doubled."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Queue, Rhythm
from bot.server.jobs.arrivals import ArrivalsFile
from bot.server.jobs.database import JobDatabase, arrivals_database
from bot.server.jobs.direct_arrivals import DirectCommit
from bot.server.jobs.ledger import JobLedger
from bot.server.jobs.packing import as_row


def push(number: int) -> Job:
    return Job(JobKind.PUSH, 7, 42, "acme/shop", number, "a" * 40, delivery=f"d{number}")


class Stored:
    """A queue, and what a worker sees of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "migsafe.db"
        url = f"sqlite:///{self.path}"
        self.queue = Queue(Settings(state=url))
        self.state = JobDatabase(url, synchronous="NORMAL")
        self.file = arrivals_database(url)
        self.arriving = ArrivalsFile(self.file)
        self.ledger = JobLedger(self.state, "w1", Rhythm(per_installation=10_000))

    async def open(self) -> "Stored":
        await self.queue.open()
        await self.arriving.open()
        return self

    async def close(self) -> None:
        for part in (self.queue, self.file, self.state):
            await part.close()

    async def drain(self) -> int:
        return await self.arriving.drain_into(self.state)

    async def taken(self) -> list[str]:
        return sorted(claimed.job.delivery for claimed in await self.ledger.take(10_000))


def run(tmp_path: Path, story: Callable[[Stored], Coroutine[None, None, None]]) -> None:
    async def told() -> None:
        stored = await Stored(tmp_path).open()
        try:
            await asyncio.wait_for(story(stored), 30)
        finally:
            await stored.close()

    asyncio.run(told())


def test_a_delivery_is_stored_while_somebody_else_writes_to_the_state(tmp_path: Path) -> None:
    async def story(stored: Stored) -> None:
        writer = sqlite3.connect(stored.path)
        writer.execute("BEGIN IMMEDIATE")
        assert await stored.queue.store(push(1)) == "accepted"
        assert await stored.queue.store(push(1)) == "duplicate"
        assert await stored.queue.busy(push(1).subject)
        assert (await stored.queue.depth())["waiting"] == 1
        writer.rollback()
        writer.close()
        await stored.drain()
        assert await stored.taken() == ["d1"]

    run(tmp_path, story)


def test_a_burst_is_stored_together_and_counted_to_the_last(tmp_path: Path) -> None:
    async def story(stored: Stored) -> None:
        answers = await asyncio.gather(*(stored.queue.store(push(number)) for number in range(2500)))
        assert set(answers) == {"accepted"}
        assert await stored.drain() == 2500
        assert (await stored.queue.depth())["waiting"] == 2500
        assert len(await stored.taken()) == 2500
        depth = await stored.queue.depth()
        assert (depth["waiting"], depth["running"]) == (0, 2500)

    run(tmp_path, story)


def test_a_crash_between_copying_and_working_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """After a power cut, the worker's table may have forgotten its last transactions; the deliveries have not."""

    async def story(stored: Stored) -> None:
        await stored.queue.store(push(1))
        await stored.drain()
        await stored.queue.store(push(2))
        await stored.drain()
        with sqlite3.connect(stored.path) as cut:
            cut.execute("DELETE FROM migsafe_jobs WHERE id LIKE '%:d2'")
            cut.execute("UPDATE migsafe_drained SET seq = 0")
        cut.close()
        await stored.drain()
        assert await stored.taken() == ["d1", "d2"]

    run(tmp_path, story)


def test_a_file_that_was_deleted_and_begins_again_is_read_from_its_start(tmp_path: Path) -> None:
    async def first(stored: Stored) -> None:
        for number in range(3):
            await stored.queue.store(push(number))
        assert await stored.drain() == 3

    async def second(stored: Stored) -> None:
        await stored.queue.store(push(9))
        assert await stored.drain() == 1

    run(tmp_path, first)
    for file in tmp_path.glob("migsafe.db.arrivals*"):
        file.unlink()
    run(tmp_path, second)


def test_deliveries_are_forgotten_only_when_they_are_old_and_copied(tmp_path: Path) -> None:
    async def story(stored: Stored) -> None:
        await stored.queue.store(push(1))
        await stored.drain()
        await stored.queue.store(push(2))
        await stored.arriving.forget(stored.state, time.time() - 60)
        assert await stored.queue.store(push(1)) == "duplicate"
        await stored.arriving.forget(stored.state, time.time() + 60)
        assert await stored.queue.store(push(2)) == "duplicate"
        assert await stored.queue.store(push(1)) == "accepted"
        await stored.drain()
        assert await stored.taken() == ["d1", "d2"]

    run(tmp_path, story)


def test_a_delivery_whose_connection_to_postgresql_is_lost_is_stored_by_the_next_one(database: str) -> None:
    async def story() -> None:
        queue = Queue(Settings(state=database))
        await queue.open()
        assert await queue.store(push(1)) == "accepted"
        with psycopg.connect(database, autocommit=True) as other:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            other.execute(f"{others} AND datname = current_database()")
        assert await queue.store(push(2)) == "accepted"
        assert await queue.store(push(2)) == "duplicate"
        await queue.close()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_a_burst_into_postgresql_is_stored_each_once_from_any_event_loop(database: str) -> None:
    async def story() -> None:
        queue = Queue(Settings(state=database))
        await queue.open()

        async def burst() -> list[str]:
            return list(await asyncio.gather(*(queue.store(push(number)) for number in range(300))))

        here, there = await asyncio.gather(burst(), asyncio.to_thread(asyncio.run, burst()))
        assert sorted(here + there) == ["accepted"] * 300 + ["duplicate"] * 300
        assert (await queue.depth())["waiting"] == 300
        await queue.close()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_deliveries_that_cannot_be_stored_are_told_so_each() -> None:
    async def story() -> None:
        commits = DirectCommit("postgresql://nobody@127.0.0.1:1/none")
        commits.start()
        for number in (1, 2):
            with pytest.raises(OperationalError):
                await commits.add(as_row(push(number), 0.0))
        await commits.close()

    asyncio.run(asyncio.wait_for(story(), 30))
