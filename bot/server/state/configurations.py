"""The last configuration of each base branch that could be read: it judges while the branch's file cannot be."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.review.config_kept import StoredConfiguration
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_table = sa.Table(
    "migsafe_configurations",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("commit_sha", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
)


class ConfigurationTable:
    """The table in the state. Implements `bot.review.ports.ConfigurationStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def last_valid(self, repository_id: int, branch: str) -> StoredConfiguration | None:
        query = sa.select(_table).where(*_of(repository_id, branch))

        def look(connection: sa.Connection) -> StoredConfiguration | None:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            return StoredConfiguration(row["source"], row["content"], row["commit_sha"], row["seen_at"])

        return await self._state.run(look, alone=True)

    async def keep_valid(self, repository_id: int, branch: str, configuration: StoredConfiguration) -> None:
        """Replaces the one before; if two jobs do it at once, one of them counts."""
        row = {
            "source": configuration.source,
            "content": configuration.text,
            "commit_sha": configuration.commit,
            "seen_at": configuration.at,
        }

        def keep(connection: sa.Connection) -> None:
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            new = insert(_table).values(repository_id=repository_id, branch=branch, **row)
            connection.execute(new.on_conflict_do_update(index_elements=["repository_id", "branch"], set_=row))

        await self._state.run(keep, alone=True)


def _of(repository_id: int, branch: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _table.c.repository_id == repository_id, _table.c.branch == branch
