"""What a worker does, as functions of a job.

A delivery passes through four layers, each of which adds one thing:

`Shift`         when: takes a job that may run now, and writes down how it went, so that a crash loses nothing
`JobSteps`      how long: limits, logs and metrics around a task; a failure becomes a value (`try_...`)
`Tasks`         what the queue asks for, without saying how it is done: the protocol in this file
`Reviewer`      the work itself, on GitHub; it implements `Tasks` in `bot.server.reviewer`
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.review.job import Job


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a job: what the queue knows about it, and the job does not."""

    age: float
    """Seconds since the delivery was stored."""
    is_superseded: Callable[[], Awaitable[bool]]
    """Whether a later push of the same pull request is waiting: then this job must end without writing."""
    step_aside: Callable[[], Awaitable[None]]
    """Lets others of the installation begin: the verdict stands, what is left waits for GitHub's pauses."""
    waited: float = 0.0
    """Seconds since the first of the tries before this one that failed in a row."""


class Tasks(Protocol):
    """What the App does for a job, as the queue sees it. An interrupted task runs again, so each is idempotent.

    `perform` raises HubError with `retry_after` for what passes: the queue calls `say_waiting`, waits and tries again.
    Any other error ends the job, as does the end of the time for trying; `conclude_failed` then concludes its check.
    """

    async def announce(self, job: Job) -> None:
        """Puts the head's check in progress, before the job waits for its turn. Best effort."""
        ...

    async def perform(self, job: Job, attempt: Attempt) -> str:
        """Does the job and returns how it ended."""
        ...

    async def say_waiting(self, job: Job, reason: str, seconds: float, /) -> None:
        """Says in the check in progress what the job waits for, before it waits `seconds`. Best effort."""
        ...

    async def conclude_superseded(self, job: Job) -> None:
        """Concludes the check of a head that a later push replaced before the job began."""
        ...

    async def conclude_failed(self, job: Job, error_id: str, trouble: str | None, /) -> None:
        """Concludes the check as the repository asks (`on_error`).

        `trouble` is what GitHub answered; None means that migsafe failed. `error_id` is in the log, too.
        """
        ...

    @property
    def sweep(self) -> Callable[[], Awaitable[str]]:
        """Finds what was missed and repairs it; returns a summary."""
        ...
