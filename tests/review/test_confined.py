"""Hostile input is judged in a child process with limits."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.review.confined import Confinement
from bot.review.errors import Crashed, LimitError, OutOfMemory, TimedOut
from tests.support.places import ROOT


def double(number: int) -> int:
    return number * 2


def environment_names(_: None) -> set[str]:
    return set(os.environ)


def own_id(_: None) -> int:
    return os.getpid()


def spin(_: None) -> None:
    while True:
        pass


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def devour(_: None) -> int:
    return len(bytearray(4 * 1024 * 1024 * 1024))


def recurse(depth: int) -> int:
    return recurse(depth + 1)


def die(_: None) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def chatter(text: str) -> str:
    print(text)
    os.write(1, text.encode())
    return text


def run(story: Callable[[Confinement], Awaitable[None]], seconds: float = 30.0) -> None:
    async def told() -> None:
        tests = (str(ROOT / "tests"),)
        async with Confinement(seconds=seconds, megabytes=512, preload=("bot.review.ports",), paths=tests) as confine:
            await story(confine)

    asyncio.run(asyncio.wait_for(told(), 60))


def test_answers_and_stays_warm() -> None:
    async def story(confine: Confinement) -> None:
        assert await confine(double, 21) == 42
        assert await confine(own_id, None) == await confine(own_id, None) != os.getpid()

    run(story)


@pytest.mark.parametrize(
    ("function", "argument", "ends"),
    [
        pytest.param(spin, None, TimedOut, id="for ever busy"),
        pytest.param(sleep, 30.0, TimedOut, id="for ever idle"),
        pytest.param(devour, None, OutOfMemory, id="memory"),
        pytest.param(recurse, 0, Crashed, id="depth"),
        pytest.param(die, None, Crashed, id="a crash of the interpreter"),
    ],
)
def test_a_limit_ends_the_call_and_the_next_one_works(
    function: Callable[[object], object], argument: object, ends: type[LimitError]
) -> None:
    async def story(confine: Confinement) -> None:
        patience, confine.seconds = confine.seconds, 0.5 if ends is TimedOut else confine.seconds
        with pytest.raises(ends):
            await confine(function, argument)
        confine.seconds = patience
        assert await confine(double, 4) == 8

    run(story)


def test_a_cancelled_call_ends_its_child() -> None:
    async def story(confine: Confinement) -> None:
        child = await confine(own_id, None)
        task = asyncio.create_task(confine(sleep, 30.0))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not Path(f"/proc/{child}").exists()
        assert await confine(double, 4) == 8

    run(story)


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGSAFE_PRIVATE_KEY", "x")

    async def story(confine: Confinement) -> None:
        assert "MIGSAFE_PRIVATE_KEY" not in await confine(environment_names, None)

    run(story)


def test_what_is_printed_is_not_an_answer() -> None:
    async def story(confine: Confinement) -> None:
        assert await confine(chatter, "noise") == "noise"
        assert await confine(double, 1) == 2

    run(story)


def test_calls_beyond_the_children_wait_their_turn() -> None:
    async def story(confine: Confinement) -> None:
        assert await asyncio.gather(*(confine(double, number) for number in range(12))) == list(range(0, 24, 2))

    run(story)


def test_a_worn_out_child_is_replaced() -> None:
    async def story(confine: Confinement) -> None:
        confine.uses = 2
        children = {await confine(own_id, None) for _ in range(4)}
        assert len(children) >= 2

    run(story)


PARENT = """
import asyncio
from bot.review.confined import Confinement

async def main():
    async with Confinement(preload=()) as confine:
        print(confine._idle[0].process.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the child on Linux")
def test_the_child_ends_with_its_parent_even_if_that_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = Path("/proc") / parent.stdout.readline().strip()
    time.sleep(0.5)
    assert child.exists()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while not gone(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def gone(process: Path) -> bool:
    """Whether it has ended, or is a zombie that no process has waited for yet."""
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
