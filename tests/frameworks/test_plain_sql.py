"""Plain SQL, and the conventions of the tools whose migrations are SQL: what runs with what."""

from collections.abc import Callable, Mapping

import pytest

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, PlanSoFar, SourceFile
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.migrations import Lines, Migration, Run, Scope
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.frameworks import FRAMEWORKS, UnknownFramework, framework_named, recognise
from bot.frameworks.plain import FRAMEWORK
from bot.frameworks.sql_files.suggestions import apply
from bot.sql import read_statement
from tests.support.said import said

CONCURRENTLY = "CREATE INDEX CONCURRENTLY i ON t (x);\n"
A, B = "DROP TABLE a;\n", "DROP TABLE b;\n"
G = "1_x.sql"
PRISMA = "prisma/migrations/20260516120000_x/migration.sql"


def read(path: str, text: str, head: Mapping[str, str] | None = None, *, transaction: bool | None = None) -> Run:
    framework = recognise(path, text, named=True)
    assert framework is not None
    return framework.read(Files([SourceFile(path, text)], head=head or {}, transaction=transaction))


def numbers(run: Run) -> list[int | None]:
    return [statement.transaction for statement in run.statements]


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        pytest.param("db/migrations/20260516_x.sql", "-- migrate:up\n", "dbmate", id="dbmate"),
        pytest.param("migrations/1_x.sql", "-- +goose Up\n", "goose", id="goose"),
        pytest.param("migrations/1_x.sql", "-- +migrate Up\n", "sql-migrate", id="sql-migrate"),
        pytest.param("migrations/1_x.up.sql", "-- no-transaction\n", "sqlx", id="sqlx"),
        pytest.param("migrations/000001_x.up.sql", "-- morph:nontransactional\n", "morph", id="morph"),
        pytest.param("migrations/000001_x.up.sql", A, "golang-migrate", id="golang-migrate"),
        pytest.param("src/db/migration/V1_2__x.sql", A, "flyway", id="flyway"),
        pytest.param("prisma/migrations/20260516120000_x/migration.sql", A, "prisma", id="prisma"),
        pytest.param("migrations/2026-05-16-120000_x/up.sql", A, "diesel", id="diesel"),
        pytest.param("supabase/migrations/20260516120000_x.sql", A, "supabase", id="supabase"),
        pytest.param("drizzle/0001_odd_name.sql", A + "--> statement-breakpoint\n" + B, "drizzle", id="drizzle"),
        pytest.param("deploy/x.sql", "-- Deploy app:x to pg\n" + A, "sqitch", id="sqitch"),
        pytest.param("db/x.sql", "--liquibase formatted sql\n--changeset a:1\n" + A, "liquibase", id="liquibase"),
        pytest.param("conf/evolutions/default/1.sql", "# --- !Ups\n" + A, "play", id="play"),
        pytest.param("migrations/x.sql", A, "plain", id="a folder of migrations"),
        pytest.param("db/migrate/0001_x.sql", A, "plain", id="rails folder"),
        pytest.param("sql/0001_x.sql", A, "plain", id="a numbered file"),
    ],
)
def test_files_are_recognised_by_what_is_most_specific(path: str, text: str, name: str) -> None:
    framework = recognise(path, text)
    assert framework is not None
    assert framework.name == name


@pytest.mark.parametrize(
    "path",
    [
        "db/structure.sql",
        "db/schema.sql",
        "db/migrations/seeds.sql",
        "db/seeds/0001_users.sql",
        "db/migrations/preconditions/20260516_x.sql",
        "migrations/000001_x.down.sql",
        "migrations/2026-05-16-120000_x/down.sql",
        "sql/U1__x.sql",
        "src/queries/users.sql",
        "tests/fixtures/0001_x.sql",
        "revert/x.sql",
        "migrations/mysql/0001_x.sql",
        "internal/clickhouse/migrations/0001_x.up.sql",
        "migrations/20260516_x.sqlite3.up.sql",
        "README.md",
        "db/migrations/1_x.rb",
    ],
)
def test_dumps_seeds_and_undoing_files_are_not_migrations(path: str) -> None:
    assert recognise(path, A) is None


@pytest.mark.parametrize("path", ["x.sql", "db/schema.sql", "migrations/1.down.sql"])
def test_a_file_that_was_named_is_read_whatever_it_is_called(path: str) -> None:
    assert recognise(path, A, named=True) is not None


def test_frameworks_are_found_in_their_folder_and_known_by_name() -> None:
    assert [framework.name for framework in FRAMEWORKS][-1] == "plain"
    assert framework_named("dbmate") in FRAMEWORKS
    with pytest.raises(UnknownFramework, match=r"there are .*dbmate"):
        framework_named("cobol")


