"""Kills the App again and again while people work, and counts what is lost, doubled, pending or wrong.

    uv run python -m tests.harness.kill [--kills 1000] [--seconds T] [--state sqlite|postgresql]
                                        [--seed S] [--chapter N] [--logs FOLDER]

A chapter is a fresh stand-in for GitHub and a fresh state. In each of its rounds people open, push (also twice
quickly), comment, accept, close, re-run and queue; the App is killed (-9) at a random moment or exactly when its n-th
request or write has had its effect and has no answer yet, and started again. On SQLite one `serve`; on PostgreSQL two
web sides and two workers, and the database itself is stopped and started. At the end of a chapter the App gets the
time to end its work; then every head must have its verdict in its newest run and none unfinished, every finding one
comment, every command one answer. What is not so is printed with its story; `--seed S --chapter N` tells it again.
"""

import argparse
import asyncio
import collections
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from bot.standins.github import StandIn, start
from bot.standins.postgres import Server
from bot.standins.postgres import start as start_postgres
from tests.harness.forks import Forks, Part, Victim
from tests.harness.ledger import KINDS, Problem, problems
from tests.harness.people import People

KILLS_IN_CHAPTER = 12
READY = 60.0
"""Seconds that the App may take to start."""
PATIENCE = 120.0
"""Seconds that it may take to end its work: a minute of them may be spent on a head that GitHub may still show."""
LATENCY = 0.02
"""Seconds a call of GitHub, so that there is something to be killed in."""


@dataclass(slots=True)
class Tally:
    """What was done, and what came out wrong."""

    chapters: int = 0
    kills: int = 0
    at_effect: int = 0
    """Kills exactly between an effect and its answer."""
    restarts: int = 0
    """Of the database."""
    deliveries: int = 0
    refused: int = 0
    heads: int = 0
    commands: int = 0
    seconds: float = 0.0
    wrong: "collections.Counter[str]" = field(default_factory=collections.Counter)

    def __str__(self) -> str:
        counted = ", ".join(f"{self.wrong[kind]} {kind}" for kind in KINDS)
        rate = self.kills / self.seconds * 60 if self.seconds else 0.0
        done = f"{self.chapters} chapters, {self.kills} kills ({self.at_effect} at an effect), {self.restarts} restarts"
        asked = f"{self.deliveries} deliveries ({self.refused} refused at first)"
        seen = f"{self.heads} heads, {self.commands} commands"
        return f"{done} of the database, {asked}, {seen}: {counted}; {rate:.0f} kills a minute"


@dataclass(slots=True)
class Chapter:
    """One state, one GitHub, one App; `dice` decide when it is killed."""

    github: StandIn
    people: People
    victims: Sequence[Victim]
    dice: random.Random
    tally: Tally
    database: Server | None = None
    patience: float = PATIENCE

    async def tell(self, kills: int) -> list[Problem]:
        """Rounds with so many kills, then the time to end; returns what is wrong after that."""
        for victim in self.victims:
            victim.start()
        await self._ready()
        for _ in range(kills):
            await self._round()
        self.people.note("no more kills")
        return await self._settled()

    async def _round(self) -> None:
        target = self.dice.choice(self.victims)
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def strike(how: str) -> None:
            """May be called by the stand-in's thread, in the middle of a request."""
            if target.kill():
                self.people.note(f"KILL {target.name} {how}")
                self.tally.kills += 1
                self.tally.at_effect += how.startswith("after")
            loop.call_soon_threadsafe(done.set)

        acting = asyncio.create_task(self.people.act())
        moment = self.dice.random()
        limit = 2.0
        if moment < 0.3:
            nth = self.dice.randint(1, 40)
            self.github.after("*", "/repos/", lambda: strike(f"after the effect of request {nth}"), nth=nth)
        elif moment < 0.6:
            nth = self.dice.randint(1, 8)
            self.github.after("write", "/repos/", lambda: strike(f"after the effect of write {nth}"), nth=nth)
        else:
            limit = self.dice.uniform(0.0, 1.5)
        if self.database is not None and self.dice.random() < 0.1:
            self.people.note("the database is stopped and started")
            await asyncio.to_thread(self.database.restart, pause=self.dice.choice((0.0, 0.5)))
            self.tally.restarts += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await done.wait()
        self.github.faults.forget()
        if not done.is_set():
            strike("at a random moment")
        await acting
        while target.alive:
            await asyncio.sleep(0.01)
        target.start()
        self.people.note(f"start {target.name}")
        if self.dice.random() < 0.7:  # otherwise it may be killed while it starts
            await self._ready()

    async def _ready(self) -> None:
        """Waits until every web side answers. Raises AssertionError with the log's end."""
        async with asyncio.timeout(READY), httpx.AsyncClient(trust_env=False, timeout=2) as http:
            for victim in self.victims:
                while victim.part != "work":
                    with contextlib.suppress(httpx.HTTPError):
                        if (await http.get(f"http://127.0.0.1:{victim.port}/readyz")).status_code == 200:
                            break
                    if not victim.alive:
                        self.people.note(f"{victim.name} ended by itself; start it")
                        victim.start()
                    await asyncio.sleep(0.03)

    async def _settled(self) -> list[Problem]:
        """What is still wrong when nothing more changes, or the patience is over."""
        deadline = time.monotonic() + self.patience
        quiet = 0
        while True:
            await self._ready()
            await self.people.settle_queues()
            with self.github.lock:
                found = problems(self.people)
            quiet = quiet + 1 if not found and not any(queue.entries for queue in self.people.queues) else 0
            if quiet >= 3 or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.2)


