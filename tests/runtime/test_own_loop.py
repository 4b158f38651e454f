"""A part of the program on an event loop of its own."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator

import pytest

from bot.runtime.own_loop import on_own_loop


class Part:
    """Counts rounds of the loop it lives on, until it is left."""

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.rounds = 0
        self.left_in: threading.Thread | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def living(cls) -> AsyncGenerator["Part", None]:
        part = cls()
        counting = asyncio.create_task(part.count())
        try:
            yield part
        finally:
            counting.cancel()
            part.left_in = threading.current_thread()

    async def count(self) -> None:
        while True:
            await asyncio.sleep(0.001)
            self.rounds += 1


def test_a_part_lives_and_ends_on_a_thread_of_its_own() -> None:
    async def story() -> Part:
        async with on_own_loop(Part.living) as part:
            while part.rounds < 3:
                await asyncio.sleep(0.001)
        return part

    part = asyncio.run(asyncio.wait_for(story(), 30))
    assert part.thread is part.left_in
    assert part.thread is not threading.current_thread()


def test_a_part_that_is_always_asked_to_give_way_goes_on_nevertheless() -> None:
    async def story() -> None:
        async with on_own_loop(Part.living, lambda: True) as part:
            while part.rounds < 5:
                await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(story(), 30))


def test_what_goes_wrong_when_a_part_is_entered_or_left_is_raised_here() -> None:
    @contextlib.asynccontextmanager
    async def broken(where: str) -> AsyncGenerator[None, None]:
        if where == "entering":
            raise LookupError(where)
        yield
        raise LookupError(where)

    async def story(where: str) -> None:
        async with on_own_loop(lambda: broken(where)):
            pass

    for where in ("entering", "leaving"):
        with pytest.raises(LookupError, match=where):
            asyncio.run(asyncio.wait_for(story(where), 30))


def test_a_part_with_many_things_to_do_at_once_gives_way_between_two_of_them() -> None:
    done: list[int] = []
    asked_after: list[int] = []

    def give_way() -> bool:
        if done:
            asked_after.append(len(done))
        return False

    async def do(number: int) -> None:
        done.append(number)

    @contextlib.asynccontextmanager
    async def busy() -> AsyncGenerator[None, None]:
        await asyncio.gather(*(do(number) for number in range(20)))
        yield

    async def story() -> None:
        async with on_own_loop(busy, give_way):
            pass

    asyncio.run(asyncio.wait_for(story(), 30))
    assert set(asked_after) >= set(range(1, 20))
