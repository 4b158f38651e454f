"""A review from end to end: the real App in its own process, a stand-in for GitHub, a replica, real deliveries."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest

from bot.standins.app_process import AppProcess, run_app
from bot.standins.github import StandIn, start, webhooks
from bot.standins.github.model import CheckRun, Pull, Repository
from bot.standins.postgres import Server
from tests.support.at_github import DESCRIPTION

PATH = "db/migrations/20260516101500_change.sql"
UNSAFE = "-- migrate:up\nALTER TABLE orders ALTER COLUMN total TYPE bigint;\n\n-- migrate:down\n"
SAFE = "-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n\n-- migrate:down\n"
USERS = "-- migrate:up\nALTER TABLE users ADD COLUMN a int;\n-- migrate:down\n"
"""It names neither the table that refers to `users`, nor its other columns, nor another schema's `users`."""
STRICT = "thresholds:\n  reads_blocked_warning: 50ms\n  reads_blocked_danger: 200ms\n"
"""Low thresholds, so that a table small enough for a test is a danger."""
PATIENCE = 30.0

Found = TypeVar("Found")


@dataclass
class World:
    """A running App, and everything it can see."""

    github: StandIn
    app: AppProcess
    count: int = 0
    repositories: dict[str, Repository] = field(default_factory=dict)

    def repository(self, name: str | None = None, **options: Any) -> Repository:
        """A repository whose database the App knows if its name is `shop`."""
        self.count += 1
        files = {".github/migsafe.yml": STRICT, **options.pop("files", {})}
        return self.github.add_repository(f"acme/{name or f'shop{self.count}'}", files=files, **options)

    def send(self, event: str, payload: dict[str, Any], **how: Any) -> int | None:
        return asyncio.run(webhooks.deliver(self.github, self.app.hook, event, payload, **how)).status_code

    def opened(self, files: dict[str, Any], repository: Repository | None = None, **options: Any) -> Pull:
        pull = self.github.open_pull_request(repository or self.repository(), files, **options)
        assert self.send("pull_request", webhooks.pull_request(self.github, pull, "opened")) == 202
        return pull

    def pushed(self, pull: Pull, files: dict[str, Any]) -> None:
        self.github.push(pull, files)
        assert self.send("pull_request", webhooks.pull_request(self.github, pull, "synchronize")) == 202

    def said(self, pull: Pull, body: str, author: str = "dev") -> str:
        """The answer to a comment."""
        comment = self.github.comment(pull, body, author)
        before = len(self.github.comments_of(pull))
        assert self.send("issue_comment", webhooks.issue_comment(self.github, comment)) == 202
        self.until(lambda: len(self.github.comments_of(pull)) > before)
        return self.github.comments_of(pull)[-1].body

    def concluded(self, pull: Pull) -> CheckRun:
        """The check run of the head, once it has concluded."""
        return self.until(lambda: self.conclusion_at(pull.head_sha))

    def reviewed(self, pull: Pull, comments: int = 1) -> CheckRun:
        """The same, once the review is there, too: it comes after the verdict, with so many inline comments."""
        check = self.concluded(pull)
        self.until(lambda: len(self.github.review_comments_of(pull)) == comments and self.github.reviews_of(pull))
        return check

    def conclusion_at(self, sha: str) -> CheckRun | None:
        runs = self.github.check_runs_of(sha, "migsafe")
        return runs[-1] if runs and all(run.conclusion for run in runs) else None

    def until(self, found: Callable[[], Found | None]) -> Found:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            result = found()
            if result:
                return result
            time.sleep(0.02)
        raise AssertionError(self.app.trouble())


