"""A batched backfill is a script that really runs, visits every row once, and ends."""

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, quote
from bot.sql import Unwritable
from bot.sql.writing.batches import write_batches
from bot.sql.writing.parts import dollar_quote, quote_literal
from tests.support.scripts import run_script

EVENTS = Name("events", "public")


def quick(script: str, batch: int = 100) -> str:
    assert "integer := 5000;" in script
    return script.replace("integer := 5000;", f"integer := {batch};").replace("precision := 0.1;", "precision := 0;")


def test_a_backfill_changes_every_row_once_and_commits_each_batch(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (id bigint PRIMARY KEY, hits int NOT NULL DEFAULT 0, at xid)")
        connection.execute("INSERT INTO events SELECT i * 3 FROM generate_series(-500, 500) AS i")
    change = op.Update(EVENTS, ("hits", "at"), assignments="hits = hits + 1, at = pg_current_xact_id()::xid")
    run_script(database, quick(write_batches(change, (), "db/scripts/fill.sql")))
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT min(hits), max(hits), count(DISTINCT at::text) FROM events").fetchone()
    assert row == (1, 1, 11)


def test_a_backfill_ends_even_where_the_rows_still_match_afterwards(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text, length int)")
        connection.execute(
            "INSERT INTO events (body) SELECT CASE WHEN i % 2 = 0 THEN 'x' END FROM generate_series(1, 350) AS i"
        )
    where = Expression("length IS NULL")
    change = op.Update(EVENTS, ("length",), where, assignments="length = length(body)")
    run_script(database, quick(write_batches(change, (("lock_timeout", "2s"),), "fill.sql")))
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(length), count(*) FROM events").fetchone() == (175, 350)


def test_a_backfill_walks_a_composite_key_with_awkward_names_and_values(database: str) -> None:
    table = Name('the "odd" 100% table\'s')
    with psycopg.connect(database, autocommit=True) as connection:
        columns = '"A b" text, "day" timestamptz, n int DEFAULT 0, PRIMARY KEY ("A b", "day")'
        connection.execute(f"CREATE TABLE {table} ({columns})".encode())
        connection.execute(
            f"INSERT INTO {table} SELECT 'it''s \\ ' || i % 7, now() + i * interval '1 day' "
            "FROM generate_series(1, 300) AS i".encode()
        )
    change = op.Update(table, ("n",), Expression("\"A b\" LIKE '%3'"), assignments="n = n + 1")
    run_script(database, quick(write_batches(change, (), "fill.sql"), 7))
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT count(*) FILTER (WHERE n = 1), max(n) FROM {table}".encode()).fetchone()
    assert row == (43, 1)


_PARTS = st.sampled_from(["{regclass}", "{before}", "{after}", "{", "}", "'", '"', "$", "$q$", "$change$", "\\", "%"])
_ODD_NAMES = st.lists(_PARTS | st.text("abc", max_size=3), min_size=1, max_size=6).map("".join).filter(bool)


@given(_ODD_NAMES, _ODD_NAMES)
@example("{change}", "{source}")
def test_a_name_is_never_taken_for_a_place_in_the_script(table: str, column: str) -> None:
    name = Name(table)
    change = op.Update(name, (column,), assignments=f"{quote(column)} = 1")
    script = write_batches(change, (), "fill.sql")
    assert f"WHERE oid = {quote_literal(str(name))}::regclass" in script
    assert f"THEN {quote_literal(str(name))}\n" in script
    assert f"|| {dollar_quote(f' SET {quote(column)} = 1 WHERE true', 'change')} ||" in script


@pytest.mark.parametrize("named", ["{before}", "{after}", "{regclass}", 'it\'s {after} "$batches$" \\ %'])
def test_a_backfill_of_a_table_named_like_a_place_in_the_script_runs(database: str, named: str) -> None:
    table = Name(named)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int)".encode())
        connection.execute(f"INSERT INTO {table} SELECT generate_series(1, 50)".encode())
    run_script(database, quick(write_batches(op.Update(table, ("n",), assignments="n = id"), (), "fill.sql"), 7))
    with psycopg.connect(database) as connection:
        assert connection.execute(f"SELECT count(n) FROM {table}".encode()).fetchone() == (50,)


def test_a_batched_delete_deletes_what_matches_and_nothing_else(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (id int PRIMARY KEY)")
        connection.execute("INSERT INTO events SELECT generate_series(1, 1000)")
    run_script(database, quick(write_batches(op.Delete(EVENTS, Expression("id <= 400 OR id > 900")), (), "x.sql"), 64))
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*), min(id), max(id) FROM events").fetchone() == (500, 401, 900)


def test_the_script_is_a_psql_script(database: str, tmp_path: Path) -> None:
    psql = shutil.which("psql")
    if psql is None:
        pytest.skip("psql is not installed")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE events (id int PRIMARY KEY, n int)")
        connection.execute("INSERT INTO events SELECT generate_series(1, 250)")
    script = tmp_path / "fill.sql"
    script.write_text(quick(write_batches(op.Update(EVENTS, ("n",), assignments="n = id"), (), "fill.sql")))
    done = subprocess.run(
        [psql, "-X", "-v", "ON_ERROR_STOP=1", "-f", str(script), database], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "done: 250 rows changed" in done.stderr


def test_what_the_application_changes_is_not_written_as_a_script() -> None:
    with pytest.raises(Unwritable, match="the application changes these rows"):
        write_batches(op.Update(EVENTS, by_application=True), (), "x.sql")
