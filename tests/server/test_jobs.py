"""The durable queue: one job per pull request at a time, newest head wins, each delivery once."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from bot.review.errors import HubError
from bot.review.job import CommentKind, Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Attempt, Queue, Rhythm, Worker
from bot.server.jobs.packing import pack, unpack
from bot.standins.postgres import start

QUICK = Rhythm(
    poll=0.02,
    first_pause=0.2,
    announce_after=0.0,
    announce_every=0.02,
    tend=0.2,
    sweep=3600.0,
    grace=0.0,
    drain=0,
    job=30.0,
    announce=20.0,
    restart=0.1,
)

COMMAND = Job(JobKind.COMMAND, 7, 42, "acme/shop", 5, comment=1, comment_kind=CommentKind.ISSUE, delivery="c")


def push(number: int, delivery: str, head: str = "a" * 40, installation: int = 7) -> Job:
    return Job(JobKind.PUSH, installation, 42, "acme/shop", number, head, delivery=delivery)


class Recorder:
    """Tasks that write down their calls, and can be made slow or made to fail."""

    def __init__(self) -> None:
        self.announced: list[str] = []
        self.done: list[str] = []
        self.begun: list[str] = []
        self.superseded: list[str] = []
        self.given_up: list[tuple[str, str, str | None]] = []
        self.waiting: list[tuple[str, str, float]] = []
        self.sweeps = 0
        self.running: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self.gate = asyncio.Event()
        self.gate.set()
        self.posts = False
        self.trouble: Callable[[Job], Exception | None] = lambda _: None

    async def announce(self, job: Job) -> None:
        self.announced.append(job.delivery)

    async def perform(self, job: Job, attempt: Attempt) -> str:
        self.begun.append(job.delivery)
        async with self._counted(job):
            if self.posts:
                await attempt.step_aside()
            await self.gate.wait()
            await asyncio.sleep(0.01)
            if trouble := self.trouble(job):
                raise trouble
            if await attempt.is_superseded():
                self.superseded.append(job.delivery)
                return "superseded"
            self.done.append(job.delivery)
            return "done"

    async def conclude_superseded(self, job: Job) -> None:
        self.superseded.append(job.delivery)

    async def say_waiting(self, job: Job, reason: str, seconds: float) -> None:
        self.waiting.append((job.delivery, reason, seconds))

    async def conclude_failed(self, job: Job, error_id: str, trouble: str | None) -> None:
        self.given_up.append((job.delivery, error_id, trouble))

    async def sweep(self) -> str:
        self.sweeps += 1
        return "nothing missed"

    @contextlib.asynccontextmanager
    async def _counted(self, job: Job) -> AsyncIterator[None]:
        keys = (f"pull {job.subject}", f"installation {job.installation}")
        for key in keys:
            self.running[key] += 1
            self.most_at_once[key] = max(self.most_at_once[key], self.running[key])
        try:
            yield
        finally:
            for key in keys:
                self.running[key] -= 1


@contextlib.asynccontextmanager
async def app(state: str, line: Recorder, rhythm: Rhythm = QUICK) -> AsyncIterator[Queue]:
    settings = Settings(state=state, worker_id="w1")
    queue = Queue(settings)
    await queue.open()
    worker = Worker(settings, line, rhythm)
    try:
        async with worker.running():
            await worker.wait()
            yield queue
    finally:
        await queue.close()


async def ended(queue: Queue, job: Job, seconds: float = 30.0) -> str:
    async with asyncio.timeout(seconds):
        while (outcome := await queue.outcome(job.id)) is None:
            await asyncio.sleep(0.02)
    return outcome


def run(story: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same code on both stores."""
    if request.param == "postgresql":
        yield request.getfixturevalue("database")
    else:
        yield f"sqlite:///{tmp_path}/migsafe.db"


