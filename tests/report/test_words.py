"""Figures and names in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cost.estimate import Estimate
from bot.core.judging.framework import Framework, KnownBy
from bot.core.language.names import Name
from bot.frameworks import FRAMEWORKS
from bot.report import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.004, "4 ms"),
        (0.237, "240 ms"),
        (1.0, "1 s"),
        (5.25, "5.2 s"),
        (60, "60 s"),
        (72.6, "75 s"),
        (240, "4 min"),
        (4800, "1 h 20 min"),
        (36_000, "10 h"),
        (400_000, "5 days"),
    ],
)
def test_says_a_duration_as_people_do(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


def test_says_an_estimate_with_its_range() -> None:
    assert words.duration(Estimate(50, 70, 140)) == "about 70 s (50 to 140 s)"
    assert words.duration(Estimate(5, 7, 14)) == "about 7 s (5 to 14 s)"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 rows"),
        (1, "1 row"),
        (8_400, "8,400 rows"),
        (1_150_000, "1.15 million rows"),
        (2_300_000_000, "2.3 billion rows"),
    ],
)
def test_says_rows(count: int, text: str) -> None:
    assert words.rows(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 byte"), (8192, "8 kB"), (2_254_857_830, "2.1 GB"), (315_000_000, "300 MB")]
)
def test_says_bytes_in_units_of_postgresql(count: int, text: str) -> None:
    assert words.size(count) == text


def test_lists_with_and() -> None:
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_a_tool_is_written_as_its_authors_write_it(framework: Framework) -> None:
    if framework.known_by is not KnownBy.NOTHING:
        assert words.sentence(f"{framework.title} runs it") == f"{framework.title} runs it."


def test_leaves_out_the_public_schema() -> None:
    assert words.code(Name("events", "public")) == "`events`"
    assert words.code(Name("Weird Name", "audit")) == '`audit."Weird Name"`'


@given(st.text(max_size=40))
def test_no_name_breaks_out_of_its_code(text: str) -> None:
    written = words.code(text)
    fence = written[: len(written) - len(written.lstrip("`"))]
    inside = written[len(fence) : -len(fence)]
    assert "\n" not in written
    assert fence not in list(words._BACKTICKS.findall(inside))
