"""Notes in the state that a check is about to be started, so that the sweep sees to it that it ends."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.review.job import Job, read_external_id
from bot.review.remembered import HeadStore, WatchedHead

log = structlog.get_logger(__name__)

_AGAIN = 20.0
"""Seconds in which a head is not noted twice: less than the sweep leaves a head alone."""
_REMEMBERED = 5_000


class Watcher:
    """Notes heads. If the state does not answer, the check is started all the same."""

    def __init__(self, heads: HeadStore, now: Callable[[], float] = time.time) -> None:
        self.heads = heads
        self.now = now
        self._noted: OrderedDict[tuple[int, str], float] = OrderedDict()

    def of(self, job: Job) -> Callable[[str], Awaitable[None]]:
        """What the job's hub calls with the external id of a check that it starts."""

        async def note(external_id: str) -> None:
            await self._note(job, external_id)

        return note

    async def _note(self, job: Job, external_id: str) -> None:
        checked, now = read_external_id(external_id), self.now()
        if checked is None or now - self._noted.get((checked.repository_id, checked.head_sha), 0.0) < _AGAIN:
            return
        head = WatchedHead(job.installation, checked.repository_id, job.repository, checked.head_sha, now)
        if checked.number is None:
            head = replace(head, base_sha=checked.base_sha, head_ref=job.extra.get("head_ref", ""))
        try:
            await self.heads.watch(head)
        except Exception as error:
            log.warning("could not note that a check is started", head_sha=checked.head_sha, error=repr(error))
            return
        self._noted[checked.repository_id, checked.head_sha] = now
        while len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)
