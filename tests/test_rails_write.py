"""What is written in Ruby means what was asked for, and looks as an author would write it."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import statements

from bot.core.frameworks import Files, SourceFile
from bot.core.migrations import Migration
from bot.core.operations import Operation
from bot.frameworks.rails import FRAMEWORK
from bot.frameworks.rails.ruby import parse
from bot.frameworks.rails.spell import calls
from bot.sql import Unwritable, read_statement, write_statement

PATH = "db/migrate/20260516000000_change.rb"
CALM = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
VERSIONS = (4.2, 5.0, 5.2, 6.1, 7.0, 7.1, 8.0)


def migration(text: str) -> Migration:
    return FRAMEWORK.read(Files(changed=[SourceFile(PATH, text)])).migrations[0]


def said(operations: tuple[Operation, ...]) -> str:
    return " ".join(write_statement(operations).split())


def file_of(body: str, version: float = 7.1, entry: str = "change", head: str = "") -> str:
    lines = "\n".join(f"    {line}" if line else line for line in body.split("\n"))
    return f"class Change < ActiveRecord::Migration[{version}]\n{head}  def {entry}\n{lines}\n  end\nend\n"


@CALM
@given(statements, st.sampled_from(VERSIONS))
def test_reads_back_the_statement_that_was_written(operations: tuple[Operation, ...], version: float) -> None:
    try:
        expected = said(operations)
        written = calls(operations, version)
    except Unwritable:
        assume(False)
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
            'add_foreign_key :posts, :users, column: :user_id, name: "fk", validate: false',
        ),
        ("ALTER TABLE posts VALIDATE CONSTRAINT posts_fk", 'validate_foreign_key :posts, name: "posts_fk"'),
        (
            "ALTER TABLE posts ADD CONSTRAINT a_not_null CHECK (a IS NOT NULL) NOT VALID",
            'add_check_constraint :posts, "a IS NOT NULL", name: "a_not_null", validate: false',
        ),
        ("ALTER TABLE posts VALIDATE CONSTRAINT a_not_null", 'validate_check_constraint :posts, name: "a_not_null"'),
        ("ALTER TABLE posts DROP CONSTRAINT fk_rails_0123456789", (
            'remove_foreign_key :posts, name: "fk_rails_0123456789"'
        )),
        ("ALTER TABLE posts DROP CONSTRAINT something", 'execute "ALTER TABLE posts DROP CONSTRAINT something"'),
        ("SET LOCAL lock_timeout = '5s'", "execute \"SET LOCAL lock_timeout = '5s'\""),
    ],
)  # fmt: skip
def test_spells_a_statement_as_active_record_does(sql: str, expected: str) -> None:
    assert list(calls(read_statement(sql), 7.1)) == [expected]
