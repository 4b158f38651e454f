"""What a job costs at GitHub: calls, the longest chain of calls one after another, and seconds until the verdict.

    python -m tests.benchmarks.calls [--latency 0.08]

The App is `migsafe serve` in a process of its own, with GitHub's real pauses between writes, on a stand-in that needs
`--latency` seconds for each call and counts what GitHub would refuse. Tokens are not counted. A case is "cold" if
nothing of its organisation and repository is known, "warm" if another pull request with the same base was reviewed.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import override

from bot.app import AppParts, create, server
from bot.github.app import GitHubApp
from bot.github.pace import Gaps
from bot.runtime import logs
from bot.runtime.settings import Settings, environment
from bot.standins.app_process import AppProcess, free_port
from bot.standins.github import StandIn, start, webhooks
from bot.standins.github.limits import WriteLimits
from bot.standins.github.merge_queue import MergeQueue
from bot.standins.github.model import Json, Pull, Repository, Seen

SAFE = "-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN n{} text;\n\n-- migrate:down\n"
UNSAFE = "-- migrate:up\nALTER TABLE t{} ALTER COLUMN total TYPE bigint;\n\n-- migrate:down\n"
PATIENCE = 120.0
QUIET = 3.5
"""Seconds without a call after which a case is over; longer than GitHub's longest pause."""


class Log(list[Seen]):
    """The stand-in's requests, with the time at which each was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    @override
    def append(self, seen: Seen, /) -> None:
        self.at.append(time.monotonic())
        super().append(seen)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table; `chain` and `until_verdict` are counted to the moment of the verdict or answer."""

    name: str
    calls: int
    until_verdict: int
    chain: int
    seconds: float
    whole: float

    def row(self) -> str:
        return (
            f"| {self.name} | {self.calls} | {self.until_verdict} | {self.chain} | {self.seconds:.1f} s "
            f"| {self.whole:.1f} s |"
        )


@dataclass(slots=True)
class Bench:
    github: StandIn
    app: AppProcess
    log: Log
    cases: list[Case] = field(default_factory=list)

    def run(self, name: str, deliveries: Sequence[tuple[str, Json]], done: Callable[[], object]) -> None:
        """Sends the deliveries at once, waits until `done`, then until nothing is asked any more."""
        first, begun = len(self.log), time.monotonic()
        asyncio.run(self._send(deliveries))
        while not done():
            if time.monotonic() - begun > PATIENCE:
                raise SystemExit(f"{name}: no verdict after {PATIENCE:g} s\n{self.app.trouble()}")
            time.sleep(0.005)
        verdict = time.monotonic()
        while time.monotonic() - max(self.log.at[-1], verdict) < QUIET:
            time.sleep(0.05)
        made = [
            (at, seen)
            for at, seen in zip(self.log.at[first:], self.log[first:], strict=True)
            if not seen.path.endswith("/access_tokens")
        ]
        before = [at for at, _ in made if at <= verdict + self.github.latency / 2]
        chain = _chain(before, self.github.latency)
        self.cases.append(Case(name, len(made), len(before), chain, verdict - begun, max(at for at, _ in made) - begun))
        print(self.cases[-1].row(), flush=True)

    def opened(self, name: str, repository: Repository, changed: dict[str, str]) -> Pull:
        pull = self.github.open_pull_request(repository, changed)
        self.run(name, [self._event(pull, "opened")], lambda: self.concluded(pull.head_sha))
        return pull

    def pushed(self, name: str, pull: Pull, changed: dict[str, str]) -> None:
        self.github.push(pull, changed)
        self.run(name, [self._event(pull, "synchronize")], lambda: self.concluded(pull.head_sha))

    def said(self, name: str, pull: Pull, words: str) -> None:
        before = len(self.github.comments_of(pull)) + 1
        comment = self.github.comment(pull, words, "dev")
        event = "issue_comment", webhooks.issue_comment(self.github, comment)
        self.run(name, [event], lambda: len(self.github.comments_of(pull)) > before)

    def grouped(self, name: str, pull: Pull) -> None:
        queue = MergeQueue(self.github, pull.repository)
        (entry,) = queue.enqueue(pull)
        payload = webhooks.merge_group(self.github, pull.repository, entry.base_sha, entry.head_sha)
        self.run(name, [("merge_group", payload)], lambda: self.concluded(entry.head_sha))

    def together(self, name: str, repository: Repository, count: int) -> None:
        pulls = [
            self.github.open_pull_request(repository, _files(UNSAFE, 1, 1000 + 10 * number)) for number in range(count)
        ]
        events = [self._event(pull, "opened") for pull in pulls]
        self.run(name, events, lambda: all(self.concluded(pull.head_sha) for pull in pulls))

    def concluded(self, sha: str) -> bool:
        runs = self.github.check_runs_of(sha, "migsafe")
        return bool(runs) and runs[-1].conclusion is not None

    def _event(self, pull: Pull, action: str) -> tuple[str, Json]:
        return "pull_request", webhooks.pull_request(self.github, pull, action)

    async def _send(self, deliveries: Sequence[tuple[str, Json]]) -> None:
        await asyncio.gather(
            *(webhooks.deliver(self.github, self.app.hook, event, payload) for event, payload in deliveries)
        )


