"""What a review needs of the children that read hostile text: protocols. `bot.review.confined` implements them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Confine(Protocol):
    """Runs a pure function on hostile text in a child process with limits of time and memory. Raises LimitError."""

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result: ...

    def limit_hit(self, blob: str) -> str | None:
        """Why the file with this blob SHA is not read again, having hit a limit before; None if it may be read."""
        ...

    def remember_limit(self, blob: str, reason: str) -> None:
        """Notes that the file with this blob SHA hit a limit."""
        ...


class Confinements(Protocol):
    """The children, shared between installations."""

    def share(self, installation: int, *, trusted: bool, again: bool) -> Confine:
        """What one job of this installation may use; a job that is not `trusted` has seconds, not a minute.

        `again`: somebody asks to try once more what hit a limit before.
        """
        ...