def test_looking_for_the_framework_loads_no_parser_but_that_of_sql(fresh_python: Callable[[str], str]) -> None:
    """A framework's module is cheap to import: it loads its parser where it reads."""
    program = (
        "import sys; import bot.frameworks as f; f.recognise('db/migrations/1_x.sql', 'SELECT 1');"
        "print([name for name in sys.modules if name.startswith(('tree_sitter', 'httpx', 'githubkit'))])"
    )
    assert fresh_python(program).strip() == "[]"


@pytest.mark.parametrize(
    ("text", "expected", "scope"),
    [
        pytest.param(A + B, [1, 1], Scope.ASSUMED, id="several statements are assumed to share one"),
        pytest.param(A, [None], None, id="one statement alone"),
        pytest.param(CONCURRENTLY, [None], None, id="concurrently alone"),
        pytest.param("SET lock_timeout = 0;\n" + CONCURRENTLY, [1, 1], Scope.ASSUMED, id="concurrently behind SET"),
        pytest.param("BEGIN;\n" + A + "COMMIT;\n", [2, 2, 2], Scope.EXPLICIT, id="the file's own"),
        pytest.param("BEGIN;\n" + A + "COMMIT;\n" + CONCURRENTLY, [2, 2, 2, None], Scope.EXPLICIT, id="and the rest"),
    ],
)
def test_a_file_of_an_unknown_tool_is_assumed_to_run_in_one_transaction(
    text: str, expected: list[int | None], scope: Scope | None
) -> None:
    run = read("migrations/x.sql", text)
    known = {number: position for position, number in enumerate(dict.fromkeys(n for n in numbers(run) if n), start=1)}
    wanted = {number: position for position, number in enumerate(dict.fromkeys(n for n in expected if n), start=1)}
    assert [number and known[number] for number in numbers(run)] == [number and wanted[number] for number in expected]
    assert {one.scope for one in run.transactions.values()} == ({scope} if scope else set())
    if scope is Scope.ASSUMED:
        assert run.migrations[0].notes == ("not known which tool runs this file; assumed to run in one transaction",)


def test_the_configuration_says_whether_there_is_a_transaction() -> None:
    inside = read("migrations/x.sql", A, transaction=True)
    assert numbers(inside) == [1]
    assert inside.transactions[1].scope is Scope.EXPLICIT
    assert inside.migrations[0].transactional is True
    outside = read("migrations/x.sql", A + CONCURRENTLY, transaction=False)
    assert numbers(outside) == [None, None]
    assert outside.migrations[0].transactional is False


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(G, f"-- +goose Up\n{A}{B}-- +goose Down\n{A}", [1, 1], id="goose"),
        pytest.param(G, f"-- +goose NO TRANSACTION\n-- +goose Up\n{A}{CONCURRENTLY}", [None, None], id="goose outside"),
        pytest.param(G, f"-- +goose Up\n-- +goose NO TRANSACTION\n{A}{B}", [None, None], id="goose, said later"),
        pytest.param(
            "1_x.sql",
            f"-- +goose NO TRANSACTION\n-- +goose Up\n{A}-- +goose StatementBegin\n{A}{B}-- +goose StatementEnd\n{B}",
            [None, 1, 1, None],
            id="goose, a block is one string",
        ),
        pytest.param(G, f"-- +migrate Up\n{A}{B}-- +migrate Down\n{A}", [1, 1], id="sql-migrate"),
        pytest.param(G, f"-- +migrate Up notransaction\n{A}{B}", [None, None], id="sql-migrate outside"),
        pytest.param(G, f"-- +migrate Up\nCOMMIT;\n{CONCURRENTLY}BEGIN;\n", [1, None, 2], id="COMMIT helps"),
        pytest.param(G, f"-- no-transaction\n{CONCURRENTLY}", [None], id="sqlx outside"),
        pytest.param(G, f"-- no-transaction\n{A}{CONCURRENTLY}", [1, 1], id="sqlx, still one string"),
        pytest.param("1_x.up.sql", f"-- morph:nontransactional\n{CONCURRENTLY}", [None], id="morph outside"),
        pytest.param("1_x.up.sql", A + B, [1, 1], id="golang-migrate, one string"),
        pytest.param("1_x.up.sql", CONCURRENTLY, [None], id="golang-migrate, one statement"),
        pytest.param("V1__x.sql", A + B, [1, 1], id="flyway"),
        pytest.param("V1__x.sql", CONCURRENTLY + CONCURRENTLY, [None, None], id="flyway sees it by itself"),
        pytest.param(PRISMA, A + B, [1, 1], id="prisma, one string"),
        pytest.param(PRISMA, CONCURRENTLY, [None], id="prisma, one statement"),
        pytest.param("supabase/migrations/20260516120000_x.sql", A + B, [1, 1], id="supabase"),
        pytest.param("m/2026-05-16-120000_x/up.sql", A + B, [1, 1], id="diesel"),
        pytest.param("deploy/x.sql", f"-- Deploy app:x\nBEGIN;\n{A}COMMIT;\n{B}", [1, 1, 1, None], id="sqitch"),
        pytest.param("0001_x.sql", f"{A}--> statement-breakpoint\n{B}", [1, 1], id="drizzle"),
        pytest.param(
            "x.sql",
            f"--liquibase formatted sql\n--changeset a:1\n{A}{B}--changeset a:2 runInTransaction:false\n{CONCURRENTLY}",
            [1, 1, None],
            id="liquibase",
        ),
    ],
)
def test_statements_share_a_transaction_as_the_tool_runs_them(path: str, text: str, expected: list[int | None]) -> None:
    found = numbers(read(path, text))
    order = {number: position for position, number in enumerate(dict.fromkeys(n for n in found if n), start=1)}
    assert [number and order[number] for number in found] == expected