@pytest.fixture(scope="module")
def world(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        # A worker may come back to this file, and then makes all of it once more.
        connection.execute("DROP DATABASE IF EXISTS line WITH (FORCE)")
        connection.execute("CREATE DATABASE line")
    with psycopg.connect(postgres.url("line"), autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id bigint PRIMARY KEY, total int, at timestamptz)")
        connection.execute("INSERT INTO orders SELECT g, g, now() FROM generate_series(1, 300000) g")
        connection.execute("CREATE TABLE users (id bigint PRIMARY KEY, wages int)")
        connection.execute("CREATE TABLE salaries (id bigint REFERENCES users ON DELETE CASCADE)")
        connection.execute("CREATE SCHEMA hr CREATE TABLE users (id int)")
        connection.execute("INSERT INTO users SELECT generate_series(1, 20000)")
        connection.execute("ANALYZE")
    github = StandIn()
    stop = start(github, description=DESCRIPTION)
    databases = f'[[database]]\nname = "shop"\nurl = "{postgres.url("line")}"\nrepositories = ["acme/shop*"]\n'
    names = ", ".join(f'"acme/shop{number}"' for number in range(1, 60))
    databases = databases.replace('["acme/shop*"]', f"[{names}]")
    with run_app(github, tmp_path_factory.mktemp("app"), databases) as app:
        yield World(github, app)
    stop()


def test_an_unsafe_migration_gets_one_review_and_a_failing_check(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    check = world.reviewed(pull)
    assert check.conclusion == "failure"
    assert "column-type-rewrite" in (check.summary or "")
    assert len(world.github.reviews_of(pull)) == 1
    (comment,) = world.github.review_comments_of(pull)
    assert (comment.path, comment.start_line, comment.line) == (PATH, 2, 4)
    assert "rewrites `orders`" in comment.body
    assert not world.github.violations
    assert not world.github.rejected


def test_a_safe_migration_gets_a_green_check_and_no_comment(world: World) -> None:
    pull = world.opened({PATH: SAFE})
    check = world.concluded(pull)
    assert check.conclusion == "success"
    assert world.github.reviews_of(pull) == []
    assert world.github.comments_of(pull) == []


def test_a_pull_request_without_migrations_gets_a_green_check(world: World) -> None:
    pull = world.opened({"app/models.py": "x = 1\n"})
    check = world.concluded(pull)
    assert (check.conclusion, check.title) == ("success", "No migrations changed")


def test_a_push_with_the_fix_withdraws_the_comment(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    world.reviewed(pull)
    world.pushed(pull, {PATH: SAFE})
    assert world.concluded(pull).conclusion == "success"
    world.until(lambda: world.github.review_comments_of(pull) == [])
    assert len(world.github.reviews_of(pull)) == 1


def test_a_comment_that_somebody_answered_is_marked_instead(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    world.reviewed(pull)
    (comment,) = world.github.review_comments_of(pull)
    world.github.reply(comment, "We know.")
    world.pushed(pull, {PATH: SAFE})
    world.concluded(pull)
    world.until(lambda: world.github.review_comments_of(pull)[0].body.startswith("No longer reported"))


def test_the_same_finding_is_not_reported_twice(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    world.reviewed(pull)
    world.pushed(pull, {"README.md": "# Something else\n"})
    assert world.concluded(pull).conclusion == "failure"
    assert len(world.github.reviews_of(pull)) == 1
    assert len(world.github.review_comments_of(pull)) == 1


def test_the_same_delivery_is_done_once(world: World) -> None:
    repository = world.repository()
    pull = world.github.open_pull_request(repository, {PATH: UNSAFE})
    payload = webhooks.pull_request(world.github, pull, "opened")
    statuses = [world.send("pull_request", payload, guid="11111111-2222-3333-4444-555555555555") for _ in range(3)]
    assert statuses == [202, 202, 202]
    world.reviewed(pull)
    assert len(world.github.reviews_of(pull)) == 1
    assert len(world.github.check_runs_of(pull.head_sha, "migsafe")) == 1


def test_kill_minus_nine_between_delivery_and_review_loses_nothing(world: World) -> None:
    world.github.latency = 0.3
    try:
        pull = world.opened({PATH: UNSAFE})
        world.app.kill()
    finally:
        world.github.latency = 0.0
    world.app.start_again()
    assert world.reviewed(pull).conclusion == "failure"
    assert len(world.github.reviews_of(pull)) == 1
    assert len(world.github.review_comments_of(pull)) == 1


def test_a_draft_gets_the_check_and_not_the_review(world: World) -> None:
    pull = world.opened({PATH: UNSAFE}, draft=True)
    assert world.concluded(pull).conclusion == "failure"
    assert world.github.reviews_of(pull) == []


def test_a_fork_is_judged_by_the_base_and_shown_ranges_of_sizes_in_public(world: World) -> None:
    repository = world.repository(private=False)
    pull = world.opened({PATH: UNSAFE}, repository, fork=True, author="stranger")
    check = world.concluded(pull)
    assert check.conclusion == "failure"
    assert "300,000" not in (check.summary or "")


def test_a_timeout_in_a_strangers_migration_tells_no_more_of_a_size_than_is_shown_in_public(world: World) -> None:
    timed = (
        "-- migrate:up\nSET LOCAL statement_timeout = '2s';\nCREATE INDEX at_idx ON orders (at);\n\n-- migrate:down\n"
    )
    private, public = (world.opened({PATH: timed}, world.repository(private=private)) for private in (True, False))
    assert world.concluded(private).conclusion != "failure"
    check = world.concluded(public)
    assert check.conclusion == "failure"
    assert "statement_timeout is 2 s" in "".join(annotation["message"] for annotation in check.annotations)


def test_a_merge_group_is_judged_as_a_whole(world: World) -> None:
    repository = world.repository()
    first = world.github.open_pull_request(repository, {PATH: UNSAFE}, head="one")
    second = world.github.open_pull_request(repository, {"db/migrations/20260517_more.sql": SAFE}, head="two")
    base, head = world.github.merge_group(repository, [first, second])
    payload = webhooks.merge_group(world.github, repository, base, head)
    assert world.send("merge_group", payload) == 202
    check = world.until(lambda: world.conclusion_at(head))
    assert check.conclusion == "failure"


def test_explains_in_the_thread_and_helps(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    world.concluded(pull)
    assert "rewrites" in world.said(pull, "/migsafe explain")
    assert "AccessExclusiveLock" in world.said(pull, "/migsafe explain ACCESS EXCLUSIVE")
    assert "| `/migsafe recheck`" in world.said(pull, "/migsafe what")
    assert "`orders`" in world.said(pull, "/migsafe explain `DROP TABLE orders`")


def test_only_writers_may_allow_and_an_allow_settles_the_finding(world: World) -> None:
    pull = world.opened({PATH: UNSAFE}, author="writer")
    world.concluded(pull)
    assert "write permission" in world.said(pull, "/migsafe allow column-type-rewrite it is night", "passer-by")
    world.github.add_collaborator(pull.repository, "dba", "write")
    assert "is allowed" in world.said(pull, "/migsafe allow column-type-rewrite it is night", "dba")
    answer = world.said(pull, "/migsafe revoke column-type-rewrite", "dba")
    assert "is revoked" in answer
    world.until(lambda: world.concluded(pull).conclusion == "failure")


def test_a_merged_configuration_error_is_shown_with_its_line_and_the_defaults_judge(world: World) -> None:
    repository = world.repository(files={".github/migsafe.yml": "mode: enforce\nthresholdz: 3\n"})
    pull = world.opened({PATH: UNSAFE}, repository)
    check = world.concluded(pull)
    assert check.conclusion == "success"
    assert "column-type-rewrite" in (check.summary or "")
    assert "line 2: unknown option `thresholdz`" in (check.summary or "")


def test_a_migration_that_is_not_text_is_reported_and_never_safe(world: World) -> None:
    pull = world.opened({PATH: b"-- migrate:up\nALTER TABLE \xff\xfe\x00 ADD x\x00;\n"})
    check = world.concluded(pull)
    assert check.conclusion != "success"


def test_github_that_is_down_for_a_moment_delays_and_loses_nothing(world: World) -> None:
    world.github.fail_next("GET", "/pulls/", status=502, times=3)
    pull = world.opened({PATH: UNSAFE})
    assert world.concluded(pull).conclusion == "failure"


def test_what_github_refuses_once_is_asked_again_and_does_not_hide_a_danger(world: World) -> None:
    world.github.fail_next("GET", "/git/blobs/", status=422)
    pull = world.opened({PATH: UNSAFE})
    assert world.reviewed(pull).conclusion == "failure"


def test_a_review_that_was_created_in_spite_of_502_is_not_posted_again(world: World) -> None:
    world.github.fail_next("POST", "/reviews", status=502, after_effect=True)
    pull = world.opened({PATH: UNSAFE})
    assert world.reviewed(pull).conclusion == "failure"
    assert len(world.github.reviews_of(pull)) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({}, b"{}", 401, id="unsigned"),
        pytest.param({"X-Hub-Signature-256": "sha256=" + "0" * 64}, b"{}", 401, id="wrongly-signed"),
    ],
)
def test_refuses_what_github_did_not_sign(world: World, headers: dict[str, str], body: bytes, status: int) -> None:
    common = {"Content-Type": "application/json", "X-GitHub-Event": "ping", "X-GitHub-Delivery": "x"}
    assert httpx.post(world.app.hook, content=body, headers={**common, **headers}).status_code == status


def test_a_pull_request_closed_while_its_check_is_in_progress_leaves_none_pending(world: World) -> None:
    world.github.latency = 0.3
    try:
        pull = world.opened({PATH: UNSAFE})
        world.until(lambda: world.github.check_runs_of(pull.head_sha, "migsafe"))
        world.github.close(pull)
    finally:
        world.github.latency = 0.0
    world.concluded(pull)
    assert world.github.reviews_of(pull) == []


def test_strangers_learn_nothing_of_tables_that_the_pull_request_does_not_name(world: World) -> None:
    migration = "-- migrate:up\nALTER TABLE notes ADD COLUMN a int;\n-- migrate:down\n"
    pull = world.opened({PATH: migration}, world.repository(private=False))
    world.concluded(pull)
    there, missing = (
        world.said(pull, f"/migsafe explain DROP TABLE {name}", "stranger") for name in ("orders", "none")
    )
    assert "not looked up" in there
    assert there.replace("orders", "none").partition("<!--")[0] == missing.partition("<!--")[0]
    assert "not looked up" not in world.said(pull, "/migsafe explain DROP TABLE notes", "stranger")


def _without_code(answer: str) -> str:
    return re.sub(r"(`{3,}).*?\n\1", "", answer, flags=re.DOTALL)


@pytest.mark.parametrize("asked", ["DELETE FROM users", "DELETE FROM users /* salaries wages */ WHERE wages > 1"])
def test_a_stranger_learns_no_name_by_asking_for_it(world: World, asked: str) -> None:
    told, hidden = (world.opened({PATH: USERS}, world.repository(private=private)) for private in (True, False))
    world.github.add_collaborator(told.repository, "owner", "write")
    assert "salaries" in _without_code(world.said(told, f"/migsafe explain {asked}", "owner"))
    answer = _without_code(world.said(hidden, f"/migsafe explain {asked}", "stranger"))
    assert "not looked up" not in answer
    assert "another relation" in answer
    assert "salaries" not in answer
    assert "wages" not in answer


def test_a_table_of_another_schema_is_not_named_by_its_namesake(world: World) -> None:
    pull = world.opened({PATH: USERS}, world.repository(private=False))
    assert "not looked up" in world.said(pull, "/migsafe explain DROP TABLE hr.users", "stranger")
    assert "not looked up" not in world.said(pull, "/migsafe explain DROP TABLE public.users", "stranger")


def test_an_explanation_of_sql_discloses_sizes_as_the_repository_says(world: World) -> None:
    settings = {".github/migsafe.yml": "disclose_sizes: none\n"}
    pull = world.opened({PATH: UNSAFE}, world.repository(private=False, files=settings))
    answer = world.said(pull, "/migsafe explain ALTER TABLE orders ALTER COLUMN total TYPE bigint", "stranger")
    assert "undisclosed" in answer
    assert "100,000 to 1 million rows" not in answer


def test_the_help_is_a_table_of_two_columns(world: World) -> None:
    pull = world.opened({PATH: SAFE})
    rows = [line for line in world.said(pull, "/migsafe help").splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {3}


@pytest.mark.parametrize(
    ("more", "conclusion"),
    [
        pytest.param({}, "action_required", id="alone"),
        pytest.param({"db/migrations/20260517_more.sql": UNSAFE}, "failure", id="beside-a-danger"),
    ],
)
def test_a_migration_too_large_to_read_is_an_open_item(world: World, more: dict[str, str], conclusion: str) -> None:
    large = SAFE + "-- and so on\n" * 700_000
    pull = world.opened({PATH: large, **more})
    check = world.concluded(pull)
    assert check.conclusion == conclusion
    assert f"`{PATH}` was not read: it is larger than 8 MB" in (check.summary or "")


def test_a_large_file_that_is_not_a_migration_is_ignored(world: World) -> None:
    pull = world.opened({"fixtures/dump.sql": "INSERT INTO a VALUES (1);\n" * 400_000})
    assert world.concluded(pull).title == "No migrations changed"


def test_a_command_delivered_again_does_not_restore_what_was_revoked(world: World) -> None:
    pull = world.opened({PATH: UNSAFE})
    world.concluded(pull)
    world.github.add_collaborator(pull.repository, "dba", "write")
    allow = world.github.comment(pull, "/migsafe allow column-type-rewrite it is night", "dba")
    delivery = webhooks.issue_comment(world.github, allow)
    assert world.send("issue_comment", delivery) == 202
    world.until(lambda: len(world.github.comments_of(pull)) == 2)
    assert "is revoked" in world.said(pull, "/migsafe revoke column-type-rewrite", "dba")
    assert world.send("issue_comment", delivery, guid="99999999-2222-3333-4444-555555555555") == 202
    assert "neither acknowledged nor allowed" in world.said(pull, "/migsafe revoke column-type-rewrite", "dba")


def test_an_index_without_a_name_is_offered_with_the_one_it_would_get(world: World) -> None:
    pull = world.opened({PATH: "-- migrate:up\nCREATE INDEX ON orders (total);\n-- migrate:down\n"})
    world.concluded(pull)
    assert "CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);" in world.said(pull, "/migsafe plan")


def test_migrations_up_to_start_after_are_left_alone(world: World) -> None:
    repository = world.repository(files={".github/migsafe.yml": STRICT + "start_after: 20260516101500\n"})
    later = PATH.replace("20260516101500", "20260516101501")
    assert world.concluded(world.opened({PATH: UNSAFE}, repository, head="old")).title == "No migrations changed"
    assert world.concluded(world.opened({later: UNSAFE}, repository, head="new")).conclusion == "failure"


def test_an_open_item_is_not_called_work_that_could_not_be_done(world: World) -> None:
    repository = world.repository(files={".github/migsafe.yml": "require: [new-code]\n"})
    check = world.concluded(world.opened({PATH: SAFE}, repository))
    assert check.conclusion == "action_required"
    assert "what this repository requires of a migration is still open" in (check.summary or "")


def test_secrets_stay_out_of_the_log(world: World) -> None:
    log = Path(world.app.log).read_text("utf-8", "replace")
    assert world.github.webhook_secret not in log
    assert "PRIVATE KEY" not in log
    assert "Traceback" not in log


def test_migrations_for_another_database_get_a_green_check_that_says_so(world: World) -> None:
    lock = "GEM\n  specs:\n    mysql2 (0.5.6)\n"
    repository = world.repository(name="elsewhere", files={"Gemfile.lock": lock})
    change = "class X < ActiveRecord::Migration[7.1]\n  def change\n    remove_column :users, :name\n  end\nend\n"
    pull = world.opened({"db/migrate/20260516101500_x.rb": change}, repository)
    check = world.concluded(pull)
    assert (check.conclusion, check.title) == ("success", "No PostgreSQL migrations")
    assert world.github.reviews_of(pull) == []


def test_a_rails_migration_is_answered_in_ruby(world: World) -> None:
    change = (
        "class Retype < ActiveRecord::Migration[7.1]\n"
        "  def change\n"
        '    add_column :orders, :token, :uuid, default: -> { "gen_random_uuid()" }\n'
        "  end\n"
        "end\n"
    )
    pull = world.opened({"db/migrate/20260516101500_retype.rb": change})
    assert world.reviewed(pull).conclusion == "failure"
    (comment,) = world.github.review_comments_of(pull)
    assert comment.line == 3
    assert "```suggestion\n" in comment.body
    assert "add_column :orders, :token, :uuid\n" in comment.body


def test_an_alembic_migration_is_answered_in_python(world: World) -> None:
    lines = (
        '"""token"""',
        "import sqlalchemy as sa",
        "from alembic import op",
        'revision = "a1b2"',
        'down_revision = "0f0f"',
        "def upgrade():",
        "    op.add_column(",
        '        "orders", sa.Column("token", sa.Uuid(), server_default=sa.func.gen_random_uuid())',
        "    )",
        "def downgrade():",
        "    pass",
        "",
    )
    change = "\n".join(lines)
    pull = world.opened({"migrations/versions/a1b2_token.py": change})
    assert world.reviewed(pull).conclusion == "failure"
    (comment,) = world.github.review_comments_of(pull)
    assert (comment.start_line, comment.line) == (7, 9)
    assert "op.add_column(" in comment.body


def test_of_two_with_one_version_both_say_so_while_both_are_open(world: World) -> None:
    repository = world.repository()
    text = "-- migrate:up\nCREATE TABLE {} (id bigint);\n-- migrate:down\n"
    first = world.opened({"db/migrations/20260601000000_a.sql": text.format("a")}, repository, head="one")
    assert world.concluded(first).conclusion == "success"
    second = world.opened({"db/migrations/20260601000000_b.sql": text.format("b")}, repository, head="two")
    check = world.concluded(second)
    assert check.conclusion == "failure"
    assert f"in #{first.number}" in (check.summary or "")

    def names_second() -> bool:
        found = world.conclusion_at(first.head_sha)
        return found is not None and f"#{second.number}" in (found.summary or "")

    world.until(names_second)
    world.github.close(first)
    assert world.send("pull_request", webhooks.pull_request(world.github, first, "closed")) == 202

    def is_green() -> bool:
        found = world.conclusion_at(second.head_sha)
        return found is not None and found.conclusion == "success"

    world.until(is_green)
