"""dbmate's files: sections and options as dbmate reads them, statements and transactions as PostgreSQL gets them."""

from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.findings import Step, StepKind, Suggestion
from bot.core.judging.framework import Files, PlanSoFar, SourceFile
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import say
from bot.core.language.migrations import Lines, Migration, Run, Scope
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.frameworks import recognise
from bot.frameworks.dbmate import FRAMEWORK
from bot.frameworks.sql_files.suggestions import apply
from bot.sql import read_expression, read_statement
from bot.standins.postgres import Server
from tests.support.said import said as text_of
from tests.support.scripts import run_script

FOLDER = Path(__file__).parent / "dbmate"
PATH = "db/migrations/20260516120000_x.sql"
EVENTS = Name("events")


def read(text: str, path: str = PATH) -> Run:
    return FRAMEWORK.read(Files([SourceFile(path, text)]))


def migration(text: str) -> Migration:
    return read(text).migrations[0]


def shape(run: Run) -> list[tuple[int, int, str, int | None]]:
    """First and last line, the operation's name and the transaction of every statement."""
    return [
        (each.lines.first, each.lines.last, type(each.operations[0]).__name__, each.transaction)
        for each in run.statements
    ]


def create_index(*, concurrently: bool = True) -> op.CreateIndex:
    element = op.IndexElement("title", Expression("title"), "title")
    return op.CreateIndex("events_title", EVENTS, (element,), concurrently=concurrently)


CONCURRENT_INDEX = Step(StepKind.MIGRATION, (create_index(),), transactional=False, name="index_events_title")


def test_the_up_side_is_read_with_the_lines_of_the_file() -> None:
    text = (FOLDER / "20260516120000_events_search.sql").read_text()
    run = read(text)
    assert shape(run) == [(4, 6, "AddColumn", 1), (8, 8, "CreateIndex", 1), (10, 10, "DropIndex", 1)]
    assert run.transactions[1].scope is Scope.EXPLICIT
    assert run.transactions[1].because == "dbmate runs each file in a transaction"
    assert run.migrations[0].transactional is True
    assert run.migrations[0].version == "20260516120000"
    assert run.migrations[0].notes == ("the down side was not judged",)
    assert [text[each.start : each.end] for each in run.statements] == [each.source for each in run.statements]


def test_one_statement_outside_a_transaction_runs_alone() -> None:
    run = read((FOLDER / "20260516120100_index.sql").read_text())
    assert shape(run) == [(3, 3, "CreateIndex", None)]
    assert run.migrations[0].transactional is False
    assert run.transactions == {}


def test_several_statements_outside_a_transaction_are_one_string_and_so_one_transaction() -> None:
    run = read("-- migrate:up transaction:false\nSET lock_timeout = 0;\nDROP INDEX CONCURRENTLY i;\n-- migrate:down\n")
    assert shape(run) == [(2, 2, "SetSetting", 1), (3, 3, "DropIndex", 1)]
    assert run.transactions[1].scope is Scope.IMPLICIT


def test_a_statement_after_commit_is_still_in_a_transaction() -> None:
    run = read("-- migrate:up\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON t (x);\n-- migrate:down\n")
    assert [each.transaction for each in run.statements] == [1, 2]
    assert run.transactions[2].scope is Scope.IMPLICIT


@pytest.mark.parametrize(
    ("marker", "transactional"),
    [
        pytest.param("-- migrate:up", True, id="bare"),
        pytest.param("--migrate:up", True, id="no blank"),
        pytest.param("--   migrate:up  \t", True, id="blanks around"),
        pytest.param("-- migrate:up transaction:false", False, id="outside"),
        pytest.param("-- migrate:up\ttransaction:false foo:bar", False, id="several options"),
        pytest.param("-- migrate:up foo:bar  transaction:false", False, id="second option"),
        pytest.param("-- migrate:up transaction:true", True, id="said"),
        pytest.param("-- migrate:up transaction: false", True, id="a blank makes it no option"),
        pytest.param("-- migrate:up transaction:FALSE", True, id="case matters"),
        pytest.param("-- migrate:up transaction:false:x", True, id="not a pair"),
    ],
)
def test_options_are_those_that_dbmate_accepts(marker: str, *, transactional: bool) -> None:
    for ending in ("\n", "\r\n"):
        text = ending.join([marker, "DROP TABLE a;", "-- migrate:down", ""])
        assert migration(text).transactional is transactional
        assert len(migration(text).statements) == 1


