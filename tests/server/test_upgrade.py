"""An upgrade from the release before the state had a version, killed in the middle of its work.

`old_release` has its state (jobs waiting and running in each of its queues) and what it had done at GitHub. The App of
today is started on that, beside a stand-in that is made to hold the same.
"""

import asyncio
import json
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from bot.standins.github import StandIn, start, webhooks
from bot.standins.github.model import CheckRun, IssueComment, Pull, Repository, Review, ReviewComment
from tests.harness.forks import QUICK, Forks, Victim

RECORDED = Path(__file__).with_name("old_release")
PATIENCE = 45.0
LATER = 740_000_000
"""Ids of what is made after the upgrade."""


@dataclass
class Old:
    """The recorded state and GitHub, with the ids and commits of a stand-in of today."""

    github: StandIn
    shop: Repository
    store: Repository
    state: str
    """SQL for SQLite."""
    before: dict[str, set[int]] = field(default_factory=dict)
    """Ids of what was at GitHub when the old release was killed."""

    def pull(self, number: int, repository: Repository | None = None) -> Pull:
        wanted = repository or self.shop
        return next(pull for pull in self.github.pulls if pull.repository is wanted and pull.number == number)


def restored() -> Old:
    """Makes the pull requests again, then replaces the recorded ids, commits and times by those that this gives."""
    github = StandIn()
    text = (RECORDED / "github.json").read_text("utf-8")
    names: dict[str, str] = {}
    repositories: dict[str, Repository] = {}
    for step in json.loads(text)["steps"]:
        names |= _again(github, repositories, step)
    state = (RECORDED / "state.sql").read_text("utf-8")
    newest = max(int(found) for found in re.findall(r"\b(\d{10})\d{3}\b", state))
    ago = int(time.time()) - newest

    def today(value: str) -> str:
        replaced = re.sub(r"\b(?:[0-9a-f]{40}|73\d{7})\b", lambda found: names.get(found[0], found[0]), value)
        return re.sub(r"\b(\d{10})(?=\d{3}\b|\.\d)", lambda found: str(int(found[0]) + ago), replaced)

    _remember(github, repositories, json.loads(today(text)))
    github._last_id = LATER
    old = Old(github, repositories["acme/shop"], repositories["beta/store"], today(state))
    kept: dict[str, list[Any]] = {
        "runs": github.check_runs,
        "reviews": github.reviews,
        "findings": github.review_comments,
        "comments": github.issue_comments,
    }
    old.before = {name: {each.id for each in entries} for name, entries in kept.items()}
    return old


def _again(github: StandIn, repositories: dict[str, Repository], step: dict[str, Any]) -> dict[str, str]:
    """Does a recorded step; returns recorded name -> name of today."""
    match step:
        case {"do": "repository"}:
            made = repositories[step["name"]] = github.add_repository(step["name"], files={"README.md": "# Shop\n"})
            github.add_collaborator(made, "mia", "admin")
            installation = github.installation_of(made).id
            ids = {str(step["id"]): str(made.id), str(step["installation"]): str(installation)}
            return ids | {step["sha"]: made.branches["main"]}
        case {"do": "open"}:
            pull = github.open_pull_request(repositories[step["name"]], step["files"], head=step["head"])
            return {step["sha"]: pull.head_sha}
        case _:
            repository = repositories[step["name"]]
            [pull] = [pull for pull in github.pulls if pull.repository is repository and pull.number == step["number"]]
            if step["do"] == "push":
                return {step["sha"]: github.push(pull, step["files"])}
            return {step["sha"]: github.merge_group(repository, [pull])[1]}


def _remember(github: StandIn, repositories: dict[str, Repository], recorded: dict[str, Any]) -> None:
    """Puts what the old release, and people, had written at GitHub into the stand-in."""

    def read(entry: dict[str, Any]) -> dict[str, Any]:
        repository = repositories[entry.pop("in")]
        number, login = entry.pop("number", None), entry.pop("author", None)
        where: dict[str, Any] = {"repository": repository}
        if number is not None:
            pulls = (pull for pull in github.pulls if pull.repository is repository and pull.number == number)
            where = {"pull": next(pulls)}
        return entry | where | ({"author": github.account(login)} if login else {})

    github.check_runs += [CheckRun(**read(entry)) for entry in recorded["check_runs"]]
    github.reviews += [Review(**read(entry)) for entry in recorded["reviews"]]
    github.review_comments += [ReviewComment(**read(entry)) for entry in recorded["review_comments"]]
    github.issue_comments += [IssueComment(**read(entry)) for entry in recorded["comments"]]


