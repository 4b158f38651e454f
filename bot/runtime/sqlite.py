"""An SQLite file that several threads and two processes use at once without losing a write."""

import sqlite3

import sqlalchemy as sa
from sqlalchemy import event


def sqlite_engine(url: str, synchronous: str) -> sa.Engine:
    """An engine with write-ahead logging, and writers that wait 30 s."""
    engine = sa.create_engine(url, pool_size=10, max_overflow=0, pool_timeout=30)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for setting in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {setting}")

    return engine