@pytest.mark.parametrize("text", ["DROP TABLE a;", "-- Migrate:up\nDROP TABLE a;", " -- migrate:up\nDROP TABLE a;", ""])
def test_files_without_a_marker_at_the_beginning_of_a_line_are_not_dbmates(text: str) -> None:
    assert not FRAMEWORK.recognises(PATH, text)


@pytest.mark.parametrize(
    "path", ["db/seeds/1_x.sql", "db/migrations/preconditions/20260516_x.sql", "db/migrations/1.rb"]
)
def test_files_that_dbmate_does_not_apply_are_not_recognised(path: str) -> None:
    assert not FRAMEWORK.recognises(path, "-- migrate:up\nSELECT 1;")


def test_a_file_without_a_version_is_read_as_dbmates_and_noted() -> None:
    run = read("-- migrate:up\nDROP TABLE a;\n-- migrate:down\nDROP TABLE b;\n", "x.sql")
    assert shape(run) == [(2, 2, "DropTable", 1)]
    assert "begin with digits" in run.migrations[0].notes[0]


def test_dbmate_is_recognised_before_plain_sql() -> None:
    framework = recognise(PATH, "-- migrate:up\n")
    assert framework is not None
    assert framework.name == "dbmate"


def test_a_statement_before_the_up_section_is_refused_and_the_rest_is_read() -> None:
    run = read(
        "-- comments may stand here\nCREATE TYPE t AS ENUM ('a');\n\n-- migrate:up\nDROP TABLE a;\n-- migrate:down\n"
    )
    assert shape(run) == [(1, 2, "Unread", None), (5, 5, "DropTable", 1)]
    assert "statement precedes" in str(run.statements[0].operations[0])


def test_a_file_without_an_up_section_is_unread() -> None:
    run = read("-- migrate:down\nDROP TABLE a;\n")
    assert [each.operations for each in run.statements] == [
        (op.Unread("dbmate refuses the file: it has no `-- migrate:up`"),)
    ]


def test_a_file_without_a_down_section_is_read_and_noted() -> None:
    found = migration("-- migrate:up\nDROP TABLE a;\n")
    assert len(found.statements) == 1
    assert found.notes == ("dbmate 2 refuses a file without `-- migrate:down`",)


def test_each_pair_of_sections_has_a_transaction_of_its_own() -> None:
    text = (
        "-- migrate:up\nDROP TABLE a;\n-- migrate:down\nDROP TABLE z;\n"
        "-- migrate:up transaction:false\nDROP INDEX CONCURRENTLY i;\n-- migrate:down\n"
        "-- migrate:up\nDROP TABLE b;\nDROP TABLE c;\n-- migrate:down\n"
    )
    run = read(text)
    assert shape(run) == [
        (2, 2, "DropTable", 1),
        (6, 6, "DropIndex", None),
        (9, 9, "DropTable", 2),
        (10, 10, "DropTable", 2),
    ]
    assert run.migrations[0].transactional is None


def test_a_marker_in_a_string_cuts_the_file_as_dbmate_cuts_it() -> None:
    run = read("-- migrate:up\nINSERT INTO t VALUES ('\n-- migrate:down\n');\n")
    assert isinstance(run.statements[0].operations[0], op.Unread)


def test_one_bad_statement_does_not_affect_the_rest() -> None:
    run = read("-- migrate:up\nDROP TABLE a;\nFROBNICATE THE TABLE;\nDROP TABLE b;\n-- migrate:down\n")
    assert [name for _, _, name, _ in shape(run)] == ["DropTable", "Unread", "DropTable"]


def test_line_ends_and_a_byte_order_mark_move_no_line() -> None:
    run = read("\ufeff-- migrate:up\r\n\r\nDROP TABLE a;\r\nDROP TABLE\r\n  b;\r\n-- migrate:down\r\n")
    assert shape(run) == [(3, 3, "DropTable", 1), (4, 5, "DropTable", 1)]
    assert "byte order mark" in run.migrations[0].notes[0]


def test_statements_in_a_do_block_share_its_transaction_and_have_the_files_lines() -> None:
    run = read(
        "-- migrate:up transaction:false\nDO $$\nBEGIN\n  DROP TABLE a;\n  DROP TABLE b;\nEND\n$$;\n-- migrate:down\n"
    )
    assert shape(run) == [(2, 7, "Do", 1), (4, 4, "DropTable", 1), (5, 5, "DropTable", 1)]
    assert [each.inside for each in run.statements] == [None, "DO", "DO"]


