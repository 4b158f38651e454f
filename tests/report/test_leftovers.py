"""After a CONCURRENTLY that failed, the recipe that is asked for then finishes the work, and touches nothing else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from bot.core.schema.asked import EVERYTHING
from bot.replica.snapshot import take_snapshot_now
from bot.report import runbook
from bot.report.disclosure import OWNER
from bot.standins.postgres import Server
from tests.rewrites.plans import judged

_GIVEN = """
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
CREATE FUNCTION doubled(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE TABLE accounts (id bigint PRIMARY KEY, email text, n integer);
INSERT INTO accounts SELECT i, 'm' || i % 900, i % 3 FROM generate_series(1, 1000) AS i;
CREATE INDEX accounts_doubled ON accounts (doubled(n));
CREATE SCHEMA app;
CREATE TABLE app."Orders" ("Id" bigint PRIMARY KEY, "Mail" text);
INSERT INTO app."Orders" SELECT id, email FROM accounts;
CREATE TABLE other (email text);
CREATE INDEX other_email ON other (email);
CREATE INDEX accounts_of_another ON accounts (email DESC);
UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('other_email'::regclass, 'accounts_of_another'::regclass);
"""
_BROKEN = "CREATE OR REPLACE FUNCTION doubled(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n / 0'"
_RIGHT = "CREATE OR REPLACE FUNCTION doubled(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * 2'"
_UNIQUE = 'UPDATE accounts SET email = id || email; UPDATE app."Orders" SET "Mail" = "Id" || "Mail"'
_STATE = (
    "SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
    " WHERE indrelid IN ('accounts'::regclass, 'app.\"Orders\"'::regclass, 'other'::regclass) ORDER BY 1"
)
_KEPT = [
    ("accounts_doubled", True),
    ("accounts_of_another", False),
    ("accounts_pkey", True),
    ('app."Orders_pkey"', True),
    ("other_email", False),
]


@pytest.fixture
def recover(postgres: Server, database: str, tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Asks for the recipe of a file with this statement now, and runs it as psql does."""
    program = postgres.installation / "bin" / "psql"
    if not program.exists():
        pytest.skip("this PostgreSQL comes without psql")

    def run(statement: str) -> subprocess.CompletedProcess[str]:
        text = f"-- migrate:up transaction:false\n{statement};\n\n-- migrate:down transaction:false\n"
        analysis = judged("db/migrations/7_x.sql", text, take_snapshot_now(database, EVERYTHING), {}, 18)
        file = tmp_path / "runbook.sql"
        file.write_text(runbook.recipe(analysis.run.migrations[0], analysis), "utf-8")
        return subprocess.run([program, "-X", "-f", file, database], capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("statement", "made"),
    [
        ("CREATE UNIQUE INDEX CONCURRENTLY accounts_em_uq ON accounts (lower(email))", "accounts_em_uq"),
        ('CREATE UNIQUE INDEX CONCURRENTLY "Mail uq" ON app."Orders" ("Mail")', 'app."Mail uq"'),
        ("CREATE UNIQUE INDEX CONCURRENTLY ON accounts (email) INCLUDE (n)", "accounts_email_n_idx"),
        (
            'CREATE UNIQUE INDEX CONCURRENTLY ON app."Orders" (lower("Mail") DESC) WHERE "Id" > 5',
            'app."Orders_lower_idx"',
        ),
        ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS uq ON accounts (email text_pattern_ops)", "uq"),
        ("REINDEX TABLE CONCURRENTLY accounts", None),
        ("REINDEX INDEX CONCURRENTLY accounts_doubled", None),
        ("REINDEX SCHEMA CONCURRENTLY public", None),
    ],
)
def test_the_recipe_asked_for_after_the_failure_finishes_it(
    statement: str, made: str | None, recover: Callable[[str], subprocess.CompletedProcess[str]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        if made is None:
            connection.execute(_BROKEN.encode())
        with pytest.raises(psycopg.Error):
            connection.execute(statement.encode())
        left = connection.execute(_STATE.encode()).fetchall()
        assert sum(not valid for _, valid in left) > 2
        connection.execute((_RIGHT if made is None else _UNIQUE).encode())
        for _ in range(2):
            done = recover(statement)
            assert done.returncode == 0, done.stderr
            wanted = sorted([*_KEPT, *([(made, True)] if made else [])])
            assert sorted(connection.execute(_STATE.encode()).fetchall()) == wanted
            assert connection.execute(b"SELECT version FROM schema_migrations").fetchall() == [("7",)]


def test_a_build_that_still_fails_records_nothing(
    recover: Callable[[str], subprocess.CompletedProcess[str]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        done = recover("CREATE UNIQUE INDEX CONCURRENTLY ON accounts (email)")
        assert done.returncode != 0
        assert connection.execute(b"SELECT version FROM schema_migrations").fetchall() == []


def test_an_index_is_dropped_where_it_is_still_there(
    recover: Callable[[str], subprocess.CompletedProcess[str]], database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
        for _ in range(2):
            done = recover("DROP INDEX CONCURRENTLY accounts_doubled")
            assert done.returncode == 0, done.stderr
            assert ("accounts_doubled", True) not in connection.execute(_STATE.encode()).fetchall()
            assert connection.execute(b"SELECT version FROM schema_migrations").fetchall() == [("7",)]


_MEASURED = """
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
CREATE SCHEMA app;
CREATE TABLE app."Readings" (at int) PARTITION BY RANGE (at);
CREATE TABLE app."Old one" PARTITION OF app."Readings" FOR VALUES FROM (0) TO (10);
"""


@pytest.mark.parametrize("interrupted", [True, False], ids=["interrupted", "not begun"])
def test_a_partition_is_detached_also_where_the_first_try_was_interrupted(
    interrupted: bool,  # noqa: FBT001
    recover: Callable[[str], subprocess.CompletedProcess[str]],
    database: str,
) -> None:
    statement = 'ALTER TABLE app."Readings" DETACH PARTITION app."Old one" CONCURRENTLY'
    with psycopg.connect(database, autocommit=True) as connection, psycopg.connect(database) as reader:
        connection.execute(_MEASURED.encode())
        if interrupted:
            reader.execute('SELECT FROM app."Readings"')
            connection.execute(b"SET statement_timeout = 300")
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute(statement.encode())
            assert connection.execute(b"SELECT inhdetachpending FROM pg_inherits").fetchall() == [(True,)]
            reader.rollback()
        for _ in range(2):
            done = recover(statement)
            assert done.returncode == 0, done.stderr
            assert connection.execute(b"SELECT FROM pg_inherits").fetchall() == []
            assert connection.execute(b"SELECT version FROM schema_migrations").fetchall() == [("7",)]


def test_where_the_recipe_blocks_the_plan_comes_first(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN.encode())
    text = "-- migrate:up\nCREATE INDEX x ON accounts (email);\n\n-- migrate:down\nDROP INDEX x;\n"
    analysis = judged("db/migrations/7_x.sql", text, None, {}, 18)
    page = runbook.page(analysis, OWNER)
    assert page.index("`/migsafe plan` comes first") < page.index("wait") < page.index("CREATE INDEX x")
