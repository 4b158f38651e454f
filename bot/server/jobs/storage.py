"""Where the queue is kept: engines for SQLite and PostgreSQL, the names of queues, a job as JSON."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from dbos import DBOSClient
from dbos._serialization import DBOSPortableJSONSerializer  # not exported; the default is pickle

from bot.review.job import CommentKind, Job, JobKind
from bot.runtime.sqlite import sqlite_engine

NAME = "migsafe"
VERSION = "1"
"""Workflows in flight are resumed across deploys; raise it only if their steps can no longer be replayed."""

ARRIVALS, TURNS, RUNS, SWEEPS = "arrivals", "turns", "runs", "sweeps"
"""The queues: unlimited, by pull request, by installation, one at a time."""

WORKFLOWS = ("arrive", "turn", "run")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Intervals and limits of the worker; times are in seconds. Tests use shorter ones."""

    poll: float = 0.25
    poll_turns: float = 0.25
    tend: float = 30.0
    sweep: float = 300.0
    grace: float = 120.0
    """A worker that restarts within this time resumes its own jobs."""
    drain: int = 15
    """The time running jobs get to end when the worker must stop; the others are resumed at the next start."""
    job: float = 600.0
    announce: float = 20.0
    longest_wait: float = 3700.0
    """The longest total wait that GitHub may ask of one job; its hourly limit renews within that."""
    attempts: int = 8
    recoveries: int = 20
    """How many crashes of the worker a job may be running in, whether or not it caused them."""
    keep: float = 7 * 86400.0
    """How long a finished job is remembered, so that its delivery is recognised as a duplicate."""
    per_installation: int = 3
    restart: float = 5.0


def connection(url: str, *, synchronous: Literal["FULL", "NORMAL"]) -> Mapping[str, Any]:
    """DBOS's settings for the database. FULL survives a power cut, as the answer of the web process promises."""
    if not url.startswith("sqlite:"):
        return {"system_database_url": url}
    return {"system_database_url": url, "system_database_engine": sqlite_engine(url, synchronous)}


def serializer() -> DBOSPortableJSONSerializer:
    return DBOSPortableJSONSerializer()


def new_client(database: Mapping[str, Any]) -> DBOSClient:
    """A client that raises at once if the database is gone, instead of waiting for it."""
    return DBOSClient(
        **database, application_name=NAME, serializer=serializer(), retry_connection_errors=False, lazy=True
    )


def quiet_dbos() -> None:
    """Sends the log lines of DBOS, warnings and above, the way of all others."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.WARNING)


def pack(job: Job, at: float) -> dict[str, Any]:
    """A stored job, with the time at which it was stored."""
    return {"job": asdict(job), "at": at}


def unpack(packed: Mapping[str, Any]) -> Job:
    """The job that `pack` wrote, in this version or an earlier one."""
    job = Job(**packed["job"])
    comment_kind = CommentKind(job.comment_kind) if job.comment_kind else None
    return replace(job, kind=JobKind(job.kind), comment_kind=comment_kind)