def test_files_are_applied_in_the_order_of_their_versions() -> None:
    files = [
        SourceFile(f"db/migrations/{name}.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")
        for name in ("3_a", "1_c", "2_b")
    ]
    run = FRAMEWORK.read(Files(files))
    assert [each.version for each in run.migrations] == ["1", "2", "3"]
    assert len({each.transaction for each in run.statements}) == 3


def test_files_are_applied_in_the_order_of_their_names_as_text() -> None:
    text = "-- migrate:up\nSELECT 1;\n-- migrate:down\n"
    run = FRAMEWORK.read(Files([SourceFile(f"db/migrations/{name}_x.sql", text) for name in ("9", "10")]))
    assert [each.version for each in run.migrations] == ["10", "9"]


def test_a_command_of_psql_is_noted_for_dbmate_does_not_know_it() -> None:
    found = migration("-- migrate:up\n\n\\set x 1\nDROP TABLE a;\n-- migrate:down\n")
    assert [type(each.operations[0]).__name__ for each in found.statements] == ["DropTable"]
    assert "line 3 is a command of psql" in found.notes[-1]


def test_allows_are_tied_to_statements_of_the_up_side() -> None:
    found = migration(
        "-- migsafe: allow drop-table above the marker\n-- migrate:up\n\n-- why\nDROP TABLE a;\n"
        "DROP TABLE b; -- migsafe: allow drop-table: behind\n-- migrate:down\n"
        "-- migsafe: allow drop-table not judged\nSELECT 1;\n"
    )
    assert [(allow.rule, allow.reason, allow.line, allow.statement_line) for allow in found.allows] == [
        ("drop-table", "above the marker", 1, 5),
        ("drop-table", "behind", 6, 6),
    ]


PIECES = "-- migrate:up|\n|-- migrate:down|$$|'|;|DROP TABLE a|\r|/*|\ufeff|BEGIN|COMMIT|DO ".split("|")


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_reading_never_fails(text: str) -> None:
    run = read(text)
    for each in run.statements:
        assert 0 <= each.start <= each.end <= len(text)
        assert 1 <= each.lines.first <= each.lines.last <= text.count("\n") + 1


@given(st.binary())
def test_reading_never_fails_on_any_bytes(raw: bytes) -> None:
    read("-- migrate:up\n" + raw.decode("utf-8", "surrogateescape"))


def test_steps_become_files_that_dbmate_applies_one_after_the_other() -> None:
    like = migration("-- migrate:up\nALTER TABLE events ALTER COLUMN title SET NOT NULL;\n-- migrate:down\n")
    check = op.Check(read_expression("title IS NOT NULL"), "events_title_set", not_valid=True)
    steps = [
        Step(StepKind.MIGRATION, (op.AddCheck(EVENTS, check),), name="add_check", settings=(("lock_timeout", "5s"),)),
        Step(StepKind.DEPLOY, note=say("Release the code that writes title.")),
        Step(
            StepKind.SCRIPT,
            (op.Update(EVENTS, ("title",), Expression("title IS NULL"), assignments="title = ''"),),
            name="fill",
        ),
        Step(StepKind.MIGRATION, (op.ValidateConstraint(EVENTS, "events_title_set"),), name="validate"),
        Step(
            StepKind.MIGRATION,
            (op.SetNotNull(EVENTS, "title"), op.DropConstraint(EVENTS, "events_title_set")),
            name="set_not_null",
        ),
    ]
    files = FRAMEWORK.write(steps, like, ["20260516120007"])
    assert [(file.kind, file.path) for file in files] == [
        (StepKind.MIGRATION, PATH),
        (StepKind.DEPLOY, None),
        (StepKind.SCRIPT, "db/scripts/fill.sql"),
        (StepKind.MIGRATION, "db/migrations/20260516120008_validate.sql"),
        (StepKind.MIGRATION, "db/migrations/20260516120009_set_not_null.sql"),
    ]
    assert files[0].text == (
        "-- migrate:up\n"
        "SET LOCAL lock_timeout = '5s';\n"
        "\n"
        "ALTER TABLE events ADD CONSTRAINT events_title_set CHECK (title IS NOT NULL) NOT VALID;\n"
        "\n"
        "-- migrate:down\n"
        "ALTER TABLE events DROP CONSTRAINT events_title_set;\n"
    )
    assert files[3].text.endswith("-- migrate:down\n-- There is nothing to undo.\n")
    assert files[4].text.endswith("-- migrate:down\n-- This cannot be undone: what it replaced is not kept.\n")
    for file, step in zip(files, steps, strict=True):
        if file.kind is StepKind.MIGRATION and file.path:
            written = read(file.text, file.path)
            assert [each.operations[0] for each in written.statements][-len(step.operations) :] == list(step.operations)


