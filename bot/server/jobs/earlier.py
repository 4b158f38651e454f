"""Jobs that release 0.1 stored: its queue was DBOS, whose tables are in the same database. They are adopted, once each.

Nothing of DBOS is needed for that: a job is one JSON value in `workflow_input`. What had ended is adopted as ended, so
that its delivery is still recognised. A worker of that release that still runs, in a rolling upgrade, keeps its own.
"""

import json
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from bot.server.jobs.arrivals import insert_new
from bot.server.jobs.database import JobDatabase
from bot.server.jobs.packing import as_row, unpack
from bot.server.jobs.tables import jobs

log = structlog.get_logger(__name__)

_OPEN = ("ENQUEUED", "DELAYED", "PENDING", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_ADOPTED = "ADOPTED"
"""What we write over the status: a worker of the earlier release finds nothing more to do."""


async def adopt(database: JobDatabase, me: str, alive: Callable[[str], Awaitable[bool]]) -> int:
    """Makes jobs of what an earlier release stored, unless a worker of it is at it; returns how many wait now.

    `me` is this worker's name, under which nobody else is alive.
    """
    owners = await database.run(_owners)
    if owners is None:
        return 0
    living = [owner for owner in owners if owner != me and await alive(owner)]
    adopted = await database.run(lambda connection: _adopt(connection, living))
    if adopted:
        log.info("adopted jobs of an earlier release", jobs=adopted)
    return adopted


def _owners(connection: sa.Connection) -> Collection[str] | None:
    """The workers of an earlier release that began something; None if there was none."""
    if not sa.inspect(connection).has_table("workflow_status", schema=_schema(connection)):
        return None
    status = _table(connection, "workflow_status", "status", "executor_id")
    begun = sa.select(status.c.executor_id).where(status.c.status == "PENDING", status.c.executor_id.is_not(None))
    return connection.scalars(begun.distinct()).all()


def _adopt(connection: sa.Connection, living: Sequence[str]) -> int:
    """A job was up to three workflows: its id, the id and `/turn`, the id and `/run`, each with the job as input."""
    status = _table(
        connection, "workflow_status", "workflow_uuid", "status", "name", "executor_id", "created_at", "completed_at"
    )
    given = _table(connection, "workflow_input", "workflow_uuid", "inputs")
    stored = (
        sa.select(status, given.c.inputs)
        .join(given, given.c.workflow_uuid == status.c.workflow_uuid)
        .where(status.c.name.in_(("arrive", "turn", "run")), status.c.status != _ADOPTED)
        .order_by(status.c.created_at, status.c.workflow_uuid)
    )
    found: dict[str, list[Any]] = {}
    for row in connection.execute(stored):
        found.setdefault(row.workflow_uuid.removesuffix("/turn").removesuffix("/run"), []).append(row)
    return sum(
        _adopt_job(connection, status, rows)
        for rows in found.values()
        if not any(row.status == "PENDING" and row.executor_id in living for row in rows)
    )


def _adopt_job(connection: sa.Connection, status: sa.TableClause, rows: Sequence[Any]) -> bool:
    """Whether the job waits now. What somebody else changes meanwhile is left to him."""
    for row in rows:
        as_seen = (status.c.workflow_uuid == row.workflow_uuid) & (status.c.status == row.status)
        if not connection.execute(sa.update(status).where(as_seen).values(status=_ADOPTED)).rowcount:
            return False
    packed = json.loads(rows[0].inputs)["positionalArgs"][0]
    row = as_row(unpack(packed["job"]), packed["at"])
    is_open = any(each.status in _OPEN for each in rows)
    if insert_new(connection, jobs, row) and not is_open:
        ended_at = max((each.completed_at or 0) / 1000 for each in rows) or time.time()
        ended = {"state": "ended", "outcome": "done by an earlier release", "ended_at": ended_at}
        connection.execute(sa.update(jobs).where(jobs.c.id == row["id"]).values(**ended))
    return is_open


def _table(connection: sa.Connection, name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns), schema=_schema(connection))


def _schema(connection: sa.Connection) -> str | None:
    return None if connection.dialect.name == "sqlite" else "dbos"
