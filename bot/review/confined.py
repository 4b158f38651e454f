"""Reads hostile text in a child process, which has limited time and memory, no secrets, and ends with its parent.

The children are started once and kept warm, so that a call costs milliseconds; a child that hit a limit is replaced.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.review.errors import Crashed, OutOfMemory, TimedOut
from bot.runtime import metrics

log = structlog.get_logger(__name__)

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Confinement:
    """A few warm children. `seconds` limits one call, in wall and processor time; `megabytes` a child's memory.

    Call it with a pure function of a module and a picklable argument. Close it at the end, or use it as a context.
    """

    def __init__(
        self,
        *,
        seconds: float = 60.0,
        megabytes: int = 1024,
        children: int = 2,
        uses: int = 200,
        preload: tuple[str, ...] = ("bot.review.judge", "bot.rules"),
        paths: tuple[str, ...] = (),
    ) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        self.uses = uses
        self.preload = preload
        self.paths = (str(Path(__file__).resolve().parents[2]), *paths)
        self._slots = asyncio.Semaphore(children)
        self._idle: list[_Child] = []
        self._warming: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> "Confinement":
        self._idle.append(await self._start())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        """The function's result; raises TimedOut, OutOfMemory or Crashed."""
        request = pickle.dumps((function, argument, self.seconds), protocol=pickle.HIGHEST_PROTOCOL)
        async with self._child() as child:
            outcome, value = await self._answer(child, request)
        metrics.confined.labels(outcome).inc()
        match outcome:
            case "result":
                return value
            case "time":
                raise TimedOut(f"reading these files took longer than {self.seconds:g} s")
            case "memory":
                raise OutOfMemory(f"reading these files needed more than {self.megabytes} MB of memory")
            case _:
                log.error("the confined child failed", function=function.__qualname__, error=value)
                raise Crashed("reading these files failed")

    async def close(self) -> None:
        self._closed = True
        for task in self._warming:
            task.cancel()
        await asyncio.gather(*self._warming, return_exceptions=True)
        while self._idle:
            await _end_child(self._idle.pop())

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncGenerator["_Child", None]:
        """An idle child, or a new one; a child that was interrupted or hit a limit is not used again."""
        async with self._slots:
            child = self._idle.pop() if self._idle else await self._start()
            child.uses += 1
            child.fit = False
            try:
                yield child
            finally:
                if child.fit and child.uses < self.uses and not self._closed:
                    self._idle.append(child)
                else:
                    await _end_child(child)
                    self._warm()

    async def _answer(self, child: "_Child", request: bytes) -> tuple[str, Any]:
        try:
            async with asyncio.timeout(self.seconds + 1.0):
                answer = await child.ask(request)
        except TimeoutError:
            return "time", None
        except (OSError, EOFError):
            return _died(await _end_child(child))
        outcome, value = pickle.loads(answer)
        child.fit = outcome == "result"
        return outcome, value

    def _warm(self) -> None:
        if self._closed:
            return
        task = asyncio.create_task(self._keep_one())
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _keep_one(self) -> None:
        if not self._idle:
            self._idle.append(await self._start())

    async def _start(self) -> "_Child":
        """The child sees none of our environment, because the private key is in it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.review.confined_child",
            str(self.megabytes),
            *self.preload,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(self.paths), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
        )
        return _Child(process)


@dataclass(slots=True, eq=False)
class _Child:
    process: Process
    uses: int = 0
    fit: bool = True

    async def ask(self, request: bytes) -> bytes:
        """The child's answer; raises OSError or EOFError if the child is gone."""
        given, taken = self.process.stdin, self.process.stdout
        if given is None or taken is None:
            raise EOFError
        given.write(struct.pack("!Q", len(request)) + request)
        await given.drain()
        (size,) = struct.unpack("!Q", await taken.readexactly(8))
        return await taken.readexactly(size)


def _died(status: int) -> tuple[str, Any]:
    """What ended a child that did not answer."""
    if status == -signal.SIGXCPU:
        return "time", None
    return "crash", f"the child ended with {status}"


async def _end_child(child: _Child) -> int:
    """Kills it if it still lives, and returns its status. A child whose pipe broke is about to end by itself."""
    process = child.process
    if not child.fit and process.stdout is not None and process.stdout.at_eof():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                return await process.wait()
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    return await process.wait()
