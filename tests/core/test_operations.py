"""Every operation says what it is about, and is read, written, judged and catalogued, or says why it is not."""

import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.core.effects import is_stated
from bot.core.judging.analysis import analyse, verdict
from bot.core.judging.findings import Verdict
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Migration, Run, Statement
from bot.core.language.names import NameKind, ObjectKind
from bot.core.schema.changes import is_catalogued
from bot.sql import Unwritable, read_statement, write_statement
from tests.parity.statements import STATEMENTS
from tests.support.said import said

KINDS = pytest.mark.parametrize("kind", op.OPERATIONS.values(), ids=lambda kind: kind.__name__)


@cache
def read() -> dict[type[op.Operation], list[tuple[op.Operation, ...]]]:
    """Statements of every shape, by the operations that they are read into."""
    found: dict[type[op.Operation], list[tuple[op.Operation, ...]]] = {}
    for sql in STATEMENTS:
        operations = read_statement(sql)
        for operation in operations:
            found.setdefault(type(operation), []).append(operations)
    return found


def is_written(operations: tuple[op.Operation, ...]) -> bool:
    try:
        return bool(write_statement(operations))
    except Unwritable:
        return False


@KINDS
def test_its_effects_are_stated_or_it_says_why_it_has_none(kind: type[op.Operation]) -> None:
    assert is_stated(kind)


@KINDS
def test_it_changes_the_catalog_or_says_why_not(kind: type[op.Operation]) -> None:
    assert is_catalogued(kind) != bool(kind.no_change)


@KINDS
def test_it_is_read_from_sql_or_says_why_not(kind: type[op.Operation]) -> None:
    assert (kind in read()) != bool(kind.no_reader)


@KINDS
def test_it_is_written_as_sql_or_says_why_not(kind: type[op.Operation]) -> None:
    assert any(map(is_written, read().get(kind, ()))) != bool(kind.no_writer)


@KINDS
def test_every_name_in_it_says_what_it_names(kind: type[op.Operation]) -> None:
    assert is_dataclass(kind)
    for field in fields(kind):
        if re.search(r"\bName\b", str(field.type)):
            assert field.name in op.names_of(kind), f"{field.name} is a bare Name: RelationName, TypeName, ...?"


NOT_LOOKED_UP = {
    "parts of the relation or type that is named beside them": (
        "after attribute before column columns constraint include include label labels policy rule trigger value"
        " distinct"
    ),
    "words of SQL": (
        "action actions check_option command compression conflict event events identity kind language locking"
        " method on_commit on_conflict options overriding persistence returns settings state storage target timing"
        " volatility types"
    ),
    "text": "alias arguments assignments body default definition fault queries reason sources text values",
    "looked up in lists that are read whole, or changing nothing that tables have": (
        "extension owner schema server tablespace roles access_method"
    ),
    "of the session": "name savepoint setting",
    "new names of parts": "rename_to to",
}


@KINDS
def test_every_text_in_it_is_asked_of_the_replica_or_names_nothing_there(kind: type[op.Operation]) -> None:
    known = {field for names in NOT_LOOKED_UP.values() for field in names.split()}
    silent = {
        field.name
        for field in fields(kind)  # type: ignore[arg-type]
        if "str" in re.findall(r"\w+", str(field.type)) or field.type is str
        if not any(isinstance(mark, ObjectKind | NameKind) for mark in op.marks_of(kind)[field.name])
    }
    assert silent <= known


@KINDS
def test_it_is_called_by_its_name_in_the_vocabulary(kind: type[op.Operation]) -> None:
    assert getattr(op, kind.__name__) is kind


def test_the_vocabulary_is_used_for_operations_only() -> None:
    """`op` also has what its chapters import; no module uses `Name` or `record` from there."""
    imported = {
        name
        for name, value in vars(op).items()
        if isinstance(value, type) and not value.__module__.startswith("bot.core.language.operations")
    }
    for path in Path(bot.__file__).parent.rglob("*.py"):
        assert not imported & set(re.findall(r"\bop\.([A-Za-z_]+)\b", path.read_text())), path


