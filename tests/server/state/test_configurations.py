"""The last valid configuration of a branch outlives jobs and restarts."""

from bot.review.config_kept import StoredConfiguration
from bot.server.state.configurations import ConfigurationTable
from tests.support.states import stories_on

FIRST = StoredConfiguration(".github/migsafe.yml", "mode: observe\n", "a" * 40, "2026-05-16T10:00:00Z")
SECOND = StoredConfiguration("", "", "b" * 40, "2026-05-17T10:00:00Z")


run = stories_on(ConfigurationTable)


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
