"""A replica that is away: the last snapshot judges, with its age, and only where it belongs."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.language.names import Name
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog, Relation, RelationKind
from bot.report.disclosure import OWNER
from bot.report.rendering import text as rendered
from bot.review.errors import ReplicaError
from bot.review.hub import RepositoryInfo
from bot.review.last_known import LastKnown
from bot.runtime.settings import Settings
from bot.server.state import StateStore
from bot.server.state.snapshots import MOST, SnapshotTable

pytestmark = pytest.mark.anyio

SHOP = RepositoryInfo(1, "acme/shop", "acme", private=True)
BLOG = RepositoryInfo(2, "acme/blog", "acme", private=True)
ORDERS, USERS = Name("orders", "public"), Name("users", "public")


@dataclass
class Servers:
    """A database `prod`, which answers unless it is away."""

    away: str | float | None = None
    """Why it cannot be read, or for how many seconds it does not answer."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    where: str = "here"

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        del repository, paths
        return ("prod",)

    def source(self, database: str) -> str:
        return f"{database} {self.where}"

    async def snapshot(self, database: str, asked: Asked) -> Catalog:
        del database
        if isinstance(self.away, str):
            raise ReplicaError(self.away)
        await asyncio.sleep(self.away or 0.0)
        relations = {name: Relation(name, RelationKind.TABLE) for name in asked.relations}
        return Catalog(16, at=f"{self.at:%Y-%m-%dT%H:%M:%SZ}", relations=relations)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgresql":
        yield request.getfixturevalue("database")
    else:
        yield f"sqlite:///{tmp_path}/migsafe.db"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SnapshotTable]:
    state = StateStore(Settings(state=url))
    await state.open()
    try:
        yield SnapshotTable(state)
    finally:
        await state.close()


async def test_the_last_snapshot_judges_and_says_its_age(url: str) -> None:
    servers = Servers(at=datetime.now(UTC) - timedelta(days=2))
    async with opened(url) as store:
        fresh = await LastKnown(servers, store).snapshot(
            SHOP,
            "prod",
            Asked(
                (
                    ORDERS,
                    USERS,
                )
            ),
        )
    servers.away = "it refused the login"
    async with opened(url) as store:
        kept = await LastKnown(servers, store).snapshot(SHOP, "prod", Asked((ORDERS,)))
    assert kept.relations == fresh.relations
    assert not kept.complete
    assert rendered(kept.notes[0], OWNER) == (
        f"the replica prod was not reached (it refused the login): judged by its snapshot of "
        f"{servers.at:%Y-%m-%d %H:%M} UTC, 2 days old"
    )


async def test_a_replica_that_does_not_answer_is_left_alone(url: str) -> None:
    servers = Servers()
    async with opened(url) as store:
        replica = LastKnown(servers, store, patience=0.05)
        await replica.snapshot(SHOP, "prod", Asked((ORDERS,)))
        servers.away = 60.0
        kept = await replica.snapshot(SHOP, "prod", Asked((ORDERS,)))
        assert "it did not answer within 0.05 s" in rendered(kept.notes[0], OWNER)
        servers.away = None
        assert not (await replica.snapshot(SHOP, "prod", Asked((ORDERS,)))).notes


@pytest.mark.parametrize(
    ("repository", "names", "where"),
    [(BLOG, [ORDERS], "here"), (SHOP, [USERS], "here"), (SHOP, [ORDERS], "elsewhere")],
    ids=["another repository", "another table", "another server of that name"],
)
async def test_a_snapshot_that_does_not_belong_is_not_used(
    url: str, repository: RepositoryInfo, names: Sequence[Name], where: str
) -> None:
    servers = Servers()
    async with opened(url) as store:
        replica = LastKnown(servers, store)
        await replica.snapshot(SHOP, "prod", Asked((ORDERS,)))
        servers.away, servers.where = "nothing listens there", where
        with pytest.raises(ReplicaError, match=r"^`prod`: nothing listens there$"):
            await replica.snapshot(repository, "prod", Asked(tuple(names)))


async def test_the_newest_snapshot_with_most_of_the_tables_is_used(url: str) -> None:
    servers = Servers()
    async with opened(url) as store:
        for minutes, names in ((50, [ORDERS, USERS]), (40, [ORDERS, USERS]), (30, [ORDERS])):
            servers.at = datetime.now(UTC) - timedelta(minutes=minutes)
            await LastKnown(servers, store).snapshot(SHOP, "prod", Asked(tuple(names)))
        servers.away = "gone"
        kept = await LastKnown(servers, store).snapshot(
            SHOP,
            "prod",
            Asked(
                (
                    USERS,
                    ORDERS,
                )
            ),
        )
        assert "40 min old" in rendered(kept.notes[0], OWNER)


async def test_few_snapshots_are_kept_and_none_for_long(url: str) -> None:
    servers = Servers(at=datetime.now(UTC) - timedelta(days=40))
    async with opened(url) as store:
        await LastKnown(servers, store).snapshot(SHOP, "prod", Asked((USERS,)))
        assert await store.last_snapshot(SHOP.id, "prod", servers.source("prod"), [USERS]) is None
        for number in range(MOST + 1):
            servers.at = datetime.now(UTC) - timedelta(minutes=60 - number)
            await LastKnown(servers, store).snapshot(SHOP, "prod", Asked((Name(f"t{number}", "public"),)))
        found = [
            await store.last_snapshot(SHOP.id, "prod", servers.source("prod"), [Name(f"t{number}", "public")])
            for number in range(MOST + 1)
        ]
        assert [catalog is not None for catalog in found] == [False, *[True] * MOST]


async def test_a_state_that_cannot_be_written_does_not_keep_the_replica_from_judging(url: str) -> None:
    without_tables = StateStore(Settings(state=url))
    catalog = await LastKnown(Servers(), SnapshotTable(without_tables)).snapshot(SHOP, "prod", Asked((ORDERS,)))
    await without_tables.close()
    assert catalog.relations.keys() == {ORDERS}
