"""No input takes longer than in proportion to its size, or nearly: the plain suite holds a sample of the shapes.

`pytest -m proof tests/bounds` measures all of them. The exponent is a ratio of processor times, each the best of two.
"""

import pytest

from bot.core.judging.findings import Verdict
from tests.bounds import ordinary
from tests.bounds.framework_shapes import framework_shapes
from tests.bounds.measure import growth
from tests.bounds.neighbour_shapes import neighbour_shapes
from tests.bounds.parent_shapes import parent_shapes
from tests.bounds.shape import Shape, judged_file
from tests.bounds.sql_shapes import sql_shapes
from tests.bounds.tool_shapes import tool_shapes

SHAPES = [*sql_shapes(), *tool_shapes(), *framework_shapes(), *neighbour_shapes(), *parent_shapes()]
STEEPEST = 1.3
_TRIES = 3

SAMPLE = frozenset(
    {
        "SQL: search path of blanks",
        "SQL: timeout of digits",
        "SQL: timeout of blanks",
        "SQL: a table of columns",
        "SQL: DO body",
        "dbmate: a head of blanks",
        "rails: empty lines before",
        "rails: a long join table",
        "alembic: a long text",
        "configuration: duration of blanks",
        "command: explain of blanks",
        "diff: hunks",
        "path: migration folders",
        "sqitch: one file beside many",
        "words: many files",
    }
)


def test_there_are_hundreds_of_shapes_each_with_a_name_of_its_own() -> None:
    names = [shape.name for shape in SHAPES]
    assert len(names) == len(set(names)) >= 600
    assert set(names) >= SAMPLE


@pytest.mark.parametrize(
    "shape",
    [pytest.param(one, id=one.name, marks=() if one.name in SAMPLE else pytest.mark.proof) for one in SHAPES],
)
def test_time_grows_no_faster_than_the_input(shape: Shape) -> None:
    # A machine that is busy with something else makes a single measurement steep; a shape that is steep always is.
    enough = 0.06 if shape.name in SAMPLE else 0.25
    steepness = (growth(shape, enough=enough).exponent for _ in range(_TRIES))
    assert any(exponent <= STEEPEST for exponent in steepness)


def test_a_squashed_migration_is_judged_whole() -> None:
    analysis = judged_file("migrations/1_a.sql", ordinary.squashed(600))
    assert len(analysis.timeline) == 600
    assert not analysis.unread


def test_a_table_of_ten_thousand_columns_is_judged_as_postgresql_takes_it() -> None:
    columns = ", ".join(f"c{number} text" for number in range(10_000))
    text = f"CREATE TABLE t ({columns});\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n"
    analysis = judged_file("migrations/1_a.sql", text)
    assert [one.sqlstate for one in analysis.timeline[0].effects.failures] == ["54011"]
    assert analysis.verdict is Verdict.BLOCKED
