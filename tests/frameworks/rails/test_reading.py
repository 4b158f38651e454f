"""Rails migrations read without running them: Ruby in, statements with their lines and transactions out."""

import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Run, Statement
from bot.frameworks import recognise
from bot.frameworks.rails import FRAMEWORK

PATH = "db/migrate/20260516000000_change.rb"


def file_of(body: str, head: str = "", entry: str = "up", rest: str = "") -> str:
    lines = "\n".join(f"    {line}" if line else line for line in body.split("\n"))
    return f"class Change < ActiveRecord::Migration[7.1]\n{head}  def {entry}\n{lines}\n  end\n{rest}end\n"


def run_of(text: str) -> Run:
    return FRAMEWORK.read(Files(changed=[SourceFile(PATH, text)]))


def statements_of(body: str, head: str = "", rest: str = "") -> tuple[Statement, ...]:
    return run_of(file_of(body, head, rest=rest)).statements


def sql(body: str, head: str = "", rest: str = "") -> list[str]:
    return [" ".join(one.sql.split()) for one in statements_of(body, head, rest)]


def operation(body: str, head: str = "") -> op.Operation:
    (statement,) = statements_of(body, head)
    return statement.operations[0]


def test_reads_sql_in_a_heredoc_at_its_own_lines() -> None:
    found = statements_of("execute <<~SQL\n  ALTER TABLE a\n    ADD b text;\n  DROP TABLE c;\nSQL")
    assert [(one.lines.first, one.lines.last) for one in found] == [(4, 5), (6, 6)]
    assert [one.source for one in found] == ["ALTER TABLE a\n        ADD b text", "DROP TABLE c"]


def test_runs_a_string_of_several_statements_in_one_implicit_transaction() -> None:
    found = statements_of('execute "SELECT 1; SELECT 2"\nexecute "SELECT 3"', "  disable_ddl_transaction!\n")
    assert found[0].transaction == found[1].transaction is not None
    assert found[2].transaction is None


@pytest.mark.parametrize(
    "head",
    ["disable_ddl_transaction!", "self.disable_ddl_transaction!", "self.disable_ddl_transaction = true"],
    ids=["plain", "self", "assigned"],
)
def test_knows_that_a_migration_runs_outside_a_transaction(head: str) -> None:
    run = run_of(file_of("add_index :a, :b", f"  {head}\n"))
    assert run.migrations[0].transactional is False
    assert run.statements[0].transaction is None


