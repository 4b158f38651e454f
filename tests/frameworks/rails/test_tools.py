"""The tools around Active Record: how they change a migration when it runs."""

import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Run
from bot.frameworks.rails import FRAMEWORK

STRONG = "config/initializers/strong_migrations.rb"
HEAD = "class A < ActiveRecord::Migration[7.1]\n"


def run_of(body: str, base: dict[str, str] | None = None, head: str = HEAD) -> Run:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    text = f"{head}  def up\n{lines}\n  end\nend\n"
    return FRAMEWORK.read(Files(changed=[SourceFile("db/migrate/20260516000000_a.rb", text)], base=base or {}))


def shown(run: Run) -> list[str]:
    return [" ".join(one.sql.split()) for one in run.statements]


def transactions(run: Run) -> list[int | None]:
    return [one.transaction for one in run.statements]


def lock(*gems: str) -> dict[str, str]:
    specs = "".join(f"    {gem} (1.0.0)\n" for gem in gems)
    return {"Gemfile.lock": f"GEM\n  remote: x\n  specs:\n{specs}\nPLATFORMS\n  ruby\n"}


def test_takes_the_timeouts_of_strong_migrations_from_its_initializer() -> None:
    text = "# StrongMigrations.lock_timeout = 1.hour\nStrongMigrations.lock_timeout = 10.seconds\n"
    run = run_of("add_index :users, :a", {STRONG: f"{text}StrongMigrations.statement_timeout = 1.hour\n"})
    assert run.migrations[0].settings == {"lock_timeout": ("10s", STRONG), "statement_timeout": ("3600s", STRONG)}


def test_analyses_a_table_after_its_index_where_strong_migrations_does() -> None:
    run = run_of("add_index :users, :a", {STRONG: "StrongMigrations.auto_analyze = true\n"})
    assert shown(run) == ["CREATE INDEX index_users_on_a ON users (a)", "ANALYZE users"]


def test_builds_an_index_as_safe_by_default_does() -> None:
    run = run_of(
        "add_column :users, :a, :text\nadd_index :users, :a", {STRONG: "StrongMigrations.safe_by_default = true"}
    )
    assert shown(run)[1] == "CREATE INDEX CONCURRENTLY index_users_on_a ON users (a)"
    assert transactions(run) == [1, None]


def test_sets_not_null_as_safe_by_default_does() -> None:
    run = run_of("change_column_null :users, :a, false", {STRONG: "StrongMigrations.safe_by_default = true"})
    added, validated, changed, dropped = run.statements
    assert added.sql.endswith("CHECK (a IS NOT NULL) NOT VALID")
    assert changed.sql == "ALTER TABLE users ALTER COLUMN a SET NOT NULL"
    assert added.transaction == 1
    assert validated.transaction not in (None, 1)
    assert validated.transaction == changed.transaction == dropped.transaction


def test_leaves_migrations_before_start_after_as_they_are() -> None:
    text = "StrongMigrations.safe_by_default = true\nStrongMigrations.start_after = 2026_06_01_000000\n"
    assert shown(run_of("add_index :users, :a", {STRONG: text})) == ["CREATE INDEX index_users_on_a ON users (a)"]