def test_diesel_reads_its_metadata() -> None:
    path = "m/2026-05-16-120000_x/up.sql"
    beside = {"m/2026-05-16-120000_x/metadata.toml": "run_in_transaction = false\n"}
    assert next(iter(beside)) in [want.pattern for want in framework_named("diesel").wants([path])]
    assert numbers(read(path, CONCURRENTLY, beside)) == [None]
    assert numbers(read(path, CONCURRENTLY, {next(iter(beside)): "not toml ["})) == [1]


def concurrently(sql: str) -> Step:
    return Step(StepKind.MIGRATION, read_statement(sql), transactional=False, name="x")


def test_diesel_gets_its_metadata_beside_a_file_outside_a_transaction() -> None:
    path = "m/2026-05-16-120000_x/up.sql"
    files = framework_named("diesel").write([concurrently("DROP INDEX CONCURRENTLY i")], like(path, A), [])
    assert [(file.path, file.text) for file in files] == [
        (path, "DROP INDEX CONCURRENTLY i;\n"),
        ("m/2026-05-16-120000_x/metadata.toml", "run_in_transaction = false\n"),
    ]


def test_flyway_gets_a_configuration_only_beside_what_it_does_not_see_by_itself() -> None:
    flyway = framework_named("flyway")
    seen = flyway.write([concurrently("DROP INDEX CONCURRENTLY i")], like("V1__x.sql", A), [])
    assert [file.path for file in seen] == ["V1__x.sql"]
    unseen = flyway.write([concurrently("REINDEX INDEX CONCURRENTLY i")], like("V1__x.sql", A), [])
    assert [file.text for file in unseen] == ["REINDEX INDEX CONCURRENTLY i;\n", "executeInTransaction=false\n"]
    assert unseen[1].path == "V1__x.sql.conf"


def test_where_every_file_runs_in_a_transaction_what_cannot_is_a_script() -> None:
    text = "CREATE INDEX i ON t (x);\nDROP TABLE a;\n"
    author = read("migrations/1_x.sql", text, transaction=True).migrations[0]
    step = concurrently("CREATE INDEX CONCURRENTLY i ON t (x)")
    rewritten = framework_named("plain").rewritten_file(author, {0: [step]}, PlanSoFar())
    assert (rewritten.text, rewritten.suggestions) == (text, {})
    assert "give the statement on line 1 IF EXISTS or IF NOT EXISTS" in rewritten.note
    (script,) = rewritten.files[0]
    assert (script.kind, script.path) == (StepKind.SCRIPT, "scripts/x.sql")
    assert script.text.endswith("\n\nCREATE INDEX CONCURRENTLY i ON t (x);\n")
    assert said(script.note) == (
        "the configuration says that each file runs in a transaction, and PostgreSQL refuses this statement in one: "
        "run it by hand, by psql."
    )


def like(path: str, text: str) -> Migration:
    return read(path, text).migrations[0]


PLAY = "conf/evolutions/default/7.sql"
IN_ONE = {"conf/application.conf": "play.evolutions {\n  autocommit = false\n}\n"}


def test_play_runs_statements_separately_unless_its_configuration_says_otherwise() -> None:
    text = f"# --- !Ups\n{A}{CONCURRENTLY}# --- !Downs\n{B}"
    assert [want.pattern for want in framework_named("play").wants([PLAY])] == list(IN_ONE)
    assert numbers(read(PLAY, text)) == [None, None]
    assert numbers(read(PLAY, text, IN_ONE)) == [1, 1]


