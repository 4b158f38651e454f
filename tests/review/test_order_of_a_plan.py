"""The files of a plan keep the author's order wherever one statement needs what another does."""

from collections.abc import Sequence

import pytest

from bot.core.judging.analysis import analyse
from bot.core.judging.findings import StepKind, WrittenFile
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.frameworks import framework_named
from bot.review.rewriting import with_files
from bot.rules import RULES
from tests.support.said import said as text_of

SQL = "db/migrations/20260516120000_x.sql"
ALEMBIC = "versions/0123456789ab_x.py"
RAILS = "db/migrate/20260516120000_x.rb"


def planned(framework: str, *sources: tuple[str, str]) -> list[WrittenFile]:
    """The plan's files as they are deployed."""
    run = framework_named(framework).read(Files([SourceFile(path, text) for path, text in sources]))
    analysis = with_files(analyse(run, None, Policy(postgres=18), RULES))
    ordered = sorted(analysis.findings, key=lambda one: (one.statement.path, one.statement.start))
    files = dict.fromkeys(file for finding in ordered for file in finding.files)
    ranks = {StepKind.DEPLOY: 0, StepKind.MIGRATION: 1, StepKind.SCRIPT: 2}
    return sorted(files, key=lambda file: (file.stage, ranks[file.kind]))


def dbmate(*statements: str) -> list[WrittenFile]:
    return planned(
        "dbmate", (SQL, "-- migrate:up\n" + "".join(f"{one};\n" for one in statements) + "-- migrate:down\n")
    )


def alembic(*calls: str) -> list[WrittenFile]:
    body = "".join(f"    {call}\n" for call in calls)
    head = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "0123456789ab"\ndown_revision = None\n'
    return planned("alembic", (ALEMBIC, f"{head}\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n"))


def rails(*calls: str) -> list[WrittenFile]:
    body = "".join(f"    {call}\n" for call in calls)
    return planned("rails", (RAILS, f"class X < ActiveRecord::Migration[7.1]\n  def up\n{body}  end\nend\n"))


def place(files: Sequence[WrittenFile], text: str) -> int:
    """Which of the files has the text; it is in no other."""
    found = [number for number, file in enumerate(files) if text in file.text]
    assert len(found) == 1, (text, found)
    return found[0]


def script(files: Sequence[WrittenFile]) -> int:
    return next(number for number, file in enumerate(files) if file.kind is StepKind.SCRIPT)


ADD, FILL = "ALTER TABLE accounts ADD COLUMN slug text", "UPDATE accounts SET slug = lower(name)"
CHECKING = {
    "ALTER TABLE accounts ALTER COLUMN slug SET NOT NULL": "accounts_slug_not_null NOT NULL slug NOT VALID",
    "ALTER TABLE accounts ADD CONSTRAINT c CHECK (slug IS NOT NULL)": "ADD CONSTRAINT c CHECK",
    "ALTER TABLE accounts ADD CONSTRAINT c CHECK (slug IS NOT NULL) NOT VALID": "ADD CONSTRAINT c CHECK",
    "ALTER TABLE accounts ADD CONSTRAINT c CHECK (is_slug(slug))": "ADD CONSTRAINT c CHECK",
    "ALTER TABLE accounts ADD CONSTRAINT c CHECK (num_nonnulls(slug, name) = 2)": "ADD CONSTRAINT c CHECK",
    "ALTER TABLE accounts ADD CONSTRAINT c NOT NULL slug": "ADD CONSTRAINT c NOT NULL slug",
    "ALTER TABLE accounts ADD CONSTRAINT c NOT NULL slug NOT VALID": "ADD CONSTRAINT c NOT NULL slug",
    "ALTER TABLE accounts ADD CONSTRAINT c UNIQUE (slug)": "CREATE UNIQUE INDEX",
    "ALTER TABLE accounts ADD PRIMARY KEY (slug)": "CREATE UNIQUE INDEX",
    "CREATE UNIQUE INDEX u ON accounts (lower(slug))": "CREATE UNIQUE INDEX",
    "ALTER TABLE accounts ALTER COLUMN slug TYPE varchar(20)": "ALTER COLUMN slug TYPE varchar(20)",
    "ALTER TABLE accounts ADD CONSTRAINT c FOREIGN KEY (slug) REFERENCES slugs (slug)": "ADD CONSTRAINT c FOREIGN KEY",
    "ALTER TABLE accounts ADD COLUMN n int, ALTER COLUMN slug SET NOT NULL": "ADD COLUMN n integer",
    "CREATE TRIGGER t AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION log_it()": "CREATE TRIGGER t",
    "INSERT INTO slugs SELECT slug FROM accounts": "INSERT INTO slugs",
    "ALTER TABLE accounts DROP COLUMN name": "DROP COLUMN name",
    "ALTER TABLE accounts RENAME TO users": "RENAME TO users",
}


@pytest.mark.parametrize(("statement", "written"), CHECKING.items(), ids=CHECKING)
def test_what_needs_the_rows_that_a_script_changes_comes_after_it(statement: str, written: str) -> None:
    files = dbmate(ADD, FILL, statement)
    assert "ADD COLUMN slug" in files[0].text
    assert script(files) < place(files, written)
    assert files[script(files)].stage < files[place(files, written)].stage


def test_new_code_writes_a_new_column_before_its_rows_are_filled_and_it_is_declared_full() -> None:
    files = dbmate(ADD, FILL, "ALTER TABLE accounts ALTER COLUMN slug SET NOT NULL")
    assert [(file.kind.value, file.stage) for file in files] == [
        ("migration", 1),
        ("deploy", 2),
        ("script", 2),
        ("migration", 3),
        ("migration", 3),
    ]
    assert text_of(files[1].note) == "Release code that writes accounts.slug in every row that it adds or changes."


