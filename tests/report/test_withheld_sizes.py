"""Whoever writes a timeout in a migration learns no more of a size than the range that everybody is shown."""

import itertools

import pytest

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Verdict
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.frameworks import framework_named
from bot.report.check_run import check_output
from bot.report.disclosure import Disclosure
from bot.report.shapes import CheckOutput
from bot.rules import RULES
from tests.support.rule_pages import Example, catalog_of

ORDERS = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric, placed timestamp)",
    "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID",
)
STATEMENTS = (
    "ALTER TABLE orders VALIDATE CONSTRAINT positive;",
    "CREATE INDEX orders_total ON orders (total);",
    "ALTER TABLE orders ALTER COLUMN placed TYPE timestamptz;",
    "UPDATE orders SET total = 1;",
    "DELETE FROM orders;",
)
TIMEOUTS = ("10ms", "400ms", "1s", "4s", "12s", "31s", "100s", "4min", "15min", "2h")


def judged(statement: str, timeout: str, rows: int, policy: Policy, *, by_role: bool = False) -> Analysis:
    text = (
        f"-- migrate:up transaction:false\n{'' if by_role else f'SET statement_timeout = {timeout!r};'}\n{statement}\n"
    )
    run = framework_named("dbmate").read(Files([SourceFile("db/migrations/20260516101500_change.sql", text)]))
    settings = {"statement_timeout": timeout} if by_role else {}
    return analyse(run, catalog_of(Example("", ORDERS, {"orders": rows}, 16, settings)), policy, RULES)


def read(statement: str, timeout: str, rows: int) -> CheckOutput:
    return check_output(judged(statement, timeout, rows, Policy(disclose_sizes="bucket")), Disclosure.BUCKET)


def ranges(statement: str) -> list[tuple[int, int]]:
    """Pairs of sizes for which everything is the same that is said while no timeout is in force."""
    sizes = [part * 10**power for power in (5, 6, 7) for part in (2, 3, 6, 8)]
    told = [(rows, read(statement, "0", rows)) for rows in sizes]
    return [(less, more) for (less, one), (more, other) in itertools.pairwise(told) if one == other]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_timeout_tells_sizes_apart_that_are_shown_alike(statement: str) -> None:
    alike = ranges(statement)
    assert alike
    for timeout in TIMEOUTS:
        for less, more in alike:
            assert read(statement, timeout, less) == read(statement, timeout, more), timeout


def test_a_timeout_that_is_too_short_for_some_size_in_the_range_is_a_danger_for_all_of_them() -> None:
    statement, withheld = "ALTER TABLE orders VALIDATE CONSTRAINT positive;", Policy(disclose_sizes="bucket")
    for rows in (30_000_000, 80_000_000):
        assert judged(statement, "100s", rows, withheld).verdict is Verdict.BLOCKED
        assert judged(statement, "9h", rows, withheld).verdict is not Verdict.BLOCKED
    assert judged(statement, "100s", 30_000_000, Policy()).verdict is not Verdict.BLOCKED


def test_a_timeout_of_the_role_is_compared_exactly_because_no_stranger_chose_it() -> None:
    statement = "ALTER TABLE orders VALIDATE CONSTRAINT positive;"
    for timeout in TIMEOUTS:
        exact, withheld = (
            judged(statement, timeout, 3_000_000, policy, by_role=True)
            for policy in (Policy(), Policy(disclose_sizes="bucket"))
        )
        assert exact.verdict is withheld.verdict


def test_work_that_no_size_tells_is_compared_exactly() -> None:
    instant = "ALTER TABLE orders ADD COLUMN note text;"
    for timeout in ("200ms", "900ms", "2s"):
        assert judged(instant, timeout, 9_000_000, Policy(disclose_sizes="bucket")).verdict is not Verdict.BLOCKED
