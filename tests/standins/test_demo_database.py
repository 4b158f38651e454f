"""The demo's production database has what its review reports."""

import asyncio

import psycopg
import pytest

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.schema.asked import Asked
from bot.replica.snapshot import take_snapshot
from bot.standins.database import DEPLOYER, READER, SETTINGS, populate, slice_and_time
from bot.standins.postgres import Server, start

STORED = "ALTER TABLE {table} ADD COLUMN s tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED"


@pytest.fixture(scope="module")
def demo():
    with start(SETTINGS) as server:
        populate(server.url(), rows=20_000)
        yield server


def test_the_review_role_sees_events_with_rows_children_and_the_invalid_index(demo: Server) -> None:
    catalog = asyncio.run(take_snapshot(demo.url(user=READER), Asked((Name("events"),)), role=DEPLOYER))
    events = catalog.relations[Name("events", "public")]
    assert events.size is not None
    assert events.size.rows == 20_000
    keys = [one.definition for one in events.constraints if isinstance(one.definition, op.ForeignKey)]
    assert [(key.references, key.on_delete) for key in keys] == [(Name("connections", "public"), "SET NULL")]
    assert [index.name.name for index in catalog.indexes_of(events.name) if not index.valid] == [
        "events_external_id_idx"
    ]
    assert catalog.settings["statement_timeout"] == ("30s", "the migration role's settings")


def test_a_slice_is_timed_scaled_and_rolled_back(demo: Server) -> None:
    timed = slice_and_time(demo.url(), "events", STORED, rows=2_000)
    assert timed.rows == 2_000
    assert 0 < timed.seconds < timed.scaled
    with psycopg.connect(demo.url()) as connection:
        assert connection.execute("SELECT to_regclass('migsafe_slice')").fetchone() == (None,)
