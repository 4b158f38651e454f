"""Written Ruby means the operations it was written from, and looks as an author would write it."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, PlanSoFar, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks.rails import FRAMEWORK
from bot.frameworks.rails.spell import calls
from bot.frameworks.ruby.syntax import parse
from bot.sql import Unwritable, read_statement, write_statement
from tests.support.kinds import examples
from tests.support.strategies import statements

PATH = "db/migrate/20260516000000_change.rb"
VERSIONS = (4.2, 5.0, 5.2, 6.1, 7.0, 7.1, 8.0)


def migration(text: str) -> Migration:
    return FRAMEWORK.read(Files(changed=[SourceFile(PATH, text)])).migrations[0]


def said(operations: tuple[op.Operation, ...]) -> str:
    return " ".join(write_statement(operations).split())


def file_of(body: str, version: float = 7.1, entry: str = "change", head: str = "") -> str:
    lines = "\n".join(f"    {line}" if line else line for line in body.split("\n"))
    return f"class Change < ActiveRecord::Migration[{version}]\n{head}  def {entry}\n{lines}\n  end\nend\n"


@examples(3)
@given(statements, st.sampled_from(VERSIONS))
def test_reads_back_the_statement_that_was_written(operations: tuple[op.Operation, ...], version: float) -> None:
    try:
        expected = said(operations)
        written = calls(operations, version)
    except Unwritable:
        reject()
    text = file_of("\n".join(written), version)
    assert not parse(text.encode()).has_error
    assert [said(one.operations) for one in migration(text).statements if one.inside is None] == [expected]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE users ADD COLUMN plan text", "add_column :users, :plan, :text"),
        ("ALTER TABLE users ADD COLUMN plan varchar(9) NOT NULL DEFAULT 'x'", (
            "add_column :users, :plan, :string, limit: 9, default: \"x\", null: false"
        )),
        ("ALTER TABLE app.users DROP COLUMN plan", 'remove_column "app.users", :plan'),
        ("ALTER TABLE users ALTER COLUMN plan TYPE bigint", "change_column :users, :plan, :bigint"),
        ("ALTER TABLE users ALTER COLUMN plan SET NOT NULL", "change_column_null :users, :plan, false"),
        ("ALTER TABLE users ALTER COLUMN plan DROP DEFAULT", "change_column_default :users, :plan, nil"),
        ("ALTER TABLE users RENAME TO people", "rename_table :users, :people"),
        ("ALTER TABLE users RENAME COLUMN a TO b", "rename_column :users, :a, :b"),
        ("DROP TABLE users", "drop_table :users"),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON users (a, b) WHERE a > 0",
            'add_index :users, [:a, :b], name: "i", unique: true, where: "a > 0", algorithm: :concurrently',
        ),
        (
            "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
            'add_foreign_key :posts, :users, name: "fk", validate: false',
        ),
        (
            "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users",
            'execute "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users"',
        ),
        (
            "CREATE INDEX CONCURRENTLY i ON users (lower(email), a DESC)",
            'add_index :users, "lower(email), a DESC", name: "i", algorithm: :concurrently',
        ),
        ("ALTER TABLE posts VALIDATE CONSTRAINT posts_fk", 'validate_constraint :posts, "posts_fk"'),
        (
            "ALTER TABLE posts VALIDATE CONSTRAINT fk_rails_0123456789",
            'validate_foreign_key :posts, name: "fk_rails_0123456789"',
        ),
        (
            "ALTER TABLE posts ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL) NOT VALID",
            'add_check_constraint :posts, "a IS NOT NULL", name: "a_not_null", validate: false',
        ),
        ("ALTER TABLE posts VALIDATE CONSTRAINT a_not_null", 'validate_constraint :posts, "a_not_null"'),
        ("ALTER TABLE posts DROP CONSTRAINT fk_rails_0123456789", (
            'remove_foreign_key :posts, name: "fk_rails_0123456789"'
        )),
        ("ALTER TABLE posts DROP CONSTRAINT something", 'execute "ALTER TABLE posts DROP CONSTRAINT something"'),
        ("SET LOCAL lock_timeout = '5s'", "execute \"SET LOCAL lock_timeout = '5s'\""),
    ],
)  # fmt: skip
def test_spells_a_statement_as_active_record_does(sql: str, expected: str) -> None:
    assert list(calls(read_statement(sql), 7.1)) == [expected]


def suggested(text: str, line: int, *sql: str, transactional: bool = True, lock_timeout: str = "") -> str | None:
    """The file with the suggestion for the statement at this line applied."""
    like = migration(text)
    lines = next(one.lines for one in like.statements if one.lines.first == line)
    operations = tuple(operation for one in sql for operation in read_statement(one))
    settings = (("lock_timeout", lock_timeout),) if lock_timeout else ()
    step = Step(StepKind.MIGRATION, operations, transactional=transactional, settings=settings)
    found = FRAMEWORK.suggestion(step, like, lines)
    if found is None:
        return None
    rows = text.split("\n")
    return "\n".join([*rows[: found.lines.first - 1], *found.text.rstrip("\n").split("\n"), *rows[found.lines.last :]])


CONCURRENT = "CREATE INDEX CONCURRENTLY index_users_on_email ON users (email)"


def test_suggests_at_the_authors_place_with_the_marker_of_the_class() -> None:
    text = file_of("add_index :users, :email")
    assert suggested(text, 3, CONCURRENT, transactional=False) == file_of(
        "add_index :users, :email, algorithm: :concurrently", head="  disable_ddl_transaction!\n\n"
    )


def test_suggests_within_a_block() -> None:
    text = file_of("safety_assured { add_index :users, :email }")
    assert suggested(text, 3, CONCURRENT, transactional=False) == file_of(
        "safety_assured { add_index :users, :email, algorithm: :concurrently }", head="  disable_ddl_transaction!\n\n"
    )


def test_suggests_nothing_that_would_take_the_transaction_from_other_statements() -> None:
    text = file_of("add_column :users, :a, :text\nadd_index :users, :email")
    assert suggested(text, 4, CONCURRENT, transactional=False) is None


def test_suggests_sql_in_a_heredoc_as_a_call() -> None:
    text = file_of("execute <<~SQL\n  CREATE INDEX index_users_on_email ON users (email);\nSQL", entry="up")
    assert suggested(text, 4, CONCURRENT, transactional=False) == file_of(
        "add_index :users, :email, algorithm: :concurrently", entry="up", head="  disable_ddl_transaction!\n\n"
    )


def test_suggests_what_cannot_be_undone_only_on_the_way_up() -> None:
    text = file_of("change_column_null :users, :a, false")
    sql = "ALTER TABLE users ALTER COLUMN a SET NOT NULL"
    assert suggested(text, 3, sql, lock_timeout="5s") == file_of(
        "up_only { execute \"SET LOCAL lock_timeout = '5s'\" }\nchange_column_null :users, :a, false"
    )


def test_suggests_for_the_way_down_what_active_record_does_not_know() -> None:
    text = file_of("remove_index :users, :email", head="  disable_ddl_transaction!\n\n")
    sql = "DROP INDEX CONCURRENTLY index_users_on_email"
    found = suggested(text, 5, sql, transactional=False, lock_timeout="0")
    assert found is not None
    assert found.count("dir.up do") == 1
    assert "dir.down do\n        add_index :users, :email, algorithm: :concurrently\n" in found
    assert [said(one.operations) for one in migration(found).statements][1] == sql


def test_suggests_an_index_over_an_expression_that_is_dropped_by_its_name() -> None:
    text = file_of('add_index :users, "lower(email)", name: "i"')
    sql = "CREATE INDEX CONCURRENTLY i ON users (lower(email))"
    found = suggested(text, 3, sql, transactional=False)
    assert found is not None
    assert 'dir.up do\n        add_index :users, "lower(email)", name: "i", algorithm: :concurrently\n' in found
    assert 'dir.down do\n        remove_index :users, name: "i", algorithm: :concurrently\n' in found


@pytest.mark.parametrize(
    ("sql", "version"),
    [
        ("CREATE INDEX CONCURRENTLY i ON users (a) INCLUDE (b)", 6.1),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (a)", 6.0),
        ("ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID", 5.1),
        ("ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) DEFERRABLE", 6.1),
    ],
)
def test_writes_as_sql_what_active_record_of_the_files_version_has_no_option_for(sql: str, version: float) -> None:
    assert [call.partition(" ")[0] for call in calls(read_statement(sql), version)] == ["execute"]


def test_names_files_and_classes_as_the_generator_does() -> None:
    like = migration(file_of("add_index :users, :email\nadd_column :users, :a, :text"))
    steps = [
        Step(StepKind.MIGRATION, read_statement("ALTER TABLE users ADD COLUMN a text")),
        Step(StepKind.MIGRATION, read_statement(CONCURRENT), transactional=False),
    ]
    first, second = FRAMEWORK.write(steps, like, ["20260516000000"])
    assert first.path == PATH
    assert second.path is not None
    assert second.path.startswith("db/migrate/2026051600000")
    name = second.path.rpartition("/")[2].removesuffix(".rb").split("_", 1)[1]
    assert (
        f"class {''.join(part.capitalize() for part in name.split('_'))} < ActiveRecord::Migration[7.1]" in second.text
    )
    assert "  disable_ddl_transaction!" in second.text
    assert not parse(second.text.encode()).has_error


def test_takes_moved_sql_out_of_the_file_it_stood_in() -> None:
    text = file_of(
        "execute 'CREATE INDEX index_users_on_email ON users (email)'\nadd_column :users, :a, :text", entry="up"
    )
    like = migration(text)
    step = Step(StepKind.MIGRATION, read_statement(CONCURRENT), transactional=False)
    rewritten = FRAMEWORK.rewritten_file(like, {0: [step]}, PlanSoFar.of([like.version]))
    assert rewritten.text == file_of("add_column :users, :a, :text", entry="up")
    assert [one.transactional for one in rewritten.files[0]] == [False]


def test_says_what_the_author_has_to_remove_by_hand() -> None:
    text = file_of("execute 'SELECT 1; CREATE INDEX index_users_on_email ON users (email)'", entry="up")
    like = migration(text)
    step = Step(StepKind.MIGRATION, read_statement(CONCURRENT), transactional=False)
    assert "line 3" in FRAMEWORK.rewritten_file(like, {1: [step]}, PlanSoFar.of([like.version])).note
