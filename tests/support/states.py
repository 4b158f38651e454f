"""Tells stories of one table of the state, with a restart between them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.runtime.settings import Settings
from bot.server.state import StateStore

Table = TypeVar("Table")
_LONGEST = 30.0
"""Seconds: a lock that is never given back must end a test, not hang it."""


def stories_on(table: Callable[[StateStore], Table]) -> Callable[..., None]:
    """A function of a state's URL and stories: it opens the state for each story, hands it the table, and closes it."""

    def run(url: str, *stories: Callable[[Table], Awaitable[None]]) -> None:
        async def told() -> None:
            for story in stories:
                state = StateStore(Settings(state=url))
                await state.open()
                await story(table(state))
                await state.close()

        asyncio.run(asyncio.wait_for(told(), _LONGEST))

    return run
