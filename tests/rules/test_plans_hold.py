"""A plan that loses what its author asked for, or hurts as the statement would, is never offered."""

import pytest

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import SafeRewrite, Severity, Step, StepKind, is_same
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language.messages import say
from bot.core.rewrites.checking import trouble_with
from bot.core.schema.session import Session
from bot.frameworks import framework_named
from bot.report import plan
from bot.report.disclosure import OWNER
from bot.review.judge import complete
from bot.rules import RULES
from bot.sql import read_statement
from tests.rewrites.catalogue import CHAPTERS
from tests.support.rule_pages import Example, analysed, catalog_of, examples

TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, a int, b int); CREATE INDEX t_a ON t (a)"


def troubles(analysis: Analysis) -> list[str]:
    """What is wrong with the rewrites that the findings offer."""
    places = {id(timed.statement): at for at, timed in enumerate(analysis.timeline)}
    found: list[str] = []
    for finding in analysis.findings:
        if finding.rewrite is not None:
            doing = sorted({places[id(finding.statement)], *finding.rewrite.takes})
            asked = [one for at in doing for one in analysis.timeline[at].statement.operations]
            if trouble := trouble_with(finding.rewrite, asked, analysis.timeline[doing[0]].session):
                found.append(f"{finding.rule}: {trouble}")
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_plans_of_a_rules_page_hold(rule: object) -> None:
    for kind in ("flagged", "allowed"):
        for example in examples(rule, kind):  # type: ignore[arg-type]
            assert troubles(analysed(example)) == []


@pytest.mark.parametrize("name", CHAPTERS[0].cases)
def test_the_plans_of_a_proven_case_hold(name: str) -> None:
    text = f"-- migrate:up\n{CHAPTERS[0].cases[name].up}\n"
    run = framework_named("dbmate").read(Files([SourceFile("db/migrations/20260101000001_x.sql", text)]))
    assert troubles(analyse(run, None, Policy(postgres=18), RULES)) == []


def _session() -> Session:
    return Session.begin(catalog_of(Example("", tuple(f"{one};" for one in TABLE.split("; ")), {"t": 1_000_000})))


def trouble(asked: str, *steps: str, differs: bool = False) -> str:
    planned = tuple(Step(StepKind.MIGRATION, read_statement(one)) for one in steps)
    said = say("it is another") if differs else SafeRewrite(()).differs
    return trouble_with(SafeRewrite(planned, said), read_statement(asked), _session())


def test_what_the_author_asked_for_is_in_the_end_of_the_plan() -> None:
    key = "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)"
    index = "CREATE INDEX CONCURRENTLY t_b ON t (b)"
    validate = "ALTER TABLE t VALIDATE CONSTRAINT c"
    assert trouble(key, f"{key} NOT VALID", validate) == ""
    assert "lacks" in trouble(key, index)
    assert "lacks" in trouble(key, f"{key} NOT VALID")
    assert "still has" in trouble("ALTER TABLE t DROP COLUMN a", index)
    assert "lacks" in trouble("CREATE INDEX t_b ON t (b)", index.replace("(b)", "(a)"))
    assert trouble(key, index, differs=True) == ""


def test_no_step_of_a_plan_hurts_as_the_statement_would() -> None:
    build = "CREATE INDEX t_b ON t (b)"
    assert "long under a lock" in trouble(
        "ALTER TABLE t ALTER COLUMN a TYPE bigint", "ALTER TABLE t ALTER a TYPE bigint"
    )
    assert trouble(build, build.replace("INDEX", "INDEX CONCURRENTLY")) == ""
    assert "fails" in trouble(build, "CREATE INDEX CONCURRENTLY t_a ON t (a)", build)


def test_a_lock_timeout_is_never_the_answer_to_a_danger() -> None:
    statements = (
        "DROP TABLE orders",
        "TRUNCATE orders",
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint",
        "ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (total WITH =)",
        "ALTER TABLE orders SET UNLOGGED",
        "CLUSTER orders USING orders_pkey",
    )
    for statement in statements:
        run = framework_named("dbmate").read(
            Files([SourceFile("db/migrations/1_x.sql", f"-- migrate:up\n{statement};\n")])
        )
        analysis = complete([analyse(run, None, Policy(postgres=18), RULES)])
        loud = [one for one in analysis.findings if one.severity.rank >= Severity.WARNING.rank]
        assert loud, statement
        if any(one.rewrite is not None and not is_same(one) for one in analysis.findings):
            continue
        shown = plan.plan(analysis, OWNER)
        assert "No safe rewrite is known for" in shown, statement
        assert all(f"`{one.rule}`" in shown for one in loud)
        if any(one.severity is Severity.DANGER for one in loud):
            assert "Instead of" not in shown, statement
