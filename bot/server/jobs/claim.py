"""Which workers are alive: each holds a lock for as long as its process lives, and others can see whether it does."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger(__name__)


class Claim(Protocol):
    """`worker` is the name under which DBOS knows the process."""

    worker: str

    def held(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Waits for the lock and holds it. It is free once its holder has ended, even by a crash."""
        ...

    async def alive(self, worker: str) -> bool:
        """Whether a process holds this worker's lock."""
        ...


class FileClaim:
    """SQLite: one worker works on a file, and a second process waits for it to end (a rolling restart).

    Its name is always the same, so that the next process resumes the jobs of the last one, on any host.
    """

    def __init__(self, url: str, poll: float = 0.25) -> None:
        self.worker = "the-worker"
        self.path = Path(url.removeprefix("sqlite:///") + ".worker")
        self.poll = poll

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncGenerator[None, None]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            logged = False
            while not _try_flock(descriptor):
                if not logged:
                    log.info("another worker has this state; waiting for it to end")
                    logged = True
                await asyncio.sleep(self.poll)
            yield
        finally:
            os.close(descriptor)

    async def alive(self, worker: str) -> bool:
        return worker == self.worker


class SessionClaim:
    """PostgreSQL: an advisory lock of a session that lives as long as the process. Needs a direct connection, or a
    pooler in session mode."""

    def __init__(self, url: str, worker: str, poll: float = 1.0) -> None:
        self.worker = worker
        self.poll = poll
        driver = sa.make_url(url).set(drivername="postgresql+psycopg")
        keepalive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10}
        self._engine = sa.create_engine(
            driver, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", connect_args=keepalive
        )

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncGenerator[None, None]:
        connection = await self._acquire()
        keeper = asyncio.create_task(self._keep(connection))
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            await asyncio.to_thread(self._engine.dispose)

    async def alive(self, worker: str) -> bool:
        return await asyncio.to_thread(self._is_held, worker)

    async def _acquire(self) -> sa.Connection:
        logged = False
        while True:
            connection = await asyncio.to_thread(self._try_lock)
            if connection is not None:
                return connection
            if not logged:
                log.info("another worker has this name; waiting for it to end", worker=self.worker)
                logged = True
            await asyncio.sleep(self.poll)

    async def _keep(self, connection: sa.Connection) -> None:
        """Keeps the lock, and takes it again when the server is back: without it, others take this worker's jobs."""
        try:
            while True:
                await asyncio.sleep(5)
                try:
                    await asyncio.to_thread(connection.execute, sa.text("SELECT 1"))
                except SQLAlchemyError:
                    log.warning("lost the worker's lock; taking it again", worker=self.worker)
                    connection.invalidate()
                    with contextlib.suppress(SQLAlchemyError):
                        connection = await self._acquire()
        finally:
            with contextlib.suppress(SQLAlchemyError):
                connection.close()

    def _try_lock(self) -> sa.Connection | None:
        connection = self._engine.connect()
        if connection.execute(_LOCK, {"key": _key(self.worker)}).scalar_one():
            return connection
        connection.close()
        return None

    def _is_held(self, worker: str) -> bool:
        """Tries to take the lock: nobody held it if that works. Closing the connection releases it."""
        with self._engine.connect() as connection:
            return not connection.execute(_LOCK, {"key": _key(worker)}).scalar_one()


_LOCK = sa.text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))")


def _key(worker: str) -> str:
    return f"migsafe-worker:{worker}"


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
