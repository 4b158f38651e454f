"""Where the queue is kept: the names of queues, and DBOS on SQLite and PostgreSQL."""

import logging
from collections.abc import Mapping
from typing import Any, Literal

from dbos import DBOSClient
from dbos._serialization import DBOSPortableJSONSerializer  # not exported; the default is pickle

from bot.runtime.sqlite import sqlite_engine

NAME = "migsafe"
VERSION = "1"
"""Workflows in flight are resumed across deploys; raise it only if their steps can no longer be replayed."""

ARRIVALS, TURNS, RUNS, SWEEPS = "arrivals", "turns", "runs", "sweeps"
"""The queues: unlimited, by pull request, by installation, one at a time."""

WORKFLOWS = ("arrive", "turn", "run")


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
