"""What is said of a tool's history is what the tool does: tried with the tools themselves."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from bot.core.judging.history import Fate
from bot.frameworks import framework_named
from bot.standins.postgres import Server

pytestmark = pytest.mark.proof

DBMATE = shutil.which("dbmate")
needs_dbmate = pytest.mark.skipif(DBMATE is None, reason="dbmate is not on the PATH (`npm install dbmate` has it)")


@pytest.fixture
def database(postgres: Server) -> str:
    name = f"history_{os.urandom(4).hex()}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return postgres.url(name)


def tables(url: str) -> set[str]:
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(query)}


def write(folder: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)


# dbmate


def dbmate(folder: Path, url: str, *options: str) -> tuple[int, str]:
    """Applies what is pending; the exit status, and what was said."""
    assert DBMATE is not None
    done = subprocess.run(
        [
            DBMATE,
            "--no-dump-schema",
            "--migrations-dir",
            str(folder),
            "--url",
            f"{url}&sslmode=disable",
            "migrate",
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    return done.returncode, done.stdout + done.stderr


def up(table: str) -> str:
    return f"-- migrate:up\nCREATE TABLE {table} (id int);\n-- migrate:down\nDROP TABLE {table};\n"


@needs_dbmate
def test_dbmate_never_runs_the_second_file_of_a_version_that_has_run(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"1_a.sql": up("a")})
    assert dbmate(tmp_path, database)[0] == 0
    write(tmp_path, {"1_b.sql": up("b")})
    status, _ = dbmate(tmp_path, database)
    assert (status, tables(database)) == (0, {"a", "schema_migrations"})
    assert framework_named("dbmate").history.same.fate is Fate.LOST


@needs_dbmate
def test_dbmate_fails_at_the_second_where_both_files_are_new(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"1_a.sql": up("a"), "1_b.sql": up("b")})
    status, said = dbmate(tmp_path, database)
    assert status != 0
    assert "schema_migrations_pkey" in said
    assert tables(database) == {"a", "schema_migrations"}


@needs_dbmate
def test_dbmate_applies_an_older_version_unless_it_is_strict(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"2_a.sql": up("a")})
    assert dbmate(tmp_path, database)[0] == 0
    write(tmp_path, {"1_b.sql": up("b")})
    status, said = dbmate(tmp_path, database, "--strict")
    assert status != 0
    assert "out of order" in said
    assert dbmate(tmp_path, database)[0] == 0
    assert tables(database) == {"a", "b", "schema_migrations"}
    assert framework_named("dbmate").history.older.fate is Fate.RUNS


@needs_dbmate
def test_dbmate_does_not_see_that_what_has_run_was_edited_or_deleted(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"1_a.sql": up("a"), "2_b.sql": up("b")})
    assert dbmate(tmp_path, database)[0] == 0
    write(tmp_path, {"1_a.sql": up("c"), "2_b.sql": None})
    assert dbmate(tmp_path, database)[0] == 0
    assert tables(database) == {"a", "b", "schema_migrations"}


# Alembic


ENVIRONMENT = """
import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def alembic(folder: Path, url: str, *command: str) -> tuple[int, str]:
    write(folder, {"env.py": ENVIRONMENT, "alembic.ini": f"[alembic]\nscript_location = {folder}\n"})
    address = url.replace("postgresql://", "postgresql+psycopg://")
    done = subprocess.run(
        ["alembic", "-c", str(folder / "alembic.ini"), *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DATABASE": address},
    )
    return done.returncode, done.stdout + done.stderr


def revision(key: str, below: str | tuple[str, ...] | None, table: str) -> str:
    return (
        f"from alembic import op\nrevision = {key!r}\ndown_revision = {below!r}\n\n\n"
        f'def upgrade():\n    op.execute("CREATE TABLE {table} (id int)")\n\n\ndef downgrade():\n    pass\n'
    )


def test_alembic_applies_nothing_where_there_are_two_heads(tmp_path: Path, database: str) -> None:
    versions = {"versions/aa.py": revision("aa", None, "a"), "versions/bb.py": revision("bb", "aa", "b")}
    write(tmp_path, {**versions, "versions/cc.py": revision("cc", "aa", "c")})
    status, said = alembic(tmp_path, database, "upgrade", "head")
    assert status != 0
    assert "Multiple head revisions are present" in said
    assert "a" not in tables(database)
    write(tmp_path, {"versions/dd.py": revision("dd", ("bb", "cc"), "d")})
    assert alembic(tmp_path, database, "upgrade", "head")[0] == 0
    assert {"a", "b", "c", "d"} <= tables(database)


def test_alembic_applies_nothing_where_a_down_revision_is_missing(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"versions/aa.py": revision("aa", None, "a"), "versions/bb.py": revision("bb", "zz", "b")})
    status, said = alembic(tmp_path, database, "upgrade", "head")
    assert status != 0
    assert "zz" in said
    assert "a" not in tables(database)


