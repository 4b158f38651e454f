"""What people accepted. It must outlive a job, so it has a table of its own, whose rows are never deleted."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.review.acceptance import Accepter, AcceptKind, Acknowledgement, Ending
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

_table = sa.Table(
    "migsafe_acknowledgements",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("item", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("said_at", sa.Text, nullable=False),
    sa.Column("standing", sa.Text),
    sa.Column("revoked_by", sa.Text),
    sa.Column("revoked_at", sa.Text),
    sa.Index("migsafe_acknowledgements_pull", "repository_id", "number"),
)

_endings = sa.Table(
    "migsafe_endings",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
)


_REPEATED = timedelta(hours=1)
"""How long a job is tried: within it, the same words are the same command."""


class AcknowledgementTable:
    """The table in the state. Implements `bot.review.ports.AcknowledgementStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def acknowledgements(self, repository_id: int, number: int) -> Sequence[Acknowledgement]:
        """What is in force for the pull request, oldest first."""
        query = sa.select(_table).where(*_of(repository_id, number)).order_by(_table.c.id)
        return await self._state.run(
            lambda connection: [_read(row) for row in connection.execute(query).mappings()], alone=True
        )

    async def acknowledge(self, repository_id: int, number: int, acknowledgement: Acknowledgement) -> None:
        """Stores it once, even when an interrupted job runs again and says it twice."""
        await self._state.run(lambda connection: _add(connection, repository_id, number, acknowledgement))

    async def revoke(
        self, repository_id: int, number: int, item: str, by: str, at: str, *, said: tuple[str, str] | None = None
    ) -> bool:
        """Revokes what is in force for this item or rule; False if nothing is. The row stays, for audit."""
        update = sa.update(_table).where(*_of(repository_id, number), _table.c.item == item)
        if said is not None:
            update = update.where(_table.c.said_by == said[0], _table.c.reason == said[1])
        revoking = update.values(revoked_by=by, revoked_at=at)
        return await self._state.run(lambda connection: connection.execute(revoking).rowcount > 0)

    async def watch_end(self, ending: Ending) -> None:
        row = {column.name: getattr(ending, column.name) for column in _endings.c}

        def keep(connection: sa.Connection) -> None:
            connection.execute(sa.delete(_endings).where(*_of_ending(ending)))
            connection.execute(sa.insert(_endings).values(row))

        await self._state.run(keep)

    async def ended(self, now: float, most: int) -> Sequence[Ending]:
        """The pull requests of which something accepted has ended, the longest ago first."""
        query = sa.select(_endings).where(_endings.c.at < now).order_by(_endings.c.at).limit(most)

        def look(connection: sa.Connection) -> Sequence[Ending]:
            rows = connection.execute(query).mappings()
            return [Ending(**{column.name: row[column.name] for column in _endings.c}) for row in rows]

        return await self._state.run(look, alone=True)

    async def forget_end(self, ending: Ending) -> None:
        """Unless another was noted meanwhile."""
        delete = sa.delete(_endings).where(*_of_ending(ending), _endings.c.at == ending.at)
        await self._state.run(lambda connection: connection.execute(delete), alone=True)


def _of_ending(ending: Ending) -> tuple[sa.ColumnElement[bool], ...]:
    return _endings.c.repository_id == ending.repository_id, _endings.c.number == ending.number


def _add(connection: sa.Connection, repository_id: int, number: int, new: Acknowledgement) -> None:
    values = {
        "kind": new.kind.value,
        "item": new.item,
        "reason": new.reason,
        "fingerprint": new.fingerprint,
        "said_by": new.by,
    }
    same = [*_of(repository_id, number), *(_table.c[column] == value for column, value in values.items())]
    standing = _packed(new.standing)
    said = connection.execute(sa.select(_table).where(*same)).mappings().all()
    if any(row["standing"] == standing and _is_repeated(row["said_at"], new.at) for row in said):
        return
    # Said again: what it was is over, so that it lasts from now on, and as whoever they are now.
    connection.execute(sa.update(_table).where(*same).values(revoked_by=new.by, revoked_at=new.at))
    row = {"repository_id": repository_id, "number": number, "said_at": new.at, "standing": standing, **values}
    connection.execute(sa.insert(_table).values(row))


def _is_repeated(before: str, now: str) -> bool:
    """Whether it may be the same word, of a job that was interrupted and did it again."""
    try:
        return datetime.fromisoformat(now) - datetime.fromisoformat(before) <= _REPEATED
    except (ValueError, TypeError):
        return False


def _packed(standing: Accepter) -> str:
    return json.dumps(
        {
            "role": standing.role,
            "teams": list(standing.teams),
            "hidden": list(standing.hidden),
            "author": standing.author,
        },
        sort_keys=True,
    )


def _unpacked(written: str | None) -> Accepter:
    """An earlier release kept nothing: then the person had write permission, and no more is known."""
    if not written:
        return Accepter()
    found = json.loads(written)
    return Accepter(found["role"], tuple(found["teams"]), tuple(found["hidden"]), bool(found["author"]))


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
        standing=_unpacked(row["standing"]),
    )
