"""Alembic migrations read without running them: text in, operations out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Run, Statement
from bot.frameworks.alembic import FRAMEWORK
from bot.sql import write_statement
from tests.support.kinds import examples

MIGRATIONS = sorted((Path(__file__).parent / "migrations").glob("*.py"))
HEAD = """from datetime import datetime
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session, declarative_base

revision = "a"
down_revision = None
Base = declarative_base()
users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("team_id"))


class Team(Base):
    __tablename__ = "teams"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.Text)


def upgrade():
    conn = op.get_bind()
    session = Session(bind=conn)
"""


def read(text: str, path: str = "migrations/versions/a_x.py", base: dict[str, str] | None = None) -> Run:
    return FRAMEWORK.read(Files(changed=[SourceFile(path, text)], base=base or {}))


def statements(body: str) -> list[Statement]:
    indented = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    return list(read(HEAD + indented).statements)


def operations(body: str) -> list[op.Operation]:
    return [operation for statement in statements(body) for operation in statement.operations]


def kinds(body: str) -> list[str]:
    return [type(operation).__name__ for operation in operations(body)]


VALUES = {
    "f-string": "op.execute(f\"UPDATE users SET id = '{uuid.uuid4()}' WHERE name = {conn}\")",
    "format": "op.execute(\"UPDATE users SET id = '{}' WHERE name = '{name}'\".format(uuid.uuid4(), name=conn))",
    "percent": "op.execute(\"UPDATE users SET id = '%s' WHERE name = '%(x)s'\" % conn)",
    "concatenation": 'op.execute("UPDATE users SET name = \'" + str(datetime.utcnow()) + "\'")',
    "binds": "conn.execute(sa.text('UPDATE users SET name = :name WHERE id IN :ids'), {'name': 1})",
    "driver's binds": 'conn.execute("UPDATE users SET name = %s WHERE id = %(id)s", conn)',
    "joined rows": "op.execute(f\"UPDATE users SET name = 'x' WHERE id IN ({', '.join(conn)})\")",
    "quoted quote": 'op.execute("UPDATE users SET name = \'" + conn.x.replace("\'", "\'\'") + "\'")',
    "core": "op.execute(users.update().where(users.c.id == conn.scalar()).values(name=uuid.uuid4()))",
    "loop": "for row in conn.execute(sa.select(users.c.id)):\n    conn.execute(f'UPDATE users SET id = {row.id}')",
    "query": "session.query(Team).filter(Team.id == 1).update({'name': 'x'})",
    "object": "for team in session.query(Team).all():\n    team.name = 'x'\nsession.commit()",
}


@pytest.mark.parametrize("body", VALUES.values(), ids=VALUES)
def test_a_value_of_run_time_leaves_the_update_readable(body: str) -> None:
    found = [one for one in operations(body) if not isinstance(one, op.Select)]
    assert [type(one) for one in found] == [op.Update]


NAMES = {
    "table": 'op.execute(f"UPDATE {conn} SET a = 1")',
    "part of a table": 'op.execute(f"UPDATE users_{conn} SET a = 1")',
    "quoted table": "op.execute(f'UPDATE \"{conn}\" SET a = 1')",
    "column": 'op.execute(f"UPDATE users SET {conn} = 1")',
    "ddl": "op.execute(f\"ALTER TABLE users ADD COLUMN a text DEFAULT '{conn}'\")",
    "all of it": "op.execute(str(conn))",
    "directive": 'op.drop_column("users", f"a_{conn}")',
    "default": 'op.add_column("users", sa.Column("a", sa.Text(), server_default=f"{conn}"))',
    "do": "op.execute(f\"DO $$ BEGIN UPDATE users SET a = '{conn}'; END $$\")",
}


@pytest.mark.parametrize("body", NAMES.values(), ids=NAMES)
def test_a_name_or_ddl_of_run_time_is_not_read(body: str) -> None:
    found = operations(body)
    assert found
    assert isinstance(found[0], op.Unread)


def test_only_the_statement_with_the_name_of_run_time_is_not_read() -> None:
    assert kinds('op.execute(f"UPDATE users SET a = 1; DELETE FROM {conn}; DELETE FROM users")') == [
        "Update",
        "Unread",
        "Delete",
    ]


ROWS = {
    "insert": ("conn.execute(users.insert(), [{'id': 1}, {'id': 2}])", 2),
    "values": ("op.execute(sa.insert(users).values([{'id': 1}, {'id': 2}, {'id': 3}]))", 3),
    "bulk": ("op.bulk_insert(users, [{'id': n} for n in range(4)])", 4),
    "made here": ("t = op.create_table('x', sa.Column('a', sa.Integer))\nop.bulk_insert(t, [{'a': 1}])", 1),
    "unknown rows": ("op.bulk_insert(users, conn.rows())", None),
    "joined values": ("op.execute(f\"INSERT INTO users (id) VALUES {', '.join(conn)}\")", None),
    "session": ("session.add(Team(name='x'))", 1),
}


@pytest.mark.parametrize(("body", "rows"), ROWS.values(), ids=ROWS)
def test_rows_put_in_are_counted_where_they_can_be(body: str, rows: int | None) -> None:
    inserts = [one for one in operations(body) if isinstance(one, op.Insert)]
    assert [one.rows for one in inserts] == [rows]


def test_a_condition_becomes_sql() -> None:
    (update,) = operations("op.execute(users.update().where(users.c.id > 5, ~users.c.name.is_(None)).values(id=1))")
    assert isinstance(update, op.Update)
    assert update.where is not None
    assert update.where.text == "(id > 5) AND (NOT (name IS NULL))"
    assert update.assignments == "id = 1"


def test_rows_deleted_by_a_query_are_its_own() -> None:
    (deleted,) = operations("session.query(Team).filter_by(name='x').delete(synchronize_session=False)")
    assert isinstance(deleted, op.Delete)
    assert write_statement((deleted,)) == "DELETE FROM teams WHERE name = 'x'"


SILENT = {
    "print": 'print(f"{conn} rows")',
    "logging": 'import logging\nlogging.getLogger(__name__).info("x %s", conn)',
    "inspector": "inspector = sa.inspect(conn)\ninspector.get_columns('users')",
    "list": "seen = []\nseen.append(conn)\nseen.remove(conn)",
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_what_touches_no_table_is_nothing(body: str) -> None:
    assert operations(body) == []


def test_a_guard_of_run_time_leaves_both_branches() -> None:
    assert kinds("if sa.inspect(conn).has_table('a'):\n    op.drop_table('a')\nelse:\n    op.drop_table('b')") == [
        "DropTable",
        "DropTable",
    ]


def test_another_databases_branch_is_left_out() -> None:
    assert kinds("if conn.dialect.name == 'mysql':\n    op.execute('nonsense')\nelse:\n    op.drop_table('b')") == [
        "DropTable"
    ]


def test_sql_is_at_its_own_lines_after_a_bind_and_an_escaped_colon() -> None:
    first, second = statements(
        "op.execute(r'''\nUPDATE users SET a = '1\\:2';\n\nDELETE FROM users WHERE id = :a\n''')"
    )
    assert second.lines.first - first.lines.first == 2
    assert first.source.startswith("UPDATE users")


def test_an_upgrade_that_is_handed_its_operations_is_read() -> None:
    run = read('revision = "a"\ndown_revision = None\n\n\ndef upgrade(op=None):\n    op.drop_table("t")\n')
    assert [type(one).__name__ for statement in run.statements for one in statement.operations] == ["DropTable"]


EXTENSIONS = {
    "entity": (
        "from alembic_utils.pg_function import PGFunction\nf = PGFunction(schema='public', signature='f(a int)', "
        "definition='RETURNS int AS $$ SELECT 1 $$ LANGUAGE sql')\nop.create_entity(f)",
        ["CreateFunction"],
    ),
    "enum values": (
        "op.sync_enum_values('public', 'mood', ['a', 'b'], [('users', 'mood')])",
        ["RenameRelation", "CreateEnum", "AlterColumnType", "DropType"],
    ),
}


@pytest.mark.parametrize(("body", "expected"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_directives_of_well_known_packages_are_read(body: str, expected: list[str]) -> None:
    assert kinds(body)[-1] == expected[-1]
    assert "Unread" not in kinds(body)


DEEP = {
    "brackets": "x = " + "(" * 150 + "1" + ")" * 150,
    "attributes": "x = a" + ".b" * 3_000,
    "sums": "x = " + " + ".join(["'a'"] * 3_000),
    "calls": "x = f" + "(1)" * 200,
    "doubling": "x = 'ab'\n" + "x = x + x\n" * 60,
    "replacing": "x = 'a' * 1\n" + "x = x.replace('a', 'aaaaaaaaaa')\n" * 30,
    "width": "x = '%99999999d' % 1\ny = '{:>999999999}'.format(1)\nz = f'{1:>99999999}'",
    "itself": "def f():\n    return f() + f()\nx = f()",
    "lists": "x = [1]\n" + "x = x + x\n" * 60,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_written_to_exhaust_a_reader_does_not(text: str) -> None:
    indented = "".join(f"    {line}\n" for line in text.split("\n"))
    read(f'revision = "a"\ndown_revision = None\n{text}\n\n\ndef upgrade():\n{indented}    op.execute(x)\n')


@given(st.text())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    read(text)
    read(f"def upgrade():\n    {text}")


@examples(1.5)
@given(st.sampled_from(MIGRATIONS), st.data())
def test_a_damaged_migration_is_read_without_an_exception(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(
        st.text(max_size=8) | st.sampled_from(["None", "x", "*x", "**x", "[]", "{}", "(", ")", '"', "lambda: 0"])
    )
    run = read(text[:start] + put + text[end:])
    for statement in run.statements:
        assert statement.operations
        assert "failed" not in getattr(statement.operations[0], "reason", "")


ANYTHING = ("None", "x()", "[]", "{}", "1", "*x", "**x", "lambda: 0", "x.y[0]", "-x", "''")


@pytest.mark.parametrize("path", MIGRATIONS, ids=[path.stem for path in MIGRATIONS])
def test_any_argument_may_be_anything(path: Path) -> None:
    """Each directive on a line of its own, with other values for its arguments."""
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        begin, end = line.rfind("("), line.rstrip().rfind(")")
        if "op." not in line or begin < 0 or end < begin:
            continue
        changed = f"{line[: begin + 1]}{ANYTHING[number % len(ANYTHING)]}{line[end:]}"
        for statement in read("\n".join([*lines[:number], changed, *lines[number + 1 :]])).statements:
            for operation in statement.operations:
                assert not (isinstance(operation, op.Unread) and "failed" in operation.reason), changed


def test_an_f_string_of_very_many_parts_is_said_not_to_be_read() -> None:
    text = f'{HEAD}    op.execute(f"{"{a}" * 3000}")\n'
    (migration,) = FRAMEWORK.read(Files([SourceFile("versions/a.py", text)])).migrations
    reasons = [one.reason for each in migration.statements for one in each.operations if isinstance(one, op.Unread)]
    assert len(reasons) == 1
    assert "more than 2,000 parts" in reasons[0]