def in_sqlite(old: Old, path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(old.state)
    return f"sqlite:///{path}"


def in_postgresql(old: Old, url: str) -> str:
    """The same rows in the tables that the job engine has on PostgreSQL, whose names and columns are the same."""
    with closing(sqlite3.connect(":memory:")) as rows, psycopg.connect(url, autocommit=True) as database:
        rows.executescript(old.state)
        rows.row_factory = sqlite3.Row
        table = rows.execute("SELECT sql FROM sqlite_master WHERE name = 'migsafe_acknowledgements'").fetchone()[0]
        database.execute(table.replace("id INTEGER", "id SERIAL"))
        database.execute("CREATE SCHEMA dbos")
        for name, schema in {
            "migsafe_acknowledgements": "public",
            "queues": "dbos",
            "workflow_status": "dbos",
            "workflow_input": "dbos",
            "workflow_output": "dbos",
            "operation_outputs": "dbos",
        }.items():
            if schema == "dbos":
                database.execute(_same_table(rows, name))
            for row in rows.execute(f"SELECT * FROM {name}"):
                _insert(database, sql.Identifier(schema, name), dict(row))
        database.execute("SELECT setval('migsafe_acknowledgements_id_seq', 1000)")
    return url


def _same_table(rows: sqlite3.Connection, name: str) -> sql.Composed:
    """The table with the same columns; numbers are as long as PostgreSQL has them there."""
    types = {"INTEGER": sql.SQL("BIGINT"), "BIGINT": sql.SQL("BIGINT"), "BOOLEAN": sql.SQL("BOOLEAN")}
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(row["name"]), types.get(row["type"], sql.SQL("TEXT")))
        for row in rows.execute(f"PRAGMA table_info({name})")
    ]
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier("dbos", name), sql.SQL(", ").join(columns))


def _insert(database: "psycopg.Connection[Any]", table: sql.Identifier, row: dict[str, Any]) -> None:
    """Values as text, which PostgreSQL reads by the column's type."""
    texts = [None if value is None else str(value) for value in row.values()]
    columns = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(sql.Literal(text) for text in texts)
    database.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, columns, places))


@contextmanager
def upgraded(old: Old, state: str, folder: Path) -> Iterator[Victim]:
    """The App of today on this state; it sweeps only when it starts, so that what is lost is not found by chance."""
    stop = start(old.github)
    forks = Forks(folder, replace(QUICK, sweep=3600.0))
    environment = {
        "MIGSAFE_APP_ID": str(old.github.app_id),
        "MIGSAFE_PRIVATE_KEY": old.github.private_key,
        "MIGSAFE_WEBHOOK_SECRET": old.github.webhook_secret,
        "MIGSAFE_GITHUB_URL": old.github.url,
        "MIGSAFE_STATE": state,
        "MIGSAFE_LOG": "text",
        "MIGSAFE_WORKER_ID": "the-worker",
    }
    try:
        app = forks.victim("serve", "serve", environment)
        app.start()
        yield app
    finally:
        forks.close()
        stop()


def until_nothing(left: Callable[[], object], app: Victim) -> None:
    """Returns once nothing is left to be done; fails with what is, and the end of the App's log."""
    deadline = time.monotonic() + PATIENCE
    while found := left():
        assert time.monotonic() < deadline, f"{found}\n" + "\n".join(app.log.read_text("utf-8").splitlines()[-40:])
        time.sleep(0.05)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def after(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Old, Victim]]:
    """What the App of today made of it, once nothing is in progress any more."""
    folder = tmp_path_factory.mktemp("upgrade")
    old = restored()
    if request.param == "sqlite":
        state = in_sqlite(old, folder / "migsafe.db")
    else:
        server = request.getfixturevalue("postgres")
        with psycopg.connect(server.url(), autocommit=True) as connection:
            # A worker may come back to this file, and then makes all of it once more.
            connection.execute("DROP DATABASE IF EXISTS upgraded WITH (FORCE)")
            connection.execute("CREATE DATABASE upgraded")
        state = in_postgresql(old, server.url("upgraded"))
    with upgraded(old, state, folder) as app:
        until_nothing(lambda: left(old), app)
        time.sleep(1.0)  # what would be done twice is done by now
        yield old, app