def test_runs_as_safe_pg_migrations_runs_it() -> None:
    run = run_of("add_reference :posts, :user, foreign_key: true", lock("safe-pg-migrations"))
    assert transactions(run) == [None] * len(run.statements)
    said = [one for one in shown(run) if not one.startswith("SET ")]
    assert said[1] == "CREATE INDEX CONCURRENTLY index_posts_on_user_id ON posts (user_id)"
    assert said[2].endswith("NOT VALID")
    assert "VALIDATE CONSTRAINT" in said[3]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("safe_add_column :users, :a, :text", ["ALTER TABLE users ADD COLUMN a text"]),
        ("unsafe_remove_column :users, :a", ["ALTER TABLE users DROP COLUMN a"]),
        ("raw_execute 'SELECT 1'", ["SELECT 1"]),
        ("unsafe_execute 'SELECT 1'", ["SELECT 1"]),
        ("safe_add_concurrent_index :users, [:a]", ["CREATE INDEX CONCURRENTLY index_users_on_a ON users (a)"]),
        (
            "safe_remove_concurrent_index :users, name: 'x'",
            ["DROP INDEX CONCURRENTLY x"],
        ),
        ("safe_change_column_default :users, :a, 1", ["ALTER TABLE users ALTER COLUMN a SET DEFAULT 1"]),
        ("safe_make_column_nullable :users, :a", ["ALTER TABLE users ALTER COLUMN a DROP NOT NULL"]),
        ("unsafe_make_column_not_nullable :users, :a", ["ALTER TABLE users ALTER COLUMN a SET NOT NULL"]),
        ("safe_validate_check_constraint :users, name: :x", ["ALTER TABLE users VALIDATE CONSTRAINT x"]),
        (
            "safe_create_table :users do |t|\n  t.text :a\nend",
            ["CREATE TABLE users ( id bigserial PRIMARY KEY, a text )"],
        ),
    ],
    ids=lambda value: value.split("(")[0].split()[0] if isinstance(value, str) else "",
)
def test_reads_pg_ha_migrations_outside_a_transaction(body: str, expected: list[str]) -> None:
    run = run_of(body, lock("pg_ha_migrations"))
    assert shown(run) == expected
    assert transactions(run) == [None] * len(expected)


GITLAB = "class A < Gitlab::Database::Migration[2.2]\n  disable_ddl_transaction!\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("add_concurrent_index :users, :a, name: 'x'", ["CREATE INDEX CONCURRENTLY x ON users (a)"]),
        ("remove_concurrent_index :users, :a", ["DROP INDEX CONCURRENTLY index_users_on_a"]),
        ("remove_concurrent_index_by_name :users, 'x'", ["DROP INDEX CONCURRENTLY x"]),
        (
            "add_concurrent_foreign_key :posts, :users, column: :user_id, name: 'fk'",
            [
                "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) "
                "ON DELETE CASCADE NOT VALID",
                "ALTER TABLE posts VALIDATE CONSTRAINT fk",
            ],
        ),
        ("validate_foreign_key :posts, :user_id, name: 'fk'", ["ALTER TABLE posts VALIDATE CONSTRAINT fk"]),
        (
            "add_not_null_constraint :users, :a, constraint_name: 'c', validate: false",
            ["ALTER TABLE users ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID"],
        ),
        (
            "add_text_limit :users, :a, 255, constraint_name: 'c'",
            [
                "ALTER TABLE users ADD CONSTRAINT c CHECK (char_length(a) <= 255) NOT VALID",
                "ALTER TABLE users VALIDATE CONSTRAINT c",
            ],
        ),
        ("validate_not_null_constraint :users, :a, constraint_name: 'c'", ["ALTER TABLE users VALIDATE CONSTRAINT c"]),
        ("with_lock_retries do\n  drop_table :users\nend", ["DROP TABLE users"]),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_reads_the_helpers_of_gitlab(body: str, expected: list[str]) -> None:
    assert shown(run_of(body, head=GITLAB)) == expected


@pytest.mark.parametrize(
    "body",
    ["queue_batched_background_migration('Job', :users, :id)", "prepare_async_index :users, :a, name: 'x'"],
    ids=["batched", "async"],
)
def test_takes_work_that_is_only_queued_as_harmless(body: str) -> None:
    from bot.core.language import operations as op

    assert [type(one.operations[0]) for one in run_of(body, head=GITLAB).statements] == [op.Harmless]


def test_keeps_a_foreign_key_of_gitlab_and_its_validation_apart() -> None:
    run = run_of("add_concurrent_foreign_key :posts, :users, column: :user_id", head=GITLAB)
    assert run.statements[0].transaction is not None
    assert run.statements[1].transaction is None