def test_runs_a_transaction_block_as_one_where_none_is_open() -> None:
    found = statements_of(
        "transaction do\n  add_column :a, :b, :text\n  add_column :a, :c, :text\nend\nadd_column :a, :d, :text",
        "  disable_ddl_transaction!\n",
    )
    assert found[0].transaction == found[1].transaction is not None
    assert found[2].transaction is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("%w[a b].each { |t| drop_table t }", ["DROP TABLE a", "DROP TABLE b"]),
        ("{ a: :b, c: :d }.each { |t, c| remove_column t, c }", [
            "ALTER TABLE a DROP COLUMN b", "ALTER TABLE c DROP COLUMN d"
        ]),
        ("(1..2).each { |n| execute \"DROP TABLE part_#{n}\" }", ["DROP TABLE part_1", "DROP TABLE part_2"]),
        ("2.times { |n| execute \"DROP TABLE part_#{n}\" }", ["DROP TABLE part_0", "DROP TABLE part_1"]),
        ("drop :a, :b", ["DROP TABLE a", "DROP TABLE b"]),
        ("drop_table name_of(:a)", ["DROP TABLE app_a"]),
        ("say_with_time('x') { drop_table :a }", ["DROP TABLE a"]),
        ("drop_table :a unless table_exists?(:a)", ["DROP TABLE a"]),
        ("if connection.adapter_name =~ /mysql/i\n  drop_table :a\nelse\n  drop_table :b\nend", ["DROP TABLE b"]),
        ("ActiveRecord::Base.connection.execute('DROP TABLE a')", ["DROP TABLE a"]),
        ("options = { limit: 5 }\nadd_column :a, :b, :string, **options", ["ALTER TABLE a ADD COLUMN b varchar(5)"]),
        ("t = 'a'\nt += 'b'\ndrop_table t", ["DROP TABLE ab"]),
        ("execute(format_it)", ["DROP TABLE z"]),
        ("execute 'DROP TABLE %s' % 'a'", ["DROP TABLE a"]),
        ("execute 'DROP TABLE ' \\\n  'a'", ["DROP TABLE a"]),
        ("execute \"SELECT 'it''s'\"", ["SELECT 'it''s'"]),
        ("execute 'SELECT \\'x\\''", ["SELECT 'x'"]),
        ("reversible do |dir|\n  dir.up { drop_table :a }\n  dir.down { drop_table :b }\nend", ["DROP TABLE a"]),
        ("up_only { drop_table :a }", ["DROP TABLE a"]),
        ("revert { add_column :a, :b, :text }", ["ALTER TABLE a DROP COLUMN b"]),
        (
            "revert do\n  add_column :a, :b, :text\n  rename_column :a, :b, :c\nend",
            ["ALTER TABLE a RENAME COLUMN c TO b", "ALTER TABLE a DROP COLUMN b"],
        ),
        ("revert do\n  create_table :a do |t|\n    t.text :b\n  end\nend", ["DROP TABLE a"]),
    ],
)  # fmt: skip
def test_follows_ruby_that_is_static(body: str, expected: list[str]) -> None:
    rest = (
        "\n  private\n\n  def drop(*tables)\n    tables.each { |t| drop_table(t) }\n  end\n\n"
        '  def name_of(table, prefix: "app")\n    "#{prefix}_#{table}"\n  end\n\n'
        "  def format_it\n    <<~SQL\n      DROP TABLE z\n    SQL\n  end\n"
    )
    assert sql(body, rest=rest) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("User.update_all(plan: 'x')", ("users", "", True)),
        ("User.where(plan: nil).update_all(plan: 'x')", ("users", "plan IS NULL", True)),
        ("User.where.not(plan: nil).update_all(plan: 'x')", ("users", "plan IS NOT NULL", True)),
        ("Admin::User.update_all(plan: 'x')", ("users", "", True)),
        ("Old.update_all(plan: 'x')", ("legacy", "", True)),
        ("User.find_each { |user| user.update!(plan: 'x') }", ("users", "", False)),
        ("User.find_each do |user|\n  user.plan = 'x'\n  user.save!\nend", ("users", "", False)),
        ("User.find_each(&:save!)", ("users", "", False)),
    ],
    ids=["all", "where", "not", "module", "own-table", "find-each", "save", "symbol"],
)
def test_reads_models_as_changes_of_rows(body: str, expected: tuple[str, str, bool]) -> None:
    found = operation(body, "  class Old < ActiveRecord::Base\n    self.table_name = 'legacy'\n  end\n")
    assert isinstance(found, op.Update)
    where = found.where.text if found.where is not None else ""
    assert (found.table.name, where, not found.by_application) == expected


def test_reads_batches_as_batches() -> None:
    found = operation("User.where(plan: nil).in_batches { |batch| batch.update_all(plan: 'x') }")
    assert isinstance(found, op.Update)
    assert found.batched


def test_counts_the_rows_of_insert_all() -> None:
    found = operation("User.insert_all([{ name: 'a' }, { name: 'b' }])")
    assert isinstance(found, op.Insert)
    assert found.rows == 2


@pytest.mark.parametrize(
    "body",
    [
        'execute "UPDATE users SET plan = #{quote(plan)} WHERE id IN (#{ids.join(",")})"',
        "execute \"UPDATE users SET plan = '#{ENV[%q(PLAN)]}'\"",
        "execute <<~SQL\n  UPDATE users SET plan = 1 WHERE #{conditions}\nSQL",
    ],
    ids=["values", "quoted", "condition"],
)
def test_reads_rows_changed_by_sql_with_values_of_run_time(body: str) -> None:
    found = operation(body)
    assert isinstance(found, op.Update)
    assert found.table.name == "users"
    assert found.by_application


