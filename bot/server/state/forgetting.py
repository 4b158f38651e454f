"""Deletes what is kept of repositories that the App may no longer see: what is kept of an installation goes with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from bot.review.remembered import looked_back_mark, round_mark
from bot.server.state.heads import marks
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_AT_ONCE = 500
"""Repositories named in one statement; SQLite takes some thousand values."""


async def forget_repositories(
    state: StateStore, installation: int, repository_ids: Collection[int], *, whole: bool
) -> int:
    """Deletes every row about these repositories; with `whole`, also about all that this installation was seen with.

    Of a repository that another installation has now, only what this one was seen with. Returns how many rows there
    were.
    """
    return await state.run(lambda connection: _forget(connection, installation, set(repository_ids), whole=whole))


async def repositories_kept(state: StateStore) -> Mapping[int, Collection[int]]:
    """The repositories of which something is kept, by the installation that they were seen with."""
    return await state.run(_kept)


def _kept(connection: sa.Connection) -> Mapping[int, Collection[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for table in _seen_with():
        for installation, repository in connection.execute(
            sa.select(table.c.installation, table.c.repository_id).distinct()
        ):
            found[installation].add(repository)
    return found


def _about_repositories() -> list[sa.Table]:
    return [table for table in TABLES.sorted_tables if "repository_id" in table.c]


def _seen_with() -> list[sa.Table]:
    return [table for table in _about_repositories() if "installation" in table.c]


def _forget(connection: sa.Connection, installation: int, repositories: set[int], *, whole: bool) -> int:
    if whole:
        for table in _seen_with():
            seen = sa.select(table.c.repository_id).where(table.c.installation == installation).distinct()
            repositories |= set(connection.scalars(seen))
        connection.execute(sa.delete(marks).where(marks.c.name == round_mark(installation)))
    deleted, named = 0, sorted(repositories)
    for start in range(0, len(named), _AT_ONCE):
        deleted += _forget_some(connection, installation, named[start : start + _AT_ONCE])
    return deleted


def _forget_some(connection: sa.Connection, installation: int, repositories: Collection[int]) -> int:
    deleted, moved = 0, set[int]()
    for table in _seen_with():
        mine = sa.and_(table.c.repository_id.in_(repositories), table.c.installation == installation)
        deleted += connection.execute(sa.delete(table).where(mine)).rowcount
        left = sa.select(table.c.repository_id).where(table.c.repository_id.in_(repositories)).distinct()
        moved |= set(connection.scalars(left))
    gone = [repository for repository in repositories if repository not in moved]
    for table in _about_repositories():
        deleted += connection.execute(sa.delete(table).where(table.c.repository_id.in_(gone))).rowcount
    names = [looked_back_mark(repository) for repository in gone]
    connection.execute(sa.delete(marks).where(marks.c.name.in_(names)))
    return deleted