def test_a_step_outside_a_transaction_is_one_statement_per_file() -> None:
    like = migration("-- migrate:up\nDROP INDEX a;\nDROP INDEX b;\n-- migrate:down\n")
    drops = tuple(op.DropIndex((Name(name),), concurrently=True) for name in "ab")
    timeout = (("lock_timeout", "0"),)
    step = Step(StepKind.MIGRATION, drops, say("Drop them."), transactional=False, name="drop_old", settings=timeout)
    files = FRAMEWORK.write([step], like, [])
    assert [file.path for file in files] == [PATH, "db/migrations/20260516120001_drop_old_2.sql"]
    for file, name in zip(files, "ab", strict=True):
        assert file.text.startswith(f"-- migrate:up transaction:false\nDROP INDEX CONCURRENTLY {name};\n")
        assert file.transactional is False
        assert "PGOPTIONS='-c lock_timeout=0'" in text_of(file.note)
        assert [each.transaction for each in read(file.text).statements] == [None]


def test_undoing_a_concurrent_index_is_concurrent_and_alone_too() -> None:
    like = migration("-- migrate:up\nCREATE INDEX events_title ON events (title);\n-- migrate:down\n")
    (file,) = FRAMEWORK.write([CONCURRENT_INDEX], like, [])
    assert file.text == (
        "-- migrate:up transaction:false\n"
        "CREATE INDEX CONCURRENTLY events_title ON events (title);\n"
        "\n"
        "-- migrate:down transaction:false\n"
        "DROP INDEX CONCURRENTLY events_title;\n"
    )


def test_versions_keep_the_form_of_the_authors() -> None:
    like = FRAMEWORK.read(
        Files([SourceFile("m/0041_x.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")])
    ).migrations[0]
    steps = [CONCURRENT_INDEX, CONCURRENT_INDEX]
    assert [file.path for file in FRAMEWORK.write(steps, like, ["0042", "20260101000000"])] == [
        "m/0041_x.sql",
        "m/0043_index_events_title.sql",
    ]


def test_the_only_statement_is_replaced_together_with_the_marker() -> None:
    text = (
        "-- prose\n-- migrate:up\n\n-- the index\nCREATE INDEX events_title\n  ON events (title);\n\n"
        "-- migrate:down\nDROP INDEX events_title;\n"
    )
    suggestion = FRAMEWORK.suggestion(CONCURRENT_INDEX, migration(text), Lines(5, 6))
    assert suggestion == Suggestion(
        Lines(2, 6),
        "-- migrate:up transaction:false\n\n-- the index\nCREATE INDEX CONCURRENTLY events_title ON events (title);",
    )
    assert suggestion is not None
    (only,) = read(apply(text, [suggestion])).statements
    assert only.transaction is None


def test_settings_beside_the_only_statement_are_removed_where_a_file_holds_only_one() -> None:
    text = "-- migrate:up\nSET lock_timeout = '5s';\nCREATE INDEX events_title ON events (title);\n-- migrate:down\n"
    suggestion = FRAMEWORK.suggestion(CONCURRENT_INDEX, migration(text), Lines(3, 3))
    assert suggestion is not None
    assert apply(text, [suggestion]) == (
        "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY events_title ON events (title);\n-- migrate:down\n"
    )


def test_a_concurrent_index_is_not_suggested_where_it_would_be_refused() -> None:
    text = "-- migrate:up\nDROP TABLE old;\nCREATE INDEX events_title ON events (title);\n-- migrate:down\n"
    assert FRAMEWORK.suggestion(CONCURRENT_INDEX, migration(text), Lines(3, 3)) is None