def test_reads_add_reference_concurrently_of_online_migrations() -> None:
    head = f"{HEAD}  disable_ddl_transaction!\n"
    run = run_of("add_reference_concurrently :posts, :user, foreign_key: true", head=head)
    assert [one.split(" (")[0] for one in shown(run)] == [
        "ALTER TABLE posts ADD COLUMN user_id bigint",
        "CREATE INDEX CONCURRENTLY index_posts_on_user_id ON posts",
        "ALTER TABLE posts ADD CONSTRAINT fk_rails_5b5ddfd518 FOREIGN KEY",
        "ALTER TABLE posts VALIDATE CONSTRAINT fk_rails_5b5ddfd518",
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("add_index :users, [:a]", "CREATE INDEX CONCURRENTLY index_users_on_a ON users (a)"),
        ("remove_index :users, :a", "DROP INDEX CONCURRENTLY index_users_on_a"),
        (
            "add_foreign_key :posts, :users, name: :fk",
            "ALTER TABLE posts ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
        ),
        ("add_check_constraint :users, :c, 'a > 0'", "ALTER TABLE users ADD CONSTRAINT c CHECK (a > 0) NOT VALID"),
        ("validate_constraint :users, :c", "ALTER TABLE users VALIDATE CONSTRAINT c"),
        ("remove_not_null_constraint :users, :a", "ALTER TABLE users ALTER COLUMN a DROP NOT NULL"),
    ],
    ids=lambda value: value.split()[0],
)
def test_reads_nandi_as_it_compiles(body: str, expected: str) -> None:
    run = run_of(body, head="class A < Nandi::Migration\n")
    assert shown(run) == [expected]
    assert transactions(run) == [None]


def test_leaves_out_a_source_of_nandi_beside_what_it_compiled() -> None:
    source = "class A < Nandi::Migration\n  def up\n    add_index :users, :a\n  end\nend\n"
    compiled = f"{HEAD}  def up\n    add_index :users, :a, algorithm: :concurrently\n  end\nend\n"
    changed = [SourceFile("db/safe_migrations/1_a.rb", source), SourceFile("db/migrate/1_a.rb", compiled)]
    run = FRAMEWORK.read(Files(changed=changed))
    assert [one.path for one in run.migrations if one.statements] == ["db/migrate/1_a.rb"]


def test_reads_the_helpers_of_the_repository() -> None:
    helper = (
        "class Shop::Migration < ActiveRecord::Migration[5.1]\n  def disable_ddl_transaction\n    true\n  end\n\n"
        "  def add_safe_index(*args)\n    table, columns, options = *args\n    options ||= {}\n"
        "    options[:algorithm] ||= :concurrently\n    add_index(table, columns, options)\n  end\nend\n"
    )
    run = run_of("add_safe_index :users, :a", {"lib/shop/migration.rb": helper}, "class A < Shop::Migration\n")
    assert shown(run) == ["CREATE INDEX CONCURRENTLY index_users_on_a ON users (a)"]
    assert transactions(run) == [None]
    assert run.statements[0].lines.first == 3


def test_says_that_another_database_is_not_postgresql() -> None:
    run = run_of("add_index :users, :a", {"config/database.yml": "default:\n  adapter: mysql2\n"})
    assert any("mysql2" in note for note in run.migrations[0].notes)


def test_takes_timeouts_from_the_variables_of_the_connection() -> None:
    text = "default:\n  adapter: postgresql\n  variables:\n    statement_timeout: 5000\n    lock_timeout: 2s\n"
    run = run_of("add_index :users, :a", {"config/database.yml": text})
    assert {name: value for name, (value, _) in run.migrations[0].settings.items()} == {
        "statement_timeout": "5000ms",
        "lock_timeout": "2s",
    }