def test_a_stored_job_is_done(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        async with app(state, line) as queue:
            assert await queue.store(push(5, "d1")) == "accepted"
            assert await ended(queue, push(5, "d1")) == "done"
        assert line.done == ["d1"]

    run(story)


def test_a_delivery_is_done_once_however_often_it_arrives(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        async with app(state, line) as queue:
            job = push(5, "d1")
            answers = await asyncio.gather(*(queue.store(job) for _ in range(10)))
            assert sorted(answers) == ["accepted"] + ["duplicate"] * 9
            await ended(queue, job)
            assert await queue.store(job) == "duplicate"
            assert await queue.store(push(6, "d2")) == "accepted"
            await ended(queue, push(6, "d2"))
        assert line.done == ["d1", "d2"]

    run(story)


def test_the_newest_of_a_burst_of_pushes_wins(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        async with app(state, line) as queue:
            await queue.store(push(5, "d0"))
            while not line.begun:
                await asyncio.sleep(0.02)
            burst = [push(5, f"d{number}", head=f"{number}" * 40) for number in range(1, 6)]
            for job in burst:
                await queue.store(job)
            while "d5" not in line.announced:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
            line.gate.set()
            outcomes = [await ended(queue, job) for job in [push(5, "d0"), *burst]]
        assert Counter(outcomes) == {"done": 1, "superseded": 5}
        assert len(line.done) == 1
        assert line.done[0] != "d0"
        assert sorted(line.superseded + line.done) == [f"d{number}" for number in range(6)]

    run(story)


def test_only_a_push_overtakes_a_push(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        first = push(5, "d0")
        others = [
            COMMAND,
            Job(JobKind.RERUN, 7, 42, "acme/shop", 5, "a" * 40, delivery="r"),
            Job(JobKind.REPAIR, 7, 42, "acme/shop", 5, "a" * 40, delivery="x"),
        ]
        async with app(state, line) as queue:
            await queue.store(first)
            while not line.begun:
                await asyncio.sleep(0.02)
            for job in others:
                await queue.store(job)
            last = push(5, "d1")
            await queue.store(last)
            while "d1" not in line.announced:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
            line.gate.set()
            outcomes = [await ended(queue, job) for job in [first, *others, last]]
        assert outcomes == ["superseded", "done", "coalesced", "coalesced", "done"]
        assert sorted(line.done) == ["c", "d1"]

    run(story)


def test_a_rerun_knows_of_a_push_that_came_while_it_ran(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        again = Job(JobKind.RERUN, 7, 42, "acme/shop", 5, "a" * 40, delivery="r")
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            await queue.store(again)
            while not line.begun:
                await asyncio.sleep(0.02)
            await queue.store(push(5, "d1"))
            while "d1" not in line.announced:
                await asyncio.sleep(0.02)
            line.gate.set()
            assert [await ended(queue, job) for job in (again, push(5, "d1"))] == ["superseded", "done"]

    run(story)


def test_what_waits_at_once_for_one_pull_request_is_one_run_but_every_command_is_answered(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        again = [
            Job(JobKind.RERUN if number % 2 else JobKind.REPAIR, 7, 42, "acme/shop", 5, "a" * 40, delivery=f"r{number}")
            for number in range(20)
        ]
        commands = [replace(COMMAND, comment=number, delivery=f"c{number}") for number in range(3)]
        async with app(state, line, replace(QUICK, announce_after=60.0)) as queue:
            await queue.store(push(5, "d0"))
            while not line.begun:
                await asyncio.sleep(0.02)
            for job in [*again, *commands]:
                await queue.store(job)
            line.gate.set()
            outcomes = Counter([await ended(queue, job) for job in [*again, *commands]])
        assert outcomes == {"done": 1 + 3, "coalesced": 19}
        assert sorted(line.done) == ["c0", "c1", "c2", "d0", "r19"]

    run(story)


def test_a_job_that_waits_for_github_lets_others_work_and_notices_a_later_push(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.trouble = lambda job: HubError("slow down", retry_after=60.0) if job.delivery.startswith("w") else None
        waiting = [push(number, f"w{number}") for number in range(1, 4)]
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            for job in waiting:
                await queue.store(job)
            while len(line.waiting) < 3:
                await asyncio.sleep(0.02)
            await queue.store(replace(COMMAND, number=1))
            assert await ended(queue, replace(COMMAND, number=1), 5.0) == "done"
            later = push(1, "d1", head="c" * 40)
            await queue.store(later)
            assert [await ended(queue, job, 5.0) for job in (later, waiting[0])] == ["done", "superseded"]
            assert (await queue.depth())["waiting"] == 2
            assert await queue.busy(waiting[1].subject)
        assert line.superseded == ["w1"]

    run(story)


def test_a_job_that_only_posts_leaves_its_place_to_others_of_its_installation(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        line.posts = True
        jobs = [push(number, f"d{number}") for number in range(8)]
        async with app(state, line) as queue:
            for job in jobs:
                await queue.store(job)
            async with asyncio.timeout(30):
                while len(line.begun) < len(jobs):
                    await asyncio.sleep(0.02)
            line.gate.set()
            assert [await ended(queue, job) for job in jobs] == ["done"] * 8

    run(story)


def test_two_installations_that_have_much_to_post_leave_places_to_a_third(state: str) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        line.posts = True
        greedy = [push(number, f"d{number}", installation=7 + number % 2) for number in range(100)]
        others = [push(200 + number, f"o{number}", installation=9) for number in range(6)]
        async with app(state, line) as queue:
            for job in greedy:
                await queue.store(job)
            async with asyncio.timeout(60):
                while len(line.begun) < 35:
                    await asyncio.sleep(0.02)
            for job in others:
                await queue.store(job)
            async with asyncio.timeout(10):
                while not {job.delivery for job in others} <= set(line.begun):
                    await asyncio.sleep(0.02)
            line.gate.set()
            await ended(queue, others[0])

    run(story)


def test_jobs_of_many_installations_that_wait_keep_none_of_another_waiting(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        many = [push(number, f"d{number}", installation=100 + number % 20) for number in range(80)]
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            for job in many:
                await queue.store(job)
            async with asyncio.timeout(60):
                while len(line.begun) < 60:
                    await asyncio.sleep(0.02)
            await queue.store(other := push(500, "other", installation=9))
            async with asyncio.timeout(10):
                while other.delivery not in line.begun:
                    await asyncio.sleep(0.02)
            assert len(line.begun) == 61
            line.gate.set()
            await ended(queue, other)

    run(story)


def test_one_job_of_a_pull_request_and_three_of_an_installation_at_a_time(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        jobs = [replace(COMMAND, number=number % 6, delivery=f"{number}") for number in range(24)]
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            for job in jobs:
                await queue.store(job)
            for job in jobs:
                assert await ended(queue, job) == "done"
        assert line.most_at_once["installation 7"] <= 3
        assert all(most == 1 for key, most in line.most_at_once.items() if key.startswith("pull"))

    run(story)


def test_a_job_waits_as_long_as_github_asks_and_is_then_done(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        troubles = [HubError("slow down", retry_after=1.0)]
        line.trouble = lambda _: troubles.pop() if troubles else None
        async with app(f"sqlite:///{tmp_path}/m.db", line) as queue:
            await queue.store(push(5, "d1"))
            assert await ended(queue, push(5, "d1")) == "done"
        assert line.begun == ["d1", "d1"]
        assert line.waiting == [("d1", "slow down", 1.0)]

    run(story)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(HubError("not found"), id="GitHub refused"),
        pytest.param(HubError("come back in a day", retry_after=86400.0), id="GitHub asks for too much patience"),
        pytest.param(ZeroDivisionError("ours"), id="our own fault"),
        pytest.param(TimeoutError(), id="too slow"),
    ],
)
def test_a_failed_job_says_so_and_holds_nothing_up(trouble: Exception, tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.trouble = lambda job: trouble if job.delivery == "d1" else None
        rhythm = replace(QUICK, longest_wait=60.0)
        async with app(f"sqlite:///{tmp_path}/m.db", line, rhythm) as queue:
            await queue.store(push(5, "d1"))
            outcome = await ended(queue, push(5, "d1"))
            await queue.store(push(5, "d2"))
            assert await ended(queue, push(5, "d2")) == "done"
        ((delivery, error_id, said),) = line.given_up
        assert delivery == "d1"
        assert said == (str(trouble) if isinstance(trouble, HubError) else None)
        assert outcome == f"failed {error_id}"

    run(story)


def test_a_job_is_tried_once_more_when_its_time_for_waiting_is_over(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.trouble = lambda _: HubError("GitHub answers 500", retry_after=0.0)
        group = Job(JobKind.GROUP, 7, 42, "acme/shop", None, "a" * 40, "b" * 40, delivery="g")
        rhythm = replace(QUICK, longest_group_wait=0.5)
        async with app(f"sqlite:///{tmp_path}/m.db", line, rhythm) as queue:
            await queue.store(group)
            outcome = await ended(queue, group)
        pauses = [seconds for _, _, seconds in line.waiting]
        assert pauses[0] == 0.2
        assert sum(pauses) <= 0.5
        assert len(line.begun) == len(pauses) + 1
        ((delivery, error_id, trouble),) = line.given_up
        assert (delivery, trouble, outcome) == ("g", "GitHub answers 500", f"failed {error_id}")

    run(story)


def test_a_job_that_never_ends_is_ended(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        async with app(f"sqlite:///{tmp_path}/m.db", line, replace(QUICK, job=0.3)) as queue:
            await queue.store(push(5, "d1"))
            assert (await ended(queue, push(5, "d1"))).startswith("failed")
        assert [delivery for delivery, _, _ in line.given_up] == ["d1"]

    run(story)


def test_a_sweep_runs_at_the_start_and_at_regular_times(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        async with app(f"sqlite:///{tmp_path}/m.db", line, replace(QUICK, sweep=0.5)), asyncio.timeout(6):
            while line.sweeps < 3:
                await asyncio.sleep(0.05)

    run(story)


def test_a_job_that_an_earlier_version_stored_is_read() -> None:
    stored: dict[str, Any] = {
        "kind": "command", "installation": 7, "repository_id": 42, "repository": "acme/shop", "number": 5,
        "head_sha": None, "base_sha": None, "comment": 1, "comment_kind": "issue", "delivery": "c", "extra": {},
    }  # fmt: skip
    assert unpack(stored) == unpack(json.dumps(stored)) == COMMAND
    assert json.loads(pack(COMMAND)) == stored
    assert COMMAND.id == "command:42:5:c"


def test_a_job_stored_before_any_worker_ran_is_not_lost(tmp_path: Path) -> None:
    async def story() -> None:
        state = f"sqlite:///{tmp_path}/m.db"
        queue = Queue(Settings(state=state))
        await queue.open()
        assert await queue.store(push(5, "d1")) == "accepted"
        assert (await queue.depth())["waiting"] == 1
        await queue.close()
        line = Recorder()
        async with app(state, line) as again:
            assert await ended(again, push(5, "d1")) == "done"

    run(story)


def test_a_job_interrupted_by_a_stop_is_resumed_at_the_next_start(tmp_path: Path) -> None:
    async def story() -> None:
        state, line = f"sqlite:///{tmp_path}/m.db", Recorder()
        line.gate.clear()
        async with app(state, line, replace(QUICK, drain=0)) as queue:
            await queue.store(push(5, "d1"))
            while not line.begun:
                await asyncio.sleep(0.02)
        again = Recorder()
        async with app(state, again) as queue:
            assert await ended(queue, push(5, "d1")) == "done"
        assert (line.done, again.done, again.announced) == ([], ["d1"], [])

    run(story)


def test_finished_jobs_are_forgotten_after_a_while(tmp_path: Path) -> None:
    async def story() -> None:
        line = Recorder()
        async with app(f"sqlite:///{tmp_path}/m.db", line, replace(QUICK, keep=0.0, sweep=0.6)) as queue:
            await queue.store(push(5, "d1"))
            while not line.done:
                await asyncio.sleep(0.02)
            async with asyncio.timeout(8):
                while await queue.store(push(5, "d1")) == "duplicate":
                    await asyncio.sleep(0.2)

    run(story)


def test_a_store_that_is_away_says_so_instead_of_waiting() -> None:
    async def story() -> None:
        server = await asyncio.to_thread(start)
        queue = Queue(Settings(state=server.url()))
        try:
            await queue.open()
            assert await queue.trouble() is None
            await asyncio.to_thread(server.stop)
            with pytest.raises(Exception, match="connection"):
                async with asyncio.timeout(5):
                    await queue.store(push(5, "d1"))
            assert "does not answer" in (await queue.trouble() or "")
        finally:
            await queue.close()
            await asyncio.to_thread(server.stop)

    run(story)


def test_a_worker_survives_the_loss_of_its_store(database: str) -> None:
    """Every connection is cut repeatedly while a job runs; it is done in the end, and reported once."""

    async def story() -> None:
        line = Recorder()
        line.gate.clear()
        async with app(database, line) as queue:
            await queue.store(push(5, "d1"))
            while not line.begun:
                await asyncio.sleep(0.02)
            for _ in range(3):
                await asyncio.to_thread(cut_connections, database)
                await asyncio.sleep(0.2)
            line.gate.set()
            assert await ended_patiently(queue, push(5, "d1")) == "done"
        assert line.done == ["d1"]

    run(story)


def cut_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def ended_patiently(queue: Queue, job: Job) -> str:
    """How a job ended; asks again if a cut connection made the web side raise."""
    while True:
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            return await ended(queue, job)
        await asyncio.sleep(0.1)
