"""Deletes what is kept of repositories that the App may no longer see: what is kept of an installation goes with it."""

from collections.abc import Collection

import sqlalchemy as sa

from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_AT_ONCE = 500
"""Repositories named in one statement; SQLite takes some thousand values."""


async def forget_repositories(
    state: StateStore, installation: int, repository_ids: Collection[int], *, whole: bool
) -> int:
    """Deletes every row about these repositories; with `whole`, also about all that this installation was seen with.

    Returns how many rows there were.
    """
    return await state.run(lambda connection: _forget(connection, installation, set(repository_ids), whole=whole))


def _forget(connection: sa.Connection, installation: int, repositories: set[int], *, whole: bool) -> int:
    tables = [table for table in TABLES.sorted_tables if "repository_id" in table.c]
    if whole:
        for table in tables:
            if "installation" in table.c:
                seen = sa.select(table.c.repository_id).where(table.c.installation == installation).distinct()
                repositories |= set(connection.scalars(seen))
    deleted, named = 0, sorted(repositories)
    for start in range(0, len(named), _AT_ONCE):
        some = named[start : start + _AT_ONCE]
        for table in tables:
            deleted += connection.execute(sa.delete(table).where(table.c.repository_id.in_(some))).rowcount
    return deleted
