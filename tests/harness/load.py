"""What the App bears, beside its own control: the same deliveries to a web side that has no worker.

    python -m tests.harness.load [--state sqlite|postgresql|both] [--burst 500] [--seconds 60] [--rate 20]
                                 [--plain 300] [--unsafe 120] [--reviews 0] [--limit 600]

It starts a stand-in for GitHub (20 installations, a process of its own) and `migsafe serve`, and prints
- answers: how long deliveries waited (p50, p99 in ms) in a burst of `--burst` and at `--rate` a second for `--seconds`
  while reviews run, how many were not answered 202, and how many answered ones never got their check (lost);
- work: pull requests a second with `--plain` that change no migration, and `--unsafe` with one unsafe file, by the
  clock and with the stand-in's own processor time subtracted from the two cores; processor milliseconds of the App;
- memory: megabytes resident after all that, and after `--reviews` more.
`--limit` is how many seconds are waited for the last check of a part.
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.server.webhook import signature
from bot.standins.postgres import start as start_postgres
from tests.harness.github_process import GitHubProcess, Standing, github_process
from tests.harness.processes import Usage, usage
from tests.support.places import ROOT


@dataclass(frozen=True, slots=True)
class Size:
    """How much load: deliveries, seconds, and pull requests of each kind."""

    burst: int = 500
    seconds: float = 60.0
    rate: float = 20.0
    plain: int = 300
    unsafe: int = 120
    reviews: int = 0
    limit: float = 600.0


@dataclass(frozen=True, slots=True)
class Answers:
    """`seconds` until each answer, `refused` that were not 202."""

    seconds: Sequence[float]
    refused: int

    def quantile(self, percent: int) -> float:
        """In milliseconds."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000


@dataclass(frozen=True, slots=True)
class Work:
    """Pull requests concluded in `seconds`, of which the stand-in used `github` and the App `app` of a processor."""

    pulls: int
    seconds: float
    github: float
    app: float
    requests: int

    @property
    def rate(self) -> float:
        return self.pulls / self.seconds

    @property
    def rate_without_github(self) -> float:
        """As if the stand-in had cost nothing: it took its share of two cores from the App."""
        return self.pulls / max(self.seconds - self.github / 2, 0.001)


@dataclass(frozen=True, slots=True)
class Measured:
    """One store: control and loaded answers (burst, then steady), work by kind, and what was left undone."""

    store: str
    control: tuple[Answers, Answers]
    loaded: tuple[Answers, Answers]
    work: dict[str, Work]
    memory: dict[str, Usage]
    standing: Standing

    @property
    def lost(self) -> int:
        return self.standing.heads - self.standing.concluded

    def table(self) -> str:
        rows = [f"{self.store:<11} {'':>22} {'answered':>9} {'refused':>8} {'p50 ms':>8} {'p99 ms':>8}"]
        for what, both in (("--no-worker", self.control), ("serve", self.loaded)):
            for part, answers in zip(("burst", "steady"), both, strict=True):
                rows.append(
                    f"{what:<11} {part:>22} {len(answers.seconds) - answers.refused:>9} {answers.refused:>8}"
                    f" {answers.quantile(50):>8.1f} {answers.quantile(99):>8.1f}"
                )
        for part, place in (("burst", 0), ("steady", 1)):
            ratio = self.loaded[place].quantile(99) / self.control[place].quantile(99)
            rows.append(f"p99 of serve is {ratio:.1f} times that of --no-worker ({part})")
        rows.append(f"lost {self.lost} of {self.standing.heads}, heads with several checks {self.standing.doubled}")
        for kind, work in self.work.items():
            rows.append(
                f"{kind:<7} {work.pulls:>5} pull requests: {work.rate:.1f}/s by the clock,"
                f" {work.rate_without_github:.1f}/s without the stand-in;"
                f" {work.app / work.pulls * 1000:.0f} ms of processor, {work.requests / work.pulls:.1f} requests each"
            )
        for when, used in self.memory.items():
            rows.append(f"memory {when}: {used.own:.0f} MB, with children {used.own + used.children:.0f} MB")
        return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Served:
    """A running `migsafe serve`."""

    process: "subprocess.Popen[bytes]"
    url: str
    secret: str

    async def up(self) -> None:
        async with asyncio.timeout(60), httpx.AsyncClient() as http:
            while True:
                try:
                    if (await http.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    async def swept(self) -> None:
        """Returns after the first sweep, which would repair what is opened meanwhile, before its delivery comes."""
        async with asyncio.timeout(60), httpx.AsyncClient() as http:
            while 'migsafe_sweeps_total{outcome="done"}' not in (await http.get(f"{self.url}/metrics")).text:
                await asyncio.sleep(0.1)

    async def deliver(self, body: str) -> tuple[float, int]:
        """How long the answer took, with the connection; and its status, 0 if there was none."""
        content = body.encode()
        address = urlsplit(self.url)
        head = (
            f"POST /webhook HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
            f"X-GitHub-Event: pull_request\r\nX-GitHub-Delivery: {uuid.uuid4()}\r\n"
            f"X-Hub-Signature-256: sha256={signature(content, self.secret)}\r\n\r\n"
        )
        begun = time.perf_counter()
        try:
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(head.encode() + content)
            answer = await reader.read()
            writer.close()
        except OSError:
            return time.perf_counter() - begun, 0
        status = answer.split(b" ", 2)[1:2]
        return time.perf_counter() - begun, int(status[0]) if status else 0

    async def burst(self, bodies: Sequence[str]) -> Answers:
        return await self._send(bodies, 0.0)

    async def steady(self, bodies: Sequence[str], rate: float) -> Answers:
        return await self._send(bodies, 1 / rate)

    async def _send(self, bodies: Sequence[str], gap: float) -> Answers:
        """Each over a connection of its own; by streams, because a pool of a client would take longer than the App."""

        async def later(number: int, body: str) -> tuple[float, int]:
            await asyncio.sleep(number * gap)
            return await self.deliver(body)

        answers = await asyncio.gather(*(later(number, body) for number, body in enumerate(bodies)))
        return Answers([seconds for seconds, _ in answers], sum(status != 202 for _, status in answers))


@contextmanager
def served(github: GitHubProcess, folder: Path, state: str, *options: str) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MIGSAFE_")},
        "MIGSAFE_APP_ID": str(github.app_id),
        "MIGSAFE_PRIVATE_KEY": github.private_key,
        "MIGSAFE_WEBHOOK_SECRET": github.webhook_secret,
        "MIGSAFE_GITHUB_URL": github.url,
        "MIGSAFE_STATE": state,
    }
    command = [sys.executable, "-m", "bot", "serve", "--host", "127.0.0.1", "--port", str(port), *options]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield Served(process, f"http://127.0.0.1:{port}", github.webhook_secret)
    finally:
        process.kill()
        process.wait()


