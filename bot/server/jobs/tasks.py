"""What a worker does, as functions of a job."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.review.job import Job


class Tasks(Protocol):
    """What the App does for a job, as the queue sees it. An interrupted task runs again, so each is idempotent.

    If GitHub asks to wait, they raise HubError with `retry_after`; any other error ends the job, and
    `conclude_failed` then concludes its check.
    """

    async def announce(self, job: Job) -> None:
        """Puts the head's check in progress, before the job waits for its turn. Best effort."""
        ...

    async def perform(self, job: Job, still_newest: Callable[[], Awaitable[bool]]) -> str:
        """Does the job and returns how it ended. Calls `still_newest` before it writes: False means that a newer
        push of the pull request is waiting, and this job must end without writing."""
        ...

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a newer push replaced before the job began."""
        ...

    async def conclude_failed(self, job: Job, error_id: str, /) -> None:
        """Concludes the check as neutral, or as the repository asks, with an id that is in the log, too."""
        ...

    async def sweep(self) -> str:
        """Finds what was missed and repairs it; returns a summary."""
        ...