@pytest.mark.parametrize(
    ("sql", "subjects"),
    [
        ("ALTER TABLE t ADD COLUMN a int", ["t"]),
        ("ALTER INDEX s.i SET TABLESPACE x", ["s.i"]),
        ("CREATE TABLE t (a int)", ["t"]),
        ("CREATE INDEX i ON t (a)", ["t"]),
        ("DROP INDEX i, s.j", ["i", "s.j"]),
        ("CREATE VIEW v AS SELECT a FROM t", ["v"]),
        ("DROP TABLE t, u", ["t", "u"]),
        ("ALTER TABLE t RENAME TO u", ["t"]),
        ("ALTER SEQUENCE q RESTART", ["q"]),
        ("TRUNCATE t, u", ["t", "u"]),
        ("COPY t FROM stdin", ["t"]),
        ("COPY (SELECT 1) TO stdout", []),
        ("REINDEX TABLE t", ["t"]),
        ("REINDEX SCHEMA t", []),
        ("ALTER ROLE t RENAME TO u", []),
        ("ALTER TYPE t ADD VALUE 'x'", []),
        ("CREATE SCHEMA t", []),
        ("SELECT a FROM t", []),
        ("ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b", []),
    ],
)
def test_says_which_relations_it_is_about(sql: str, subjects: list[str]) -> None:
    assert [str(name) for operation in read_statement(sql) for name in operation.subjects] == subjects


@pytest.mark.parametrize(
    ("sql", "again"),
    [
        ("CREATE TABLE t (a int)", False),
        ("CREATE TABLE IF NOT EXISTS t (a int)", True),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", True),
        ("DROP TABLE t", False),
        ("DROP TABLE IF EXISTS t", True),
        ("ALTER TABLE t DROP COLUMN a", False),
        ("ALTER TABLE IF EXISTS t DROP COLUMN a", False),
        ("ALTER TABLE t DROP COLUMN IF EXISTS a", True),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", False),
        ("ALTER TABLE t DROP CONSTRAINT IF EXISTS c", True),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", True),
        ("ALTER TABLE t ALTER a DROP DEFAULT", True),
        ("ALTER TABLE t ALTER a DROP NOT NULL", True),
        ("ALTER TABLE t ALTER a DROP IDENTITY", False),
        ("ALTER TABLE t ALTER a DROP IDENTITY IF EXISTS", True),
        ("ALTER TABLE t RENAME TO u", False),
        ("ALTER TABLE IF EXISTS t RENAME TO u", True),
        ("ALTER TABLE IF EXISTS t RENAME COLUMN a TO b", False),
        ("ALTER TABLE t SET SCHEMA s", False),
        ("ALTER TABLE t ATTACH PARTITION p DEFAULT", False),
        ("ALTER TABLE IF EXISTS t DETACH PARTITION p", False),
        ("ALTER INDEX i ATTACH PARTITION j", True),
        ("ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'", True),
        ("ALTER TYPE c DROP ATTRIBUTE a", False),
        ("ALTER DOMAIN d ADD CHECK (value > 0)", False),
        ("ALTER DOMAIN d SET NOT NULL", True),
        ("ALTER POLICY p ON t RENAME TO q", False),
        ("ALTER POLICY p ON t USING (a)", True),
        ("ALTER PUBLICATION p ADD TABLE t", False),
        ("UPDATE t SET a = 1", True),
    ],
)
def test_says_whether_it_can_run_again_after_it_succeeded(sql: str, *, again: bool) -> None:
    assert all(operation.is_repeatable for operation in read_statement(sql)) == again


def test_an_operation_without_effects_is_unread_and_never_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "CREATE TYPE mood AS ENUM ('sad')"
    statement = Statement("m.sql", Lines(1, 1), read_statement(sql), sql, 0, len(sql), sql)
    run = Run((Migration("m.sql", "sql", "1", None, (statement,), sql),))
    assert verdict(analyse(run, None, Policy(), ())) is Verdict.SAFE
    monkeypatch.setattr(op.CreateEnum, "no_effects", "")
    analysis = analyse(run, None, Policy(), ())
    [unread] = analysis.unread
    assert unread.reason == "what it does to the database is not known"
    assert verdict(analysis) is not Verdict.SAFE
    assert any("CreateEnum" in said(clause) for timed in analysis.timeline for clause in timed.effects.assumptions)
