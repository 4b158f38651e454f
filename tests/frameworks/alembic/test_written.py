"""Migrations written for Alembic: read again they have the intended meaning, and the real Alembic runs them."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.migrations import Migration
from bot.core.language.names import Name
from bot.core.rewrites.steps import LOCK_TIMEOUT, unhurried
from bot.frameworks.alembic import FRAMEWORK
from bot.sql import read_script
from bot.standins.postgres import Server
from tests.support.strategies import statements

AUTHOR = '''"""add email

Revision ID: 1a2b3c4d5e6f
"""

from alembic import op

revision = "1a2b3c4d5e6f"
down_revision = "0f1e2d3c4b5a"


def upgrade():
    op.execute("SELECT 1")
'''


def migration(text: str = AUTHOR, path: str = "migrations/versions/1a2b3c4d5e6f_add_email.py") -> Migration:
    return FRAMEWORK.read(Files(changed=[SourceFile(path, text)])).migrations[0]


def normal(value: Any) -> Any:
    """The named normal form: offsets follow from the text, and an index has its table where Alembic requires it."""
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, tuple):
        return tuple(normal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        left_out = {"definition", "table"} if isinstance(value, op.DropIndex) else {"definition"}
        told = {field.name: normal(getattr(value, field.name)) for field in fields(value)}
        return type(value).__name__, {name: item for name, item in told.items() if name not in left_out}
    return value


def read_back(step: Step) -> list[tuple[op.Operation, ...]]:
    (written,) = FRAMEWORK.write([step], migration(), [])
    assert written.path is not None, written.note
    compile(written.text, "written.py", "exec")
    statements = migration(written.text, written.path).statements
    return [one.operations for one in statements]


def test_a_line_that_ends_inside_a_literal_is_not_indented() -> None:
    operation = op.CreateEnum(Name("mood"), ("so\nso",))
    assert read_back(Step(StepKind.MIGRATION, (operation,), name="a_step")) == [(operation,)]


@given(
    many=st.lists(statements.filter(lambda operations: len(operations) == 1), min_size=1, max_size=3),
    transactional=st.booleans(),
)
def test_reading_gives_back_what_was_written(many: Sequence[tuple[op.Operation, ...]], *, transactional: bool) -> None:
    operations = tuple(operation for operations in many for operation in operations)
    found = read_back(Step(StepKind.MIGRATION, operations, transactional=transactional, name="a_step"))
    assert [normal(one) for one in found] == [normal((operation,)) for operation in operations]


ENV = """
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
FIRST = """from alembic import op

revision = "0f1e2d3c4b5a"
down_revision = None


def upgrade():
    op.execute("CREATE SCHEMA app; CREATE TABLE users (id bigint PRIMARY KEY)")
    op.execute("CREATE TABLE app.events (id bigint, a int, b text, user_id bigint, note varchar(10), old text)")
    op.execute("INSERT INTO app.events VALUES (1, 2, 'x', NULL, 'n', 'o')")
"""
STEPS = """
ALTER TABLE app.events ADD COLUMN c numeric(10,2) DEFAULT 5 NOT NULL
ALTER TABLE app.events ADD COLUMN d jsonb DEFAULT '{"a:b": 1}'::jsonb
ALTER TABLE app.events ADD COLUMN e text[] COLLATE "C" DEFAULT '{}'
ALTER TABLE app.events ADD COLUMN at timestamp(3) with time zone DEFAULT now()
ALTER TABLE app.events ALTER COLUMN a TYPE bigint USING a::bigint
ALTER TABLE app.events ALTER COLUMN a SET NOT NULL
ALTER TABLE app.events ALTER COLUMN b SET DEFAULT 'it''s 12:30'
ALTER TABLE app.events ALTER COLUMN b DROP DEFAULT
ALTER TABLE app.events RENAME COLUMN note TO "Remark"
ALTER TABLE app.events DROP COLUMN old
ALTER TABLE app.events ADD CONSTRAINT a_positive CHECK (a > 0 AND b <> 'a%b') NOT VALID
ALTER TABLE app.events VALIDATE CONSTRAINT a_positive
ALTER TABLE app.events ADD CONSTRAINT uq UNIQUE (a, b)
ALTER TABLE app.events ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID
ALTER TABLE app.events ADD PRIMARY KEY (id)
CREATE UNIQUE INDEX CONCURRENTLY ix_a ON app.events (a DESC, lower(b)) WHERE b IS NOT NULL
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_gin ON app.events USING gin (d jsonb_path_ops)
CREATE INDEX ix_include ON app.events (a) INCLUDE (b) WITH (fillfactor=70)
DROP INDEX CONCURRENTLY IF EXISTS app.ix_include
COMMENT ON COLUMN app.events.b IS 'says "it''s" \\ 12:30 %s'
UPDATE app.events SET b = 'a:b' WHERE b IS NULL
CREATE TABLE app.more (id serial PRIMARY KEY, event bigint REFERENCES app.events (id) NOT NULL)
CREATE TYPE app.mood AS ENUM ('sad', 'ok')
ALTER TYPE app.mood ADD VALUE IF NOT EXISTS 'happy' AFTER 'ok'
""".strip().split("\n")


