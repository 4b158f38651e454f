"""A worker at work: it takes jobs as they come, runs some at a time, and writes down how each went."""

import asyncio
import time
from collections.abc import Callable, Coroutine

import structlog

from bot.core import clock
from bot.review.errors import NoAccess
from bot.review.job import Job
from bot.server.jobs.arrivals import ArrivalsFile
from bot.server.jobs.database import JobDatabase
from bot.server.jobs.ledger import Claimed, JobLedger, Todo
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.steps import Ended, JobSteps

log = structlog.get_logger(__name__)

_MOST = 60
"""Jobs of one worker at a time."""
_FIRSTS = 20
"""Further places, for installations of which nothing runs: those of others that wait do not keep them waiting."""
_MOST_ASIDE = 60
"""Jobs that only post what belongs to their verdict, and are not counted among those. None may take more than half of
the places that are left: a third installation finds one, however much two others have to post."""


class Shift:
    """From the start of a worker until it stops or its database is gone; the next shift takes up what is left."""

    def __init__(
        self,
        database: JobDatabase,
        arriving: ArrivalsFile | None,
        ledger: JobLedger,
        steps: JobSteps,
        rhythm: Rhythm,
        hold: Callable[[], bool],
    ) -> None:
        self._database = database
        self._arriving = arriving
        self._ledger = ledger
        self._steps = steps
        self._rhythm = rhythm
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._aside: dict[int, int] = {}
        """The installations of the jobs that have stepped aside."""
        self._announcing: dict[str, asyncio.Task[None]] = {}
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._announced_at = 0.0
        self._hold = hold
        self._held_since: float | None = None

    def wake(self) -> None:
        """Something was stored: it is taken at once, instead of at the next look."""
        self._awake.set()

    async def work(self) -> None:
        """Takes jobs until it is cancelled. Raises what the database raised when the outcome of a job was written."""
        while True:
            self._awake.clear()
            if self._arriving is not None:
                await self._arriving.drain_into(self._database)
            free = _MOST - (len(self._tasks) - len(self._aside))
            room = 0 if self._is_held() else free + _FIRSTS
            for claimed in await self._ledger.take(max(free, 0), room) if room > 0 else ():
                self._start(self._run(claimed))
            await self._announce_waiting()
            await self._rest()
            # What is stored or ends within a moment is looked at together.
            await asyncio.sleep(self._rhythm.breath)

    async def stop(self, seconds: float) -> None:
        """Lets running jobs end for so long, then interrupts them."""
        if self._tasks and seconds > 0:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_held(self) -> bool:
        """Deliveries that rush in have the processor for themselves, but not for long."""
        if not self._hold():
            self._held_since = None
            return False
        self._held_since = self._held_since or time.monotonic()
        return time.monotonic() - self._held_since < self._rhythm.longest_hold

    async def _rest(self) -> None:
        """Until something is stored or has ended, or until the next look."""
        waking = asyncio.ensure_future(self._awake.wait())
        try:
            await asyncio.wait((waking, self._broken), timeout=self._rhythm.poll, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
        if self._broken.done():
            self._broken.result()

    def _start(self, doing: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._awake.set()
        if not task.cancelled() and (error := task.exception()) is not None and not self._broken.done():
            self._broken.set_exception(error)

    async def _run(self, claimed: Claimed) -> None:
        if claimed.job.id in self._announcing:
            await asyncio.wait((self._announcing[claimed.job.id],))
        match claimed.todo:
            case Todo.PERFORM:
                await self._perform(claimed)
            case Todo.REPLACED:
                hindrance = await self._steps.try_conclude_superseded(claimed.job)
                await self._tidied(claimed, "superseded", hindrance)
            case Todo.FAILED:
                error_id = claimed.error_id or ""
                hindrance = await self._steps.try_conclude_failed(claimed.job, error_id, claimed.trouble)
                await self._tidied(claimed, f"failed {error_id}", hindrance)

    async def _perform(self, claimed: Claimed) -> None:
        async def is_superseded() -> bool:
            return claimed.job.kind.concludes_check and await self._ledger.has_later_push(claimed)

        async def step_aside() -> None:
            installation = claimed.job.installation
            mine = sum(other == installation for other in self._aside.values())
            if mine < (_MOST_ASIDE - len(self._aside)) / 2:
                self._aside[claimed.seq] = installation
                await self._ledger.set_aside(claimed)
                self._awake.set()

        try:
            result = await self._steps.attempt(claimed, is_superseded, step_aside, self._ledger.waited(claimed))
        finally:
            self._aside.pop(claimed.seq, None)
        if isinstance(result, Ended):
            await self._ledger.end(claimed, result.outcome)
            return
        patience = self._rhythm.patience(claimed.job.kind)
        pause = self._pause(claimed, result.wait, patience) if result.wait is not None else None
        if pause is None:
            await self._ledger.fail(claimed, result.error_id, result.trouble)
            return
        if result.trouble is not None:
            await self._steps.try_say_waiting(claimed.job, result.trouble, pause)
        await self._ledger.postpone(claimed, pause)

    async def _tidied(self, claimed: Claimed, outcome: str, hindrance: Exception | None) -> None:
        """Ends what only had to be said, or tries again later: a check left in progress would stop a merge.

        Where there is nothing to be written to any more, it is not tried for long.
        """
        lost = isinstance(hindrance, NoAccess)
        patience = self._rhythm.longest_refusal if lost else self._rhythm.longest_wait
        pause = None if hindrance is None else self._pause(claimed, 0.0, patience)
        if pause is None:
            await self._ledger.end(claimed, outcome)
        else:
            await self._ledger.postpone(claimed, pause)

    def _pause(self, claimed: Claimed, asked: float, patience: float) -> float | None:
        return self._rhythm.pause(claimed.tries + 1, asked, patience - self._ledger.waited(claimed))

    async def _announce_waiting(self) -> None:
        """Puts checks in progress whose jobs wait for others; what is run at once says so by itself."""
        now = clock.now()
        if now - self._announced_at < self._rhythm.announce_every or len(self._announcing) >= 2:
            return
        self._announced_at = now
        for job, stored_at in await self._ledger.take_unannounced(now - self._rhythm.announce_after, 2):
            self._announcing[job.id] = self._start(self._announce(job, stored_at))

    async def _announce(self, job: Job, stored_at: float) -> None:
        try:
            await self._steps.try_announce(job, stored_at)
            await self._ledger.note_announced(job)
        finally:
            del self._announcing[job.id]
