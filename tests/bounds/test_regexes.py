"""No regular expression takes longer than in proportion to what it is given."""

import re

import pytest

from tests.bounds.regexes import Regex, all_regexes, slowest

ALL = list(all_regexes())


def _regex(pattern: str, *methods: str) -> Regex:
    return Regex("here", re.compile(pattern), frozenset(methods))


def test_two_repetitions_of_one_character_are_found_slow() -> None:
    assert slowest(_regex(r"[ \t]*\w*[ \t]*", "fullmatch"))
    assert slowest(_regex(r"[ \t]*+\w*+[ \t]*+", "fullmatch")) is None


@pytest.mark.proof
@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s+\Z", "search"),
        (r"(?:a|b)*c", "search"),
        (r"\w*\d*x", "match"),
        (r"a[^/]*_[^/]*/x", "match"),
        (r"(?:.*/)?deploy/(?:.*/)?\d+\.sql\Z", "match"),
        (r"/\*.*?\*/", "sub"),
    ],
)
def test_what_is_tried_finds_a_slow_one(pattern: str, method: str) -> None:
    assert slowest(_regex(pattern, method))


@pytest.mark.proof
@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\s++\Z", "match"),
        (r"\w++\.\w++", "match"),
        (r"(?m)^[ \t]*+--", "search"),
        (r"a[^/_]*+_[^/]*+/x", "match"),
        (r"(?s)/\*.*?(?:\*/|\Z)", "sub"),
    ],
)
def test_what_is_tried_accuses_no_other(pattern: str, method: str) -> None:
    assert slowest(_regex(pattern, method)) is None


def test_they_are_all_found() -> None:
    assert len(ALL) > 150
    assert all(regex.methods for regex in ALL)


@pytest.mark.proof
@pytest.mark.parametrize("regex", [pytest.param(one, id=one.where) for one in ALL])
def test_a_regular_expression_is_linear(regex: Regex) -> None:
    assert slowest(regex) is None
