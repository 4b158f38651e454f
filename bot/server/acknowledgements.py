"""What people accepted, which must outlive a job: a table of its own, whose rows are never deleted."""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from bot.review.acceptance import AcceptKind, Acknowledgement
from bot.runtime.settings import Settings
from bot.runtime.sqlite import sqlite_engine

_metadata = sa.MetaData()
_said = sa.Table(
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
    """In SQLite or PostgreSQL, the same table; implements `bot.review.ports.AcknowledgementStore`. `open` first."""

    def __init__(self, settings: Settings) -> None:
        self._engine = _engine(settings.state)

    async def open(self) -> None:
        """Makes the table where it is missing."""
        await asyncio.to_thread(self._create)

    async def acknowledgements(self, repository_id: int, number: int) -> Sequence[Acknowledgement]:
        """What stands for the pull request, oldest first."""
        return await asyncio.to_thread(self._standing, repository_id, number)

    async def acknowledge(self, repository_id: int, number: int, acknowledgement: Acknowledgement) -> None:
        """Said twice, because a job was cut off and done again, it stands once."""
        await asyncio.to_thread(self._add, repository_id, number, acknowledgement)

    async def revoke(self, repository_id: int, number: int, item: str, by: str, at: str) -> bool:
        """Takes back what stands for this item or rule; False where nothing stood. The row stays, for audit."""
        return await asyncio.to_thread(self._revoke, repository_id, number, item, by, at)

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    def _create(self) -> None:
        try:
            _metadata.create_all(self._engine)
        except (OperationalError, ProgrammingError, IntegrityError):
            _metadata.create_all(self._engine)  # another process made it since we looked

    def _standing(self, repository_id: int, number: int) -> list[Acknowledgement]:
        query = sa.select(_said).where(*_of(repository_id, number)).order_by(_said.c.id)
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
        same = [_said.c[column] == value for column, value in values.items()]
        with self._engine.begin() as connection:
            if connection.execute(sa.select(_said.c.id).where(*_of(repository_id, number), *same)).first() is None:
                row = {"repository_id": repository_id, "number": number, "said_at": new.at, **values}
                connection.execute(sa.insert(_said).values(row))

    def _revoke(self, repository_id: int, number: int, item: str, by: str, at: str) -> bool:
        update = sa.update(_said).where(*_of(repository_id, number), _said.c.item == item)
        with self._engine.begin() as connection:
            return connection.execute(update.values(revoked_by=by, revoked_at=at)).rowcount > 0


def _of(repository_id: int, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    """What stands: said of this pull request, and not taken back."""
    return _said.c.repository_id == repository_id, _said.c.number == number, _said.c.revoked_at.is_(None)


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
