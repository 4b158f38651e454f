"""The SQLite store: writers wait, and nothing is lost."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.runtime.sqlite import sqlite_engine


@pytest.mark.parametrize(("synchronous", "level"), [("FULL", 2), ("NORMAL", 1)])
def test_writes_ahead_and_waits_for_other_writers(synchronous: str, level: int, tmp_path: Path) -> None:
    engine = sqlite_engine(f"sqlite:///{tmp_path}/m.db", synchronous)
    with engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar_one() == level
        assert connection.execute(sa.text("PRAGMA busy_timeout")).scalar_one() == 30_000
    engine.dispose()


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    engine = sqlite_engine(f"sqlite:///{tmp_path}/m.db", "NORMAL")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE counted (n integer)"))

    def write() -> None:
        for number in range(20):
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO counted VALUES (:n)"), {"n": number})

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM counted")).scalar_one() == 120
    engine.dispose()
