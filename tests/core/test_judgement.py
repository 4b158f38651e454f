"""Every measured shape, on tables of twenty million rows: what makes others wait is found, what is instant is not."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Severity, StepKind
from bot.core.judging.framework import Files, PlanSoFar, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Migration, Run, Statement, Transaction
from bot.core.schema.catalog import Catalog
from bot.core.schema.session import Session
from bot.frameworks import framework_named
from bot.rules import RULES
from tests.support.strategies import statements
from tests.truth import shapes
from tests.truth.shapes import Shape

MAJOR = 16
TIMES = 1_000
"""How many times the fixture's 20,000 rows."""
PATH = "db/migrations/20260101000000_shape.sql"
SHAPES = [shape for shape in shapes.read_shapes(shapes.HERE / "postgres-truth.json") if MAJOR in shape.measured]

ABOUT_CODE = frozenset(
    {
        "column-dropped-in-use",
        "column-renamed-in-use",
        "default-dropped-from-new-column",
        "drop-cascade",
        "enum-value-renamed",
        "object-renamed-in-use",
        "row-security-without-policy",
        "table-dropped-in-use",
        "table-renamed-in-use",
        "truncate-in-migration",
        "view-dropped-in-use",
    }
)
"""What breaks code or loses rows, however instant it is."""
AVOIDABLE = frozenset(
    {
        "drop-index-without-concurrently",
        "index-renamed-as-table",
        "partition-created-under-lock",
        "partition-detached-under-lock",
    }
)
"""Instant, under a lock that PostgreSQL can avoid."""
NOBODY_WAITS = frozenset(
    {
        "combo.create_table_then_index_same_tx",
        "index.create_empty_table",
        "index.create_matview",
        "object.create_table_fk",
        "object.refresh_matview_concurrently",
        "type.empty_table_int->bigint",
    }
)
"""An empty table, an index on a new one, or a lock against writes on a materialized view, which has no writers."""
TRAPS = frozenset({"concurrently-over-invalid-index"})
"""Instant because nothing is done."""


@cache
def _fixture() -> Session:
    return shapes.fixture(MAJOR)


def _judged(shape: Shape) -> Analysis:
    session = shapes.prepare(_fixture(), shape, MAJOR)
    text = ";\n".join(shape.statements)
    before = f"{shape.session};\n" if shape.session else ""
    option = "" if shape.measured[MAJOR].get("in_transaction_ok", True) else " transaction:false"
    migration = f"-- migrate:up{option}\n{before}{text};\n-- migrate:down\n"
    run = framework_named("dbmate").read(Files([SourceFile(PATH, migration)]))
    settings = {"lock_timeout": ("0" if option else "5s", "the role"), "statement_timeout": ("0", "the role")}
    return analyse(run, replace(_large(session.catalog), settings=settings), Policy(), RULES)


def _large(catalog: Catalog) -> Catalog:
    relations = {
        name: replace(
            relation,
            size=replace(
                relation.size,
                rows=(relation.size.rows or 0) * TIMES,
                heap_bytes=(relation.size.heap_bytes or 0) * TIMES,
            ),
        )
        if relation.size is not None
        else relation
        for name, relation in catalog.relations.items()
    }
    return replace(catalog, relations=relations, complete=True)


def _locks_out_others(shape: Shape) -> bool:
    """Work as long as a table is, under a lock that makes readers or writers of a table wait."""
    measured = shape.measured[MAJOR]
    if measured.get("error") or not measured.get("in_transaction_ok", True):
        return False
    work = any(measured.get(kind) for kind in ("rewrite", "full_scan", "index_built", "index_rebuild"))
    blocking = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
    return work and any(mode in blocking for mode in measured.get("locks", {}).values())


def _is_instant(shape: Shape) -> bool:
    measured = shape.measured[MAJOR]
    heavy = ("rewrite", "full_scan", "full_index_scan", "index_built", "index_rebuild", "error", "waits_for")
    return not any(measured.get(kind) for kind in heavy)


LONG = [shape for shape in SHAPES if _locks_out_others(shape) and shape.id not in NOBODY_WAITS]
INSTANT = [shape for shape in SHAPES if _is_instant(shape)]


@pytest.mark.parametrize("shape", LONG, ids=lambda shape: shape.id)
def test_whatever_makes_others_wait_is_found(shape: Shape) -> None:
    analysis = _judged(shape)
    assert any(found.severity in (Severity.WARNING, Severity.DANGER) for found in analysis.findings)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.id)
def test_every_rewrite_is_clean_under_every_rule(shape: Shape) -> None:
    analysis = _judged(shape)
    like = analysis.run.migrations[0]
    offered = {
        like.statements.index(found.statement): found.rewrite.steps
        for found in analysis.findings
        if found.rewrite is not None and found.severity in (Severity.WARNING, Severity.DANGER)
    }
    if not offered:
        return
    rewrites = (found.rewrite for found in analysis.findings if found.rewrite is not None)
    offered |= {taken: () for rewrite in rewrites for taken in rewrite.takes}  # what another's steps do as well
    dbmate = framework_named("dbmate")
    rewritten = dbmate.rewritten_file(like, offered, PlanSoFar())
    written = [file for files in rewritten.files.values() for file in files if file.kind is StepKind.MIGRATION]
    changed = [SourceFile(like.path, rewritten.text)] if rewritten.text is not None else []
    changed += [SourceFile(str(file.path), file.text) for file in written]
    session = shapes.prepare(_fixture(), shape, MAJOR)
    settings = {"lock_timeout": ("0", "the role"), "statement_timeout": ("0", "the role")}
    again = analyse(dbmate.read(Files(changed)), replace(_large(session.catalog), settings=settings), Policy(), RULES)
    loud = {found.rule for found in again.findings if found.severity in (Severity.WARNING, Severity.DANGER)}
    assert loud - ABOUT_CODE - {"ddl-without-lock-timeout"} == set()
    assert again.unread == ()


@pytest.mark.parametrize("shape", INSTANT, ids=lambda shape: shape.id)
def test_what_is_instant_is_not_held_against_anybody(shape: Shape) -> None:
    loud = [found for found in _judged(shape).findings if found.severity in (Severity.WARNING, Severity.DANGER)]
    assert [found.rule for found in loud if found.rule not in ABOUT_CODE | AVOIDABLE | TRAPS] == []


@given(parts=st.lists(statements, min_size=1, max_size=4), known=st.booleans(), together=st.booleans())
def test_no_rule_fails_on_any_operation(parts: list[tuple[op.Operation, ...]], *, known: bool, together: bool) -> None:
    made = tuple(
        Statement(PATH, Lines(line, line), operations, "SELECT 1", line, line + 1, "SELECT 1", 1 if together else None)
        for line, operations in enumerate(parts, start=1)
    )
    migration = Migration(PATH, "dbmate", "20260101000000", together, made, "")
    run = Run((migration,), {1: Transaction(1)} if together else {})
    analyse(run, _large(_fixture().catalog) if known else None, Policy(), RULES)
