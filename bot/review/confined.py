"""Reads hostile text in a child process, which has limited time and memory, no secrets, and ends with its parent.

The children are started once and kept warm, so that a call costs milliseconds; a child that hit a limit is replaced.
They are shared between installations (`Turns`); each job has a share with a limit of its own on all its calls together.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import struct
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.review.confined_answers import LARGEST_ANSWER, ForgedAnswer, read_answer
from bot.review.confined_drops import hide_memory
from bot.review.confined_turns import Turns
from bot.review.errors import Crashed, OutOfMemory, TimedOut
from bot.runtime import metrics

log = structlog.get_logger(__name__)

Argument = TypeVar("Argument")
Result = TypeVar("Result")

STRANGER_SECONDS = 5.0
"""For one call of a job that a person asked for who need not be able to write to the repository."""
_TRIES = 3.0
"""A job's calls together take at most so many times the time of one."""
_REMEMBERED, _REMEMBERED_FOR = 10_000, 86_400.0
"""So many files that hit a limit are known, each for so many seconds, until the process ends."""


class Confinement:
    """A few warm children. `seconds` limits one call, in wall and processor time; `megabytes` a child's memory.

    Call it with a pure function of a module and a picklable argument, better through the `share` of an installation.
    Close it at the end, or use it as a context.
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
        self._children = children
        self._turns = Turns(children)
        self._idle: list[_Child] = []
        self._warming: set[asyncio.Task[None]] = set()
        self._hit: dict[str, tuple[float, str]] = {}
        self._closed = False
        self._said = False
        hide_memory()

    async def __aenter__(self) -> "Confinement":
        self._idle.append(await self._start())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def share(self, installation: int, *, trusted: bool = True, again: bool = False) -> "JobShare":
        """What one job of this installation may use; a job that is not `trusted` has seconds, not a minute.

        `again`: somebody asks to try once more what hit a limit before.
        """
        seconds = self.seconds if trusted else min(self.seconds, STRANGER_SECONDS)
        return JobShare(self, installation, seconds, left=seconds * _TRIES, again=again)

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        """The function's result; raises TimedOut, OutOfMemory or Crashed."""
        return await self.share(0)(function, argument)

    async def call(
        self, function: Callable[[Argument], Result], argument: Argument, installation: int, seconds: float
    ) -> tuple[Result, float]:
        """As `__call__`, in a turn of this installation; also returns how many seconds the child took."""
        request = await asyncio.to_thread(pickle.dumps, (function, argument, seconds), protocol=pickle.HIGHEST_PROTOCOL)
        async with self._turns.turn(installation, len(request)), self._child() as child:
            begun = time.monotonic()
            outcome, value = await self._answer(child, request, seconds)
            taken = time.monotonic() - begun
        metrics.confined.labels(outcome).inc()
        match outcome:
            case "result":
                return value, taken
            case "time":
                raise TimedOut(f"reading these files took longer than {seconds:g} s")
            case "memory":
                raise OutOfMemory(f"reading these files needed more than {self.megabytes} MB of memory")
            case _:
                log.error("the confined child failed", function=function.__qualname__, error=value)
                raise Crashed("reading these files failed")

    def limit_hit(self, blob: str) -> str | None:
        """Why the file with this blob SHA is not read again; None if it may be."""
        since, reason = self._hit.get(blob, (0.0, None))
        return reason if reason is not None and time.monotonic() - since < _REMEMBERED_FOR else None

    def remember_limit(self, blob: str, reason: str) -> None:
        """The file with this blob SHA hit a limit: the same text would again."""
        self._hit.pop(blob, None)
        self._hit[blob] = (time.monotonic(), reason)
        while len(self._hit) > _REMEMBERED:
            del self._hit[next(iter(self._hit))]

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
        child = self._idle.pop() if self._idle else await self._start()
        child.uses += 1
        child.fit = False
        try:
            yield child
        finally:
            spare = len(self._idle) >= self._children
            if child.fit and child.uses < self.uses and not spare and not self._closed:
                self._idle.append(child)
            else:
                await _end_child(child)
                self._warm()

    async def _answer(self, child: "_Child", request: bytes, seconds: float) -> tuple[str, Any]:
        try:
            async with asyncio.timeout(seconds + 1.0):
                answer = await child.ask(request)
        except TimeoutError:
            return "time", None
        except (OSError, EOFError):
            return _died(await _end_child(child))
        try:
            # A long answer is read beside the event loop, which has webhooks to answer.
            short = len(answer) < _SHORT
            outcome, value = read_answer(answer) if short else await asyncio.to_thread(read_answer, answer)
        except ForgedAnswer as forged:
            return "forged", str(forged)
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
            os.pathsep.join(_readable(self.paths)),
            *self.preload,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(self.paths), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
        )
        return _Child(process)


@dataclass(slots=True, eq=False)
class JobShare:
    """One job's use of the children: its calls wait for turns of its installation, and together have `left` seconds."""

    confinement: Confinement
    installation: int
    seconds: float
    left: float
    again: bool = False

    async def __call__(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        """The function's result; raises TimedOut, OutOfMemory or Crashed."""
        if self.left <= 0:
            raise TimedOut("reading these files took too long, try after try")
        seconds = min(self.seconds, self.left)
        try:
            result, taken = await self.confinement.call(function, argument, self.installation, seconds)
        except TimedOut:
            self.left -= seconds
            raise
        self.left -= taken
        return result

    def limit_hit(self, blob: str) -> str | None:
        return None if self.again else self.confinement.limit_hit(blob)

    def remember_limit(self, blob: str, reason: str) -> None:
        self.confinement.remember_limit(blob, reason)


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
        if size > LARGEST_ANSWER:
            raise EOFError
        return await taken.readexactly(size)


_SHORT = 64 * 1024
"""Bytes."""


def _readable(paths: tuple[str, ...]) -> list[str]:
    """What the child may import from. Beside the code there may be a `.env`: only the code itself is readable."""
    ours, *others = paths
    return [os.path.join(ours, "bot"), *others]


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