def test_a_step_in_a_transaction_takes_the_statements_lines_and_its_indent() -> None:
    text = "-- migrate:up\r\nDROP TABLE old;\r\n  ALTER TABLE events ADD n int NOT NULL;\r\n-- migrate:down\r\n"
    step = Step(
        StepKind.MIGRATION, (op.AddColumn(EVENTS, op.Column("n", Type("int4"))),), settings=(("lock_timeout", "5s"),)
    )
    suggestion = FRAMEWORK.suggestion(step, migration(text), Lines(3, 3))
    assert suggestion == Suggestion(
        Lines(3, 3), "  SET LOCAL lock_timeout = '5s';\n  ALTER TABLE events ADD COLUMN n integer;"
    )
    assert suggestion is not None
    assert apply(text, [suggestion]) == (
        "-- migrate:up\r\nDROP TABLE old;\r\n  SET LOCAL lock_timeout = '5s';\r\n"
        "  ALTER TABLE events ADD COLUMN n integer;\r\n-- migrate:down\r\n"
    )


def test_a_setting_that_the_file_has_made_is_not_made_again() -> None:
    text = "-- migrate:up\nSET LOCAL lock_timeout = '5s';\nALTER TABLE events ADD n int NOT NULL;\n-- migrate:down\n"
    added = op.AddColumn(EVENTS, op.Column("n", Type("int4")))
    for value, made in (("5s", ""), ("2s", "SET LOCAL lock_timeout = '2s';\n")):
        step = Step(StepKind.MIGRATION, (added,), settings=(("lock_timeout", value),))
        suggestion = FRAMEWORK.suggestion(step, migration(text), Lines(3, 3))
        assert suggestion == Suggestion(Lines(3, 3), f"{made}ALTER TABLE events ADD COLUMN n integer;")


def test_a_statement_in_a_do_block_that_decides_cannot_be_replaced_and_the_note_says_so() -> None:
    body = "BEGIN IF true THEN\n\n  CREATE INDEX events_title ON events (title);\nEND IF; END"
    text = f"-- migrate:up\nDO $$\n{body} $$;\n-- migrate:down\n"
    rewritten = FRAMEWORK.rewritten_file(migration(text), {1: [CONCURRENT_INDEX]}, PlanSoFar())
    assert (rewritten.text, rewritten.suggestions) == (text, {})
    assert "line 5 of the old file is still in it" in rewritten.note
    assert [file.path for file in rewritten.files[1]] == [None]


def test_two_statements_on_one_line_get_no_suggestion() -> None:
    text = "-- migrate:up\nDROP TABLE old; ALTER TABLE events ADD n int NOT NULL;\n-- migrate:down\n"
    step = Step(StepKind.MIGRATION, (op.AddColumn(EVENTS, op.Column("n", Type("int4"))),))
    assert FRAMEWORK.suggestion(step, migration(text), Lines(2, 2)) is None


def test_a_step_that_must_leave_the_transaction_is_not_suggested_in_it() -> None:
    text = (
        "-- migrate:up\nALTER TABLE events ADD CHECK (n > 0) NOT VALID;\n"
        "ALTER TABLE events VALIDATE CONSTRAINT c;\n-- migrate:down\n"
    )
    step = Step(StepKind.MIGRATION, (op.ValidateConstraint(EVENTS, "c"),), apart=True)
    assert FRAMEWORK.suggestion(step, migration(text), Lines(3, 3)) is None


def test_a_file_is_rewritten_as_a_whole() -> None:
    """What can stay is suggested; the rest leaves the file, with its comments and what undoes it."""
    text = (
        "-- migrate:up\n"
        "ALTER TABLE events ADD COLUMN search tsvector NOT NULL;\n"
        "\n"
        "-- the new index\n"
        "CREATE INDEX events_title ON events (title);\n"
        "\n"
        "ALTER TABLE events ADD COLUMN n int;\n"
        "-- migrate:down\n"
        "ALTER TABLE events DROP COLUMN n;\n"
        "DROP INDEX events_title;\n"
        "ALTER TABLE events DROP COLUMN search;\n"
    )
    nullable = Step(
        StepKind.MIGRATION, (op.AddColumn(EVENTS, op.Column("search", Type("tsvector"))),), name="add_search"
    )
    later = Step(StepKind.MIGRATION, (op.SetNotNull(EVENTS, "search"),), name="set_not_null")
    rewritten = FRAMEWORK.rewritten_file(migration(text), {0: [nullable, later], 1: [CONCURRENT_INDEX]}, PlanSoFar())
    assert rewritten.text == (
        "-- migrate:up\n"
        "ALTER TABLE events ADD COLUMN search tsvector;\n"
        "\n"
        "ALTER TABLE events ADD COLUMN n int;\n"
        "-- migrate:down\n"
        "ALTER TABLE events DROP COLUMN n;\n"
        "ALTER TABLE events DROP COLUMN search;\n"
    )
    assert rewritten.suggestions[1] == Suggestion(
        Lines(4, 10),
        "ALTER TABLE events ADD COLUMN n int;\n-- migrate:down\nALTER TABLE events DROP COLUMN n;",
        moves=True,
    )
    assert rewritten.text == apply(text, list(rewritten.suggestions.values()))
    assert {at: [file.path for file in files] for at, files in rewritten.files.items()} == {
        0: ["db/migrations/20260516120001_set_not_null.sql"],
        1: ["db/migrations/20260516120002_index_events_title.sql"],
    }


