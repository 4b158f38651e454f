"""The load harness in short: whatever is delivered while reviews run is answered, and gets its check."""

from collections.abc import Callable

import pytest

from tests.harness.load import Measured, Size, measure_postgresql, measure_sqlite

SHORT = Size(burst=60, seconds=2.0, rate=20.0, plain=10, unsafe=4, limit=60.0)


@pytest.mark.parametrize(
    "measure", [measure_sqlite, pytest.param(measure_postgresql, marks=pytest.mark.proof)], ids=["sqlite", "postgresql"]
)
def test_a_burst_is_answered_while_reviews_run_and_nothing_of_it_is_lost(measure: Callable[[Size], Measured]) -> None:
    measured = measure(SHORT)
    assert [answers.refused for answers in (*measured.control, *measured.loaded)] == [0, 0, 0, 0]
    assert measured.lost == 0
    assert measured.standing.doubled == 0
    assert measured.standing.conclusions["failure"] == SHORT.unsafe
    assert "p99 of serve is" in measured.table()
