"""How long running code waits for locks, as the server itself says; and a reader who keeps a step waiting."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tests.rewrites.clones import APP, Clone

MARGIN = 1.0
"""Seconds that a session may wait beyond what a step's lock_timeout allows: this machine is busy."""

PATIENCE = 3.5
"""Seconds after which the idle reader ends its transaction in any case."""

_EVERY = 0.01
"""Seconds between two looks at pg_locks."""

_WAITING = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8
FROM pg_locks WHERE NOT granted AND pid = ANY (%s)
"""
_LOCK_TIMEOUT = re.compile(r"lock_timeout'?\s*(?:=|TO|,)\s*'?(\d+)\s*(us|ms|s|min)?", re.IGNORECASE)
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "": 1e-3}


def bound_of(text: str) -> float:
    """Seconds for which sessions may wait behind the step of this file: each statement waits so long for its lock."""
    found = [int(number) * _SECONDS[(unit or "").lower()] for number, unit in _LOCK_TIMEOUT.findall(text)]
    return max((seconds for seconds in found), default=0.0) + MARGIN


@dataclass(slots=True)
class Watch:
    """Looks at the waits of these connections within `step`; `longest` of the last one, in seconds."""

    clone: Clone
    pids: Sequence[int]
    longest: float = 0.0
    _looking: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._looking.set()
        assert self._thread is not None
        self._thread.join()

    @contextmanager
    def step(self) -> Iterator[None]:
        self.longest = 0.0
        self._looking.set()
        try:
            yield
        finally:
            self._looking.clear()

    def _look(self) -> None:
        with psycopg.connect(self.clone.server.url(), autocommit=True) as connection:
            while self._looking.wait() and not self._stopping.wait(_EVERY):
                row = connection.execute(_WAITING, [list(self.pids)]).fetchone()
                assert row is not None
                self.longest = max(self.longest, row[0])


@dataclass(slots=True)
class IdleReader:
    """Has read from the tables and stays in its transaction, for `PATIENCE` seconds at most."""

    clone: Clone
    tables: Sequence[str]
    _leaving: threading.Event = field(default_factory=threading.Event)
    _there: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "IdleReader":
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        assert self._there.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        self._leaving.set()
        assert self._thread is not None
        self._thread.join()

    def _read(self) -> None:
        with psycopg.connect(self.clone.url(APP), options="-c shop.tenant=1") as connection:
            for table in self.tables:
                connection.execute(f"SELECT 1 FROM {table} LIMIT 1".encode())
            self._there.set()
            self._leaving.wait(PATIENCE)
            connection.rollback()
