"""The last catalogs of each repository's databases, as `migsafe replica export` writes them, for when one is away."""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from bot import sql
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog
from bot.core.schema.catalog_json import CatalogFormatError, catalog_from_json, catalog_to_json
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

MOST = 8
"""Catalogs that are kept of one database for one repository: those of the relations asked for last."""
LARGEST = 1024 * 1024
"""Bytes of a compressed catalog; a larger one is not kept."""
OLDEST = timedelta(days=30)

_table = sa.Table(
    "migsafe_snapshots",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("database_name", sa.Text, primary_key=True),
    sa.Column("names_digest", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
    sa.Column("taken_at", sa.Text, nullable=False),
    sa.Column("catalog", sa.LargeBinary, nullable=False),
    sa.Index("migsafe_snapshots_taken", "taken_at"),
)


class SnapshotTable:
    """The table in the state. Implements `bot.review.ports.SnapshotStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def keep_snapshot(
        self, repository_id: int, database: str, source: str, names: Sequence[Name], catalog: Catalog
    ) -> None:
        """Replaces the one for the same relations, and deletes what is too much or too old."""

        def keep(connection: sa.Connection) -> None:
            written = zlib.compress(json.dumps(catalog_to_json(catalog)).encode())
            if len(written) > LARGEST:
                return
            listed = _listed(names)
            key = {"repository_id": repository_id, "database_name": database, "names_digest": _digest(listed)}
            connection.execute(sa.delete(_table).where(*(_table.c[name] == value for name, value in key.items())))
            row = {**key, "source": source, "names": listed, "taken_at": catalog.at, "catalog": written}
            connection.execute(sa.insert(_table).values(row))
            _prune(connection, repository_id, database)

        await self._state.run(keep)

    async def last_snapshot(
        self, repository_id: int, database: str, source: str, names: Sequence[Name]
    ) -> Catalog | None:
        """The newest of those kept for most of these relations; None if none has any of them."""
        query = (
            sa.select(_table)
            .where(*_of(repository_id, database), _table.c.source == source)
            .order_by(_table.c.taken_at.desc())
        )

        def look(connection: sa.Connection) -> Catalog | None:
            rows = list(connection.execute(query).mappings())
            asked = set(_named(_listed(names)))
            best = max(rows, key=lambda row: len(asked & set(_named(row["names"]))), default=None)
            if best is None or not asked & set(_named(best["names"])):
                return None
            return _read(best["catalog"])

        return await self._state.run(look, alone=True)


def _prune(connection: sa.Connection, repository_id: int, database: str) -> None:
    oldest = (datetime.now(UTC) - OLDEST).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(sa.delete(_table).where(_table.c.taken_at < oldest))
    newest_first = sa.select(_table.c.names_digest).where(*_of(repository_id, database))
    kept = connection.scalars(newest_first.order_by(_table.c.taken_at.desc())).all()
    extra = kept[MOST:]
    if extra:
        connection.execute(sa.delete(_table).where(*_of(repository_id, database), _table.c.names_digest.in_(extra)))


def _read(written: bytes) -> Catalog | None:
    """The catalog; None if a release of migsafe wrote it whose form this one does not read."""
    try:
        return catalog_from_json(json.loads(zlib.decompress(written)), sql)
    except (CatalogFormatError, ValueError, KeyError, TypeError):
        return None


def _listed(names: Sequence[Name]) -> str:
    return json.dumps(sorted({(name.schema or "", name.name) for name in names}))


def _named(listed: str) -> list[tuple[str, str]]:
    return [(schema, name) for schema, name in json.loads(listed)]


def _digest(listed: str) -> str:
    return sha256(listed.encode()).hexdigest()


def _of(repository_id: int, database: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _table.c.repository_id == repository_id, _table.c.database_name == database