def left(old: Old) -> list[str]:
    """What is still to be done, in words."""
    github = old.github
    heads = [pull.head_sha for pull in github.pulls] + list(github.queue_refs)
    found = [f"no verdict: {sha}" for sha in heads if github.required_check(sha) == "waits"]
    found += [f"unfinished: {run}" for run in github.check_runs if run.status != "completed"]
    asked = [comment for comment in github.issue_comments if comment.body.startswith("/migsafe")]
    found += [f"no answer: {comment.body}" for comment in asked if not answers(github, comment.id)]
    return found + [f"no comment: {n}" for n in (4, 7, 8, 9) if not github.review_comments_of(old.pull(n))]


def answers(github: StandIn, comment: int) -> list[IssueComment]:
    return [each for each in github.issue_comments if f"answer-issue-{comment}" in each.body]


def test_every_check_has_its_verdict(after: tuple[Old, Victim]) -> None:
    old, _ = after
    gates = {
        f"{pull.repository.name} {pull.number}": old.github.required_check(pull.head_sha) for pull in old.github.pulls
    }
    assert gates == {
        "shop 1": "blocks",
        "shop 2": "passes",
        "shop 3": "passes",
        "shop 4": "blocks",
        "shop 5": "passes",
        "shop 6": "passes",
        "shop 7": "blocks",
        "shop 8": "blocks",
        "shop 9": "blocks",
        "store 1": "blocks",
    }
    assert [old.github.required_check(sha) for sha in old.github.queue_refs] == ["passes"]
    assert {run.status for run in old.github.check_runs} == {"completed"}


def test_nothing_is_posted_twice(after: tuple[Old, Victim]) -> None:
    old, _ = after
    for pull in old.github.pulls:
        places = Counter((each.path, each.line, each.body) for each in old.github.review_comments_of(pull))
        assert not [place for place, count in places.items() if count > 1]
        assert len([review for review in old.github.reviews_of(pull) if review.author is old.github.bot]) <= 1
    for comment in [each for each in old.github.issue_comments if each.body.startswith("/migsafe")]:
        assert len(answers(old.github, comment.id)) == 1, comment.body


def test_what_was_done_is_left_as_it_was(after: tuple[Old, Victim]) -> None:
    old, _ = after
    for number in (1, 2, 3):
        pull = old.pull(number)
        assert {run.id for run in old.github.check_runs_of(pull.head_sha)} <= old.before["runs"]
        assert {review.id for review in old.github.reviews_of(pull)} <= old.before["reviews"]
        assert {each.id for each in old.github.review_comments_of(pull)} <= old.before["findings"]


def test_what_was_accepted_still_is_when_the_check_runs_again(after: tuple[Old, Victim]) -> None:
    old, app = after
    accepted = old.pull(2)
    newest = max(old.github.check_runs_of(accepted.head_sha), key=lambda run: run.id)
    sent = webhooks.deliver(old.github, app.hook, "check_run", webhooks.check_run(old.github, newest))
    assert asyncio.run(sent).status_code == 202

    def left() -> bool:
        again = max(run.id for run in old.github.check_runs_of(accepted.head_sha)) > newest.id
        return not again or old.github.required_check(accepted.head_sha) == "waits"

    until_nothing(left, app)
    assert old.github.required_check(accepted.head_sha) == "passes"


def test_the_app_of_today_is_ready(after: tuple[Old, Victim]) -> None:
    _, app = after
    assert httpx.get(f"http://127.0.0.1:{app.port}/readyz").status_code == 200
