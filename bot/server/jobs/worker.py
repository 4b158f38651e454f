"""The worker: holds its lock, works in shifts, and takes over the jobs of workers that are gone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Coroutine

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.runtime.settings import Settings
from bot.server.jobs.arrivals import ArrivalsFile
from bot.server.jobs.claim import Claim, FileClaim, SessionClaim
from bot.server.jobs.database import JobDatabase, arrivals_database
from bot.server.jobs.earlier import adopt
from bot.server.jobs.housekeeping import Housekeeping
from bot.server.jobs.ledger import JobLedger
from bot.server.jobs.rhythm import Rhythm
from bot.server.jobs.shift import Shift
from bot.server.jobs.steps import JobSteps
from bot.server.jobs.tasks import Tasks

log = structlog.get_logger(__name__)

_ENOUGH = 60.0
"""Seconds that a worker must work before an end counts as the first one again."""


class LostLock(Exception):
    """Others may run this worker's jobs."""


class Worker:
    """Works while its `running` context is open, on the event loop that opened it."""

    def __init__(
        self,
        settings: Settings,
        tasks: Tasks,
        rhythm: Rhythm | None = None,
        *,
        hold: Callable[[], bool] = lambda: False,
    ) -> None:
        self.hold = hold
        """Whether no further job should be begun for a moment."""
        self.rhythm = rhythm or Rhythm()
        self.ready = asyncio.Event()
        self.trouble: str | None = None
        """Why the worker ends again and again; None if it does not."""
        self.claim: Claim = (
            FileClaim(settings.state) if settings.embedded else SessionClaim(settings.state, settings.worker_id)
        )
        self._settings = settings
        self._steps = JobSteps(tasks, self.rhythm)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shift: Shift | None = None
        self._ends = 0
        self._said = ""
        """Why the worker ended, as far as the log has it."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Waits for the worker's lock in the background: the web side serves while it does. Drains at the end."""
        self._loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._keep_working(), name="worker")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def wait(self) -> None:
        """Returns once the worker takes jobs."""
        await self.ready.wait()

    def wake(self) -> None:
        """A job was stored; may be called from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the worker with it
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._shift is not None:
            self._shift.wake()

    async def _keep_working(self) -> None:
        """Starts the worker again after every error: it waits for a lost database, then resumes all that is stored."""
        housekeeping = Housekeeping(self.claim, self.rhythm, self._steps.try_sweep)
        while True:
            begun = time.monotonic()
            try:
                await self._work(housekeeping)
            except (SQLAlchemyError, OSError, LostLock) as error:
                # One line for an outage, however long: it must not fill the log.
                reason = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
                if reason != self._said:
                    log.warning("the worker lost its database; trying again until it is back", error=reason)
                self._said = reason
                self._ended(begun, type(error).__name__)
            except Exception as error:
                log.exception("the worker ended; starting it again")
                self._ended(begun, type(error).__name__)
            await asyncio.sleep(self.rhythm.restart)

    def _ended(self, begun: float, why: str) -> None:
        self._ends = 1 if time.monotonic() - begun >= _ENOUGH else self._ends + 1
        if self._ends > 1:
            self.trouble = f"the worker has ended {self._ends} times in a row ({why})"

    async def _work(self, housekeeping: Housekeeping) -> None:
        async with self.claim.held() as lost, contextlib.AsyncExitStack() as stack:
            database = JobDatabase(self._settings.state, synchronous="NORMAL", lasting=False)
            stack.push_async_callback(database.close)
            arriving = None
            if self._settings.embedded:
                file = arrivals_database(self._settings.state)
                stack.push_async_callback(file.close)
                arriving = ArrivalsFile(file)
                await arriving.open()
            await database.create()
            ledger = JobLedger(database, self.claim.worker, self.rhythm)
            shift = Shift(database, arriving, ledger, self._steps, self.rhythm, self.hold)
            await adopt(database, self.claim.worker, self.claim.alive)
            await ledger.take_over(self.claim.worker)
            await self._work_shift(shift, ledger, lost, housekeeping.keep(database, arriving, ledger))

    async def _work_shift(
        self, shift: Shift, ledger: JobLedger, lost: asyncio.Event, keeping: Coroutine[None, None, None]
    ) -> None:
        """Until it is cancelled, its lock is lost, or its database gone."""
        self._shift = shift
        self._said = ""
        self.ready.set()
        log.info("working", worker=self.claim.worker)
        parts = [asyncio.create_task(part) for part in (shift.work(), keeping, lost.wait(), self._steady())]
        drain = 0.0
        try:
            await asyncio.wait(parts[:3], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            drain = float(self.rhythm.drain)
            raise
        finally:
            self._shift = None
            self.ready.clear()
            for part in parts:
                part.cancel()
            ended = await asyncio.gather(*parts, return_exceptions=True)
            await asyncio.shield(shift.stop(drain))
            with contextlib.suppress(SQLAlchemyError):
                await ledger.release()
        for result in ended:
            if isinstance(result, Exception):
                raise result
        raise LostLock("another worker may have taken this one's jobs")

    async def _steady(self) -> None:
        await asyncio.sleep(_ENOUGH)
        self.trouble, self._ends = None, 0
