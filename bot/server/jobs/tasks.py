"""What a worker is given to do, as functions of a job."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.review.job import Job


class Tasks(Protocol):
    """What the App does for a job, seen from the queue. One that was cut off runs again, so each is idempotent.

    Where GitHub asks for patience they raise HubError with `retry_after`; anything else they raise ends the job,
    and `conclude_failed` then concludes its check.
    """

    async def announce(self, job: Job) -> None:
        """Puts the head's check in progress, before the job waits for its turn. Best effort."""
        ...

    async def perform(self, job: Job, still_newest: Callable[[], Awaitable[bool]]) -> str:
        """Does the job and says how it ended. Asks `still_newest` before it writes: False means that a newer
        push of the pull request waits, and this one ends without a word."""
        ...

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a newer push has overtaken before the job began."""
        ...

    async def conclude_failed(self, job: Job, error_id: str, /) -> None:
        """Concludes the check as neutral, or as the repository asks, with an id that stands in the log too."""
        ...

    async def sweep(self) -> str:
        """Looks for what was missed and mends it; says what it did."""
        ...
