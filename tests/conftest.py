"""Which tests run where, and the servers and databases that many of them share."""

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bot.standins.postgres import Server, standby_of, start
from tests.support import kinds
from tests.support.places import ROOT

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    kinds.load_profile(kinds.kind_asked_for(config))
    if (folder := _in_memory()) is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = folder


def _in_memory() -> str | None:
    """A folder in memory with enough space: there a database is created in a fraction of the time."""
    folder = "/dev/shm"
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return None
    about = os.statvfs(folder)
    return folder if about.f_bavail * about.f_frsize > 4 << 30 and not about.f_flag & os.ST_NOEXEC else None


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One for each core, up to eight; none for single files, which end before the workers have started."""
    single = any(".py" in argument for argument in config.option.file_or_dir)
    return 0 if single else min(os.cpu_count() or 1, 8)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Quick tests do not wait for the imports of others."""
    quick = kinds.kind_asked_for(config) == "quick"
    return True if quick and kinds.at_the_edge(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        kinds.mark(item, kinds.kind_asked_for(config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if item.get_closest_marker("quick") is None:
        return (yield)
    with kinds.nothing_started(item.nodeid):
        return (yield)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL 18, shared by all tests of a worker (1.5 s, once); for databases in it see `database`."""
    calm = {"autovacuum": "off", "max_wal_senders": "4", "min_wal_size": "32MB", "max_wal_size": "128MB"}
    with start(calm) as server:
        yield server


@pytest.fixture(scope="session")
def standby(postgres: Server) -> Iterator[Server]:
    """A streaming standby of `postgres` (1.5 s, once)."""
    with standby_of(postgres) as server:
        yield server


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The URL of a fresh database, dropped afterwards (0.05 s in memory, 0.3 s on a disk)."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield postgres.url(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def fresh_python() -> Callable[[str], str]:
    """Runs a program in a Python that has imported nothing yet, and returns what it printed (0.3 s per call)."""

    def run(program: str) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    return run


@pytest.fixture(scope="session")
def effort() -> None:
    """Marks a test that asks hypothesis for examples by itself: it takes part in proofs, with many more (free)."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What asynchronous tests (`pytest.mark.anyio`) run on (free)."""
    return "asyncio"
