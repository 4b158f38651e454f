"""The queue's databases: each is one connection with a thread of its own, which does its work in order."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from bot.runtime.sqlite import sqlite_engine
from bot.server.jobs.tables import ARRIVALS, JOBS

Result = TypeVar("Result")

_CREATING = 0x6D69676A
"""The advisory lock that one process at a time holds while it creates the tables."""
PATIENT = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server that is gone without a word is noticed within 25 seconds."""


class JobDatabase:
    """Transactions on the queue's tables, in a thread: the event loop never waits for the database.

    `synchronous` FULL waits for the disk; with NORMAL, for the worker, a power cut may undo the last changes, and their
    jobs run again.
    With `lasting` a connection that was lost is noticed before it is used, which costs a round trip each time; the
    worker does without, because it begins a new shift anyway.
    """

    def __init__(
        self,
        url: str,
        *,
        synchronous: Literal["FULL", "NORMAL"],
        tables: sa.MetaData = JOBS,
        lasting: bool = True,
    ) -> None:
        self.tables = tables
        self.is_sqlite = url.startswith("sqlite:")
        self._engine = _engine(url, synchronous, lasting=lasting)
        self._whole = self._engine
        if not self.is_sqlite:
            self._whole = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queue")

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        """What `work` returns, in one transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.transact, work)

    async def run_alone(self, work: Callable[[sa.Connection], Result]) -> Result:
        """The same for one statement, which is a transaction by itself: PostgreSQL is asked once, not three times."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do_alone, work)

    def transact(self, work: Callable[[sa.Connection], Result]) -> Result:
        """The same in the calling thread."""
        with self._whole.begin() as connection:
            return work(connection)

    def _do_alone(self, work: Callable[[sa.Connection], Result]) -> Result:
        if self.is_sqlite:
            return self.transact(work)
        with self._engine.connect() as connection:
            return work(connection)

    async def create(self) -> None:
        """Creates the tables that are missing; processes that start at the same time do it one after another."""
        await self.run(self._create)

    async def close(self) -> None:
        """Returns when the work that was begun has ended."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        await asyncio.to_thread(self._engine.dispose)

    def _create(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATING)))
        self.tables.create_all(connection)


def arrivals_database(url: str) -> JobDatabase:
    """The file beside an SQLite state that only deliveries are written to. FULL survives a power cut, as a 202 says."""
    return JobDatabase(f"{url}.arrivals", synchronous="FULL", tables=ARRIVALS)


def _engine(url: str, synchronous: str, *, lasting: bool) -> sa.Engine:
    if url.startswith("sqlite:"):
        return sqlite_engine(url, synchronous)
    driver = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        driver,
        pool_size=1,
        max_overflow=1,
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=lasting,
        connect_args=PATIENT,
    )
    if synchronous == "NORMAL":
        # Deliveries share the server's disk: each of their commits would wait for the worker's.
        sa.event.listen(engine, "connect", _commit_without_waiting)
    return engine


def _commit_without_waiting(connection: Any, _record: object) -> None:
    connection.execute("SET synchronous_commit = off")
