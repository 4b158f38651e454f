"""Deliveries on their way into PostgreSQL's table of jobs, without a thread: an answer waits for nobody to be woken."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from bot.server.jobs.arrivals import MOST, Row
from bot.server.jobs.database import PATIENT

_Waiting = tuple[Row, "asyncio.Future[bool]"]


class DirectCommit:
    """Adds deliveries by a connection of its own on the event loop that started it; may be asked from any loop.

    While one statement, which is a transaction by itself, is on its way, the next one gathers.
    """

    def __init__(self, url: str) -> None:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        _, self._where = address.get_dialect()().create_connect_args(address)
        self._waiting: deque[_Waiting] = deque()
        self._home: asyncio.AbstractEventLoop | None = None
        self._writing: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    def start(self) -> None:
        self._home = asyncio.get_running_loop()

    async def add(self, row: Row) -> bool:
        """Whether the row is new; returns once it is on disk. Raises SQLAlchemyError."""
        assert self._home is not None
        if asyncio.get_running_loop() is self._home:
            return await self._add(row)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._add(row), self._home))

    async def close(self) -> None:
        """Writes what is waiting."""
        if self._writing is not None:
            await asyncio.wait((self._writing,))
        await self._disconnect()

    async def _add(self, row: Row) -> bool:
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="arrivals")
        return await stored

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            # Somebody who waits no longer has been told that nothing is stored.
            batch = [each for each in batch if not each[1].done()]
            if batch:
                await self._write(batch)

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            new = await self._insert([row for row, _ in batch])
        except Exception as error:
            for _, stored in batch:
                if not stored.done():
                    stored.set_exception(error)
            return
        for (_, stored), is_new in zip(batch, new, strict=True):
            if not stored.done():
                stored.set_result(is_new)

    async def _insert(self, rows: Sequence[Row]) -> Sequence[bool]:
        """Which of the rows are new."""
        added = await self._execute({name: [row[name] for row in rows] for name in rows[0]})
        new: list[bool] = []
        for row in rows:
            new.append(row["id"] in added)
            added.discard(row["id"])  # the same delivery twice in one batch is new once
        return new

    async def _execute(self, columns: Mapping[str, Sequence[Any]]) -> set[str]:
        """If the connection was lost, the statement is repeated on a new one."""
        for again in (True, False):
            try:
                if self._connection is None:
                    connecting: dict[str, Any] = {**self._where, **PATIENT}
                    self._connection = await psycopg.AsyncConnection.connect(**connecting, autocommit=True)
                cursor = await self._connection.execute(_ADD_ALL, columns)
                return {row[0] for row in await cursor.fetchall()}
            except psycopg.Error as error:
                lost = self._connection is not None and self._connection.closed
                if lost:
                    await self._disconnect()
                if not (again and lost):
                    raise sa.exc.OperationalError("INSERT INTO migsafe_jobs", None, error) from error
        raise AssertionError("unreachable")

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


_ADD_ALL = """
INSERT INTO migsafe_jobs (id, subject, installation, kind, packed, stored_at, lane)
-- by the clock that web sides and workers share, whatever their own say
SELECT id, subject, installation, kind, packed, extract(epoch FROM clock_timestamp()), subject
FROM unnest(
  %(id)s::text[], %(subject)s::text[], %(installation)s::bigint[], %(kind)s::text[],
  %(packed)s::text[]
) AS arrived (id, subject, installation, kind, packed)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""