async def measure(store: str, state: str, control_state: str, folder: Path, size: Size) -> Measured:
    """Everything for one store. `state` and `control_state` are addresses of empty states.

    The control has a GitHub of its own: the sweep would repair what it only stored.
    """
    with github_process() as github, served(github, folder, control_state, "--no-worker") as web:
        await web.up()
        control = await _answers(github, web, size)
    work: dict[str, Work] = {}
    with github_process() as github, served(github, folder, state) as app:
        await app.up()
        await app.swept()
        loaded = await _answers(github, app, size)
        await _all_concluded(github, size.limit)
        memory = {"after the deliveries": usage(app.process.pid)}
        for kind, count in (("plain", size.plain), ("unsafe", size.unsafe)):
            if count:
                work[kind] = await _work(github, app, kind, count, size.limit)
        for _ in range(0, size.reviews, 100):
            for kind in ("plain", "unsafe"):
                await _work(github, app, kind, 50, size.limit)
        standing = github.standing()
        memory[f"after {standing.heads} pull requests"] = usage(app.process.pid)
    return Measured(store, control, loaded, work, memory, standing)


async def _answers(github: GitHubProcess, served: Served, size: Size) -> tuple[Answers, Answers]:
    """Of a burst, then of a steady rate."""
    bodies = github.open_pulls("plain", size.burst + int(size.seconds * size.rate))
    return await served.burst(bodies[: size.burst]), await served.steady(bodies[size.burst :], size.rate)


async def _work(github: GitHubProcess, app: Served, kind: str, count: int, limit: float) -> Work:
    bodies = github.open_pulls(kind, count)
    before, used = github.standing(), usage(app.process.pid)
    begun = time.monotonic()
    await app.burst(bodies)
    after = await _all_concluded(github, limit)
    seconds = time.monotonic() - begun
    return Work(
        count,
        seconds,
        after.processor - before.processor,
        usage(app.process.pid).processor - used.processor,
        after.requests - before.requests,
    )


async def _all_concluded(github: GitHubProcess, limit: float) -> Standing:
    """Waits until every head has its check, at most `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        standing = await asyncio.to_thread(github.standing)
        if standing.concluded == standing.heads or time.monotonic() > deadline:
            return standing
        await asyncio.sleep(0.2)


def measure_sqlite(size: Size) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        state, control = (f"sqlite:///{folder}/{name}.db" for name in ("state", "control"))
        return asyncio.run(measure("SQLite", state, control, Path(folder), size))


def measure_postgresql(size: Size) -> Measured:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        state, control = (stack.enter_context(start_postgres()).url() for _ in range(2))
        return asyncio.run(measure("PostgreSQL", state, control, folder, size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", choices=("sqlite", "postgresql", "both"), default="both")
    whole = Size()
    for name in ("burst", "plain", "unsafe", "reviews"):
        parser.add_argument(f"--{name}", type=int, default=getattr(whole, name))
    for name in ("seconds", "rate", "limit"):
        parser.add_argument(f"--{name}", type=float, default=getattr(whole, name))
    given = vars(parser.parse_args())
    state, size = given.pop("state"), Size(**given)
    if state != "postgresql":
        print(measure_sqlite(size).table(), flush=True)
    if state != "sqlite":
        print(measure_postgresql(size).table(), flush=True)


if __name__ == "__main__":
    main()
