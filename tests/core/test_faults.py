"""An error of migsafe's own, and a number beyond all measure, cost their statement and nothing else."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.judging import replay
from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Verdict
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Moment, Rule
from bot.core.language import operations as op
from bot.core.language.migrations import Statement
from bot.core.language.numbers import INT4, INT8, whole
from bot.core.record import replace
from bot.core.schema.session import Session
from bot.core.schema.settings_values import in_seconds
from bot.frameworks import framework_named
from bot.rules import RULES

DANGER = "ALTER TABLE users ALTER COLUMN email SET NOT NULL;"
DIGITS = "9" * 5_000


def judged(text: str, rules: tuple[Rule, ...] = RULES) -> Analysis:
    run = framework_named("plain").read(Files(changed=[SourceFile("migrations/1_a.sql", text)]))
    return analyse(run, None, Policy(), rules)


NUMBERS = [
    f"SET lock_timeout = '1e400';\n{DANGER}",
    f"SET lock_timeout = 1e400;\n{DANGER}",
    f"SET lock_timeout = '0x{'f' * 5_000}';\n{DANGER}",
    f"SET statement_timeout = {DIGITS};\n{DANGER}",
    f"DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT {DIGITS});\n{DANGER}",
    f"DELETE FROM t WHERE id BETWEEN 1 AND {DIGITS};\n{DANGER}",
    f"UPDATE t SET a = 1 WHERE id = {DIGITS};\n{DANGER}",
    f"ALTER TABLE t ALTER c TYPE varchar({DIGITS});\n{DANGER}",
    f"ALTER TABLE t ALTER c TYPE numeric({DIGITS}, {DIGITS});\n{DANGER}",
    f"ALTER TABLE t ALTER c TYPE float({DIGITS});\n{DANGER}",
    f"ALTER TABLE t ALTER c TYPE time({DIGITS});\n{DANGER}",
    f"ALTER TABLE t ALTER c TYPE bit({DIGITS});\n{DANGER}",
    f"ALTER TABLE t ADD c int[{DIGITS}];\n{DANGER}",
    f"ALTER TABLE t ADD c int DEFAULT {DIGITS};\n{DANGER}",
    f"ALTER TABLE t ADD CHECK (a > {DIGITS});\n{DANGER}",
    f"ALTER TABLE t ADD CHECK (a > 1e{DIGITS});\n{DANGER}",
    f"CREATE TABLE p PARTITION OF q FOR VALUES WITH (MODULUS {DIGITS}, REMAINDER 1);\n{DANGER}",
    f"CREATE TABLE p PARTITION OF q FOR VALUES IN ({DIGITS});\n{DANGER}",
    f"ALTER TABLE t ALTER c SET STATISTICS {DIGITS};\n{DANGER}",
    f"ALTER TABLE t ALTER {DIGITS} SET STATISTICS 1;\n{DANGER}",
    f"CREATE SEQUENCE s START {DIGITS} INCREMENT {DIGITS};\n{DANGER}",
    f"ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY (START {DIGITS});\n{DANGER}",
    f"ALTER ROLE r CONNECTION LIMIT {DIGITS};\n{DANGER}",
    f"CREATE FUNCTION f() RETURNS int LANGUAGE sql COST {DIGITS} AS $$ SELECT 1 $$;\n{DANGER}",
    f"ALTER TABLE t SET (fillfactor = {DIGITS});\n{DANGER}",
    f"INSERT INTO t SELECT * FROM u LIMIT {DIGITS};\n{DANGER}",
    f"INSERT INTO t SELECT generate_series(1, {DIGITS});\n{DANGER}",
    f"SELECT setval('s', {DIGITS});\n{DANGER}",
    f"SELECT pg_sleep({DIGITS});\n{DANGER}",
    f"SET work_mem = '{DIGITS}kB';\n{DANGER}",
    f"COMMENT ON TABLE t IS '{DIGITS}';\n{DANGER}",
]


@pytest.mark.parametrize("text", NUMBERS, ids=lambda text: text[:44])
def test_a_number_beyond_all_measure_leaves_the_danger_beside_it(text: str) -> None:
    for order in (text, "\n".join([DANGER, text.rpartition("\n")[0]])):
        analysis = judged(order)
        assert analysis.verdict is Verdict.BLOCKED
        assert not any(part.fault for part in analysis.unread)


@given(st.from_regex(r"[-+]?[0-9]{0,30}\.?[0-9]{0,30}([eE][-+]?[0-9]{1,6})?( ?(us|ms|s|min|h|d))?", fullmatch=True))
def test_a_duration_is_finite_or_none(written: str) -> None:
    seconds = in_seconds(written)
    assert seconds is None or abs(seconds) < float("inf")


@given(st.integers())
def test_a_whole_number_is_known_within_its_width_only(number: int) -> None:
    for text in (str(number), f"{number:_}", hex(number)):
        assert whole(text) == (number if -INT8 - 1 <= number <= INT8 else None)
        assert whole(text, most=INT4) == (number if -INT4 - 1 <= number <= INT4 else None)


@pytest.mark.parametrize("text", ["", "-", "x", "1.5", "0x", "0xg", "1 2", "٣", "9" * 5_000, "0x" + "f" * 5_000])
def test_what_is_no_whole_number_is_none(text: str) -> None:
    assert whole(text) is None


def test_zeros_before_a_number_do_not_count() -> None:
    assert whole("0" * 5_000 + "7") == 7
    assert whole("0" * 5_000) == 0


def broken(_operation: op.Operation, moment: Moment) -> Iterator[object]:
    raise ZeroDivisionError(moment.statement.sql)
    yield


def test_a_rule_that_fails_costs_what_it_would_have_said() -> None:
    failing = next(rule for rule in RULES if op.DropTable in rule.watches and op.SetNotNull not in rule.watches)
    rules = (*(rule for rule in RULES if rule is not failing), replace(failing, check=broken))
    analysis = judged(f"DROP TABLE t;\n{DANGER}", rules)
    [part] = analysis.unread
    assert (part.path, part.lines.first) == ("migrations/1_a.sql", 1)
    assert f"the rule {failing.id} says nothing of it" in part.reason
    assert part.fault.split()[0] in part.reason
    assert "ZeroDivisionError: DROP TABLE t" in part.fault
    assert analysis.verdict is Verdict.BLOCKED


def test_a_statement_at_which_the_judging_fails_is_unread_and_those_beside_it_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = replay.effects

    def failing(statement: Statement, session: Session, major: int) -> object:
        if any(isinstance(operation, op.DropTable) for operation in statement.operations):
            raise KeyError("nobody expected this")
        return known(statement, session, major)

    monkeypatch.setattr(replay, "effects", failing)
    analysis = judged(f"{DANGER}\nDROP TABLE t;\n{DANGER}")
    [part] = analysis.unread
    assert part.lines.first == 2
    assert "internal error" in part.reason
    assert "nobody expected this" not in part.reason
    assert "nobody expected this" in part.fault
    assert [finding.statement.lines.first for finding in analysis.findings if finding.severity.value == "danger"] == [1]
    assert analysis.verdict is Verdict.BLOCKED


def test_an_error_has_one_id_wherever_it_happens_again() -> None:
    def blame(value: str) -> op.Unread:
        try:
            raise ValueError(value)
        except ValueError as error:
            return op.Unread.of(error)

    assert blame("a").reason == blame("b").reason
    assert blame("a").fault != blame("b").fault
