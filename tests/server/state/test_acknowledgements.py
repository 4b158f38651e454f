"""What people accepted survives jobs, restarts and repetition."""

import asyncio
from dataclasses import replace

import sqlalchemy as sa

from bot.review.acceptance import Accepter, AcceptKind, Acknowledgement
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.acknowledgements import AcknowledgementTable
from tests.support.states import stories_on

TIMED = Acknowledgement("timed", "ada", "2026-05-16T10:00:00Z", "40 s on a copy", "f1")
ALLOWED = Acknowledgement("drop-column", "bob", "2026-05-16T10:05:00Z", "nobody reads it", "f2", kind=AcceptKind.RULE)


run = stories_on(AcknowledgementTable)


def test_what_was_accepted_is_in_force_after_a_restart(url: str) -> None:
    async def say(state: AcknowledgementTable) -> None:
        await state.acknowledge(42, 5, TIMED)
        await state.acknowledge(42, 5, ALLOWED)

    async def look(state: AcknowledgementTable) -> None:
        assert await state.acknowledgements(42, 5) == [TIMED, ALLOWED]
        assert await state.acknowledgements(42, 6) == []
        assert await state.acknowledgements(43, 5) == []

    run(url, say, look)


def test_accepted_twice_it_is_stored_once(url: str) -> None:
    async def story(state: AcknowledgementTable) -> None:
        await state.acknowledge(42, 5, TIMED)
        await state.acknowledge(42, 5, replace(TIMED, at="2026-05-16T11:00:00Z"))
        assert await state.acknowledgements(42, 5) == [TIMED]
        await state.acknowledge(42, 5, replace(TIMED, fingerprint="f9"))
        assert len(await state.acknowledgements(42, 5)) == 2

    run(url, story)


def test_once_revoked_it_is_no_longer_in_force_but_on_record(url: str) -> None:
    async def story(state: AcknowledgementTable) -> None:
        await state.acknowledge(42, 5, TIMED)
        await state.acknowledge(42, 5, ALLOWED)
        assert await state.revoke(42, 5, "timed", "eve", "2026-05-16T12:00:00Z")
        assert not await state.revoke(42, 5, "timed", "eve", "2026-05-16T12:00:00Z")
        assert await state.acknowledgements(42, 5) == [ALLOWED]
        await state.acknowledge(42, 5, TIMED)
        assert await state.acknowledgements(42, 5) == [ALLOWED, TIMED]

    run(url, story)
    driver = sa.make_url(url)
    if driver.drivername == "postgresql":
        driver = driver.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(driver)
    with engine.connect() as connection:
        query = "SELECT said_by, revoked_by FROM migsafe_acknowledgements ORDER BY id"
        rows = connection.execute(sa.text(query)).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("ada", "eve"), ("bob", None), ("ada", None)]


def test_who_they_were_is_kept_with_what_they_accepted(url: str) -> None:
    lead = replace(ALLOWED, standing=Accepter("maintain", ("acme/dba",), ("acme/ops",), author=True))

    async def say(state: AcknowledgementTable) -> None:
        await state.acknowledge(42, 5, lead)

    async def look(state: AcknowledgementTable) -> None:
        assert await state.acknowledgements(42, 5) == [lead]

    run(url, say, look)


def test_said_again_later_it_holds_from_then_on(url: str) -> None:
    async def story(state: AcknowledgementTable) -> None:
        later = replace(TIMED, at="2026-05-20T10:00:00Z")
        await state.acknowledge(42, 5, TIMED)
        await state.acknowledge(42, 5, later)
        assert await state.acknowledgements(42, 5) == [later]

    run(url, story)


def test_two_processes_create_the_tables_at_once(url: str) -> None:
    async def told() -> None:
        states = [StateStore(Settings(state=url)) for _ in range(4)]
        await asyncio.gather(*(state.open() for state in states))
        tables = [AcknowledgementTable(state) for state in states]
        await asyncio.gather(*(table.acknowledge(1, number, TIMED) for number, table in enumerate(tables)))
        for state in states:
            await state.close()

    asyncio.run(told())