def test_a_file_of_nothing_but_moved_statements_becomes_the_first_of_them() -> None:
    text = "-- migrate:up\nSET lock_timeout = '5s';\nCREATE INDEX a ON t (x);\nDROP INDEX b;\n-- migrate:down\n"
    create = Step(
        StepKind.MIGRATION,
        (op.CreateIndex("a", Name("t"), create_index().elements, concurrently=True),),
        transactional=False,
        name="create_a",
    )
    drop = Step(
        StepKind.MIGRATION, (op.DropIndex((Name("b"),), concurrently=True),), transactional=False, name="drop_b"
    )
    rewritten = FRAMEWORK.rewritten_file(migration(text), {1: [create], 2: [drop]}, PlanSoFar())
    assert rewritten.text is None
    assert rewritten.suggestions == {}
    assert [file.path for files in rewritten.files.values() for file in files] == [
        PATH,
        "db/migrations/20260516120001_drop_b.sql",
    ]


def test_the_down_side_undoes_what_a_step_makes_besides() -> None:
    text = "-- migrate:up\nALTER TABLE events ADD a int NOT NULL;\n-- migrate:down\nALTER TABLE events DROP COLUMN a;\n"
    trigger = read_statement("CREATE TRIGGER fill BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fill()")
    step = Step(StepKind.MIGRATION, (op.AddColumn(EVENTS, op.Column("a", Type("int4"))), *trigger))
    rewritten = FRAMEWORK.rewritten_file(migration(text), {0: [step]}, PlanSoFar())
    assert rewritten.text is not None
    assert rewritten.text.endswith("-- migrate:down\nDROP TRIGGER fill ON events;\nALTER TABLE events DROP COLUMN a;\n")
    assert (rewritten.note, rewritten.transactional) == ("", True)


UNIQUE = (
    Step(
        StepKind.MIGRATION,
        read_statement("CREATE UNIQUE INDEX CONCURRENTLY one ON events (n)"),
        transactional=False,
        down=read_statement("DROP INDEX CONCURRENTLY IF EXISTS one"),
    ),
    Step(StepKind.MIGRATION, read_statement("ALTER TABLE events ADD CONSTRAINT one UNIQUE USING INDEX one")),
)


