"""A state whose server is started again, or does not answer."""

import asyncio

import psycopg
import pytest
import sqlalchemy as sa

from bot.runtime.settings import Settings
from bot.server.state import StateStore, storage

_KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"


def test_a_question_whose_connection_is_lost_is_asked_again(database: str) -> None:
    async def story() -> None:
        state = StateStore(Settings(state=database))
        await state.open()
        tries: list[int] = []

        def ask(connection: sa.Connection) -> int:
            tries.append(1)
            if len(tries) == 1:
                with psycopg.connect(database, autocommit=True) as other:
                    other.execute(_KILL, [other.info.dbname])
            return int(connection.execute(sa.text("SELECT 42")).scalar_one())

        assert await state.run(ask) == 42
        assert len(tries) == 2
        await state.close()

    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_server_that_does_not_answer_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PATIENCE", 0.1)
    monkeypatch.setattr(storage, "_PAUSE", 0.01)

    async def story() -> None:
        state = StateStore(Settings(state="postgresql://nobody@127.0.0.1:1/none"))
        with pytest.raises(sa.exc.OperationalError):
            await state.run(lambda connection: connection.execute(sa.text("SELECT 1")))

    asyncio.run(asyncio.wait_for(story(), 20))
