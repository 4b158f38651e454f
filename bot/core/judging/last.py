"""What was worked out last, for rules that ask the same at one moment after the other."""

from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Last(Generic[Result]):
    """The result for what was asked about last: moments come one after the other, and several rules ask the same."""

    __slots__ = ("_about", "_result")

    def __init__(self) -> None:
        self._about: object = None
        self._result: Result | None = None

    def get(self, about: object, find: Callable[[], Result]) -> Result:
        if self._about is not about or self._result is None:
            self._result, self._about = find(), about
        return self._result
