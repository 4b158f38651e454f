"""The rate of one installation's requests: few at once, writes one after another, none while GitHub asks to wait."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
from githubkit.throttling import BaseThrottler
from typing_extensions import override

from bot.github.errors import RateLimited
from bot.github.loops import PerLoop

_NOTIFIES = re.compile(r"/(pulls/\d+/(reviews|comments)|pulls/\d+/comments/\d+/replies|issues/\d+/comments)$")
_READS = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Gaps:
    """`concurrent` requests at once; the seconds between writes, and between those that send mail to people.

    The values follow GitHub's best practices; the stand-in needs none.
    """

    concurrent: int = 10
    write: float = 1.0
    notify: float = 3.0


class Pace(BaseThrottler):
    """The throttle of one installation; `pause` closes it until a time, and until then requests fail at once."""

    def __init__(self, gaps: Gaps) -> None:
        self._gaps = gaps
        self._slots = PerLoop(lambda: asyncio.Semaphore(gaps.concurrent))
        self._writing = PerLoop(asyncio.Lock)
        self._next_write = 0.0
        self._next_notice = 0.0
        self._closed: RateLimited | None = None

    def pause(self, limit: RateLimited) -> None:
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
        if request.method in _READS or request.url.path.endswith("/graphql"):
            async with self._slots.here():
                yield
            return
        async with self._writing.here(), self._slots.here():
            await asyncio.sleep(self._wait(request))
            self._check()
            try:
                yield
            finally:
                self._wrote(request)

    def _check(self) -> None:
        if self._closed and self._closed.until > time.time():
            raise RateLimited(str(self._closed), self._closed.until, self._closed.kind)
        self._closed = None

    def _wait(self, request: httpx.Request) -> float:
        after = max(self._next_write, self._next_notice if _notifies(request) else 0.0)
        return max(after - time.monotonic(), 0.0)

    def _wrote(self, request: httpx.Request) -> None:
        now = time.monotonic()
        self._next_write = now + self._gaps.write
        if _notifies(request):
            self._next_notice = now + self._gaps.notify


def _notifies(request: httpx.Request) -> bool:
    return request.method == "POST" and bool(_NOTIFIES.search(request.url.path))
