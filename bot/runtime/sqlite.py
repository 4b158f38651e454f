"""An SQLite file that several threads and two processes use at once without losing a write."""

import sqlite3
import time

import sqlalchemy as sa
from sqlalchemy import event


def sqlite_engine(url: str, synchronous: str) -> sa.Engine:
    """An engine with write-ahead logging, writers that wait 30 s, and `unixepoch('subsec')` if SQLite is older than
    3.42: without it DBOS does not start on Python 3.12 and later."""
    engine = sa.create_engine(url, pool_size=10, max_overflow=0, pool_timeout=30)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        if sqlite3.sqlite_version_info < (3, 42):
            connection.create_function("unixepoch", 1, _unixepoch)
        for setting in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {setting}")

    return engine


def _unixepoch(_: str) -> float:
    return time.time()
