"""What is kept of an installation goes when it goes."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from bot.review.acceptance import Acknowledgement
from bot.review.job import Checked
from bot.review.verdict import KeptVerdict
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.forgetting import forget_repositories
from bot.server.state.verdicts import VerdictTable
from bot.server.state.versions import TABLES

SAID = Acknowledgement("timed", "ada", "2026-05-16T10:00:00Z", "40 s on a copy", "f1")


def rows(connection: sa.Connection) -> dict[str, set[int]]:
    """The repositories about which each table has rows; tables without any are left out."""
    tables = [table for table in TABLES.sorted_tables if "repository_id" in table.c]
    found = {table.name: set(connection.scalars(sa.select(table.c.repository_id))) for table in tables}
    return {name: about for name, about in found.items() if about}


async def keep_something(state: StateStore) -> None:
    for installation, repository in ((7, 42), (7, 43), (8, 44)):
        await AcknowledgementTable(state).acknowledge(repository, 1, SAID)
        checked = Checked(repository, f"{repository:040x}", number=1)
        await VerdictTable(state).keep(KeptVerdict(checked, installation, "acme/shop"))


def test_a_repository_that_was_removed_leaves_nothing_and_the_others_stay(tmp_path: Path) -> None:
    async def story() -> dict[str, set[int]]:
        state = StateStore(Settings(state=f"sqlite:///{tmp_path}/m.db"))
        await state.open()
        await keep_something(state)
        await forget_repositories(state, 7, [42], whole=False)
        left = await state.run(rows)
        await state.close()
        return left

    assert asyncio.run(story()) == {"migsafe_acknowledgements": {43, 44}, "migsafe_verdicts": {43, 44}}


def test_an_installation_that_went_takes_what_it_was_seen_with_though_github_names_none(tmp_path: Path) -> None:
    async def story() -> dict[str, set[int]]:
        state = StateStore(Settings(state=f"sqlite:///{tmp_path}/m.db"))
        await state.open()
        await keep_something(state)
        await forget_repositories(state, 7, [], whole=True)
        left = await state.run(rows)
        await state.close()
        return left

    assert asyncio.run(story()) == {"migsafe_acknowledgements": {44}, "migsafe_verdicts": {44}}


def test_each_table_that_is_about_a_repository_says_so_in_one_way() -> None:
    """A table that named the repository otherwise would keep its rows for ever."""
    apart = {"migsafe_state"}
    unnamed = {table.name for table in TABLES.sorted_tables if "repository_id" not in table.c} - apart
    assert all(not {"repository", "head_sha", "number"} & set(TABLES.tables[name].c.keys()) for name in unnamed)
