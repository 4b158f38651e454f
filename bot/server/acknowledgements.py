"""What people accepted. It must outlive a job, so it has a table of its own, whose rows are never deleted."""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from bot.review.acceptance import AcceptKind, Acknowledgement
from bot.runtime.settings import Settings
from bot.runtime.sqlite import sqlite_engine

_metadata = sa.MetaData()
_table = sa.Table(
    "migsafe_acknowledgements",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("said_at", sa.Text, nullable=False),
    sa.Column("revoked_by", sa.Text),
    sa.Column("revoked_at", sa.Text),
    sa.Index("migsafe_acknowledgements_pull", "repository_id", "number"),
)


class AcknowledgementTable:
    """The table, in SQLite or PostgreSQL. Call `open` first. Implements `bot.review.ports.AcknowledgementStore`."""

    def __init__(self, settings: Settings) -> None:
        self._engine = _engine(settings.state)

    async def open(self) -> None:
        """Creates the table if it is missing."""
        await asyncio.to_thread(self._create)

    async def acknowledgements(self, repository_id: int, number: int) -> Sequence[Acknowledgement]:
        """What is in force for the pull request, oldest first."""
        return await asyncio.to_thread(self._in_force, repository_id, number)

    async def acknowledge(self, repository_id: int, number: int, acknowledgement: Acknowledgement) -> None:
        """Stores it once, even when an interrupted job runs again and says it twice."""
        await asyncio.to_thread(self._add, repository_id, number, acknowledgement)

    async def revoke(self, repository_id: int, number: int, item: str, by: str, at: str) -> bool:
        """Revokes what is in force for this item or rule; False if nothing is. The row stays, for audit."""
        return await asyncio.to_thread(self._revoke, repository_id, number, item, by, at)

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    def _create(self) -> None:
        try:
            _metadata.create_all(self._engine)
        except (OperationalError, ProgrammingError, IntegrityError):
            _metadata.create_all(self._engine)  # another process created it in between

    def _in_force(self, repository_id: int, number: int) -> list[Acknowledgement]:
        query = sa.select(_table).where(*_of(repository_id, number)).order_by(_table.c.id)
        with self._engine.begin() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def _add(self, repository_id: int, number: int, new: Acknowledgement) -> None:
        values = {
            "kind": new.kind.value,
            "item": new.item,
            "reason": new.reason,
            "fingerprint": new.fingerprint,
            "said_by": new.by,
        }
        same = [_table.c[column] == value for column, value in values.items()]
        with self._engine.begin() as connection:
            if connection.execute(sa.select(_table.c.id).where(*_of(repository_id, number), *same)).first() is None:
                row = {"repository_id": repository_id, "number": number, "said_at": new.at, **values}
                connection.execute(sa.insert(_table).values(row))

    def _revoke(self, repository_id: int, number: int, item: str, by: str, at: str) -> bool:
        update = sa.update(_table).where(*_of(repository_id, number), _table.c.item == item)
        with self._engine.begin() as connection:
            return connection.execute(update.values(revoked_by=by, revoked_at=at)).rowcount > 0


def _of(repository_id: int, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition for what is in force: accepted on this pull request, and not revoked."""
    return _table.c.repository_id == repository_id, _table.c.number == number, _table.c.revoked_at.is_(None)


def _read(row: sa.RowMapping) -> Acknowledgement:
    return Acknowledgement(
        item=row["item"],
        by=row["said_by"],
        at=row["said_at"],
        reason=row["reason"],
        fingerprint=row["fingerprint"],
        kind=AcceptKind(row["kind"]),
    )


def _engine(url: str) -> sa.Engine:
    if url.startswith("sqlite:"):
        return sqlite_engine(url, "FULL")
    driver = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(driver, pool_size=3, max_overflow=2, pool_pre_ping=True, pool_timeout=10)