def _chain(ended: Sequence[float], latency: float) -> int:
    """The most calls of which each began after the one before had ended."""
    count, free = 0, float("-inf")
    for at in sorted(ended):
        if at - latency >= free - 0.002:
            count, free = count + 1, at
    return count


def _files(template: str, count: int, first: int = 100) -> dict[str, str]:
    return {f"db/migrations/{first + number}_x.sql": template.format(first + number) for number in range(count)}


def measure(bench: Bench) -> None:
    github = bench.github
    cold = github.add_repository("cold/shop")
    bench.opened("no migration, cold", cold, {"app.py": "x = 1\n"})
    bench.opened("one unsafe file, cold", github.add_repository("icy/shop"), _files(UNSAFE, 1))
    bench.opened("no migration", cold, {"app.py": "x = 2\n"})
    shop = github.add_repository("acme/shop")
    bench.opened("(first review of another repository)", shop, _files(SAFE, 1))
    bench.opened("one safe file", shop, _files(SAFE, 1, 110))
    one = bench.opened("one unsafe file", shop, _files(UNSAFE, 1, 120))
    bench.opened("10 unsafe files", shop, _files(UNSAFE, 10, 200))
    hundred = bench.opened("100 unsafe files", shop, _files(UNSAFE, 100, 300))
    bench.pushed("a second push, 1 of 100 files changed", hundred, {"db/migrations/300_x.sql": UNSAFE.format("z")})
    bench.said("`/migsafe explain`", one, "/migsafe explain")
    bench.said("`/migsafe allow`", one, "/migsafe allow column-type-rewrite nobody reads it")
    bench.grouped("merge group of that", one)
    settled = bench.opened("27 unsafe files", shop, _files(UNSAFE, 27, 500))
    bench.pushed("a push that settles them", settled, _files(SAFE, 27, 500))
    bench.together("ten unsafe pull requests at once", github.add_repository("busy/shop"), 10)


def main(latency: float) -> None:
    github = StandIn()
    log = Log()
    github.requests = log
    github.latency = latency
    github.limits = WriteLimits()
    stop = start(github)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        more = {
            "MIGSAFE_APP_ID": str(github.app_id),
            "MIGSAFE_PRIVATE_KEY": github.private_key,
            "MIGSAFE_WEBHOOK_SECRET": github.webhook_secret,
            "MIGSAFE_GITHUB_URL": github.url,
            "MIGSAFE_STATE": f"sqlite:///{folder}/migsafe.db",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MIGSAFE_")}
        command = [sys.executable, "-m", "tests.benchmarks.calls", "--serve", str(port)]
        app = AppProcess(command, kept | more, port, Path(folder) / "serve.log")
        try:
            app.wait_until_ready()
            print("| case | calls | until the verdict | chain | verdict after | all done after |")
            print("| --- | --: | --: | --: | --: | --: |", flush=True)
            measure(Bench(github, app, log))
            print(f"\nWrites that GitHub would have refused: {len(github.limits.refused)}")
        finally:
            app.stop()
            stop()


def serve(port: int) -> None:
    """The App with the pauses that it has at GitHub, which it leaves out for a stand-in on this machine."""
    logs.configure("text")
    settings = Settings.read(environment(os.environ, Path.cwd()))
    github = GitHubApp(settings.app_id, settings.private_key, settings.github_url, gaps=Gaps())
    server(create(settings, parts=AppParts.of(settings, github=github)), "127.0.0.1", port).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.08)
    parser.add_argument("--serve", type=int)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    else:
        main(options.latency)