def test_reads_a_delete_with_a_value_of_run_time() -> None:
    assert isinstance(operation('execute "DELETE FROM users WHERE id = #{id}"'), op.Delete)


@pytest.mark.parametrize(
    "body",
    [
        'execute "ALTER TABLE #{ENV.fetch(%q(TABLE))} ADD COLUMN a text"',
        'execute "UPDATE #{table} SET a = 1"',
        'execute "CREATE INDEX i ON users (#{column})"',
        "execute File.read('x.sql')",
        "drop_table ENV['TABLE']",
        "add_column :users, :plan, kind",
        "revert SomeMigration",
        "something_unheard_of :users",
        "Users::Cleanup.call",
    ],
    ids=["ddl", "table", "index", "file", "env", "type", "revert", "unknown", "service"],
)
def test_says_what_only_the_run_decides(body: str) -> None:
    (found,) = statements_of(body)
    assert isinstance(found.operations[0], op.Unread)
    assert found.lines.first == 3
    assert found.operations[0].reason


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("t.attachment :logo", "logo_file_name varchar, logo_content_type varchar, logo_file_size bigint"),
        ("t.monetize :price", "price_cents integer DEFAULT 0 NOT NULL, price_currency varchar DEFAULT 'USD' NOT NULL"),
        ("t.timestamps_with_timezone", "created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL"),
        ("t.datetime_with_timezone :at", "at timestamptz"),
        ("t.numeric :n, precision: 5", "n numeric(5)"),
        (
            "t.virtual :u, type: :string, as: 'upper(a)', stored: true",
            "u varchar GENERATED ALWAYS AS (upper(a)) STORED",
        ),
    ],
    ids=["paperclip", "money", "zones", "zone", "alias", "virtual"],
)
def test_reads_the_columns_of_a_new_table(column: str, expected: str) -> None:
    (found,) = sql(f"create_table :a, id: false do |t|\n  {column}\nend")
    assert expected in found


def test_takes_a_new_tables_key_of_a_setting_as_the_usual_one() -> None:
    body = "kind, other = kinds\ncreate_table :blobs, id: kind do |t|\n  t.references :a, type: other\nend"
    rest = "\n  def kinds\n    setting = Rails.x\n    [setting || :primary_key, setting || :bigint]\n  end\n"
    assert sql(body, rest=rest)[0] == "CREATE TABLE blobs ( id bigserial PRIMARY KEY, a_id bigint )"


def test_takes_files_in_the_order_of_their_versions() -> None:
    files = [SourceFile(f"db/migrate/{version}_a.rb", file_of("drop_table :a")) for version in ("20260102", "20260101")]
    run = FRAMEWORK.read(Files(changed=files))
    assert [one.version for one in run.migrations] == ["20260101", "20260102"]


def test_reads_the_allows_of_comments() -> None:
    run = run_of(file_of("# migsafe: allow drop-table the table is empty\ndrop_table :a"))
    (allow,) = run.migrations[0].allows
    assert (allow.rule, allow.statement_line) == ("drop-table", 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (file_of("drop_table :a"), True),
        ("class A < ApplicationMigration[7.0]\n  def change\n  end\nend\n", True),
        ("class A < ActiveRecord::Migration\n  def self.up\n  end\nend\n", True),
        ("class MigrationGenerator < Rails::Generators::Base\n  def up\n  end\nend\n", False),
        ("class User < ApplicationRecord\n  def change\n  end\nend\n", False),
    ],
    ids=["plain", "own-superclass", "old", "generator", "model"],
)
def test_recognises_migrations_by_their_class(text: str, *, expected: bool) -> None:
    found = recognise(PATH, text)
    assert (found is not None and found.name == "rails") is expected