@pytest.mark.parametrize(
    ("up", "down", "steps", "expected", "further"),
    [
        pytest.param(
            "ALTER TABLE events ADD CONSTRAINT one UNIQUE (n);",
            "ALTER TABLE events DROP CONSTRAINT one;",
            {0: UNIQUE},
            "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY IF EXISTS one;\n",
            ["-- migrate:down\nALTER TABLE events DROP CONSTRAINT one;\n"],
            id="each part goes with the step that it undoes",
        ),
        pytest.param(
            "DROP INDEX old;",
            "CREATE INDEX old ON events (n DESC) WITH (fillfactor = 70);",
            {0: [Step(StepKind.MIGRATION, read_statement("DROP INDEX CONCURRENTLY old"), transactional=False)]},
            "-- migrate:down transaction:false\n"
            "CREATE INDEX CONCURRENTLY old ON events (n DESC) WITH (fillfactor = 70);\n",
            [],
            id="CONCURRENTLY on both sides",
        ),
        pytest.param(
            "ALTER TABLE events DROP COLUMN n;\nALTER TABLE events ADD COLUMN m int;",
            "ALTER TABLE events DROP COLUMN m, ADD COLUMN n bigint;",
            {
                0: [
                    Step(StepKind.DEPLOY),
                    Step(
                        StepKind.MIGRATION, read_statement("ALTER TABLE events DROP COLUMN n"), lost=say("the values")
                    ),
                ]
            },
            "-- migrate:down\nALTER TABLE events DROP COLUMN m;\n",
            ["", "-- migrate:down\nALTER TABLE events ADD COLUMN n bigint;\n"],
            id="one statement that undoes two",
        ),
        pytest.param(
            "ALTER TABLE events RENAME COLUMN n TO m;",
            "ALTER TABLE events RENAME COLUMN m TO n;",
            {0: [Step(StepKind.MIGRATION, read_statement("ALTER TABLE events ADD COLUMN m bigint"))]},
            "-- migrate:down\nALTER TABLE events DROP COLUMN m;\n",
            [],
            id="what no step is undone by gives way",
        ),
        pytest.param(
            "ALTER TABLE events ALTER COLUMN n SET NOT NULL;",
            "",
            {
                0: [
                    Step(
                        StepKind.MIGRATION,
                        read_statement("ALTER TABLE events ADD CONSTRAINT f CHECK (n > 0) NOT VALID"),
                    )
                ]
            },
            "-- migrate:down\nALTER TABLE events DROP CONSTRAINT f;\n",
            [],
            id="a down side that was empty",
        ),
    ],
)
def test_the_down_side_undoes_exactly_what_the_file_does_now(
    up: str, down: str, steps: dict[int, list[Step]], expected: str, further: list[str]
) -> None:
    text = f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n".replace("\n\n", "\n")
    rewritten = FRAMEWORK.rewritten_file(migration(text), steps, PlanSoFar())
    assert rewritten.text is not None
    assert rewritten.text.endswith(expected)
    assert apply(text, list(rewritten.suggestions.values())) == rewritten.text
    found = [file.text[file.text.find("-- migrate:down") :] for files in rewritten.files.values() for file in files]
    assert ["" if "migrate" not in one else one for one in found] == further


def apply_as_dbmate(url: str, text: str) -> None:
    """What dbmate sends: each up section as one string, in a transaction unless the marker says otherwise."""
    marker, _, section = text[text.index("-- migrate:up") : text.index("-- migrate:down")].partition("\n")
    with psycopg.connect(url, autocommit="transaction:false" in marker) as connection:
        connection.execute(section.encode())


def schema(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT attname, attnotnull::text, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped"
            " UNION ALL SELECT indexrelid::regclass::text, indisvalid::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = 'events'::regclass"
            " UNION ALL SELECT conname, convalidated::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'events'::regclass ORDER BY 1, 2, 3"
        ).fetchall()


def test_the_rewritten_files_end_in_the_schema_that_the_file_would_have_made(postgres: Server) -> None:
    text = (
        "-- migrate:up\n"
        "ALTER TABLE events ALTER COLUMN title SET NOT NULL;\n"
        "CREATE INDEX events_title ON events (title);\n"
        "DROP INDEX events_old;\n"
        "COMMENT ON TABLE events IS 'what happened';\n"
        "-- migrate:down\n"
    )
    check = op.Check(read_expression("title IS NOT NULL"), "events_title_set", not_valid=True)
    steps = {
        0: [
            Step(StepKind.MIGRATION, (op.AddCheck(EVENTS, check),), name="check", settings=(("lock_timeout", "5s"),)),
            Step(StepKind.SCRIPT, read_statement("UPDATE events SET title = '' WHERE title IS NULL"), name="fill"),
            Step(StepKind.MIGRATION, (op.ValidateConstraint(EVENTS, "events_title_set"),), name="validate"),
            Step(
                StepKind.MIGRATION,
                (op.SetNotNull(EVENTS, "title"), op.DropConstraint(EVENTS, "events_title_set")),
                name="set_not_null",
            ),
        ],
        1: [CONCURRENT_INDEX],
        2: [Step(StepKind.MIGRATION, (op.DropIndex((Name("events_old"),), concurrently=True),), transactional=False)],
    }
    rewritten = FRAMEWORK.rewritten_file(migration(text), steps, PlanSoFar())
    assert rewritten.text is not None
    ends = []
    for name in ("asked_for", "rewritten"):
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE dbmate_{name}".encode())
        url = postgres.url(f"dbmate_{name}")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE events (id int PRIMARY KEY, title text)")
            connection.execute("INSERT INTO events SELECT i, 'x' FROM generate_series(1, 100) AS i")
            connection.execute("CREATE INDEX events_old ON events (title, id)")
        if name == "asked_for":
            apply_as_dbmate(url, text)
        else:
            apply_as_dbmate(url, rewritten.text)
            for file in (file for files in rewritten.files.values() for file in files):
                if file.kind is StepKind.MIGRATION:
                    apply_as_dbmate(url, file.text)
                else:
                    run_script(url, file.text)
        ends.append(schema(url))
    assert ends[0] == ends[1]
    assert ("events_title", "true", "CREATE INDEX events_title ON public.events USING btree (title)") in ends[1]


