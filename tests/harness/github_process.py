"""A stand-in for GitHub in a process of its own, so that what it costs can be subtracted; driven line by line.

GitHubProcess.start()                in the harness
python -m tests.harness.github_process   what that starts: reads a command a line, answers a line of JSON
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.standins.github import StandIn, start, webhooks
from tests.support.places import ROOT

INSTALLATIONS = 20
KINDS = {
    "plain": {"docs/page.md": "A page.\n"},
    "unsafe": {
        "db/migrations/20260516101500_email.sql": "-- migrate:up\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n"
    },
}
"""What a pull request changes: no migration, or one file that is blocked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The heads so far: `concluded` have a newest run that is completed, `doubled` several completed ones."""

    heads: int
    concluded: int
    doubled: int
    conclusions: dict[str, int]
    requests: int
    processor: float
    """Seconds that the stand-in has used."""


@dataclass(frozen=True, slots=True)
class GitHubProcess:
    """A running stand-in: its address, and the credentials of its App."""

    process: "subprocess.Popen[str]"
    url: str
    app_id: int
    private_key: str
    webhook_secret: str

    @classmethod
    def start(cls) -> "GitHubProcess":
        command = [sys.executable, "-m", "tests.harness.github_process"]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        # GitHub is another machine: the App's processor is not taken by it.
        os.setpriority(os.PRIO_PROCESS, process.pid, 10)
        assert process.stdout is not None
        return cls(process, **json.loads(process.stdout.readline()))

    def open_pulls(self, kind: str, count: int) -> list[str]:
        """Opens pull requests, spread over the installations; returns the bodies of their deliveries."""
        return self._ask(["open", kind, count])

    def standing(self) -> Standing:
        return Standing(**self._ask(["standing"]))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, command: list[Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def github_process() -> Iterator[GitHubProcess]:
    github = GitHubProcess.start()
    try:
        yield github
    finally:
        github.stop()


def main() -> None:
    github = StandIn()
    repositories = [
        github.add_repository(f"team-{number}/shop", files={"README.md": "# Shop\n"}) for number in range(INSTALLATIONS)
    ]
    start(github)
    known = {name: getattr(github, name) for name in ("url", "app_id", "private_key", "webhook_secret")}
    print(json.dumps(known), flush=True)
    for line in sys.stdin:
        what, *rest = json.loads(line)
        with github.lock:
            answer = _open(github, repositories, *rest) if what == "open" else _standing(github)
        print(json.dumps(answer), flush=True)


def _open(github: StandIn, repositories: list[Any], kind: str, count: int) -> list[str]:
    bodies: list[str] = []
    for _ in range(count):
        number = len(github.pulls)
        files = {path: f"{text}-- {number}\n" for path, text in KINDS[kind].items()}  # no two heads are one commit
        repository = repositories[number % len(repositories)]
        pull = github.open_pull_request(repository, files, head=f"{kind}-{number}")
        bodies.append(json.dumps(webhooks.pull_request(github, pull, "opened")))
    return bodies


def _standing(github: StandIn) -> dict[str, Any]:
    runs: dict[str, list[Any]] = defaultdict(list)
    for run in github.check_runs:
        runs[run.head_sha].append(run)
    newest = [runs[pull.head_sha][-1] for pull in github.pulls if runs[pull.head_sha]]
    conclusions: dict[str, int] = defaultdict(int)
    for run in newest:
        conclusions[str(run.conclusion)] += 1
    return {
        "heads": len(github.pulls),
        "concluded": sum(run.status == "completed" for run in newest),
        "doubled": sum(sum(run.status == "completed" for run in made) > 1 for made in runs.values()),
        "conclusions": dict(conclusions),
        "requests": len(github.requests),
        "processor": time.process_time(),
    }


if __name__ == "__main__":
    main()
