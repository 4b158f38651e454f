"""A message holds only parts, so that its reader can be asked about each."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.core.language.messages import clause, error, listing, say

_MAKERS: list[Callable[..., Any]] = [say, clause, error]


@pytest.mark.parametrize("bare", ["orders", 3, True, 1.5, b"orders", None], ids=repr)
def test_a_bare_value_is_no_part_of_a_message(bare: Any) -> None:
    for make in _MAKERS:
        with pytest.raises(TypeError, match="not a part of a message"):
            make("{} is locked", bare)
    with pytest.raises(TypeError, match="not a part of a message"):
        listing([bare])


def test_there_is_a_value_for_each_place() -> None:
    with pytest.raises(ValueError, match="0 values for 1 places"):
        say("{} is locked")
