"""Lines and characters of statements, whatever else Python's `str.splitlines` treats as the end of a line."""

import sys

import pytest

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, Framework, SourceFile
from bot.core.language import operations as op
from bot.core.language.lines import LineTable
from bot.core.language.migrations import Lines
from bot.frameworks import framework_named
from bot.sql import read_statement

ENDS = [chr(code) for code in range(sys.maxunicode + 1) if len(f"a{chr(code)}a".splitlines()) == 2]

# Framework, path, the file around its comments, the start of a comment, the statement.
FILES = {
    "SQL": ("dbmate", "db/migrations/1_x.sql", "-- migrate:up\n{}\n{}\n", "--", "DROP INDEX CONCURRENTLY ix"),
    "Alembic": (
        "alembic",
        "migrations/versions/a_x.py",
        'from alembic import op\nrevision = "a"\ndown_revision = None\n{}\ndef upgrade():\n    {}\n',
        "#",
        'op.drop_index("ix", table_name="t")',
    ),
    "Rails": (
        "rails",
        "db/migrate/1_x.rb",
        "class X < ActiveRecord::Migration[7.1]\n{}\n  def change\n    {}\n  end\nend\n",
        "#",
        'remove_index :t, name: "ix"',
    ),
}


def read(file: str, comments: str) -> tuple[Framework, SourceFile]:
    name, path, around, _, statement = FILES[file]
    return framework_named(name), SourceFile(path, around.format(comments, statement))


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("file", FILES)
def test_a_sign_in_a_comment_above_moves_no_statement(file: str, end: str) -> None:
    _, _, _, mark, written = FILES[file]
    framework, source = read(file, f"{mark} a{end}{mark} b{end}{end}{mark} c")
    statement = framework.read(Files(changed=[source])).migrations[0].statements[0]
    line = source.text[: source.text.index(written)].count("\n") + 1
    assert statement.source == written
    assert source.text[statement.start : statement.end] == written
    assert statement.lines == Lines(line, line)


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("file", FILES)
def test_a_sign_in_a_comment_above_moves_no_suggestion(file: str, end: str) -> None:
    _, _, _, mark, written = FILES[file]
    framework, source = read(file, f"{mark} a{end}{mark} b")
    like = framework.read(Files(changed=[source])).migrations[0]
    operation = read_statement("ALTER TABLE t ALTER COLUMN a SET NOT NULL")
    suggestion = framework.suggestion(Step(StepKind.MIGRATION, operation), like, like.statements[0].lines)
    assert suggestion is not None
    assert suggestion.lines == like.statements[0].lines
    kept = source.text.split("\n")
    kept[suggestion.lines.first - 1 : suggestion.lines.last] = suggestion.text.split("\n")
    after = framework.read(Files(changed=[SourceFile(source.path, "\n".join(kept))])).statements
    assert [type(one) for each in after for one in each.operations] == [op.SetNotNull]
    assert written not in "\n".join(kept)


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_only_a_newline_ends_a_line(end: str) -> None:
    table = LineTable(f"a{end}b")
    assert table.lines(0, 3) == (Lines(1, 2) if end == "\n" else Lines(1, 1))
