"""What a worker does at regular times beside its jobs: it sweeps, takes over what others left, and forgets."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from bot.core import clock
from bot.runtime import metrics
from bot.server.jobs.arrivals import ArrivalsFile
from bot.server.jobs.claim import Claim
from bot.server.jobs.database import JobDatabase
from bot.server.jobs.earlier import adopt
from bot.server.jobs.ledger import JobLedger
from bot.server.jobs.rhythm import Rhythm

log = structlog.get_logger(__name__)


class Housekeeping:
    """Of one worker, over all its shifts: how long others are gone is counted through a loss of the database."""

    def __init__(self, claim: Claim, rhythm: Rhythm, sweep: Callable[[], Awaitable[None]]) -> None:
        self._claim = claim
        self._rhythm = rhythm
        self._sweep = sweep
        self._dead_since: dict[str, float] = {}

    async def keep(self, database: JobDatabase, arriving: ArrivalsFile | None, ledger: JobLedger) -> None:
        """For one shift: until it is cancelled. Raises what the database raises.

        It sweeps at the start, and at regular times once among all workers.
        """
        rhythm = self._rhythm
        sweeping = asyncio.ensure_future(self._sweep())
        tick = int(clock.now() // rhythm.sweep)
        try:
            while True:
                await asyncio.sleep(min(rhythm.tend, rhythm.sweep))
                if (now := int(clock.now() // rhythm.sweep)) != tick:
                    tick = now
                    if sweeping.done() and await ledger.take_tick("sweep", tick):
                        sweeping = asyncio.ensure_future(self._sweep())
                    await self._forget(database, arriving, ledger)
                    await adopt(database, self._claim.worker, self._claim.alive)
                await self._take_over(ledger)
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    async def _forget(self, database: JobDatabase, arriving: ArrivalsFile | None, ledger: JobLedger) -> None:
        before = clock.now() - self._rhythm.keep
        await ledger.forget(before)
        if arriving is not None:
            await arriving.forget(database, before)

    async def _take_over(self, ledger: JobLedger) -> None:
        """The jobs of workers that hold no lock, unless they restart within the grace."""
        me = self._claim.worker
        dead = {owner for owner in await ledger.owners() if owner != me and not await self._claim.alive(owner)}
        self._dead_since = {owner: self._dead_since.get(owner, time.monotonic()) for owner in dead}
        taken = 0
        for owner in sorted(dead):
            if time.monotonic() - self._dead_since[owner] >= self._rhythm.grace:
                taken += await ledger.take_over(owner, self._claim.taking(owner))
        if taken:
            log.warning("took over jobs of workers that are gone", workers=sorted(dead), jobs=taken)
            metrics.reaped.inc(taken)
