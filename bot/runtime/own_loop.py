"""A part of the program on an event loop of its own: what it computes does not delay what another loop must answer."""

import asyncio
import contextlib
import selectors
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Generic, TypeVar

from typing_extensions import override

T = TypeVar("T")

_SWITCH = 0.0001
"""Seconds after which a thread that computes lets another one go on; Python's own 5 ms add up in every answer."""

_PAUSE = 0.002
_LONGEST = 1.0
"""Seconds that are given away at once."""
_SHARE = 0.8
"""Of the time, in the long run."""


@contextlib.asynccontextmanager
async def on_own_loop(
    make: Callable[[], AbstractAsyncContextManager[T]], give_way: Callable[[], bool] = lambda: False
) -> AsyncGenerator[T, None]:
    """Enters the context on a loop in a thread of its own, and leaves it there at the end of the block.

    That loop pauses while `give_way`, which it calls often, says that there is something to answer here.
    Its value may be used from here only as far as it is safe for threads. Raises what entering or leaving raises.
    """
    part: _Part[T] = _Part(make, asyncio.get_running_loop(), give_way)
    sys.setswitchinterval(_SWITCH)
    part.thread.start()
    try:
        yield await part.entered
    finally:
        part.leave()
        await asyncio.shield(asyncio.to_thread(part.thread.join))
    if part.error is not None:
        raise part.error


class _Courtesy:
    """Pauses a thread while another one has something to answer.

    Python runs one thread at a time, so that a loop which computes makes each step of an answer wait. Only a share of
    the time is given away, whatever is asked.
    """

    def __init__(self, give_way: Callable[[], bool]) -> None:
        self._give_way = give_way
        self._left = _LONGEST
        self._since = time.monotonic()

    def pause(self) -> None:
        if not self._give_way():
            return
        self._left = min(self._left + (time.monotonic() - self._since) * _SHARE, _LONGEST)
        while self._left > 0 and self._give_way():
            time.sleep(_PAUSE)
            self._left -= _PAUSE
        self._since = time.monotonic()


class _CourteousSelector(selectors.DefaultSelector):
    """What a loop asks before each round."""

    def __init__(self, courtesy: _Courtesy) -> None:
        super().__init__()
        self._courtesy = courtesy

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._courtesy.pause()
        return super().select(timeout)


class _CourteousSteps(Coroutine[Any, Any, T]):
    """A coroutine that is held up before each of its steps: with many jobs, a round of the loop has many of them."""

    __slots__ = ("_coroutine", "_courtesy")

    def __init__(self, coroutine: Coroutine[Any, Any, T], courtesy: _Courtesy) -> None:
        self._coroutine = coroutine
        self._courtesy = courtesy

    @override
    def send(self, value: Any) -> Any:
        self._courtesy.pause()
        return self._coroutine.send(value)

    @override
    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        return self._coroutine.throw(typ) if isinstance(typ, BaseException) else self._coroutine.throw(typ, val, tb)

    @override
    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Any:
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        """What libraries look at to see whether a coroutine was begun."""
        return getattr(self._coroutine, name)


class _Part(Generic[T]):
    def __init__(
        self,
        make: Callable[[], AbstractAsyncContextManager[T]],
        home: asyncio.AbstractEventLoop,
        give_way: Callable[[], bool],
    ) -> None:
        self._courtesy = _Courtesy(give_way)
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
            with asyncio.Runner(loop_factory=self._make_loop) as runner:
                runner.run(self._live())
        except BaseException as error:
            self._home.call_soon_threadsafe(self._fail, error)

    def _make_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.SelectorEventLoop(_CourteousSelector(self._courtesy))
        loop.set_task_factory(self._make_task)
        return loop

    def _make_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> "asyncio.Task[Any]":
        return asyncio.Task(_CourteousSteps(coroutine, self._courtesy), loop=loop, **options)

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
