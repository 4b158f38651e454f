"""What a worker does, as functions of a job.

A delivery passes through four layers, each of which adds one thing:

`_Workflows`    when: the path of a job, as DBOS resumes it after a crash (`arrive`, `turn`, `run`, `sweep`)
`JobSteps`      how often and how long: limits, logs and metrics around a task; a failure becomes a value (`try_...`)
`Tasks`         what the queue asks for, without saying how it is done: the protocol in this file
`Reviewer`      the work itself, on GitHub; it implements `Tasks` in `bot.server.reviewer`
"""

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

    async def perform(self, job: Job, is_superseded: Callable[[], Awaitable[bool]]) -> str:
        """Does the job and returns how it ended. Calls `is_superseded` before it writes: True means that a later
        push of the pull request is waiting, and this job must end without writing."""
        ...

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a later push replaced before the job began."""
        ...

    async def conclude_failed(self, job: Job, error_id: str, /) -> None:
        """Concludes the check as neutral, or as the repository asks, with an id that is in the log, too."""
        ...

    @property
    def sweep(self) -> Callable[[], Awaitable[str]]:
        """Finds what was missed and repairs it; returns a summary."""
        ...
