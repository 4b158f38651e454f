"""Whatever the file and the rewrite: a suggestion touches nothing else, and a plan loses no statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks import framework_named
from bot.frameworks.sql_files.suggestions import apply
from bot.sql import read_statement

STATEMENTS = (
    "CREATE INDEX i ON t (x)",
    "CREATE UNIQUE INDEX u\n    ON t (y)",
    "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX u",
    "ALTER TABLE t\n  ADD COLUMN z int NOT NULL,\n  DROP COLUMN w",
    "SET lock_timeout = '5s'",
    "DROP INDEX old",
    "INSERT INTO t VALUES (1, 'a;\n-- migrate:x\nb')",
    "DO $$ BEGIN DROP TABLE a; DROP TABLE b; END $$",
    "BEGIN",
    "COMMIT",
)
STEPS = (
    Step(StepKind.MIGRATION, read_statement("CREATE INDEX CONCURRENTLY i ON t (x)"), transactional=False, name="i"),
    Step(
        StepKind.MIGRATION, read_statement("DROP INDEX CONCURRENTLY old"), "n", False, "old", (("lock_timeout", "0"),)
    ),
    Step(StepKind.MIGRATION, read_statement("ALTER TABLE t ADD COLUMN z int"), settings=(("lock_timeout", "5s"),)),
    Step(StepKind.MIGRATION, read_statement("ALTER TABLE t VALIDATE CONSTRAINT c"), apart=True),
    Step(StepKind.SCRIPT, read_statement("UPDATE t SET z = 0 WHERE z IS NULL"), name="fill"),
    Step(StepKind.DEPLOY, note="Release first."),
)
TOOLS = ("dbmate", "plain", "goose", "sql-migrate", "golang-migrate", "drizzle", "flyway")
HEADS = {
    "dbmate": ("-- migrate:up\n", "-- migrate:up transaction:false\n"),
    "goose": ("-- +goose Up\n", "-- +goose Up\n-- +goose NO TRANSACTION\n"),
    "sql-migrate": ("-- +migrate Up\n", "-- +migrate Up notransaction\n"),
}
ENDS = {"dbmate": "\n-- migrate:down\nDROP INDEX i;\n", "goose": "\n-- +goose Down\nDROP INDEX i;\n"}


@st.composite
def files(draw: st.DrawFn) -> tuple[str, Migration]:
    tool = draw(st.sampled_from(TOOLS))
    gaps = st.sampled_from([";\n", ";\n\n", "; ", ";\n-- why\n", ";\n  ", "; -- said\n"])
    text = draw(st.sampled_from(HEADS.get(tool, ("", "-- prose\n\n"))))
    for sql in draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=5)):
        text += sql + draw(gaps)
    text += ENDS.get(tool, "")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return tool, read(tool, text)


def read(tool: str, text: str) -> Migration:
    return framework_named(tool).read(Files([SourceFile("db/migrations/20260516120000_x.sql", text)])).migrations[0]


def told(migration: Migration) -> list[str]:
    """Every statement but settings and transaction control, by its words."""
    return [
        " ".join(statement.sql.split())
        for statement in migration.statements
        if not statement.inside and not statement.sql.upper().startswith(("SET ", "RESET ", "BEGIN", "COMMIT"))
    ]


@given(files(), st.integers(0, 9), st.sampled_from(STEPS))
def test_a_suggestion_changes_its_statement_and_no_other(file: tuple[str, Migration], at: int, step: Step) -> None:
    tool, like = file
    statement = like.statements[at % len(like.statements)]
    suggestion = framework_named(tool).suggestion(step, like, statement.lines)
    if suggestion is None:
        return
    assert suggestion.lines.first <= statement.lines.first
    assert suggestion.lines.last >= statement.lines.last
    after = read(tool, apply(like.text, [suggestion]))
    words = " ".join(statement.sql.split())
    kept = told(like)
    if words in kept:
        kept.remove(words)
    remaining = told(after)
    for sql in kept:
        assert sql in remaining
        remaining.remove(sql)
    assert len(remaining) == len(step.operations)
    assert not any(isinstance(each.operations[0], op.Unread) for each in after.statements)
    if not step.transactional:
        new = next(each for each in after.statements if " ".join(each.sql.split()) == remaining[0])
        assert new.transaction is None
    assert apply(like.text, [suggestion]).count("\r\n") in (0, after.text.count("\n"))


@given(
    files(), st.dictionaries(st.integers(0, 6), st.lists(st.sampled_from(STEPS), min_size=1, max_size=3), max_size=3)
)
def test_a_plan_keeps_every_statement_that_it_does_not_replace(
    file: tuple[str, Migration], replacements: dict[int, list[Step]]
) -> None:
    tool, like = file
    rewritten = framework_named(tool).rewritten_file(like, replacements, [])
    written = [one for further in rewritten.files.values() for one in further if one.kind is StepKind.MIGRATION]
    after = [read(tool, rewritten.text)] if rewritten.text is not None else []
    after += [read(tool, one.text) for one in written if one.path]
    found = [sql for migration in after for sql in told(migration)]
    for index, statement in enumerate(like.statements):
        words = " ".join(statement.sql.split())
        if index not in replacements and not statement.inside and words in told(like):
            assert words in found
            found.remove(words)
    assert not any(isinstance(each.operations[0], op.Unread) for migration in after for each in migration.statements)
    paths = [one.path for further in rewritten.files.values() for one in further if one.path]
    assert len([path for path in paths if "/scripts/" not in path]) == len(
        {path for path in paths if "/scripts/" not in path}
    )
    if rewritten.text is not None:
        assert like.path not in paths


@pytest.mark.parametrize("tool", TOOLS)
def test_a_plan_without_replacements_is_the_file_itself(tool: str) -> None:
    like = read(tool, HEADS.get(tool, ("",))[0] + "DROP TABLE a;\n" + ENDS.get(tool, ""))
    rewritten = framework_named(tool).rewritten_file(like, {}, [])
    assert (rewritten.text, rewritten.suggestions, rewritten.files) == (like.text, {}, {})
