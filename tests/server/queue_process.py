"""A worker, or a process that stores jobs, which a test may kill.

queue_process.py work STATE JOURNAL [KEY=VALUE ...]     works; values are fields of Rhythm, and `pause`
queue_process.py store STATE COUNT                      stores jobs and prints the id of each stored job
"""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server.jobs import Attempt, Queue, Rhythm, Worker

HEAD = "a" * 40


class Journal:
    """Tasks that write down what they do, and die if a file beside the journal tells them to."""

    def __init__(self, path: Path, pause: float) -> None:
        self.path = path
        self.pause = pause

    async def announce(self, job: Job) -> None:
        self.write("announced", job)

    async def perform(self, job: Job, attempt: Attempt) -> str:
        self.write("begun", job)
        await asyncio.sleep(self.pause)
        deadly = self.path.with_suffix(".die")
        if deadly.exists():
            deadly.unlink()
            os._exit(137)
        if await attempt.is_superseded():
            return "superseded"
        self.write("done", job)
        return "done"

    async def conclude_superseded(self, job: Job) -> None:
        self.write("superseded", job)

    async def say_waiting(self, job: Job, _reason: str, _seconds: float, /) -> None:
        self.write("waiting", job)

    async def conclude_failed(self, job: Job, _error_id: str, _trouble: str | None, /) -> None:
        self.write("failed", job)

    async def sweep(self) -> str:
        return "nothing missed"

    def write(self, what: str, job: Job) -> None:
        with self.path.open("a") as file:
            file.write(f"{what} {job.delivery}\n")


async def work(state: str, journal: str, options: dict[str, str]) -> None:
    pause = float(options.pop("pause", "0.05"))
    rhythm = Rhythm(poll=0.05, sweep=3600.0, tend=0.3, drain=0)
    given: dict[str, Any] = {name: type(getattr(rhythm, name))(value) for name, value in options.items()}
    rhythm = replace(rhythm, **given)
    settings = Settings(state=state, worker_id=os.environ.get("MIGSAFE_WORKER_ID", "w1"))
    worker = Worker(settings, Journal(Path(journal), pause), rhythm)
    async with worker.running():
        print("WAITING", flush=True)
        await worker.wait()
        print("READY", flush=True)
        await asyncio.Event().wait()


async def store(state: str, count: int) -> None:
    queue = Queue(Settings(state=state))
    await queue.open()
    for number in range(count):
        job = Job(JobKind.PUSH, 7, 42, "acme/shop", number % 10, HEAD, delivery=f"d{number}")
        await queue.store(job)
        print(job.delivery, flush=True)
    await queue.close()


def main(what: str, state: str, third: str, *rest: str) -> None:
    if what == "store":
        asyncio.run(store(state, int(third)))
        return
    options = dict(each.split("=") for each in rest)
    asyncio.run(work(state, third, options))


if __name__ == "__main__":
    main(*sys.argv[1:])
