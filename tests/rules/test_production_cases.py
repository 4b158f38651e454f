"""Migrations as people write them, in three idioms, each with its database: found at its line, or silent."""

import pytest

from bot.core.judging.findings import Verdict
from tests.support.production_cases import Case, cases

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finds_what_a_migration_does_and_nothing_else(case: Case) -> None:
    analysis = case.analysed()
    assert case.found(analysis) == case.expected
    assert not analysis.unread
    dangers = [rule for _, rule, severity in case.expected if severity == "danger"]
    assert analysis.verdict is (Verdict.BLOCKED if dangers else Verdict.ATTENTION if case.expected else Verdict.SAFE)


def test_there_are_as_many_safe_migrations_as_unsafe_ones() -> None:
    silent = [case for case in CASES if not case.expected]
    assert len(silent) >= 90
    assert len(CASES) - len(silent) >= 90
