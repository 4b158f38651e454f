"""`migsafe: allow RULE REASON`: read from comments of any language, tied to its statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Statement
from bot.frameworks.statements.allow import CommentLines, blank_lines, read_allows


def statement(first: int, last: int | None = None) -> Statement:
    return Statement("1.sql", Lines(first, last or first), (op.Harmless("test"),), "", 0, 0, "")


def comment(text: str, line: int) -> CommentLines:
    return CommentLines(text, Lines(line, line + text.count("\n")))


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        pytest.param("-- migsafe: allow drop-table nobody uses it", "drop-table", "nobody uses it", id="plain"),
        pytest.param("-- migsafe: allow drop-table: nobody uses it", "drop-table", "nobody uses it", id="colon"),
        pytest.param("-- migsafe: allow drop-table, nobody uses it", "drop-table", "nobody uses it", id="comma"),
        pytest.param("-- migsafe: allow drop-table - nobody uses it", "drop-table", "nobody uses it", id="dash"),
        pytest.param("--migsafe:allow drop-table nobody", "drop-table", "nobody", id="tight"),
        pytest.param("# migsafe: allow drop-table nobody", "drop-table", "nobody", id="ruby"),
        pytest.param("/* migsafe: allow drop-table nobody */", "drop-table", "nobody", id="one line block"),
        pytest.param(
            "/*\n * migsafe: allow drop-table nobody\n * uses it\n */", "drop-table", "nobody uses it", id="block"
        ),
        pytest.param("-- MIGSAFE: ALLOW drop_table Nobody", "drop-table", "Nobody", id="case and underscore"),
        pytest.param("-- see #12; migsafe: allow drop-table nobody", "drop-table", "nobody", id="behind other words"),
        pytest.param("-- migsafe: released t.a: nobody uses it", "released", "t.a: nobody uses it", id="released"),
        pytest.param("# MIGSAFE: released, nobody", "released", "nobody", id="released in ruby"),
        pytest.param("-- migsafe: allow drop-table", "drop-table", "", id="no reason"),
        pytest.param("-- migsafe: allow drop-table :", "drop-table", "", id="a separator is no reason"),
    ],
)
def test_an_allow_names_a_rule_and_a_reason(text: str, rule: str, reason: str) -> None:
    (allow,) = read_allows([comment(text, 1)], [statement(9)])
    assert (allow.rule, allow.reason) == (rule, reason)


@pytest.mark.parametrize(
    "text", ["-- migsafe allow drop-table", "-- migsafe: ignore drop-table", "-- allow drop-table x"]
)
def test_other_comments_are_not_allows(text: str) -> None:
    assert read_allows([comment(text, 1)], [statement(2)]) == ()


def test_an_allow_after_a_statement_concerns_that_statement() -> None:
    (allow,) = read_allows([comment("-- migsafe: allow drop-table x", 3)], [statement(2, 3), statement(4)])
    assert (allow.line, allow.statement_line) == (3, 2)


def test_an_allow_above_a_statement_reaches_it_over_comments_and_blank_lines() -> None:
    comments = [comment("-- migsafe: allow drop-table x", 1), comment("-- the old table", 2)]
    (allow,) = read_allows(comments, [statement(4)], blank=[3])
    assert allow.statement_line == 4


def test_an_allow_does_not_reach_over_code() -> None:
    (allow,) = read_allows([comment("-- migsafe: allow drop-table x", 1)], [statement(4)], blank=[3])
    assert allow.statement_line is None


def test_an_allow_below_the_last_statement_concerns_none() -> None:
    (allow,) = read_allows([comment("-- migsafe: allow drop-table x", 5)], [statement(4)])
    assert allow.statement_line is None


def test_one_statement_may_have_several_allows_in_one_comment_or_in_several() -> None:
    comments = [
        comment("-- migsafe: allow drop-table x", 1),
        comment("/* migsafe: allow lock-timeout-missing y\nmigsafe: allow add-check z */", 2),
    ]
    allows = read_allows(comments, [statement(4)])
    assert [(allow.rule, allow.reason, allow.line, allow.statement_line) for allow in allows] == [
        ("drop-table", "x", 1, 4),
        ("lock-timeout-missing", "y", 2, 4),
        ("add-check", "z", 3, 4),
    ]


def test_an_allow_inside_a_statement_of_several_lines_concerns_it() -> None:
    (allow,) = read_allows([comment("-- migsafe: allow drop-table x", 3)], [statement(2, 5), statement(6)])
    assert allow.statement_line == 2


def test_an_allow_beside_a_statement_in_a_do_block_concerns_that_one() -> None:
    (allow,) = read_allows([comment("-- migsafe: allow drop-table x", 4)], [statement(2, 6), statement(4)])
    assert allow.statement_line == 4


def test_blank_lines_are_counted_from_one() -> None:
    assert blank_lines("a\n\n \t\r\nb\n") == (2, 3, 5)


@given(st.text(), st.integers(1, 5))
def test_no_comment_breaks_the_reading(text: str, line: int) -> None:
    for prefix in ("", "migsafe: allow "):
        read_allows([comment(prefix + text, line)], [statement(3, 4)])