def test_alembic_applies_nothing_where_two_files_have_one_revision(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"versions/aa.py": revision("aa", None, "a"), "versions/cc.py": revision("cc", "bb", "d")})
    write(tmp_path, {f"versions/bb_{table}.py": revision("bb", "aa", table) for table in ("b", "c")})
    status, said = alembic(tmp_path, database, "upgrade", "head")
    assert status != 0
    assert "present more than once" in said
    assert "Multiple head revisions are present" in said
    assert "a" not in tables(database)
    assert framework_named("alembic").history.same.fate is Fate.REFUSED


def test_alembic_stops_where_the_revision_that_a_database_is_at_is_deleted(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"versions/aa.py": revision("aa", None, "a"), "versions/bb.py": revision("bb", "aa", "b")})
    assert alembic(tmp_path, database, "upgrade", "head")[0] == 0
    write(tmp_path, {"versions/bb.py": None})
    status, said = alembic(tmp_path, database, "upgrade", "head")
    assert status != 0
    assert "Can't locate revision" in said
    assert framework_named("alembic").history.deleted.fate is Fate.REFUSED


def test_alembic_does_not_see_that_what_has_run_was_edited(tmp_path: Path, database: str) -> None:
    write(tmp_path, {"versions/aa.py": revision("aa", None, "a")})
    assert alembic(tmp_path, database, "upgrade", "head")[0] == 0
    write(tmp_path, {"versions/aa.py": revision("aa", None, "b")})
    assert alembic(tmp_path, database, "upgrade", "head")[0] == 0
    assert "b" not in tables(database)
    assert framework_named("alembic").history.edited.fate is Fate.LOST


# Rails


RUBY = shutil.which("ruby")
MIGRATE = """
require "active_record"
ActiveRecord::Base.establish_connection(
  adapter: "postgresql", host: ENV["PGHOST"], port: ENV["PGPORT"], username: ENV["PGUSER"], database: ENV["PGDATABASE"]
)
ActiveRecord::Migration.verbose = false
ActiveRecord::MigrationContext.new(ARGV[0], ActiveRecord::SchemaMigration).migrate
"""


def _has_rails() -> bool:
    probe = "require 'active_record'; require 'pg'; exit(ActiveRecord.version < Gem::Version.new('7.1') ? 0 : 1)"
    return RUBY is not None and subprocess.run([RUBY, "-e", probe], capture_output=True, check=False).returncode == 0


needs_rails = pytest.mark.skipif(not _has_rails(), reason="Active Record before 7.1 and pg are not installed for ruby")


def rails(folder: Path, url: str) -> tuple[int, str]:
    """Applies what is pending; the exit status, and what was said."""
    made = psycopg.conninfo.conninfo_to_dict(url)
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "dbname"}
    given = {name: str(made.get(key, 5432)) for name, key in names.items()}
    assert RUBY is not None
    done = subprocess.run(
        [RUBY, "-e", MIGRATE, str(folder)], capture_output=True, text=True, check=False, env={**os.environ, **given}
    )
    return done.returncode, done.stdout + done.stderr


def ruby(name: str, table: str) -> str:
    return f"class {name} < ActiveRecord::Migration[6.0]\n  def change\n    create_table :{table}\n  end\nend\n"


@needs_rails
@pytest.mark.parametrize(
    ("second", "refused"),
    [
        ({"20260101000000_make_b.rb": ruby("MakeB", "b")}, "DuplicateMigrationVersionError"),
        ({"20260101000001_make_a.rb": ruby("MakeA", "b")}, "DuplicateMigrationNameError"),
    ],
    ids=["one version", "one name"],
)
def test_rails_refuses_two_of_one_version_or_of_one_name(
    second: Mapping[str, str], refused: str, tmp_path: Path, database: str
) -> None:
    write(tmp_path, {"20260101000000_make_a.rb": ruby("MakeA", "a"), **second})
    status, said = rails(tmp_path, database)
    assert status != 0
    assert refused in said
    assert "a" not in tables(database)
    assert framework_named("rails").history.same.fate is Fate.REFUSED


@needs_rails
def test_rails_applies_an_older_version_and_does_not_see_what_was_edited_or_deleted(
    tmp_path: Path, database: str
) -> None:
    write(
        tmp_path,
        {"20260201000000_make_a.rb": ruby("MakeA", "a"), "20260202000000_make_c.rb": ruby("MakeC", "c")},
    )
    assert rails(tmp_path, database)[0] == 0
    write(
        tmp_path,
        {
            "20260101000000_make_b.rb": ruby("MakeB", "b"),
            "20260201000000_make_a.rb": ruby("MakeA", "d"),
            "20260202000000_make_c.rb": None,
        },
    )
    assert rails(tmp_path, database)[0] == 0
    assert {"a", "b", "c"} <= tables(database)
    assert "d" not in tables(database)
    history = framework_named("rails").history
    assert (history.older.fate, history.edited.fate, history.deleted.fate) == (Fate.RUNS, Fate.LOST, Fate.RUNS)
