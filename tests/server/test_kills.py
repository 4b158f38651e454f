"""A short form of `python -m tests.harness.kill`: some kills of the whole App in the middle of its work."""

from pathlib import Path

import pytest

from tests.harness.kill import run


@pytest.mark.parametrize("state", ["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)])
def test_an_app_that_is_killed_again_and_again_loses_doubles_and_leaves_nothing(state: str, tmp_path: Path) -> None:
    told = run(kills=10, in_chapter=10, seed="short", state=state, folder=tmp_path)
    assert told.kills == 10
    assert not told.wrong, "see the stories above"
