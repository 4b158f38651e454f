"""The state of an earlier release is upgraded, and that of a later one is left alone."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from bot.server.state.versions import CURRENT, TABLES, NewerState, bring_up_to_date


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/migsafe.db"


def test_the_first_release_wrote_no_version_and_keeps_what_was_accepted(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        TABLES.tables["migsafe_acknowledgements"].create(connection)
        connection.execute(sa.text("ALTER TABLE migsafe_acknowledgements DROP COLUMN standing"))
        connection.execute(
            sa.text(
                "INSERT INTO migsafe_acknowledgements"
                " (repository_id, number, kind, item, reason, fingerprint, said_by, said_at)"
                " VALUES (42, 5, 'allow', 'drop-column', 'nobody reads it', 'f2', 'bob', '2026-05-16T10:05:00Z')"
            )
        )

    async def upgraded() -> list[str]:
        state = StateStore(Settings(state=url))
        await state.open()
        accepted = await AcknowledgementTable(state).acknowledgements(42, 5)
        await state.close()
        return [one.by for one in accepted]

    assert asyncio.run(upgraded()) == ["bob"]
    assert asyncio.run(upgraded()) == ["bob"]
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT version FROM migsafe_state")).scalars().all() == [CURRENT]


def test_a_state_of_a_later_release_is_refused(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        bring_up_to_date(connection)
        connection.execute(sa.text(f"UPDATE migsafe_state SET version = {CURRENT + 1}"))
    with pytest.raises(NewerState, match=str(CURRENT + 1)):
        asyncio.run(StateStore(Settings(state=url)).open())
