"""Which rewrites are offered: those whose steps pass the rules where they will run, and lose nothing."""

import pytest

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import SafeRewrite, Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.schema.catalog import Catalog, CatalogColumn, Relation, RelationKind, Size
from bot.frameworks import framework_named
from bot.review.gate import let_through
from bot.rules import RULES
from bot.sql import read_statement

CHECK = "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0)"
UNTESTED = f"{CHECK} NOT VALID"
TESTED = "ALTER TABLE accounts VALIDATE CONSTRAINT sized"


def judged() -> Analysis:
    run = framework_named("dbmate").read(Files([SourceFile("db/migrations/1_x.sql", f"-- migrate:up\n{CHECK};\n")]))
    name = Name("accounts", "public")
    size = Size(60_000_000, 12_000_000_000)
    columns = (CatalogColumn("id", Type("bigint"), not_null=True), CatalogColumn("size", Type("integer")))
    table = Relation(name, RelationKind.TABLE, columns=columns, size=size)
    return analyse(run, Catalog(18, relations={name: table}), Policy(), RULES)


def with_steps(*steps: str) -> Analysis:
    """The CHECK on a large table, with a rewrite of these statements, each a file of its own."""
    made = (Step(StepKind.MIGRATION, read_statement(step), apart=True) for step in steps)
    analysis = judged()
    rewrite = SafeRewrite(tuple(made))
    findings = tuple(replace(one, rewrite=rewrite if one.rewrite else None) for one in analysis.findings)
    return replace(analysis, findings=findings)


def offered(analysis: Analysis) -> bool:
    return any(one.rewrite is not None for one in let_through(analysis, RULES).findings)


def test_a_plan_of_ours_passes() -> None:
    assert offered(judged())


@pytest.mark.parametrize(
    ("steps", "passes"),
    [
        pytest.param((UNTESTED, TESTED), True, id="declared, then validated"),
        pytest.param((UNTESTED,), False, id="never validated"),
        pytest.param(("CREATE INDEX CONCURRENTLY ON accounts (size)",), False, id="something else instead"),
        pytest.param((CHECK,), False, id="the same danger in a file of its own"),
        pytest.param((UNTESTED, TESTED, "DROP TABLE accounts"), False, id="the table is gone in the end"),
        pytest.param((UNTESTED, TESTED, "VACUUM FULL accounts"), False, id="another danger behind it"),
    ],
)
def test_a_rewrite_is_offered_where_it_loses_nothing_and_is_no_danger(
    steps: tuple[str, ...],
    passes: bool,  # noqa: FBT001
) -> None:
    assert offered(with_steps(*steps)) is passes
