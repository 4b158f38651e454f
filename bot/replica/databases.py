"""The databases that the operator configured: which of them serve a repository, and their catalogs."""

from collections.abc import Sequence
from hashlib import sha256

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bot.core.globs import matches
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.replica.snapshot import take_snapshot
from bot.review.errors import ReplicaError
from bot.review.hub import RepositoryInfo
from bot.runtime.settings import ReplicaDatabase


class Databases:
    """The databases that the operator configured; implements `bot.review.ports.ReplicaServers`.

    `owner` is the account that owns the App, once GitHub has named it: a database without `repositories` serves only
    the private ones of that account.
    """

    def __init__(self, databases: Sequence[ReplicaDatabase], owner: str | None = None) -> None:
        self.databases = tuple(databases)
        self.owner = owner

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        """Names of the databases that serve any of these paths of the repository; empty if none does."""
        return [
            database.name
            for database in self.databases
            if self._serves(database, repository) and _covers(database, paths)
        ]

    async def snapshot(self, database: str, asked: Asked) -> Catalog:
        """The catalog for these relations and all they reach; raises ReplicaError."""
        known = self._named(database)
        if known is None:
            raise ReplicaError(f"no database named {database} is configured")
        return await take_snapshot(known.url, asked, role=known.role)

    def source(self, database: str) -> str:
        """A digest of where the database is and as whom it is read, without its password."""
        known = self._named(database)
        return _digest(known) if known is not None else ""

    def _named(self, database: str) -> ReplicaDatabase | None:
        return next((known for known in self.databases if known.name == database), None)

    def _serves(self, database: ReplicaDatabase, repository: RepositoryInfo) -> bool:
        if database.repositories is not None:
            return repository.full_name.casefold() in (name.casefold() for name in database.repositories)
        return repository.private and self.owner is not None and repository.owner.casefold() == self.owner.casefold()


def _digest(database: ReplicaDatabase) -> str:
    try:
        parts = conninfo_to_dict(database.url)
    except psycopg.Error:
        return ""
    shown = {name: str(value) for name, value in parts.items() if "password" not in name}
    return sha256(repr((sorted(shown.items()), database.role)).encode()).hexdigest()


def _covers(database: ReplicaDatabase, paths: Sequence[str]) -> bool:
    return not database.paths or any(matches(pattern, path) for pattern in database.paths for path in paths)