@contextmanager
def chapter(
    seed: str, number: int, forks: Forks, folder: Path, tally: Tally, database: Server | None, patience: float
) -> Iterator[Chapter]:
    """A fresh GitHub, state and App for one chapter."""
    github = StandIn()
    github.latency = LATENCY
    stop = start(github)
    victims: list[Victim] = []
    if database is None:
        for left in folder.glob(f"{number}.db*"):
            left.unlink()  # of an earlier run with the same folder
        state = f"sqlite:///{folder}/{number}.db"
    else:
        with psycopg.connect(database.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE chapter{number}")  # type: ignore[arg-type]
        state = database.url(f"chapter{number}")
    environment = {
        "MIGSAFE_APP_ID": str(github.app_id),
        "MIGSAFE_PRIVATE_KEY": github.private_key,
        "MIGSAFE_WEBHOOK_SECRET": github.webhook_secret,
        "MIGSAFE_GITHUB_URL": github.url,
        "MIGSAFE_STATE": state,
        "MIGSAFE_LOG": "text",
    }
    parts: Sequence[Part] = ("serve",) if database is None else ("web", "web", "work", "work")
    for place, part in enumerate(parts):
        name = f"{number}-{part}{place}"
        victims.append(forks.victim(part, name, {**environment, "MIGSAFE_WORKER_ID": name}))
    people = People(github, f"{seed}:{number}", lambda: [victim.hook for victim in victims if victim.part != "work"])
    try:
        yield Chapter(github, people, victims, random.Random(f"{seed}:{number}:dice"), tally, database, patience)
    finally:
        for victim in victims:
            victim.kill()
        forks.victims.clear()
        stop()


def run(
    *,
    kills: int,
    seed: str,
    state: str = "sqlite",
    seconds: float = 1e9,
    first: int = 0,
    patience: float = PATIENCE,
    in_chapter: int = KILLS_IN_CHAPTER,
    folder: Path,
) -> Tally:
    """Chapters until there were so many kills, or so many seconds have passed; prints as it goes."""
    tally, begun, number = Tally(), time.monotonic(), first
    with ExitStack() as stack:
        forks = Forks(folder)
        stack.callback(forks.close)
        database = stack.enter_context(start_postgres({"max_connections": "200"})) if state == "postgresql" else None
        while tally.kills < kills and time.monotonic() - begun < seconds:
            with chapter(seed, number, forks, folder, tally, database, patience) as told:
                wrong = asyncio.run(told.tell(min(in_chapter, kills - tally.kills)))
            people = told.people
            tally.chapters += 1
            tally.deliveries += people.deliveries
            tally.refused += people.refused
            tally.heads += len(people.heads)
            tally.commands += len(people.said)
            tally.wrong.update(problem.kind for problem in wrong)
            tally.seconds = time.monotonic() - begun
            print(f"chapter {number}: {tally}", flush=True)
            _print_story(seed, number, people, wrong)
            for problem in [*told.github.rejected, *told.github.violations]:
                print(f"  GitHub's contract: {problem}", flush=True)
            number += 1
    return tally


def _print_story(seed: str, number: int, people: People, wrong: Sequence[Problem]) -> None:
    if not wrong:
        return
    for problem in wrong:
        print(f"  {problem.kind.upper()} {problem.what}", flush=True)
    print(f"  the story of --seed {seed} --chapter {number}:", flush=True)
    for line in people.story:
        print(f"    {line}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.harness.kill", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no chapter after so many")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--chapter", type=int, default=0, help="the first chapter")
    parser.add_argument("--state", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--logs", type=Path, help="a folder that keeps the App's logs")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.logs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        tally = run(
            kills=options.kills,
            seed=options.seed,
            state=options.state,
            seconds=options.seconds,
            first=options.chapter,
            folder=folder,
        )
    print(tally)
    return 1 if any(tally.wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
