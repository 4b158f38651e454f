"""A call that is done elsewhere is no longer in its file: it never runs twice, and the author's file stays atomic."""

import ast

from bot.core.judging.analysis import analyse
from bot.core.judging.findings import WrittenFile
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.frameworks import framework_named
from bot.review.rewriting import with_files
from bot.rules import RULES
from tests.support.said import said as text_of

ALEMBIC = "versions/0123456789ab_x.py"
DIESEL = "migrations/{}/up.sql"


def planned(tool: str, path: str, text: str) -> list[WrittenFile]:
    run = framework_named(tool).read(Files([SourceFile(path, text)]))
    analysis = with_files(analyse(run, None, Policy(postgres=18), RULES))
    ordered = sorted(analysis.findings, key=lambda one: one.statement.start)
    return list(dict.fromkeys(file for finding in ordered for file in finding.files))


def alembic(*lines: str) -> list[WrittenFile]:
    body = "".join(f"    {line}\n" for line in lines)
    head = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "0123456789ab"\ndown_revision = None\n'
    return planned("alembic", ALEMBIC, f"{head}\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n")


def test_the_only_call_of_a_function_leaves_a_pass() -> None:
    files = alembic('op.drop_column("accounts", "opt")', 'op.add_column("accounts", sa.Column("a", sa.Integer()))')
    assert "drop_column" not in files[0].text
    own, *_ = alembic(
        "if True:", '    op.drop_column("accounts", "opt")', 'op.add_column("t", sa.Column("a", sa.Text()))'
    )
    assert "        pass\n" in own.text


def test_the_calls_of_a_loop_leave_it_together() -> None:
    add = 'op.add_column("t", sa.Column("a", sa.Text()))'
    for call in ('op.create_index("x_" + table, table, ["c"])', 'op.alter_column(table, "d", nullable=False)'):
        own, *further = alembic('for table in ("one", "two"):', f"    {call}", add)
        assert call not in own.text
        ast.parse(own.text)
        done = "\n".join(file.text for file in further)
        for table in ("one", "two"):
            assert done.count(f"x_{table}" if "index" in call else f"ALTER TABLE {table} ADD CONSTRAINT") >= 1
        assert "by hand" not in text_of(own.note)


def test_what_no_edit_takes_apart_is_said_and_not_done_again_by_a_file() -> None:
    files = alembic(
        'op.execute("UPDATE t SET a = 1; CREATE INDEX i ON t (a)")', 'op.add_column("t", sa.Column("b", sa.Text()))'
    )
    assert all(file.path in (None, ALEMBIC) for file in files)
    by_hand = [file for file in files if file.path is None]
    assert "CREATE INDEX CONCURRENTLY i ON t (a);" in "".join(file.text for file in by_hand)
    assert "by hand" in text_of(by_hand[0].note)


def test_a_build_outside_a_transaction_leaves_a_file_that_was_atomic() -> None:
    own, build, *_ = alembic(
        'op.create_table("n", sa.Column("id", sa.BigInteger(), primary_key=True))',
        "# found by user",
        'op.create_index("u", "orders", ["user_id"], unique=True)',
    )
    assert "autocommit_block" not in own.text
    assert "found by user" not in own.text
    assert "autocommit_block" in build.text
    alone, *_ = alembic('op.create_index("u", "orders", ["user_id"], unique=True)')
    assert alone.path == ALEMBIC
    assert "autocommit_block" in alone.text
    assert "SET LOCAL" not in alone.text


def test_a_batch_keeps_no_concurrent_build() -> None:
    own, *further = alembic(
        'with op.batch_alter_table("orders") as batch:',
        '    batch.create_index("i", ["x"])',
        '    batch.alter_column("y", nullable=False)',
    )
    assert "concurrently" not in own.text.lower()
    assert sum("postgresql_concurrently=True" in file.text for file in further) == 1


def test_files_of_diesel_come_after_the_authors_in_its_own_form() -> None:
    text = "CREATE INDEX i ON t (a);\nALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);\n"
    for name, following in (
        ("2021-02-10-164051_x", "2021-02-10-164052_build_i"),
        ("2021-02-10_x", "2021-02-11_build_i"),
        ("2021-02-10-1_x", "2021-02-10-2_build_i"),
        ("00000000000000_x", "00000000000001_build_i"),
    ):
        paths = [file.path for file in planned("diesel", DIESEL.format(name), text)]
        assert DIESEL.format(following) in paths
        assert f"migrations/{following}/metadata.toml" in paths


DO = (
    "-- migrate:up\nDO $$ BEGIN\n  ALTER TABLE accounts ALTER COLUMN name SET NOT NULL;\n"
    "  COMMENT ON TABLE accounts IS 'x';\n  CREATE INDEX x1 ON accounts (email);\nEND $$;\n"
    "-- migrate:down\nDROP INDEX x1;\nALTER TABLE accounts ALTER COLUMN name DROP NOT NULL;\n"
)


def test_a_do_block_whose_statements_were_all_read_is_taken_apart() -> None:
    own, *further = planned("dbmate", "db/migrations/1_x.sql", DO)
    assert "DO $$" not in own.text
    assert "NOT NULL name NOT VALID" in own.text
    assert "COMMENT ON TABLE" in own.text
    assert "DROP INDEX" not in own.text
    assert sum("CREATE INDEX CONCURRENTLY x1" in file.text for file in further) == 1
    assert "x1" not in own.text


def test_a_do_block_that_decides_is_left_to_its_author() -> None:
    for begin, close in (("IF now() > '2020-01-01' THEN", "END IF;"), ("PERFORM 1;", ""), ("RAISE NOTICE 'x';", "")):
        text = DO.replace("BEGIN", f"BEGIN {begin}").replace("END $$", f"{close} END $$")
        own, *further = planned("dbmate", "db/migrations/1_x.sql", text)
        assert "DO $$" in own.text
        assert all(file.path is None for file in further)
        assert any("CREATE INDEX CONCURRENTLY x1" in file.text for file in further)


def test_the_only_statement_of_a_do_block_keeps_the_condition_that_asks_whether_it_is_there() -> None:
    add = "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);"
    head = "IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'sized') THEN"
    own, *further = planned(
        "dbmate", "db/migrations/1_x.sql", f"-- migrate:up\nDO $$ BEGIN {head} {add} END IF; END $$;\n"
    )
    assert f"{head} {add[:-1]} NOT VALID; END IF; END $$;" in own.text
    assert [file.path is not None and "VALIDATE CONSTRAINT sized" in file.text for file in further] == [True]
    for body in (
        f"IF current_user = 'x' THEN {add} END IF;",
        f"{head} {add} ELSE NULL; END IF;",
        f"{add} EXCEPTION WHEN others THEN NULL;",
        f"{head} {add} {add.replace('sized', 'big')} END IF;",
    ):
        own, *further = planned("dbmate", "db/migrations/1_x.sql", f"-- migrate:up\nDO $$ BEGIN {body} END $$;\n")
        assert body in own.text
        assert [file.path for file in further] == [None] * len(further)
