"""A part of the program on an event loop of its own: what it computes does not delay what another loop must answer."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

T = TypeVar("T")

_SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one go on; Python's own 5 ms add up in every answer."""


@contextlib.asynccontextmanager
async def on_own_loop(make: Callable[[], AbstractAsyncContextManager[T]]) -> AsyncGenerator[T, None]:
    """Enters the context on a loop in a thread of its own, and leaves it there at the end of the block.

    Its value may be used from here only as far as it is safe for threads. Raises what entering or leaving raises.
    """
    part: _Part[T] = _Part(make, asyncio.get_running_loop())
    sys.setswitchinterval(_SWITCH)
    part.thread.start()
    try:
        yield await part.entered
    finally:
        part.leave()
        await asyncio.shield(asyncio.to_thread(part.thread.join))
    if part.error is not None:
        raise part.error


class _Part(Generic[T]):
    def __init__(self, make: Callable[[], AbstractAsyncContextManager[T]], home: asyncio.AbstractEventLoop) -> None:
        self.entered: asyncio.Future[T] = home.create_future()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._make = make
        self._home = home
        self._own: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def leave(self) -> None:
        if self._own is not None:
            loop, stop = self._own
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(stop.set)

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            self._home.call_soon_threadsafe(self._fail, error)

    async def _live(self) -> None:
        stop = asyncio.Event()
        self._own = (asyncio.get_running_loop(), stop)
        async with self._make() as value:
            self._home.call_soon_threadsafe(self._enter, value)
            await stop.wait()

    def _enter(self, value: T) -> None:
        if not self.entered.done():
            self.entered.set_result(value)

    def _fail(self, error: BaseException) -> None:
        if self.entered.done():
            self.error = error
        else:
            self.entered.set_exception(error)
