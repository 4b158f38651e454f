"""Made `github.json` and `state.sql` with the code of the release itself (commit eb77102); kept to say how.

    git worktree add /tmp/release eb77102
    cd /tmp/release && PYTHONPATH=. python .../tests/server/old_release/record.py

It uses that release's stand-in and `migsafe serve`, and of this release nothing. At the end there are:
- three reviewed pull requests: #1 blocked, #2 blocked and accepted, #3 safe;
- when the worker is killed: jobs waiting and running in every queue of DBOS (`arrivals`, `turns`, `runs`), a merge
  group, a job that sleeps because GitHub asked it to, a second push and a command behind a job that runs;
- then deliveries that only a web side has stored.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.standins.app_process import run_app
from bot.standins.github import StandIn, start, webhooks

HERE = Path(__file__).parent
FIRST_ID = 730_000_000
"""Ids that are found again in any text: a test replaces them, and the commits, by those of its own stand-in."""


def unsafe(table: str, comment: str = "") -> str:
    return f"-- migrate:up\n{comment}ALTER TABLE {table} ALTER COLUMN email SET NOT NULL;\n-- migrate:down\n"


def safe(table: str) -> str:
    return (
        f"-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE {table} ADD COLUMN note text;\n-- migrate:down\n"
    )


class Recorder:
    """A stand-in, and the steps that make the same pull requests on another."""

    def __init__(self) -> None:
        self.github = StandIn()
        self.github._last_id = FIRST_ID
        self.steps: list[dict[str, Any]] = []
        self.hook = ""

    def repository(self, name: str) -> Any:
        made = self.github.add_repository(name, files={"README.md": "# Shop\n"})
        self.github.add_collaborator(made, "mia", "admin")
        installation = self.github.installation_of(made).id
        self.steps.append(
            {
                "do": "repository",
                "name": name,
                "id": made.id,
                "installation": installation,
                "sha": made.branches["main"],
            }
        )
        return made

    def open(self, repository: Any, path: str, text: str, *, send: bool = True) -> Any:
        number = sum(pull.repository is repository for pull in self.github.pulls) + 1
        pull = self.github.open_pull_request(repository, {path: text}, head=f"branch-{number}")
        self.steps.append(
            {"do": "open", "name": repository.full_name, "files": {path: text}, "head": pull.head, "sha": pull.head_sha}
        )
        if send:
            self.send("pull_request", webhooks.pull_request(self.github, pull, "opened"))
        return pull

    def push(self, pull: Any, path: str, text: str) -> None:
        before = pull.head_sha
        self.github.push(pull, {path: text})
        self.steps.append(
            {
                "do": "push",
                "name": pull.repository.full_name,
                "number": pull.number,
                "files": {path: text},
                "sha": pull.head_sha,
            }
        )
        self.send(
            "pull_request", webhooks.pull_request(self.github, pull, "synchronize", before=before, after=pull.head_sha)
        )

    def group(self, repository: Any, pull: Any) -> None:
        base, head = self.github.merge_group(repository, [pull])
        self.steps.append({"do": "group", "name": repository.full_name, "number": pull.number, "sha": head})
        self.send("merge_group", webhooks.merge_group(self.github, repository, base, head))

    def say(self, pull: Any, text: str, author: str) -> None:
        self.send("issue_comment", webhooks.issue_comment(self.github, self.github.comment(pull, text, author)))

    def send(self, event: str, payload: dict[str, Any]) -> None:
        delivery = asyncio.run(webhooks.deliver(self.github, self.hook, event, payload))
        assert delivery.status_code == 202, delivery.answer

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ended(self, pull: Any) -> bool:
        runs = self.github.check_runs_of(pull.head_sha)
        return bool(runs) and all(run.conclusion for run in runs)

    def asked(self, where: str) -> bool:
        """Whether such a request has come in; one that hangs is not answered, so it is seen by the fault it took."""
        return not any(where in str(fault.where) for fault in self.github.faults._waiting)

    def as_json(self) -> dict[str, Any]:
        github = self.github

        def plain(value: Any, *drop: str) -> dict[str, Any]:
            kept = {
                name: inner
                for name, inner in asdict(value).items()
                if name not in (*drop, "pull", "author", "repository")
            }
            if hasattr(value, "author"):
                kept["author"] = value.author.login
            repository = value.repository if hasattr(value, "repository") else value.pull.repository
            return (
                kept | {"in": repository.full_name} | ({"number": value.pull.number} if hasattr(value, "pull") else {})
            )

        return {
            "steps": self.steps,
            "check_runs": [plain(run) for run in github.check_runs],
            "reviews": [plain(review) for review in github.reviews],
            "review_comments": [plain(comment) for comment in github.review_comments],
            "comments": [plain(comment) for comment in github.issue_comments],
        }


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        recorder = Recorder()
        stop = start(recorder.github)
        with run_app(recorder.github, folder) as app:
            recorder.hook = app.hook
            _work(recorder)
            app.kill()
            app.command.append("--no-worker")
            app.start_again()
            _store(recorder)
            app.kill()
        database = sqlite3.connect(folder / "migsafe.db")
        lines = [line for line in database.iterdump() if not line.startswith(("BEGIN", "COMMIT"))]
        print(json.dumps(dict(database.execute(_COUNT).fetchall()), indent=1))
        database.close()
        stop()
    (out / "state.sql").write_text(_HEADER + "\n".join(lines) + "\n", "utf-8")
    (out / "github.json").write_text(json.dumps(recorder.as_json(), indent=1) + "\n", "utf-8")


def _work(at: Recorder) -> None:
    github = at.github
    shop, store = at.repository("acme/shop"), at.repository("beta/store")
    blocked = at.open(shop, "db/migrations/01_a.sql", unsafe("t1"))
    accepted = at.open(shop, "db/migrations/02_a.sql", unsafe("t2"))
    green = at.open(shop, "db/migrations/03_a.sql", safe("t3"))
    at.until(lambda: all(at.ended(pull) for pull in (blocked, accepted, green)))
    at.say(accepted, "/migsafe allow set-not-null-without-check at night", "mia")
    at.until(lambda: github.check_runs_of(accepted.head_sha)[-1].conclusion == "success" and at.ended(accepted))
    at.until(lambda: len(github.comments_of(accepted)) == 2)
    time.sleep(1)

    # Jobs that hang in GitHub's answers: three run, which is all that one installation may; the others wait.
    for number in (4, 5, 6):
        github.fail_next("GET", f"/repos/acme/shop/pulls/{number}/files", 200, delay=600)
    first = at.open(shop, "db/migrations/04_a.sql", unsafe("t4"))
    at.open(shop, "db/migrations/05_a.sql", safe("t5"))
    at.open(shop, "docs/page.md", "A page.\n")
    for number in (4, 5, 6):
        at.until(lambda number=number: at.asked(f"/pulls/{number}/files"))  # type: ignore[misc]
    at.open(shop, "db/migrations/07_a.sql", unsafe("t7"))
    at.push(first, "db/migrations/04_a.sql", unsafe("t4", "-- again\n"))
    at.say(first, "/migsafe help", "dev")
    at.group(shop, green)
    github.limit_next("GET", "/repos/beta/store/pulls/1/files", "retry-after", seconds=2, times=1)
    at.open(store, "db/migrations/01_b.sql", unsafe("u1"))
    at.until(lambda: at.asked("/store/pulls/1/files"))
    time.sleep(1.5)
    # One that hangs before it has its turn: the check is not even in progress.
    github.fail_next("GET", "/repos/acme/shop/pulls/8", 200, delay=600, times=20)
    at.open(shop, "db/migrations/08_a.sql", unsafe("t8"))
    time.sleep(0.5)


def _store(at: Recorder) -> None:
    shop = next(each for each in at.github.repositories.values() if each.name == "shop")
    at.open(shop, "db/migrations/09_a.sql", unsafe("t9"))
    at.say(at.github.pulls[0], "/migsafe explain", "dev")


_COUNT = "SELECT coalesce(queue_name, '-') || ' ' || status, count(*) FROM workflow_status GROUP BY queue_name, status"
_HEADER = """\
-- The state of the release at commit eb77102 after a kill, as `sqlite3 .dump` prints it; see record.py beside this.
"""

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
