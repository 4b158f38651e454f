"""What pull requests bring, in the state."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.judging.beside import Brought, Standing, Taken, Trace
from bot.core.judging.history import Unit
from bot.core.judging.touches import Part
from bot.core.language.locks import LockMode
from bot.core.record import replace
from bot.review.brought import KeptBrought
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.brought import BroughtTable

pytestmark = pytest.mark.anyio

PATH = "db/migrations/1_\udc80.sql"
WHOLE = Brought(
    12,
    added=(PATH,),
    units=(Standing(PATH, "dbmate", Unit("1", "db/migrations", order=("1",))),),
    marks=(Trace("relation public.a", Part.DROPS, PATH, 3, guarded=True),),
    transactions=((Taken("public.a", LockMode.SHARE, PATH, 3), Taken("public.b", LockMode.EXCLUSIVE, PATH, 4)),),
)


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[StateStore]:
    state = StateStore(Settings(state=f"sqlite:///{tmp_path}/migsafe.db"))
    await state.open()
    yield state
    await state.close()


def kept(brought: Brought) -> KeptBrought:
    return KeptBrought(brought.number, "main", "feature", "a" * 40, brought)


async def test_what_is_kept_is_read_back(state: StateStore) -> None:
    table = BroughtTable(state)
    await table.keep_brought(7, kept(WHOLE))
    assert await table.all_brought(7) == [kept(WHOLE)]
    assert await table.brought_by(7, 12) == kept(WHOLE)
    assert await table.all_brought(8) == []
    await table.forget_brought(7, 12)
    assert await table.brought_by(7, 12) is None


async def test_what_is_merged_comes_first_in_the_order_of_merging(state: StateStore) -> None:
    table = BroughtTable(state)
    for number in (3, 1, 2):
        await table.keep_brought(7, kept(Brought(number)))
    for number in (2, 1):
        await table.keep_brought(7, kept(Brought(number, merged=True)))
    assert [one.number for one in await table.all_brought(7)] == [2, 1, 3]


async def test_of_very_many_the_newest_are_kept(state: StateStore) -> None:
    table = BroughtTable(state)
    for number in range(1, 121):
        await table.keep_brought(7, kept(Brought(number, merged=True)))
    assert [one.number for one in await table.all_brought(7)] == list(range(21, 121))


async def test_of_a_very_large_one_the_versions_are_kept(state: StateStore) -> None:
    many = tuple(Trace(f"relation public.t{number}", Part.DROPS, PATH, number) for number in range(3_000))
    await BroughtTable(state).keep_brought(7, kept(replace(WHOLE, marks=many)))
    found = await BroughtTable(state).brought_by(7, 12)
    assert found is not None
    assert (found.brought.units, found.brought.marks) == (WHOLE.units, ())


async def test_what_another_release_wrote_is_nothing_until_it_is_judged_again(state: StateStore) -> None:
    table = BroughtTable(state)
    await table.keep_brought(7, kept(WHOLE))
    await state.run(lambda connection: connection.execute(sa.text("UPDATE migsafe_brought SET brings = '[1]'")))
    assert await table.all_brought(7) == [kept(Brought(12))]