def test_a_doubled_semicolon_of_play_is_one_of_the_statement() -> None:
    text = "-- !Ups\nDO $$ BEGIN DROP TABLE a;; DROP TABLE b;; END $$;\nDROP TABLE c;\n"
    migration = like(PLAY, text)
    assert [one.inside for one in migration.statements] == [None, "DO", "DO", None]
    assert [text[one.start : one.end] for one in migration.statements][2:] == ["DROP TABLE b", "DROP TABLE c"]
    assert "write `;;`" in like(PLAY, text.replace(";;", ";")).notes[-1]


def test_play_is_told_to_run_by_hand_what_one_transaction_for_all_cannot_hold() -> None:
    author = read(PLAY, "# --- !Ups\nCREATE INDEX i ON t (x);\n# --- !Downs\nDROP INDEX i;\n", IN_ONE).migrations[0]
    step = concurrently("CREATE INDEX CONCURRENTLY i ON t (x)")
    rewritten = framework_named("play").rewritten_file(author, {0: [step]}, PlanSoFar())
    assert rewritten.text == author.text
    (script,) = rewritten.files[0]
    assert script.path == "conf/evolutions/scripts/x.sql"
    assert said(script.note) == (
        "Play runs all pending evolutions in one transaction (`autocommit = false`), and PostgreSQL refuses this "
        "statement in one: run it by hand, by psql. Keep it in an evolution, too, with IF EXISTS or IF NOT EXISTS, for "
        "databases that are created from scratch."
    )


def test_flyway_reads_its_configuration_and_says_what_it_refuses() -> None:
    assert numbers(read("V1__x.sql", A + B, {"V1__x.sql.conf": "executeInTransaction=false"})) == [None, None]
    mixed = read("V1__x.sql", A + CONCURRENTLY)
    assert "refuses a file that mixes" in mixed.migrations[0].notes[0]


def test_drizzle_runs_all_files_in_one_transaction_until_one_ends_it() -> None:
    framework = framework_named("drizzle")
    files = [SourceFile("drizzle/0001_a.sql", A), SourceFile("drizzle/0000_b.sql", B)]
    assert numbers(framework.read(Files(files))) == [1, 1]
    ending = [SourceFile("drizzle/0000_b.sql", "COMMIT;\n" + CONCURRENTLY), SourceFile("drizzle/0001_a.sql", A)]
    assert numbers(framework.read(Files(ending))) == [1, None, None]


def test_goose_may_say_no_transaction_below_its_marker() -> None:
    text = "-- +goose Up\n-- +goose NO TRANSACTION\nCREATE INDEX i ON t (x);\n"
    goose = framework_named("goose")
    author = like("1_x.sql", text)
    index = op.CreateIndex("i", Name("t"), (op.IndexElement("x", Expression("x"), "x"),), concurrently=True)
    suggestion = goose.suggestion(Step(StepKind.MIGRATION, (index,), transactional=False), author, Lines(3, 3))
    assert suggestion is not None
    assert apply(text, [suggestion]) == f"-- +goose Up\n-- +goose NO TRANSACTION\n{CONCURRENTLY}"


def test_a_goose_index_is_suggested_with_its_marker_and_keeps_its_settings() -> None:
    text = f"-- +goose Up\nSET lock_timeout = '5s';\nCREATE INDEX i ON t (x);\n-- +goose Down\n{A}"
    goose = framework_named("goose")
    author = like("1_x.sql", text)
    index = op.CreateIndex("i", Name("t"), (op.IndexElement("x", Expression("x"), "x"),), concurrently=True)
    step = Step(StepKind.MIGRATION, (index,), transactional=False, settings=(("lock_timeout", "0"),))
    suggestion = goose.suggestion(step, author, Lines(3, 3))
    assert suggestion is not None
    assert apply(text, [suggestion]) == (
        "-- +goose NO TRANSACTION\n-- +goose Up\nSET lock_timeout = '5s';\nSET lock_timeout = 0;\n"
        f"{CONCURRENTLY}RESET lock_timeout;\n-- +goose Down\n{A}"
    )


def test_a_transaction_in_the_file_goes_where_it_is_in_the_way() -> None:
    text = "BEGIN;\nCREATE INDEX i ON t (x);\nCOMMIT;\n"
    like = read("migrations/x.sql", text).migrations[0]
    index = op.CreateIndex("i", Name("t"), (op.IndexElement("x", Expression("x"), "x"),), concurrently=True)
    suggestion = FRAMEWORK.suggestion(Step(StepKind.MIGRATION, (index,), transactional=False), like, Lines(2, 2))
    assert suggestion is not None
    assert apply(text, [suggestion]) == CONCURRENTLY


