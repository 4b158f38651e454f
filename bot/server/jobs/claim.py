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
    """`worker` is the name under which the jobs know the process."""

    worker: str

    def held(self) -> "contextlib.AbstractAsyncContextManager[asyncio.Event]":
        """Waits for the lock and holds it; the event says that it was lost, and others may take this worker's jobs.

        It is free once its holder has ended, even by a crash.
        """
        ...

    async def alive(self, worker: str) -> bool:
        """Whether a process holds this worker's lock."""
        ...

    def taking(self, worker: str, /) -> "sa.Executable | None":
        """Selects whether this worker's lock could be taken until the end of the transaction; None: nobody else can."""
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
    async def held(self) -> AsyncGenerator[asyncio.Event, None]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            logged = False
            while not _try_flock(descriptor):
                if not logged:
                    log.info("another worker has this state; waiting for it to end")
                    logged = True
                await asyncio.sleep(self.poll)
            yield asyncio.Event()
        finally:
            os.close(descriptor)

    async def alive(self, worker: str) -> bool:
        return worker == self.worker

    def taking(self, _worker: str, /) -> "sa.Executable | None":
        return None


class SessionClaim:
    """PostgreSQL: an advisory lock of a session that lives as long as the process. Needs a direct connection, or a
    pooler in session mode."""

    def __init__(self, url: str, worker: str, poll: float = 1.0, look: float = 5.0) -> None:
        self.worker = worker
        self.poll = poll
        self.look = look
        driver = sa.make_url(url).set(drivername="postgresql+psycopg")
        keepalive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 10}
        self._engine = sa.create_engine(
            driver, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", connect_args=keepalive
        )

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncGenerator[asyncio.Event, None]:
        connection = await self._acquire()
        lost = asyncio.Event()
        looking = asyncio.create_task(self._look(connection, lost))
        try:
            yield lost
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            with contextlib.suppress(SQLAlchemyError):
                await asyncio.to_thread(connection.close)
            await asyncio.to_thread(self._engine.dispose)

    async def alive(self, worker: str) -> bool:
        return await asyncio.to_thread(self._is_held, worker)

    def taking(self, worker: str, /) -> "sa.Executable | None":
        return sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))").bindparams(key=_key(worker))

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

    async def _look(self, connection: sa.Connection, lost: asyncio.Event) -> None:
        """Until the session is gone, and the lock with it."""
        while True:
            await asyncio.sleep(self.look)
            try:
                async with asyncio.timeout(self.look * 3):
                    await asyncio.to_thread(connection.execute, sa.text("SELECT 1"))
            except (SQLAlchemyError, TimeoutError):
                log.warning("lost the worker's lock: what it runs is interrupted", worker=self.worker)
                connection.invalidate()
                lost.set()
                return

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
