"""Deliveries on their way into the queue's file: what arrives together is committed together, before it is answered."""

import asyncio
import queue
import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.server.jobs.database import JobDatabase
from bot.server.jobs.tables import arrivals, drained, jobs, origin

Row: TypeAlias = Mapping[str, Any]

MOST = 200
"""Deliveries of one transaction."""
_COPIED = 500
"""Deliveries that the worker copies in one transaction."""


class GroupCommit:
    """Adds deliveries to the file for them, in a thread, from any event loop.

    While one transaction is written, the next one gathers.
    """

    def __init__(self, database: JobDatabase) -> None:
        self._database = database
        self._waiting: queue.SimpleQueue[tuple[Row, Future[bool]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="arrivals", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def add(self, row: Row) -> bool:
        """Whether the row is new; returns once it is on disk. Raises SQLAlchemyError."""
        stored: Future[bool] = Future()
        self._waiting.put((row, stored))
        return await asyncio.wrap_future(stored)

    async def close(self) -> None:
        """Writes what is waiting."""
        if self._thread.is_alive():
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    def _write_all(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MOST and not self._waiting.empty():
                batch.append(self._waiting.get())
            # Somebody who waits no longer has been told that nothing is stored.
            wanted = [each for each in batch if each is not None and each[1].set_running_or_notify_cancel()]
            if wanted:
                self._write(wanted)
            if None in batch:
                return

    def _write(self, batch: Sequence[tuple[Row, "Future[bool]"]]) -> None:
        try:
            new = self._insert([row for row, _ in batch])
        except BaseException as error:
            for _, stored in batch:
                stored.set_exception(error)
            return
        for (_, stored), is_new in zip(batch, new, strict=True):
            stored.set_result(is_new)

    def _insert(self, rows: Sequence[Row]) -> Sequence[bool]:
        """Which of the rows are new."""
        return self._database.transact(lambda connection: [insert_new(connection, arrivals, row) for row in rows])


def insert_new(connection: sa.Connection, table: sa.Table, row: Row) -> bool:
    """Whether a row with this id was missing; if so, it is there now."""
    values = {**row, "lane": row["subject"]} if table is jobs else row
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(table).on_conflict_do_nothing(index_elements=["id"])
        return connection.execute(insert, values).rowcount == 1
    returning = postgresql.insert(table).on_conflict_do_nothing(index_elements=["id"]).returning(table.c.seq)
    return connection.execute(returning, values).first() is not None


class ArrivalsFile:
    """The worker's view of the deliveries beside an SQLite state: it copies them into its own table, in order.

    Where it is stands in the same transaction as what it copied, so that a crash neither loses nor doubles any.
    """

    def __init__(self, database: JobDatabase) -> None:
        self._database = database
        self._origin = ""

    async def open(self) -> None:
        await self._database.create()
        self._origin = await self._database.run(_identify)

    async def drain_into(self, state: JobDatabase) -> int:
        """Copies what has arrived; returns how many there were."""
        copied = 0
        while True:
            position = await state.run(self._position)
            rows = await self._database.run(lambda connection, after=position: _after(connection, after))
            if rows:
                await state.run(lambda connection, rows=rows: self._copy(connection, rows))
            copied += len(rows)
            if len(rows) < _COPIED:
                return copied

    async def forget(self, state: JobDatabase, before: float) -> None:
        """Deletes deliveries that were stored before this time and have been copied."""
        position = await state.run(self._position)
        old = sa.select(arrivals.c.seq).where(arrivals.c.stored_at < before, arrivals.c.seq <= position).limit(_COPIED)
        while True:
            deleted = await self._database.run(
                lambda connection: connection.execute(sa.delete(arrivals).where(arrivals.c.seq.in_(old))).rowcount
            )
            if deleted < _COPIED:
                return

    def _position(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(drained.c.seq).where(drained.c.origin == self._origin)) or 0

    def _copy(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        for row in rows:
            insert_new(connection, jobs, {name: value for name, value in row.items() if name != "seq"})
        put = sqlite.insert(drained).values(origin=self._origin, seq=rows[-1]["seq"])
        connection.execute(put.on_conflict_do_update(index_elements=["origin"], set_={"seq": put.excluded.seq}))


def _identify(connection: sa.Connection) -> str:
    known = connection.scalar(sa.select(origin.c.id))
    if known is None:
        known = uuid.uuid4().hex
        connection.execute(sa.insert(origin).values(id=known))
    return known


def _after(connection: sa.Connection, seq: int) -> Sequence[Row]:
    found = connection.execute(sa.select(arrivals).where(arrivals.c.seq > seq).order_by(arrivals.c.seq).limit(_COPIED))
    return [dict(row) for row in found.mappings()]


async def missing_from(arriving: JobDatabase, state: JobDatabase, *conditions: "sa.ColumnElement[bool]") -> int:
    """How many deliveries that fulfil the conditions the worker has not copied yet."""
    known = await arriving.run(lambda connection: connection.scalar(sa.select(origin.c.id)))
    position = await state.run(
        lambda connection: connection.scalar(sa.select(drained.c.seq).where(drained.c.origin == (known or "")))
    )
    count = sa.select(sa.func.count()).select_from(arrivals).where(arrivals.c.seq > (position or 0), *conditions)
    return await arriving.run(lambda connection: connection.scalar(count) or 0)