@pytest.mark.parametrize(
    ("like", "written"),
    [
        pytest.param("m/0007_x.sql", "m/0008_add_n.sql", id="numbered"),
        pytest.param("m/20260516235959_x.sql", "m/20260517000000_add_n.sql", id="timestamp"),
        pytest.param("m/V1_9__x.sql", "m/V1_10__add_n.sql", id="flyway"),
        pytest.param("m/7_x.up.sql", "m/8_add_n.up.sql", id="golang-migrate"),
        pytest.param("m/20260516120000_x/migration.sql", "m/20260516120001_add_n/migration.sql", id="prisma"),
        pytest.param("m/x.sql", "m/x_2_add_n.sql", id="no version"),
        pytest.param("m/7.sql", "m/8.sql", id="a bare number"),
        pytest.param("m/2026-05-16-120000_x/up.sql", "m/2026-05-16-120001_add_n/up.sql", id="diesel"),
        pytest.param("m/R__views.sql", "m/R__views_2_add_n.sql", id="flyway, repeatable"),
    ],
)
def test_further_files_are_named_as_the_tool_names_them(like: str, written: str) -> None:
    framework = recognise(like, A, named=True)
    assert framework is not None
    migration = framework.read(Files([SourceFile(like, A)])).migrations[0]
    step = Step(StepKind.MIGRATION, (op.AddColumn(Name("t"), op.Column("n", Type("int4"))),), name="add n")
    files = framework.write([step, step], migration, [])
    first, second = [file for file in files if not str(file.path).endswith("down.sql")]
    assert (first.path, second.path) == (like, written)


@pytest.mark.parametrize("like", ["m/1_x.sql", "m/7.sql", "m/998.up.sql", "m/V1_9__x.sql", "m/R__views.sql", "m/x.sql"])
def test_however_many_further_files_there_are_each_has_a_path_of_its_own(like: str) -> None:
    framework = recognise(like, A, named=True)
    assert framework is not None
    migration = framework.read(Files([SourceFile(like, A)])).migrations[0]
    step = Step(StepKind.MIGRATION, (op.AddColumn(Name("t"), op.Column("n", Type("int4"))),), name="add n")
    paths = [file.path for file in framework.write([step] * 14, migration, [])]
    assert len(set(paths)) == len(paths) >= 14


def test_versions_of_further_files_go_on_where_they_get_one_digit_more() -> None:
    migration = read("m/8_x.sql", A).migrations[0]
    step = Step(StepKind.MIGRATION, (op.AddColumn(Name("t"), op.Column("n", Type("int4"))),), name="add n")
    paths = [file.path for file in FRAMEWORK.write([step] * 5, migration, ["8"])]
    assert paths == ["m/8_x.sql", "m/9_add_n.sql", "m/10_add_n.sql", "m/11_add_n.sql", "m/12_add_n.sql"]


def test_sqitch_deploys_in_the_order_of_its_plan() -> None:
    framework = framework_named("sqitch")
    changed = [SourceFile(f"db/deploy/{name}.sql", f"-- Deploy shop:{name} to pg\n{A}") for name in "abc"]
    plan = "%project=shop\n\nc 2026-12-01T01:47:48Z a <a@b> # x\n@v1 2026-12-01T01:47:48Z a\na [c] 2026-12-01 a\n"
    assert next(want.pattern for want in framework.wants([changed[0].path])) == "db/sqitch.plan"
    run = framework.read(Files(changed, head={"db/sqitch.plan": plan}))
    assert [migration.path for migration in run.migrations] == ["db/deploy/c.sql", "db/deploy/a.sql", "db/deploy/b.sql"]


def test_play_undoes_several_statements_in_one_transaction_where_it_opens_none() -> None:
    framework = framework_named("play")
    source = SourceFile("conf/evolutions/default/2.sql", f"# --- !Ups\n\n{A}\n# --- !Downs\n")
    like = framework.read(Files([source])).migrations[0]
    rename = op.RenameColumn(Name("t"), "a", "b")
    back = op.SetSetting("lock_timeout", "1s", local=True), op.RenameColumn(Name("t"), "b", "a")
    step = Step(StepKind.MIGRATION, (rename,), down=back)
    (written,) = framework.write([step], like, [])
    downs = written.text.partition("!Downs")[2]
    assert downs.split() == "BEGIN; SET LOCAL lock_timeout = '1s'; ALTER TABLE t RENAME COLUMN b TO a; COMMIT;".split()