def test_a_new_column_with_a_default_needs_no_new_code() -> None:
    files = dbmate(f"{ADD} DEFAULT ''", FILL, "ALTER TABLE accounts ALTER COLUMN slug SET NOT NULL")
    assert [file.kind.value for file in files] == ["migration", "script", "migration", "migration"]


def test_what_does_not_concern_the_rows_stays_in_the_file() -> None:
    files = dbmate(ADD, FILL, "COMMENT ON TABLE accounts IS 'x'", "ALTER TABLE plans ALTER COLUMN label SET NOT NULL")
    assert "COMMENT ON TABLE" in files[0].text
    assert "plans_label_not_null NOT NULL label NOT VALID" in files[0].text


def test_the_same_in_alembic() -> None:
    files = alembic(
        'op.add_column("accounts", sa.Column("slug", sa.Text()))',
        'op.execute("UPDATE accounts SET slug = lower(name)")',
        'op.alter_column("accounts", "slug", nullable=False)',
        'op.create_check_constraint("c", "accounts", "is_slug(slug)")',
    )
    assert files[0].path == ALEMBIC
    assert "add_column" in files[0].text
    assert "UPDATE" not in files[0].text
    assert script(files) < place(files, "accounts_slug_not_null NOT NULL slug NOT VALID")
    assert script(files) < place(files, "is_slug(slug)")


def test_the_same_in_rails() -> None:
    files = rails(
        "add_column :accounts, :slug, :text",
        'execute "UPDATE accounts SET slug = lower(name)"',
        "change_column_null :accounts, :slug, false",
        'add_index :accounts, "lower(slug)", unique: true, name: "u"',
    )
    assert files[0].path == RAILS
    assert "add_column :accounts, :slug" in files[0].text
    assert "UPDATE" not in files[0].text
    assert script(files) < place(files, "accounts_slug_not_null NOT NULL slug NOT VALID")
    assert script(files) < min(at for at, file in enumerate(files) if "lower(slug)" in file.text and at)


def test_what_another_file_of_the_pull_request_declares_comes_after_the_script() -> None:
    files = planned(
        "dbmate",
        ("db/migrations/1_add.sql", f"-- migrate:up\n{ADD};\n"),
        ("db/migrations/2_fill.sql", f"-- migrate:up\n{FILL};\n"),
        ("db/migrations/3_declare.sql", "-- migrate:up\nALTER TABLE accounts ALTER COLUMN slug SET NOT NULL;\n"),
    )
    declared = place(files, "accounts_slug_not_null NOT NULL slug NOT VALID")
    assert script(files) < declared
    assert files[declared].path == "db/migrations/4_declare_accounts_slug_not_null.sql"
    assert "Delete `db/migrations/3_declare.sql`" in text_of(files[declared].note)


def test_files_of_two_migrations_share_no_version() -> None:
    index = "-- migrate:up\nCREATE INDEX {0} ON accounts ({0});\nCOMMENT ON TABLE accounts IS 'x';\n"
    files = planned(
        "dbmate", ("db/migrations/1_a.sql", index.format("a")), ("db/migrations/2_b.sql", index.format("b"))
    )
    assert [file.path for file in files] == [
        "db/migrations/1_a.sql",
        "db/migrations/3_build_a.sql",
        "db/migrations/2_b.sql",
        "db/migrations/4_build_b.sql",
    ]


def test_two_scripts_have_two_paths() -> None:
    files = dbmate(
        "UPDATE accounts SET status = 'a' WHERE score = 1", "UPDATE accounts SET status = 'b' WHERE score = 2"
    )
    assert [file.path for file in files] == [
        "db/scripts/backfill_accounts_status.sql",
        "db/scripts/backfill_accounts_status_2.sql",
    ]


def test_what_is_declared_of_a_column_that_is_still_filled_comes_after_its_script() -> None:
    files = dbmate(
        "ALTER TABLE accounts ADD COLUMN token uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE accounts ALTER COLUMN token SET NOT NULL",
    )
    assert script(files) < place(files, "accounts_token_not_null NOT NULL token NOT VALID")


def test_what_its_author_wrote_to_make_a_dropped_table_again_goes_with_the_drop() -> None:
    back = (
        "CREATE TABLE notes (id bigint PRIMARY KEY, body text);",
        "CREATE INDEX notes_body ON notes (body);",
        "GRANT SELECT ON notes TO reader;",
    )
    text = f"-- migrate:up\nALTER TABLE accounts ADD COLUMN slug text;\nDROP TABLE notes;\n-- migrate:down\n{back}\n"
    text = text.replace(str(back), "\n".join((*back, "ALTER TABLE accounts DROP COLUMN slug;")))
    files = planned("dbmate", (SQL, text))
    drops = place(files, "DROP TABLE notes")
    down = files[drops].text.partition("-- migrate:down")[2]
    assert [down.index(word) for word in ("CREATE TABLE", "CREATE INDEX", "GRANT")] == sorted(
        down.index(word) for word in ("CREATE TABLE", "CREATE INDEX", "GRANT")
    )
    assert not any("notes" in file.text for at, file in enumerate(files) if at != drops)


def test_a_plan_comes_before_the_same_statement_behind_a_lock_timeout() -> None:
    files = dbmate("ALTER TABLE accounts ADD COLUMN extra text, DROP COLUMN opt")
    assert place(files, "ADD COLUMN extra") < place(files, "DROP COLUMN opt")
    assert any(file.kind is StepKind.DEPLOY for file in files)
