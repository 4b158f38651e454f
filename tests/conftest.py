"""Servers and databases that several test files share."""

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from bot.standins.postgres import Server, standby_of, start

settings.register_profile("migsafe", deadline=None)  # a busy machine fails no test
settings.load_profile("migsafe")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL 18, empty; make databases in it with the fixture `database`."""
    with start({"autovacuum": "off", "max_wal_senders": "4"}) as server:
        yield server


@pytest.fixture(scope="session")
def standby(postgres: Server) -> Iterator[Server]:
    """A streaming standby of `postgres`."""
    with standby_of(postgres) as server:
        yield server


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The URL of a fresh database, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield postgres.url(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What asynchronous tests (`pytest.mark.anyio`) run on."""
    return "asyncio"