def operations_of(sql: str) -> tuple[op.Operation, ...]:
    return read_script(sql).statements[0].operations


def schema_of(url: str) -> list[tuple[Any, ...]]:
    """Columns, constraints, indexes and comments of the application's tables."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE c.relnamespace = 'app'::regnamespace
            UNION ALL
            SELECT conname::text, pg_get_constraintdef(oid), contype::text, convalidated, NULL, NULL FROM pg_constraint
            WHERE connamespace = 'app'::regnamespace
            UNION ALL
            SELECT c.relname::text, pg_get_indexdef(c.oid), NULL, NULL, NULL, NULL FROM pg_class c
            WHERE c.relkind = 'i' AND c.relnamespace = 'app'::regnamespace
            ORDER BY 1, 2
            """
        ).fetchall()


def run_alembic(folder: Path, url: str) -> None:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(folder))
    config.set_main_option("sqlalchemy.url", url.replace("postgresql://", "postgresql+psycopg://").replace("%", "%%"))
    command.upgrade(config, "head")


def test_what_is_written_runs_with_alembic_and_leaves_the_promised_schema(
    tmp_path: Path, database: str, postgres: Server
) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / "versions" / "0f1e2d3c4b5a_first.py").write_text(FIRST)
    steps = [
        Step(StepKind.MIGRATION, operations_of(sql), transactional="CONCURRENTLY" not in sql, name=f"step_{number}")
        for number, sql in enumerate(STEPS)
    ]
    for written in FRAMEWORK.write(steps, migration(path="versions/1a2b3c4d5e6f_add_email.py"), []):
        assert written.path is not None, written.note
        (tmp_path / written.path).write_text(written.text)
    run_alembic(tmp_path, database)
    found = schema_of(database)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE by_hand")
        try:
            with psycopg.connect(postgres.url("by_hand"), autocommit=True) as other:
                for statement in by_hand():
                    other.execute(statement.encode())
            assert found == schema_of(postgres.url("by_hand"))
        finally:
            connection.execute("DROP DATABASE by_hand WITH (FORCE)")


def by_hand() -> list[str]:
    """The same steps as SQL."""
    first = migration(FIRST, "versions/0f1e2d3c4b5a_first.py")
    return [*(statement.sql for statement in first.statements), *STEPS]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        pytest.param(
            "db/versions/1a2b3c4d5e6f_add_email.py", r"db/versions/[0-9a-f]{12}_second\.py", id="as alembic names it"
        ),
        pytest.param(
            "versions/2026_05_16_1200-1a2b3c4d5e6f_add.py",
            r"versions/2026_05_16_1200-[0-9a-f]{12}_second\.py",
            id="with the author's file_template",
        ),
    ],
)
def test_later_files_build_on_the_one_before(path: str, written: str) -> None:
    steps = [
        Step(StepKind.MIGRATION, operations_of("ALTER TABLE t ADD COLUMN a int"), name="first"),
        Step(StepKind.MIGRATION, operations_of("ALTER TABLE t ADD COLUMN b int"), name="second"),
    ]
    first, second = FRAMEWORK.write(steps, migration(path=path), [])
    assert first.path == path
    assert 'revision = "1a2b3c4d5e6f"\ndown_revision = "0f1e2d3c4b5a"' in first.text
    assert re.fullmatch(written, second.path or "")
    assert 'down_revision = "1a2b3c4d5e6f"' in second.text


