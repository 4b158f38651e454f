"""The last valid configuration of a branch outlives jobs and restarts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bot.review.config_kept import StoredConfiguration
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.configurations import ConfigurationTable

FIRST = StoredConfiguration(".github/migsafe.yml", "mode: observe\n", "a" * 40, "2026-05-16T10:00:00Z")
SECOND = StoredConfiguration("", "", "b" * 40, "2026-05-17T10:00:00Z")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        yield request.getfixturevalue("database")
    else:
        yield f"sqlite:///{tmp_path}/migsafe.db"


def run(url: str, *stories: Callable[[ConfigurationTable], Awaitable[None]]) -> None:
    async def told() -> None:
        for story in stories:
            state = StateStore(Settings(state=url))
            await state.open()
            await story(ConfigurationTable(state))
            await state.close()

    asyncio.run(told())


def test_the_newest_of_each_branch_is_kept(url: str) -> None:
    async def keep(table: ConfigurationTable) -> None:
        await table.keep_valid(42, "main", FIRST)
        await table.keep_valid(42, "release", FIRST)
        await table.keep_valid(42, "main", SECOND)

    async def look(table: ConfigurationTable) -> None:
        assert await table.last_valid(42, "main") == SECOND
        assert await table.last_valid(42, "release") == FIRST
        assert await table.last_valid(43, "main") is None

    run(url, keep, look)