def test_a_file_that_becomes_a_script_is_to_be_deleted() -> None:
    text = "-- migrate:up\nUPDATE events SET title = '';\n-- migrate:down\n"
    step = Step(StepKind.SCRIPT, read_statement("UPDATE events SET title = ''"), say("In batches."), name="fill")
    rewritten = FRAMEWORK.rewritten_file(migration(text), {0: [step]}, PlanSoFar())
    assert rewritten.text is None
    said = f"Delete `{PATH}`: nothing in it is left to apply. In batches."
    assert [text_of(file.note) for file in rewritten.files[0]] == [said]


def test_what_needs_a_moved_statement_follows_it() -> None:
    text = (
        "-- migrate:up\nCREATE UNIQUE INDEX events_title ON events (title);\n"
        "ALTER TABLE events ADD CONSTRAINT u UNIQUE USING INDEX events_title;\nDROP TABLE old;\n-- migrate:down\n"
    )
    rewritten = FRAMEWORK.rewritten_file(migration(text), {0: [CONCURRENT_INDEX]}, PlanSoFar())
    assert rewritten.text == "-- migrate:up\nDROP TABLE old;\n-- migrate:down\n"
    first, second = rewritten.files[0]
    assert first.transactional is False
    assert "ADD CONSTRAINT u UNIQUE USING INDEX events_title;" in second.text


def test_what_checks_the_rows_that_a_script_puts_right_comes_after_it() -> None:
    text = (
        "-- migrate:up\nUPDATE events SET n = 0 WHERE n IS NULL;\n"
        "ALTER TABLE events ALTER COLUMN n SET NOT NULL;\nDROP TABLE old;\n-- migrate:down\n"
    )
    script = Step(StepKind.SCRIPT, read_statement("UPDATE events SET n = 0 WHERE n IS NULL"), name="fill")
    rewritten = FRAMEWORK.rewritten_file(migration(text), {0: [script]}, PlanSoFar())
    assert rewritten.text == "-- migrate:up\nDROP TABLE old;\n-- migrate:down\n"
    fill, after = rewritten.files[0]
    assert fill.kind is StepKind.SCRIPT
    assert "ALTER COLUMN n SET NOT NULL;" in after.text


def test_the_suggestions_together_make_the_rewritten_file() -> None:
    text = (
        "-- migrate:up\nALTER TABLE events ADD a int NOT NULL;\n"
        "ALTER TABLE events ADD b int NOT NULL;\n-- migrate:down\n"
    )
    found = migration(text)
    steps = {
        at: [Step(StepKind.MIGRATION, (op.AddColumn(EVENTS, op.Column(name, Type("int4"))),))]
        for at, name in enumerate("ab")
    }
    rewritten = FRAMEWORK.rewritten_file(found, steps, PlanSoFar())
    assert rewritten.text is not None
    assert rewritten.text == apply(text, list(rewritten.suggestions.values()))
    assert rewritten.text.endswith("DROP COLUMN b;\nALTER TABLE events DROP COLUMN a;\n")


def test_of_two_suggestions_for_the_same_lines_the_first_counts() -> None:
    suggestions = [Suggestion(Lines(2, 2), "x"), Suggestion(Lines(1, 2), "y")]
    assert apply("a\nb\nc", suggestions) == "a\nx\nc"


@pytest.mark.parametrize("text", ["a\nb", "a\nb\n", "a\r\nb\r\n", "a\r\nb"])
def test_line_ends_stay_as_they_were(text: str) -> None:
    assert apply(text, [Suggestion(Lines(2, 2), "x\ny")]) == text.replace("b", "x\r\ny" if "\r" in text else "x\ny")
