"""The state's database, in SQLite or PostgreSQL, and the version of its tables."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa

from bot.runtime.settings import Settings
from bot.runtime.sqlite import sqlite_engine
from bot.server.state.versions import bring_up_to_date

Result = TypeVar("Result")


PATIENCE = 30.0
"""Seconds for which a database that does not answer is asked again."""
_PAUSE = 0.5
_AT_ONCE = 3
"""Transactions; each has a connection and a thread, and more of them would only wait for each other's processor."""


class NotCommitted(Exception):
    """The connection was lost, or there was none, before anything was committed."""

    def __init__(self, cause: sa.exc.OperationalError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class StateStore:
    """Call `open` first, `close` at the end. Several processes may share it.

    Each table's file takes the state and asks it to run a function on a connection, in one transaction.
    """

    def __init__(self, settings: Settings) -> None:
        self._engine = _engine(settings.state)
        self._whole = self._engine
        if self.shared:
            self._whole = self._engine.execution_options(isolation_level="READ COMMITTED")
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="state")

    @property
    def shared(self) -> bool:
        """Whether several workers may use it at once; only one works on an SQLite file."""
        return self._engine.dialect.name != "sqlite"

    async def open(self) -> None:
        """Creates or upgrades the tables. Raises NewerState if a later release has written them."""
        await asyncio.to_thread(self._transact, bring_up_to_date)

    async def run(self, work: Callable[[sa.Connection], Result], *, alone: bool = False) -> Result:
        """What `work` returns, in one transaction, in a thread: the event loop never waits for the database.

        With `alone` it is one statement, which does no harm if it is done twice: PostgreSQL is asked once, not three
        times. A server that is started again is waited for, unless a transaction may have been committed.
        """
        until = time.monotonic() + PATIENCE
        pause = 0.0  # a connection that was lost while nobody used it is noticed now; the next one is new
        while True:
            try:
                doing = self._do_alone if alone and self.shared else self._transact
                return await asyncio.get_running_loop().run_in_executor(self._threads, doing, work)
            except NotCommitted as lost:
                if time.monotonic() > until:
                    raise lost.cause from None
                await asyncio.sleep(pause)
                pause = _PAUSE

    async def close(self) -> None:
        """Returns when the work that was begun has ended."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._engine.dispose)

    def _do_alone(self, work: Callable[[sa.Connection], Result]) -> Result:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except sa.exc.OperationalError as lost:
            raise NotCommitted(lost) from lost

    def _transact(self, work: Callable[[sa.Connection], Result]) -> Result:
        worked = False
        try:
            with self._whole.begin() as connection:
                result = work(connection)
                worked = True
            return result
        except sa.exc.OperationalError as lost:
            if worked:
                raise
            raise NotCommitted(lost) from lost


def _engine(url: str) -> sa.Engine:
    if url.startswith("sqlite:"):
        return sqlite_engine(url, "FULL")
    driver = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(driver, pool_size=_AT_ONCE, max_overflow=1, isolation_level="AUTOCOMMIT", pool_timeout=10)
