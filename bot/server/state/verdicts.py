"""The verdict of each commit that is or was judged, and the locks that keep two workers off one commit."""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.core import clock
from bot.report.shapes import Annotation, CheckOutput, Conclusion
from bot.review.job import Checked, read_external_id
from bot.review.verdict import KeptVerdict
from bot.server.state.storage import StateStore
from bot.server.state.versions import TABLES

LEASE = 45.0
"""Seconds after which a lock whose holder died is free."""
REMEMBERED = 30 * 86400.0
"""Seconds for which a commit is remembered that has no part in any check any more."""
_POLL = 0.1

_table = sa.Table(
    "migsafe_verdicts",
    TABLES,
    sa.Column("external_id", sa.Text, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("installation", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.Text, nullable=False),
    sa.Column("jobs", sa.Text, nullable=False),
    sa.Column("judged_by", sa.Text, nullable=False),
    sa.Column("output", sa.Text),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("check_run", sa.BigInteger),
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("written", sa.Boolean, nullable=False),
    sa.Column("seen", sa.Boolean, nullable=False),
    sa.Column("base_ref", sa.Text, nullable=False),
    sa.Column("refused_at", sa.Float),
    sa.Column("retired", sa.Boolean, nullable=False),
    sa.Column("begun_at", sa.Float, nullable=False),
    sa.Index("migsafe_verdicts_head", "repository_id", "head_sha"),
    sa.Index("migsafe_verdicts_pull", "repository_id", "number"),
    sa.Index("migsafe_verdicts_retired", "retired", "begun_at"),
)
_locks = sa.Table(
    "migsafe_head_locks",
    TABLES,
    sa.Column("repository_id", sa.BigInteger, primary_key=True),
    sa.Column("head_sha", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)


class VerdictTable:
    """The tables in the state. Implements `bot.review.ports.VerdictStore`."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._here: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def lock(self, repository_id: int, head_sha: str) -> AsyncGenerator[None, None]:
        """Held by one task at a time. Where workers share a PostgreSQL, it is a lease: it ends if its holder dies."""
        key = (repository_id, head_sha)
        async with self._here.setdefault(key, asyncio.Lock()):
            if not self._state.shared:
                yield
                return
            holder = uuid.uuid4().hex
            await self._take(key, holder)
            try:
                yield
            finally:
                await self._state.run(lambda connection: connection.execute(_RELEASE, _lock(key, holder)), alone=True)

    async def get(self, checked: Checked) -> KeptVerdict | None:
        found = await self._select(_table.c.external_id == checked.external_id)
        return found[0] if found else None

    async def of_head(self, repository_id: int, head_sha: str) -> Sequence[KeptVerdict]:
        """One for each pull request that has, or lately had, this commit as its head; none for merge groups."""
        pulls = _table.c.number.is_not(None), _table.c.retired.is_(False)
        return await self._select(_table.c.repository_id == repository_id, _table.c.head_sha == head_sha, *pulls)

    async def of_pull(self, repository_id: int, number: int) -> Sequence[KeptVerdict]:
        """One for each commit that lately was the pull request's head; the latest job's last."""
        of = _table.c.repository_id == repository_id, _table.c.number == number
        return await self._select(*of, _table.c.retired.is_(False))

    async def keep(self, kept: KeptVerdict) -> None:
        """Keeps it instead of what was kept of the same. What is retired is forgotten in the end, and so are groups."""
        row = _row(kept)
        await self._state.run(lambda connection: connection.execute(_KEEP[connection.dialect.name], row), alone=True)
        if kept.retired:
            gone = sa.or_(_table.c.retired, _table.c.number.is_(None))
            old = sa.delete(_table).where(gone, _table.c.begun_at < clock.now() - REMEMBERED)
            await self._state.run(lambda connection: connection.execute(old), alone=True)

    async def forget(self, checked: Checked) -> None:
        delete = sa.delete(_table).where(_table.c.external_id == checked.external_id)
        await self._state.run(lambda connection: connection.execute(delete), alone=True)

    async def _select(self, *where: sa.ColumnElement[bool]) -> list[KeptVerdict]:
        query = sa.select(_table).where(*where).order_by(_table.c.begun_at, _table.c.external_id)
        rows = await self._state.run(lambda connection: connection.execute(query).mappings().all(), alone=True)
        return [kept for row in rows if (kept := _read(row)) is not None]

    async def _take(self, key: tuple[int, str], holder: str) -> None:
        """Waits for the lock, but not for ever: it keeps two workers apart, and what they write stays right without."""
        deadline = time.monotonic() + LEASE + 5.0
        while not await self._state.run(lambda connection: _try_to_take(connection, key, holder), alone=True):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(_POLL)


def _try_to_take(connection: sa.Connection, key: tuple[int, str], holder: str) -> bool:
    """By the clock of the database, which the workers share."""
    # By the row that comes back: of an INSERT, SQLAlchemy counts none.
    return connection.execute(_TAKE, {**_lock(key, holder), "lease": LEASE}).first() is not None


def _lock(key: tuple[int, str], holder: str) -> dict[str, Any]:
    return {"repository": key[0], "head": key[1], "holder": holder}


# What each job asks several times is made once: to put it together costs more than to ask.
_NAMES = [column.name for column in _table.c]
_KEEP = {
    name: new.on_conflict_do_update(index_elements=["external_id"], set_={name: new.excluded[name] for name in _NAMES})
    for name, new in (("sqlite", sqlite.insert(_table)), ("postgresql", postgresql.insert(_table)))
}
_TAKE = sa.text("""
INSERT INTO migsafe_head_locks AS held (repository_id, head_sha, holder, until)
VALUES (:repository, :head, :holder, extract(epoch FROM clock_timestamp()) + :lease)
ON CONFLICT (repository_id, head_sha) DO UPDATE SET holder = excluded.holder, until = excluded.until
-- its own one, too: if the connection was lost, nobody knows whether it was taken
WHERE held.until < extract(epoch FROM clock_timestamp()) OR held.holder = excluded.holder
RETURNING holder
""")
_RELEASE = sa.text("""
DELETE FROM migsafe_head_locks WHERE repository_id = :repository AND head_sha = :head AND holder = :holder
""")


def _row(kept: KeptVerdict) -> dict[str, Any]:
    return {
        "external_id": kept.checked.external_id,
        "repository_id": kept.checked.repository_id,
        "head_sha": kept.checked.head_sha,
        "number": kept.checked.number,
        "installation": kept.installation,
        "repository": kept.repository,
        "jobs": json.dumps(kept.jobs),
        "judged_by": kept.judged_by,
        "output": None if kept.output is None else _pack(kept.output),
        "digest": kept.digest,
        "check_run": kept.check_run,
        "partial": kept.partial,
        "written": kept.written,
        "seen": kept.seen,
        "base_ref": kept.base_ref,
        "refused_at": kept.refused_at,
        "retired": kept.retired,
        "begun_at": kept.begun_at,
    }


def _read(row: sa.RowMapping) -> KeptVerdict | None:
    checked = read_external_id(row["external_id"])
    if checked is None:
        return None
    return KeptVerdict(
        checked,
        row["installation"],
        row["repository"],
        jobs=tuple(json.loads(row["jobs"])),
        judged_by=row["judged_by"],
        output=None if row["output"] is None else _unpack(row["output"]),
        digest=row["digest"],
        check_run=row["check_run"],
        partial=row["partial"],
        written=row["written"],
        seen=row["seen"],
        base_ref=row["base_ref"],
        refused_at=row["refused_at"],
        retired=row["retired"],
        begun_at=row["begun_at"],
    )


_OF_ANNOTATION = ("path", "first_line", "last_line", "level", "title", "message")


def _pack(output: CheckOutput) -> str:
    marks = [[getattr(each, name) for name in _OF_ANNOTATION] for each in output.annotations]
    said = {"conclusion": output.conclusion.value, "title": output.title, "summary": output.summary}
    return json.dumps({**said, "text": output.text, "annotations": marks, "buttons": output.buttons})


def _unpack(packed: str) -> CheckOutput:
    found = json.loads(packed)
    return CheckOutput(
        Conclusion(found["conclusion"]),
        found["title"],
        found["summary"],
        found["text"],
        tuple(Annotation(*each) for each in found["annotations"]),
        tuple((label, description, identifier) for label, description, identifier in found["buttons"]),
    )
