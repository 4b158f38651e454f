"""What each open pull request brings, and what was merged lately: kept so that clashes cost no call to GitHub."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.judging.beside import Brought
from bot.review.brought import KeptBrought, brought_from_json, brought_to_json
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_MOST_ROWS = 300
"""Of one repository; the pull requests with the lowest numbers go first."""
_MOST_MERGED = 100
_LONGEST = 60_000
"""Characters of one row; of a larger pull request only its versions are kept."""

_table = sa.Table(
    "migsafe_brought",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("base_ref", sa.Text, nullable=False),
    sa.Column("head_ref", sa.Text, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    sa.Column("brings", sa.Text, nullable=False),
    sa.Column("merged_at", sa.Text, nullable=False),
    sa.Column("judged_at", sa.Text, nullable=False),
)


class BroughtTable:
    """The table in the state. Implements `bot.review.ports.BroughtStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def all_brought(self, repository_id: int) -> Sequence[KeptBrought]:
        """What was merged, in the order of merging, then what is open, by number."""
        query = sa.select(_table).where(_table.c.repository_id == repository_id)
        ordered = query.order_by(_table.c.merged_at == "", _table.c.merged_at, _table.c.number)
        return await self._state.run(
            lambda connection: [_read(row) for row in connection.execute(ordered).mappings()], alone=True
        )

    async def open_brought(self, repository_id: int) -> Sequence[tuple[int, str]]:
        """Number and head of those that are kept as open."""
        query = sa.select(_table.c.number, _table.c.head_sha)
        query = query.where(_table.c.repository_id == repository_id, _table.c.merged_at == "")
        return await self._state.run(
            lambda connection: [(row[0], row[1]) for row in connection.execute(query)], alone=True
        )

    async def brought_by(self, repository_id: int, number: int) -> KeptBrought | None:
        query = sa.select(_table).where(_table.c.repository_id == repository_id, _table.c.number == number)

        def look(connection: sa.Connection) -> KeptBrought | None:
            row = connection.execute(query).mappings().first()
            return _read(row) if row is not None else None

        return await self._state.run(look, alone=True)

    async def keep_brought(self, repository_id: int, kept: KeptBrought) -> None:
        """Replaces what was kept of the pull request before."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        row = {
            "base_ref": kept.base_ref,
            "head_ref": kept.head_ref,
            "head_sha": kept.head_sha,
            "brings": _written(kept),
            "merged_at": now if kept.brought.merged else "",
            "judged_at": now,
        }

        def keep(connection: sa.Connection) -> None:
            insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            new = insert(_table).values(repository_id=repository_id, number=kept.number, **row)
            connection.execute(new.on_conflict_do_update(index_elements=["repository_id", "number"], set_=row))
            _forget_oldest(connection, repository_id)

        await self._state.run(keep)

    async def forget_brought(self, repository_id: int, number: int) -> None:
        delete = sa.delete(_table).where(_table.c.repository_id == repository_id, _table.c.number == number)
        await self._state.run(lambda connection: connection.execute(delete), alone=True)


def _forget_oldest(connection: sa.Connection, repository_id: int) -> None:
    of = _table.c.repository_id == repository_id
    merged = sa.select(_table.c.number).where(of, _table.c.merged_at != "")
    for rows in (
        merged.order_by(_table.c.merged_at.desc()).offset(_MOST_MERGED).limit(_MOST_ROWS),
        sa.select(_table.c.number).where(of).order_by(_table.c.number.desc()).offset(_MOST_ROWS).limit(_MOST_ROWS),
    ):
        old = [row[0] for row in connection.execute(rows)]
        if old:
            connection.execute(sa.delete(_table).where(of, _table.c.number.in_(old)))


def _written(kept: KeptBrought) -> str:
    whole = json.dumps(brought_to_json(kept.brought), ensure_ascii=True, separators=(",", ":"))
    if len(whole) <= _LONGEST:
        return whole
    return json.dumps(brought_to_json(kept.brought, units_only=True), ensure_ascii=True, separators=(",", ":"))


def _read(row: sa.RowMapping) -> KeptBrought:
    merged = bool(row["merged_at"])
    try:
        brings = brought_from_json(json.loads(row["brings"]), row["number"], merged=merged)
    except (KeyError, TypeError, ValueError):
        # Another release has written it: until its pull request is judged again nothing is known of it.
        brings = Brought(row["number"], merged=merged)
    return KeptBrought(row["number"], row["base_ref"], row["head_ref"], row["head_sha"], brings)
