"""A worker and its lock: what it does when others may take its jobs, and what it takes from others."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy.exc import OperationalError

from bot.runtime.settings import Settings
from bot.server.jobs import Queue, Rhythm, Worker
from bot.server.jobs.claim import SessionClaim
from bot.server.jobs.database import JobDatabase
from bot.server.jobs.ledger import JobLedger
from tests.server.test_jobs import QUICK, Recorder, app, ended, push


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await asyncio.wait_for(story(), 60)

    asyncio.run(told())


async def end_session_of_lock(url: str) -> None:
    """As when a firewall or an administrator ends it: PostgreSQL then frees the lock."""

    def end() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")

    await asyncio.to_thread(end)


def test_a_worker_that_lost_its_lock_stops_what_it_runs_and_begins_again(database: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        settings = Settings(state=database, worker_id="w1")
        queue, worker = Queue(settings), Worker(settings, line, QUICK)
        worker.claim = SessionClaim(database, "w1", look=0.1)
        await queue.open()
        async with worker.running():
            await worker.wait()
            await queue.store(push(5, "d1"))
            while not line.begun:
                await asyncio.sleep(0.02)
            await end_session_of_lock(database)
            while len(line.begun) < 2:
                assert line.running["installation 7"] <= 1
                await asyncio.sleep(0.02)
            assert line.most_at_once["installation 7"] == 1
            line.gate.set()
            assert await ended(queue, push(5, "d1")) == "done"
        await queue.close()
        assert (line.begun, line.done) == (["d1", "d1"], ["d1"])

    run(story)


def test_of_two_workers_that_find_a_third_dead_one_takes_its_jobs(database: str) -> None:
    async def story() -> None:
        settings = Settings(state=database)
        queue = Queue(settings)
        await queue.open()
        await asyncio.gather(*(queue.store(push(number, f"d{number}")) for number in range(6)))
        databases = [JobDatabase(database, synchronous="NORMAL") for _ in range(3)]
        dead, *living = (
            JobLedger(each, f"w{number}", Rhythm(per_installation=10)) for number, each in enumerate(databases)
        )
        assert len(await dead.take(10)) == 6
        claims = [SessionClaim(database, f"w{number}") for number in (1, 2)]
        taken = await asyncio.gather(
            *(ledger.take_over("w0", claim.taking("w0")) for ledger, claim in zip(living, claims, strict=True))
        )
        assert sorted(taken) == [0, 6]
        # What one of them runs by now, the other must not put back, whatever it has seen before.
        running = await living[0].take(10)
        assert len(running) == 6
        assert await living[1].take_over("w0", claims[1].taking("w0")) == 0
        await dead.end(replace(running[0], claim=1), "done")
        assert await queue.outcome(running[0].id) is None
        for each in databases:
            await each.close()
        await queue.close()

    run(story)


def test_deliveries_wait_for_the_disk_and_what_the_worker_writes_does_not(database: str) -> None:
    async def story() -> None:
        kept = {}
        for synchronous in ("FULL", "NORMAL"):
            each = JobDatabase(database, synchronous=synchronous)
            kept[synchronous] = await each.run(
                lambda connection: connection.exec_driver_sql("SHOW synchronous_commit").scalar()
            )
            await each.close()
        assert kept == {"FULL": "on", "NORMAL": "off"}

    run(story)


def test_two_workers_together_keep_to_an_installations_limit(database: str) -> None:
    async def story() -> None:
        queue = Queue(Settings(state=database))
        await queue.open()
        await asyncio.gather(*(queue.store(push(number, f"d{number}")) for number in range(20)))
        databases = [JobDatabase(database, synchronous="NORMAL") for _ in range(2)]
        ledgers = [JobLedger(each, f"w{number}", Rhythm()) for number, each in enumerate(databases)]
        taken = await asyncio.gather(*(ledger.take(10) for ledger in ledgers * 3))
        assert sum(map(len, taken)) == Rhythm().per_installation
        for each in databases:
            await each.close()
        await queue.close()

    run(story)


def test_a_busy_installation_is_not_in_the_way_of_another(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            for number in range(50):
                await queue.store(push(number, f"busy{number}"))
            await queue.store(push(99, "other", installation=8))
            async with asyncio.timeout(5):
                while "other" not in line.begun:
                    await asyncio.sleep(0.02)
            assert len(line.begun) == 4
            line.gate.set()

    run(story)


def test_while_deliveries_rush_in_no_job_is_begun_but_not_for_long(tmp_path: Path) -> None:
    async def story() -> None:
        line, settings, rushed = Recorder(), Settings(state=f"sqlite:///{tmp_path}/m.db"), [True]
        queue = Queue(settings)
        await queue.open()
        async with Worker(settings, line, replace(QUICK, longest_hold=60.0), hold=lambda: rushed[0]).running():
            await queue.store(push(1, "d1"))
            await asyncio.sleep(0.3)
            assert not line.begun
            rushed[0] = False
            assert await ended(queue, push(1, "d1")) == "done"
        rushed[0] = True
        async with Worker(settings, line, replace(QUICK, longest_hold=0.2), hold=lambda: rushed[0]).running():
            await queue.store(push(2, "d2"))
            assert await ended(queue, push(2, "d2")) == "done"
        await queue.close()

    run(story)


def test_a_job_that_our_own_database_did_not_answer_is_tried_again_and_not_failed(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        troubles = [OperationalError("SELECT 1", {}, Exception("the server is restarting"))]
        line.trouble = lambda _: troubles.pop() if troubles else None
        with structlog.testing.capture_logs() as said:
            async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
                await queue.store(push(5, "d1"))
                assert await ended(queue, push(5, "d1")) == "done"
        assert (line.given_up, line.waiting) == ([], [])
        assert all("exc_info" not in each for each in said)

    run(story)


def test_a_worker_that_ends_again_and_again_is_in_trouble_and_fills_no_log(tmp_path: Path) -> None:
    async def story() -> None:
        state = tmp_path / "folder"
        state.mkdir()
        worker = Worker(Settings(state=f"sqlite:///{state}/m.db"), Recorder(), replace(QUICK, restart=0.05))
        (state / "m.db").mkdir()
        with structlog.testing.capture_logs() as said:
            async with worker.running():
                while worker.trouble is None:
                    await asyncio.sleep(0.02)
        assert "in a row" in worker.trouble
        assert all("exc_info" not in line for line in said)

    run(story)


@pytest.mark.parametrize("heads", [("a" * 40, "b" * 40)])
def test_only_the_newest_of_waiting_heads_is_announced(heads: tuple[str, str], tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        async with app(f"sqlite:///{tmp_path}/m.db", line, replace(QUICK, per_installation=1)) as queue:
            await queue.store(push(1, "first"))
            while not line.begun:
                await asyncio.sleep(0.02)
            await asyncio.gather(*(queue.store(push(2, f"d{n}", head=head)) for n, head in enumerate(heads)))
            while not line.announced:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            line.gate.set()
        assert line.announced == ["d1"]

    run(story)