def test_a_validation_does_not_keep_the_lock_of_the_file_before_that_declared_the_constraint() -> None:
    sqls = ("ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID", "ALTER TABLE users VALIDATE CONSTRAINT c")
    steps = [Step(StepKind.MIGRATION, operations_of(sql), name=f"x{at}") for at, sql in enumerate(sqls)]
    _, validation = FRAMEWORK.write(steps, migration(), [])
    assert (
        "def upgrade() -> None:\n    with op.get_context().autocommit_block():\n"
        '        op.execute("ALTER TABLE users VALIDATE CONSTRAINT c")\n'
    ) in validation.text


def test_a_file_imports_what_it_uses_and_no_more() -> None:
    def text(sql: str) -> str:
        (written,) = FRAMEWORK.write([Step(StepKind.MIGRATION, operations_of(sql), name="x")], migration(), [])
        return written.text

    assert "sqlalchemy" not in text("ALTER TABLE t DROP COLUMN a")
    assert "import sqlalchemy as sa" in text("ALTER TABLE t ADD COLUMN a int")
    both = text("ALTER TABLE t ADD COLUMN a jsonb")
    assert "from sqlalchemy.dialects import postgresql\n" in both
    assert "postgresql.JSONB()" in both


DECLARED = Step(
    StepKind.MIGRATION,
    operations_of("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID"),
    name="add_c",
    settings=LOCK_TIMEOUT,
)
VALIDATED = unhurried("validate_c", *operations_of("ALTER TABLE t VALIDATE CONSTRAINT c"))
EACH_ITS_OWN = {"migrations/env.py": ENV}
ALL_IN_ONE = {"migrations/env.py": ENV.replace(", transaction_per_migration=True", "")}


def author_with(environment: Mapping[str, str]) -> Migration:
    path = "migrations/versions/1a2b3c4d5e6f_add_email.py"
    return FRAMEWORK.read(Files(changed=[SourceFile(path, AUTHOR)], base=environment)).migrations[0]


@pytest.mark.parametrize("environment", [{}, ALL_IN_ONE], ids=["unknown", "all in one"])
def test_a_validate_leaves_the_one_transaction_of_all_revisions(environment: Mapping[str, str]) -> None:
    _, validated = FRAMEWORK.write([DECLARED, VALIDATED], author_with(environment), [])
    assert validated.transactional is False
    assert (
        """def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        op.execute("ALTER TABLE t VALIDATE CONSTRAINT c")
        op.execute("RESET statement_timeout")
"""
        in validated.text
    )


def test_a_validate_stays_in_the_transaction_of_its_revision() -> None:
    _, validated = FRAMEWORK.write([DECLARED, VALIDATED], author_with(EACH_ITS_OWN), [])
    assert validated.transactional
    assert "autocommit_block" not in validated.text


def test_a_change_of_several_operations_stays_whole() -> None:
    several = (*operations_of("ALTER TABLE t DROP CONSTRAINT c"), *DECLARED.operations)
    (written,) = FRAMEWORK.write([replace(DECLARED, operations=several, apart=True)], author_with(ALL_IN_ONE), [])
    assert written.transactional
    assert "autocommit_block" not in written.text


LOOK = """from alembic import op
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

revision = "9"
down_revision = "{last}"


def upgrade():
    with create_engine("{url}", poolclass=NullPool).connect() as other:
        held = other.exec_driver_sql(
            "SELECT mode FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 't'::regclass"
        ).all()
        revisions = other.exec_driver_sql("SELECT version_num FROM alembic_version").all()
    assert held == [], held
    assert revisions in ([("1a2b3c4d5e6f",)], [("{last}",)]), revisions
"""


@pytest.mark.parametrize("environment", [EACH_ITS_OWN, ALL_IN_ONE], ids=["each its own", "all in one"])
def test_alembic_gives_up_the_strong_lock_before_it_validates(
    environment: Mapping[str, str], database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
    first, validated = FRAMEWORK.write([DECLARED, VALIDATED], author_with(environment), [])
    (last,) = re.findall(r'^revision = "(.*)"', validated.text, re.MULTILINE)
    files = {
        "env.py": environment["migrations/env.py"],
        "versions/1.py": first.text.replace('"0f1e2d3c4b5a"', "None"),
        "versions/2.py": validated.text,
        "versions/9.py": LOOK.format(last=last, url=database.replace("postgresql://", "postgresql+psycopg://")),
    }
    (tmp_path / "versions").mkdir()
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    run_alembic(tmp_path, database)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT convalidated FROM pg_constraint WHERE conname = 'c'").fetchall() == [(True,)]
