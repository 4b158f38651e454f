"""kill -9, at the worst moments: nothing promised is lost, nothing finished is done twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Queue
from tests.support.places import ROOT

SCRIPT = Path(__file__).with_name("queue_process.py")
HEAD = "a" * 40


@dataclass
class Machine:
    """Processes on one state; all of them are killed in the end."""

    state: str
    journal: Path
    processes: list["subprocess.Popen[str]"] = field(default_factory=list)

    def start(self, what: str, third: str, *options: str, worker: str = "w1") -> "subprocess.Popen[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MIGSAFE_WORKER_ID": worker}
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), what, self.state, third, *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.processes.append(process)
        return process

    def worker(self, *options: str, name: str = "w1", until: str = "READY") -> "subprocess.Popen[str]":
        process = self.start("work", str(self.journal), *options, worker=name)
        read_until(process, until)
        return process

    def store(self, *jobs: Job) -> None:
        async def story() -> None:
            queue = Queue(Settings(state=self.state))
            await queue.open()
            for job in jobs:
                await queue.store(job)
            await queue.close()

        asyncio.run(story())

    async def outcomes(self, deliveries: list[str]) -> dict[str, str]:
        """How each of the jobs that `queue_process.py store` stored has ended."""
        queue = Queue(Settings(state=self.state))
        await queue.open()
        ended: dict[str, str] = {}
        while len(ended) < len(deliveries):
            for delivery in deliveries:
                outcome = await queue.outcome(push(int(delivery[1:]) % 10, delivery).id)
                if outcome is not None:
                    ended[delivery] = outcome
            await asyncio.sleep(0.1)
        await queue.close()
        return ended

    def written(self) -> Counter[str]:
        return Counter(self.journal.read_text().splitlines() if self.journal.exists() else [])

    def until(self, true: Callable[[Counter[str]], bool], seconds: float = 30.0) -> Counter[str]:
        deadline = time.monotonic() + seconds
        while not true(self.written()):
            assert time.monotonic() < deadline, self.written()
            time.sleep(0.02)
        return self.written()

    def die_at_the_end_of_the_next_job(self) -> None:
        self.journal.with_suffix(".die").touch()


@pytest.fixture(params=["sqlite", "postgresql"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    stores_in_postgresql = request.param == "postgresql"
    state = request.getfixturevalue("database") if stores_in_postgresql else f"sqlite:///{tmp_path}/migsafe.db"
    started = Machine(state, tmp_path / "journal")
    yield started
    for process in started.processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def read_until(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdout is not None
    assert any(each.strip() == line for each in process.stdout)


def push(number: int, delivery: str) -> Job:
    return Job(JobKind.PUSH, 7, 42, "acme/shop", number, HEAD, delivery=delivery)


def test_a_job_interrupted_in_the_middle_is_done_after_the_restart(machine: Machine) -> None:
    machine.store(push(5, "d1"))
    worker = machine.worker("pause=0.5")
    machine.until(lambda written: written["begun d1"] == 1)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    machine.worker()
    written = machine.until(lambda written: written["done d1"] == 1)
    assert written["begun d1"] == 2


def test_a_crash_before_the_report_does_not_lose_it_however_slowly_the_job_is_taken_up(machine: Machine) -> None:
    """The job itself waits again for a moment, and must not be treated as a newer push."""
    worker = machine.worker("poll=1.0")
    machine.die_at_the_end_of_the_next_job()
    machine.store(push(5, "d1"))
    assert worker.wait(30) == 137
    machine.worker("poll=1.0")
    assert machine.until(lambda written: written["done d1"] == 1)["superseded d1"] == 0


@pytest.mark.parametrize(
    "stored", [25, *(pytest.param(stored, marks=pytest.mark.proof) for stored in (1, 2, 5, 80, 250))]
)
def test_what_was_promised_survives_the_death_of_web_and_worker_under_load(machine: Machine, stored: int) -> None:
    worker = machine.worker()
    web = machine.start("store", "400")
    assert web.stdout is not None
    promised = [web.stdout.readline().strip() for _ in range(stored)]
    worker.send_signal(signal.SIGKILL)
    web.send_signal(signal.SIGKILL)
    promised += [line.strip() for line in web.stdout if line.endswith("\n")]
    machine.worker("pause=0", "per_installation=10")
    outcomes = asyncio.run(asyncio.wait_for(machine.outcomes(promised), 60))
    assert set(outcomes.values()) <= {"done", "superseded", "coalesced"}
    assert {int(delivery[1:]) % 10 for delivery, outcome in outcomes.items() if outcome == "done"}


def test_a_second_worker_of_the_same_name_waits_for_the_first_to_end(machine: Machine) -> None:
    first = machine.worker()
    second = machine.worker(until="WAITING")
    machine.store(push(5, "d1"))
    machine.until(lambda written: written["done d1"] == 1)
    assert second.poll() is None
    first.send_signal(signal.SIGKILL)
    read_until(second, "READY")
    machine.store(push(5, "d2"))
    machine.until(lambda written: written["done d2"] == 1)


@pytest.mark.parametrize("machine", ["postgresql"], indirect=True)
def test_another_worker_takes_over_from_one_that_never_comes_back(machine: Machine) -> None:
    lost = machine.worker("pause=30", name="w1")
    machine.store(push(5, "d1"))
    machine.until(lambda written: written["begun d1"] == 1)
    machine.worker("grace=0.5", name="w2")
    time.sleep(1.0)
    assert machine.written()["begun d1"] == 1
    lost.send_signal(signal.SIGKILL)
    machine.until(lambda written: written["done d1"] == 1)


@pytest.mark.parametrize("machine", ["sqlite"], indirect=True)
def test_a_job_that_kills_its_worker_every_time_is_given_up(machine: Machine) -> None:
    machine.store(push(5, "d1"))
    for _ in range(6):
        machine.die_at_the_end_of_the_next_job()
        worker = machine.worker("recoveries=1")
        while worker.poll() is None and not machine.written()["failed d1"]:
            time.sleep(0.02)
        if machine.written()["failed d1"]:
            break
    machine.journal.with_suffix(".die").unlink(missing_ok=True)
    machine.until(lambda written: written["failed d1"] >= 1)
    machine.store(push(5, "d2"))
    machine.until(lambda written: written["done d2"] == 1)
