"""`migsafe demo`: the real App on this machine. Sends it a signed delivery, and prints what GitHub would then show."""

import asyncio
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.rule import Rule

from bot.cli.errors import DemoFailed
from bot.standins import database, postgres
from bot.standins.app_process import AppProcess, NotServing, run_app
from bot.standins.github import StandIn, start, webhooks
from bot.standins.github.model import CheckRun, Pull

PATH = "db/migrations/20260516093000_events_search.sql"
MIGRATION = """\
-- migrate:up
ALTER TABLE events
  ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;

CREATE INDEX events_search_idx ON events USING gin (search);

DROP INDEX events_body_words_idx;

-- migrate:down
CREATE INDEX events_body_words_idx ON events USING gin (to_tsvector('english', body)) WHERE kind = 'refund';
DROP INDEX events_search_idx;
ALTER TABLE events DROP COLUMN search;
"""
ROWS = 1_150_000
_ADD_COLUMN = "ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED"
_EARLIER = "-- migrate:up\nCREATE TABLE webhooks (id bigint PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE webhooks;\n"
_PATIENCE = 45.0
"""Seconds to wait for the App before the demo gives up."""

Seen = TypeVar("Seen")


def main() -> int:
    """Runs the demo; returns the exit status."""
    console = Console(highlight=False, soft_wrap=True)
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            asyncio.run(_demo(console, stack))
    except (DemoFailed, NotServing, postgres.PostgresError) as failed:
        console.print(f"migsafe demo: {failed}", style="bold red")
        return 1
    console.print(f"\nThat took {time.monotonic() - started:.0f} s. Everything is stopped and removed.", style="dim")
    return 0


async def _demo(console: Console, stack: ExitStack) -> None:
    step = _Steps(console)
    postgres.sweep()
    with step("Starting PostgreSQL 18 as the replica"):
        server = stack.enter_context(await asyncio.to_thread(postgres.start, settings=database.SETTINGS))
    with step(f"Filling `events` with {ROWS:,} rows, and its neighbours"):
        await asyncio.to_thread(database.populate, server.url(), ROWS)
    with step("Starting a stand-in for GitHub, and the App"):
        github = stack.enter_context(_github())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="migsafe-demo-")))
        app = stack.enter_context(run_app(github, folder, _databases(server.url(user=database.READER))))
        pull = _pull_request(github)
    with step("Delivering the pull_request webhook, signed"):
        delivered = time.monotonic()
        delivery = await webhooks.deliver(
            github, app.hook, "pull_request", webhooks.pull_request(github, pull, "opened")
        )
        check = await _until(lambda: _concluded(github, pull), "the check run did not conclude", app)
    console.print(
        f"Answered {delivery.status_code}; reviewed {time.monotonic() - delivered:.1f} s later.\n", style="dim"
    )
    _show_review(console, github, pull, check)
    with step("Asking `/migsafe explain`"):
        before = len(github.comments_of(pull))
        question = github.comment(pull, "/migsafe explain")
        await webhooks.deliver(github, app.hook, "issue_comment", webhooks.issue_comment(github, question))
        await _until(lambda: len(github.comments_of(pull)) > before + 1, "the command was not answered", app)
    _show(
        console,
        f"{pull.repository.full_name} #{pull.number}: answer to /migsafe explain",
        github.comments_of(pull)[-1].body,
    )
    with step("Really adding the column to a slice of 100,000 rows"):
        measured = await asyncio.to_thread(database.slice_and_time, server.url(), "events", _ADD_COLUMN)
    console.print(Rule("Predicted and measured", align="left"))
    console.print(f"Predicted for ALTER TABLE on all of `events`: {_predicted(check)}.")
    console.print(
        f"Measured on a copy of {measured.rows:,} rows: {measured.seconds:.2f} s; "
        f"scaled to {ROWS:,} rows: {measured.scaled:.0f} s."
    )


class _Steps:
    """Shows what is being done, and how long it took."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        with self.console.status(f"{what} ..."):
            yield
        self.console.print(f"{what}: {time.monotonic() - start:.1f} s", style="dim")


@contextmanager
def _github() -> Iterator[StandIn]:
    github = StandIn(webhook_secret=secrets.token_hex(16))
    stop = start(github)
    try:
        yield github
    finally:
        stop()


def _pull_request(github: StandIn) -> Pull:
    repository = github.add_repository(
        "acme/shop",
        files={
            "README.md": "# Shop\n",
            "db/migrations/20260401120000_events.sql": _EARLIER,
        },
    )
    return github.open_pull_request(repository, {PATH: MIGRATION}, title="Search events", head="events-search")


def _databases(url: str) -> str:
    return f'[[database]]\nname = "shop"\nurl = "{url}"\nrepositories = ["acme/shop"]\nrole = "{database.DEPLOYER}"\n'


async def _until(look: Callable[[], Seen | None], otherwise: str, app: AppProcess) -> Seen:
    """What `look` returns, once that is not empty. Raises DemoFailed after _PATIENCE."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        await asyncio.sleep(0.05)
    raise DemoFailed(f"{otherwise}:\n{app.trouble()}")


def _concluded(github: StandIn, pull: Pull) -> CheckRun | None:
    return next((run for run in github.check_runs_of(pull.head_sha, "migsafe") if run.conclusion), None)


def _show_review(console: Console, github: StandIn, pull: Pull, check: CheckRun) -> None:
    where = f"{pull.repository.full_name} #{pull.number}"
    for review in github.reviews_of(pull):
        _show(console, f"{where}: review", review.body)
    for comment in github.review_comments_of(pull):
        first = comment.start_line or comment.line
        lines = f"line {comment.line}" if first == comment.line else f"lines {first} to {comment.line}"
        _show(console, f"{where}: comment on {comment.path}, {lines}", comment.body)
    _show(console, f"{where}: check run {check.name}, {check.conclusion}: {check.title}", check.summary or "")


def _show(console: Console, heading: str, body: str) -> None:
    console.print(Rule(heading, align="left"))
    console.print(body, markup=False)
    console.print()


def _predicted(check: CheckRun) -> str:
    duration = re.search(r"about [\d.,]+ (?:ms|s|min|h)(?: \([^)]*\))?", check.summary or "")
    return duration[0] if duration else "see the check run"
