"""The state's database, in SQLite or PostgreSQL, and the version of its tables."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from bot.runtime.settings import Settings
from bot.runtime.sqlite import sqlite_engine
from bot.server.state.versions import bring_up_to_date

Result = TypeVar("Result")


PATIENCE = 30.0
"""Seconds for which a database that does not answer is asked again."""
_PAUSE = 0.5


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

    @property
    def shared(self) -> bool:
        """Whether several workers may use it at once; only one works on an SQLite file."""
        return self._engine.dialect.name != "sqlite"

    async def open(self) -> None:
        """Creates or upgrades the tables. Raises NewerState if a later release has written them."""
        await asyncio.to_thread(self._transact, bring_up_to_date)

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        """What `work` returns, in one transaction, in a thread: the event loop never waits for the database.

        A server that is started again is waited for, unless the transaction may have been committed.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await asyncio.to_thread(self._transact, work)
            except NotCommitted as lost:
                if time.monotonic() > until:
                    raise lost.cause from None
                await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    def _transact(self, work: Callable[[sa.Connection], Result]) -> Result:
        worked = False
        try:
            with self._engine.begin() as connection:
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
    return sa.create_engine(driver, pool_size=3, max_overflow=2, pool_pre_ping=True, pool_timeout=10)
