"""The commits on which checks were started, until the sweep has seen them end well, and how far the sweep has come."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.review.remembered import WatchedHead
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_heads = sa.Table(
    "migsafe_heads",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True),
    sa.Column("head_sha", sa.Text, primary_key=True),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("touched_at", sa.Float(53), nullable=False),
    sa.Column("base_sha", sa.Text),
    sa.Column("head_ref", sa.Text, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", sa.Float(53), nullable=False),
    sa.Index("migsafe_heads_unsettled", "installation", "settled", "touched_at"),
)
marks = sa.Table(
    "migsafe_sweepmarks",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
_BATCH = 400
"""Commits named in one query; SQLite allows 32,766 parameters, older ones 999."""


class HeadTable:
    """The tables in the state. Implements `bot.review.remembered.HeadStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def watch(self, head: WatchedHead) -> None:
        values = {**_row(head), "settled": False}
        again = {name: value for name, value in values.items() if name not in ("tries", "tried_at")}
        await self._state.run(lambda connection: _upsert(connection, _heads, values, again), alone=True)

    async def unsettled(self, installation: int, before: float, most: int) -> Sequence[WatchedHead]:
        wanted = (_heads.c.installation == installation, ~_heads.c.settled, _heads.c.touched_at < before)
        query = sa.select(_heads).where(*wanted).order_by(_heads.c.tried_at, _heads.c.touched_at).limit(most)
        return await self._state.run(
            lambda connection: [_read(row) for row in connection.execute(query).mappings()], alone=True
        )

    async def known(self, repository_id: int, heads: Collection[str]) -> Mapping[str, WatchedHead]:
        def look(connection: sa.Connection) -> Mapping[str, WatchedHead]:
            found = {}
            for some in _batches(heads):
                of = (_heads.c.repository_id == repository_id, _heads.c.head_sha.in_(some))
                for row in connection.execute(sa.select(_heads).where(*of)).mappings():
                    found[row["head_sha"]] = _read(row)
            return found

        return await self._state.run(look)

    async def settle(self, heads: Collection[WatchedHead]) -> None:
        def settle(connection: sa.Connection) -> None:
            for head in heads:
                values = {**_row(head), "settled": True, "tries": 0, "tried_at": 0.0}
                unchanged = _heads.c.touched_at <= head.touched_at
                again = {"settled": True, "tries": 0, "tried_at": 0.0}
                _upsert(connection, _heads, values, again, where=unchanged)

        if heads:
            await self._state.run(settle)

    async def tried(self, head: WatchedHead, at: float) -> None:
        values = {**_row(head), "settled": False, "tries": head.tries + 1, "tried_at": at}
        again = {"settled": False, "tries": _heads.c.tries + 1, "tried_at": at}
        await self._state.run(lambda connection: _upsert(connection, _heads, values, again), alone=True)

    async def forget(self, heads: Collection[WatchedHead] = (), *, before: float = 0.0) -> None:
        def forget(connection: sa.Connection) -> None:
            connection.execute(sa.delete(_heads).where(_heads.c.settled, _heads.c.touched_at < before))
            for head in heads:
                of = (_heads.c.repository_id == head.repository_id, _heads.c.head_sha == head.head_sha)
                connection.execute(sa.delete(_heads).where(*of))

        await self._state.run(forget)

    async def mark(self, name: str) -> str:
        query = sa.select(marks.c.value).where(marks.c.name == name)
        return await self._state.run(lambda connection: connection.scalar(query) or "", alone=True)

    async def set_mark(self, name: str, value: str) -> None:
        values = {"name": name, "value": value}
        await self._state.run(lambda connection: _upsert(connection, marks, values, {"value": value}), alone=True)


def _upsert(
    connection: sa.Connection,
    table: sa.Table,
    values: Mapping[str, Any],
    again: Mapping[str, Any],
    *,
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    """Inserts the row, or sets `again` in the one that is there, if `where` holds for it."""
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    key = [column.name for column in table.primary_key]
    statement = insert(table).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=dict(again), where=where))


def _row(head: WatchedHead) -> Mapping[str, Any]:
    return {column.name: getattr(head, column.name) for column in _heads.c}


def _read(row: sa.RowMapping) -> WatchedHead:
    values: dict[str, Any] = {column.name: row[column.name] for column in _heads.c}
    return WatchedHead(**values)


def _batches(heads: Collection[str]) -> Sequence[Sequence[str]]:
    listed = list(heads)
    return [listed[at : at + _BATCH] for at in range(0, len(listed), _BATCH)]
