"""The rate of one installation's requests: within what GitHub counts, the verdict first, none while it asks to wait.

What GitHub asks for (rate limits for the REST API, and best practices for using it): no more than 900 points a minute,
a read being one and a write five; no more than 80 requests a minute that create content; a second between the writes of
a series. It marks the requests that send notifications, and asks not to make content too quickly with those: reviews,
comments and replies are, check runs are not. So comments keep their pauses, the check runs of different commits do not
wait for each other or for comments, and all of it stays below the counts, with room left for the verdicts. After
GitHub has refused for haste, check runs too are written one a second for ten minutes.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import Enum

import httpx
import structlog
from githubkit.throttling import BaseThrottler
from typing_extensions import override

from bot.core import clock
from bot.github.budget import MinuteBudget
from bot.github.errors import RateLimited, until_reset
from bot.github.loops import PerLoop
from bot.runtime import metrics

log = structlog.get_logger(__name__)

_NOTIFIES = re.compile(r"/(pulls/\d+/(reviews|comments)|pulls/\d+/comments/\d+/replies|issues/\d+/comments)$")
_CHECKS = re.compile(r"/check-runs(/\d+)?$")
_READS = {"GET", "HEAD"}
_CHECKS_AT_ONCE = 4
_CAREFUL = 600.0
"""Seconds after a secondary limit in which check runs are paced as other writes are."""
SCARCE = 1_000
"""Requests left in the hour, of at least 5,000, below which only the verdict, its review and answers are worth one."""
_HOUR = 3600.0
_LOOK = 1.0
"""The longest that a request sleeps before it looks again whether GitHub has closed the door meanwhile."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """`concurrent` requests at once; the seconds between writes, and between those that send mail to people.

    `points` and `contents` are what may be spent in a minute, 0 for any amount: GitHub's limits, a little lowered
    because it counts from other moments. A stand-in needs none of it.
    """

    concurrent: int = 10
    write: float = 1.0
    notify: float = 3.0
    points: int = 860
    contents: int = 76


NO_GAPS = Gaps(write=0.0, notify=0.0, points=0, contents=0)


class _Kind(Enum):
    """What a request is to the pace. `points` as GitHub counts; of points and contents it leaves a share to others."""

    READ = (1, 120, 0)
    CHECK = (5, 0, 0)
    WRITE = (5, 120, 20)

    def __init__(self, points: int, spare_points: int, spare_contents: int) -> None:
        self.points = points
        self.spare_points = spare_points
        self.spare_contents = spare_contents

    @classmethod
    def of(cls, request: httpx.Request) -> "_Kind":
        if request.method in _READS or request.url.path.endswith("/graphql"):
            return cls.READ
        return cls.CHECK if _CHECKS.search(request.url.path) else cls.WRITE


class _Lane:
    """Writes that follow one another, each after a pause."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self._next_write = 0.0
        self._next_notice = 0.0

    def wait(self, request: httpx.Request) -> float:
        """Seconds until the pause after the write before has passed."""
        after = max(self._next_write, self._next_notice if _notifies(request) else 0.0)
        return max(after - time.monotonic(), 0.0)

    def wrote(self, request: httpx.Request, gaps: Gaps) -> None:
        now = time.monotonic()
        self._next_write = now + gaps.write
        if _notifies(request):
            self._next_notice = now + gaps.notify


class Pace(BaseThrottler):
    """The throttle of one installation; `pause` closes it until a time, and until then requests fail at once."""

    def __init__(self, gaps: Gaps, installation: int | None = None) -> None:
        self._gaps = gaps
        self._installation = installation
        self._scarce_until = 0.0
        self._slots = PerLoop(lambda: asyncio.Semaphore(gaps.concurrent))
        self._check_slots = PerLoop(lambda: asyncio.Semaphore(_CHECKS_AT_ONCE))
        self._comments = PerLoop(_Lane)
        self._checks = PerLoop(_Lane)
        self._points = MinuteBudget(gaps.points)
        self._contents = MinuteBudget(gaps.contents)
        self._careful_until = 0.0
        self._closed: RateLimited | None = None

    @property
    def scarce(self) -> bool:
        """Whether the hour's requests run out, so that what only is polite is left undone."""
        return clock.now() < self._scarce_until

    def note_remaining(self, headers: Mapping[str, str]) -> None:
        """Notes how many requests GitHub's answer says are left in this hour."""
        remaining, resource = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-resource", "core")
        if self._installation is None or resource != "core" or not _is_number(remaining):
            return
        metrics.github_remaining.labels(self._installation).set(int(remaining))
        if int(remaining) > SCARCE:
            self._scarce_until = 0.0
        elif not self.scarce:
            self._scarce_until = clock.now() + until_reset(headers, _HOUR)
            log.warning("few requests are left for an installation", installation_id=self._installation, left=remaining)

    def pause(self, limit: RateLimited) -> None:
        if limit.kind == "secondary":
            self._careful_until = max(self._careful_until, limit.until + _CAREFUL)
        if self._closed is None or limit.until > self._closed.until:
            self._closed = limit

    @override
    @contextmanager
    def acquire(self, request: httpx.Request) -> Generator[None, None, None]:
        raise NotImplementedError("requests to GitHub are asynchronous only")
        yield

    @override
    @asynccontextmanager
    async def async_acquire(self, request: httpx.Request) -> AsyncGenerator[None, None]:
        self._check()
        kind = _Kind.of(request)
        if kind is _Kind.WRITE or (kind is _Kind.CHECK and clock.now() < self._careful_until):
            lane = (self._comments if kind is _Kind.WRITE else self._checks).here()
            async with lane.lock:
                await asyncio.sleep(lane.wait(request))
                self._check()
                async with self._in_turn(request, kind):
                    try:
                        yield
                    finally:
                        lane.wrote(request, self._gaps)
        else:
            async with self._in_turn(request, kind):
                yield

    @asynccontextmanager
    async def _in_turn(self, request: httpx.Request, kind: _Kind) -> AsyncGenerator[None, None]:
        """Waits until the counts permit the request, then for a place among those that run."""
        creates = request.method == "POST" and kind is not _Kind.READ
        while True:
            wait = self._points.wait(kind.points, kind.spare_points)
            if creates:
                wait = max(wait, self._contents.wait(1, kind.spare_contents))
            if wait <= 0:
                break
            await asyncio.sleep(min(wait, _LOOK))
            self._check()
        self._points.spend(kind.points)
        if creates:
            self._contents.spend(1)
        async with self._places(kind):
            self._check()
            yield

    def _places(self, kind: _Kind) -> AbstractAsyncContextManager[None]:
        return (self._check_slots if kind is _Kind.CHECK else self._slots).here()

    def _check(self) -> None:
        if self._closed and self._closed.until > clock.now():
            raise RateLimited(str(self._closed), self._closed.until, self._closed.kind)
        self._closed = None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _notifies(request: httpx.Request) -> bool:
    return request.method == "POST" and bool(_NOTIFIES.search(request.url.path))
