"""Partitions in safe steps: what the DEFAULT partition has to prove, and who is told what that costs."""

from bot.core.judging.findings import SafeRewrite
from bot.report.disclosure import OWNER
from bot.report.rendering import text
from tests.support.rule_pages import Example, analysed, written

READINGS = (
    "CREATE TABLE readings (at date NOT NULL, device bigint) PARTITION BY RANGE (at)",
    "CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE readings_rest PARTITION OF readings DEFAULT",
    "CREATE TABLE readings_2028 (at date NOT NULL, device bigint)",
)
BOUND = "FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')"
ATTACH = f"ALTER TABLE readings ATTACH PARTITION readings_2028 {BOUND};"
CREATE = f"CREATE TABLE readings_2029 PARTITION OF readings {BOUND};"


def _rewrite(sql: str, rest: int) -> SafeRewrite:
    sizes = {"readings_rest": rest, "readings_2028": 50_000_000}
    found = analysed(Example(sql, READINGS, sizes)).findings
    return next(one.rewrite for one in found if one.rewrite is not None)


def test_the_step_that_refuses_rows_says_which_and_until_when() -> None:
    for sql, name in ((ATTACH, "readings_2028"), (CREATE, "readings_2029")):
        declares = next(step for step in _rewrite(sql, 50_000_000).steps if "CHECK (NOT" in written((step,)))
        said = text(declares.note, OWNER)
        assert said.startswith(f"Until {name} is attached, PostgreSQL refuses rows of readings with at IS NOT NULL AND")
        assert "23514" in said


def test_beside_a_small_default_partition_no_row_is_refused() -> None:
    for sql in (ATTACH, CREATE):
        assert "CHECK (NOT" not in written(_rewrite(sql, 50).steps)
