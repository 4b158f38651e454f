"""Asks several things at once; an error is the one that asking them one after another would have raised."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

WIDTH = 10
"""How many of a kind are asked at once: as many as one installation's requests to GitHub run side by side."""


@asynccontextmanager
async def at_once() -> AsyncGenerator[asyncio.TaskGroup, None]:
    """A group of tasks that have all ended when the block ends. The first error cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from first.__cause__


async def ask_each(ask: Callable[[Asked], Awaitable[Answer]], asked: Sequence[Asked]) -> list[Answer]:
    """The answers in the order of what is asked, all asked at once: at most `WIDTH` should be."""

    async def one(each: Asked) -> Answer:
        return await ask(each)

    async with at_once() as group:
        tasks = [group.create_task(one(each)) for each in asked]
    return [task.result() for task in tasks]
