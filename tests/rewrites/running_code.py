"""The application: several connections of a role that is not the owner, which write all the time and read it back.

It knows tables by `View`s: those of the code that runs when the migration is written, and from a deploy on those of
the new code. Each connection has rows of its own, so that what a row must hold is always known. Whatever it does is
in `journal`, to be done again elsewhere.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from tests.rewrites.clones import APP, Clone
from tests.rewrites.shop import Value

WRITERS = 3
_PAUSE = 0.25
"""Seconds between two rounds that nobody waits for."""

_PATIENCE = 60
"""Seconds until a connection that hears nothing gives up."""


@dataclass(frozen=True, slots=True)
class View:
    """A table as one release of the code knows it: columns as they are written in SQL, with their values."""

    table: str
    key: tuple[str, ...]
    values: Mapping[str, Value]
    required: tuple[str, ...]
    serial: bool
    conflict: bool
    later: Mapping[str, Value] | None
    rows: int
    texts: frozenset[str] = frozenset()
    """Columns whose type has no equality: compared as texts."""


@dataclass(frozen=True, slots=True)
class Done:
    """A statement that was sent: `new` by the code after the deploy; `later` as in `Failure`."""

    text: str
    values: tuple[str, ...]
    new: bool
    later: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement of running code that failed, or stored something else; `during` is where the chain was."""

    during: str
    text: str
    problem: str
    later: bool = False
    """It wrote a row of a partition that does not exist yet."""


@dataclass(slots=True)
class RunningCode:
    """Started by `with`; `round` waits until every connection has done everything once more."""

    clone: Clone
    views: Sequence[View]
    during: str = "before the chain"
    first: int = 100_000
    """The lowest number of rows that are inserted from now on, but for the millions, which are the connection's."""
    new: bool = False
    failed: list[Failure] = field(default_factory=list)
    wrong: list[Failure] = field(default_factory=list)
    journal: list[Done] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    _rounds: list[int] = field(default_factory=lambda: [0] * WRITERS)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _wanted: list[int] = field(default_factory=lambda: [0] * WRITERS)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "RunningCode":
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WRITERS)]
        for thread in self._threads:
            thread.start()
        self.round()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def release(self, views: Sequence[View], *, new: bool = True) -> None:
        """From the next statement on the code knows the tables so."""
        with self._changed:
            self.views, self.new = views, new
        self.round()

    def round(self) -> None:
        """Returns when everything that the code does was begun and done once more by every connection."""
        with self._changed:
            self._wanted = [number + 2 for number in self._rounds]  # the one that goes on may have begun before
            self._changed.notify_all()
            reached = self._changed.wait_for(lambda: not self._owed() or self._stopping.is_set(), _PATIENCE)
        assert reached, "the running code stands still"

    def _owed(self) -> list[int]:
        """The connections that have not gone round as often as somebody waits for."""
        counted = zip(self._rounds, self._wanted, strict=True)
        return [number for number, (now, then) in enumerate(counted) if now < then]

    def _work(self, number: int) -> None:
        try:
            options = f"-c shop.tenant=1 -c statement_timeout={_PATIENCE - 10}s"
            with psycopg.connect(self.clone.url(APP), autocommit=True, options=options) as connection:
                connection.prepare_threshold = None
                writer = _Writer(self, connection, number)
                with self._changed:
                    self.pids.append(connection.info.backend_pid)
                while not self._stopping.is_set():
                    with self._changed:
                        views, new = self.views, self.new
                    for view in views:
                        writer.visit(view, new=new)
                    with self._changed:
                        self._rounds[number] += 1
                        self._changed.notify_all()
                        self._changed.wait_for(lambda: number in self._owed() or self._stopping.is_set(), _PAUSE)
        finally:
            self._stopping.set()
            with self._changed:
                self._changed.notify_all()


class _Writer:
    """One connection: what it does to a table, again and again, to rows that no other connection changes."""

    def __init__(self, code: RunningCode, connection: psycopg.Connection, number: int) -> None:
        self.code, self.connection, self.number = code, connection, number
        self.count = 0

    def visit(self, view: View, *, new: bool) -> None:
        """INSERT of everything, of little and of a later row; UPDATE; ON CONFLICT; SELECT; DELETE."""
        self.count += 1
        fresh = self.code.first + self.number * 1_000_000 + self.count * 10
        old = (self.count * WRITERS + self.number) % (view.rows // (2 * WRITERS) * WRITERS) + 1
        self._insert(view, fresh, view.values, new=new)
        self._insert(view, fresh + 1, {name: view.values[name] for name in (*view.key, *view.required)}, new=new)
        if view.serial:
            self._insert_serial(view, fresh + 2, new=new)
        if view.later is not None:
            self._insert(view, fresh + 3, {**view.values, **view.later}, new=new, later=True)
        rest = [name for name in view.values if name not in view.key]
        written = {name: view.values[name](fresh + 4) for name in rest}
        key = self._key(view, old)
        if rest:
            self._update(view, key, written, new=new)
            one = rest[self.count % len(rest)]
            self._update(view, key, {one: view.values[one](fresh + 5)}, new=new)
        if view.conflict and rest:
            self._upsert(view, key, {name: view.values[name](fresh + 6) for name in rest}, new=new)
        deleted = self._key(view, fresh)
        self._send(f"DELETE FROM {view.table} WHERE {_matches(deleted)}", tuple(deleted.values()), new=new)

    def _key(self, view: View, n: int) -> dict[str, str]:
        return {name: view.values[name](n) for name in view.key}

    def _insert(self, view: View, n: int, values: Mapping[str, Value], *, new: bool, later: bool = False) -> None:
        written = {name: value(n) for name, value in values.items()}
        text = f"INSERT INTO {view.table} ({', '.join(written)}) VALUES ({_places(written)})"
        if self._send(text, tuple(written.values()), new=new, later=later):
            self._read_back(view, {name: written[name] for name in view.key}, written, text)

    def _insert_serial(self, view: View, n: int, *, new: bool) -> None:
        (key,) = view.key
        written = {name: view.values[name](n) for name in view.required}
        text = f"INSERT INTO {view.table} ({', '.join(written)}) VALUES ({_places(written)}) RETURNING {key}::text"
        try:
            row = self.connection.execute(text.encode(), tuple(written.values())).fetchone()
        except psycopg.Error as trouble:
            self._failed(text, trouble, later=False)
            return
        assert row is not None
        whole = {key: str(row[0]), **written}
        again = f"INSERT INTO {view.table} ({', '.join(whole)}) VALUES ({_places(whole)})"
        self.code.journal.append(Done(again, tuple(whole.values()), new))
        self._read_back(view, {key: str(row[0])}, whole, text)

    def _update(self, view: View, key: Mapping[str, str], written: Mapping[str, str], *, new: bool) -> None:
        sets = ", ".join(f"{name} = %s" for name in written)
        text = f"UPDATE {view.table} SET {sets} WHERE {_matches(key)}"
        if self._send(text, (*written.values(), *key.values()), new=new):
            self._read_back(view, key, written, text)

    def _upsert(self, view: View, key: Mapping[str, str], written: Mapping[str, str], *, new: bool) -> None:
        whole = {**key, **written}
        sets = ", ".join(f"{name} = excluded.{name}" for name in written)
        text = (
            f"INSERT INTO {view.table} ({', '.join(whole)}) VALUES ({_places(whole)}) "
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
        )
        if self._send(text, tuple(whole.values()), new=new):
            self._read_back(view, key, written, text)

    def _send(self, text: str, values: tuple[str, ...], *, new: bool, later: bool = False) -> bool:
        try:
            self.connection.execute(text.encode(), values)
        except psycopg.Error as trouble:
            self._failed(text, trouble, later=later)
            return False
        self.code.journal.append(Done(text, values, new, later))
        return True

    def _read_back(self, view: View, key: Mapping[str, str], written: Mapping[str, str], after: str) -> None:
        """SELECT of what was written: exactly one row, with these values."""
        same = [f"{name}{'::text' if name in view.texts else ''} IS NOT DISTINCT FROM %s" for name in written]
        text = f"SELECT {', '.join(same)}, {', '.join(f'{name}::text' for name in written)} FROM {view.table}"
        text += f" WHERE {_matches(key)}"
        try:
            rows = self.connection.execute(text.encode(), (*written.values(), *key.values())).fetchall()
        except psycopg.Error as trouble:
            self._failed(text, trouble, later=False)
            return
        if len(rows) != 1:
            self.code.wrong.append(Failure(self.code.during, after, f"{len(rows)} rows have the key {dict(key)}"))
            return
        values = rows[0][len(written) :]
        for (name, meant), same_value, found in zip(written.items(), rows[0], values, strict=False):
            if not same_value:
                problem = f"{name} is {found!r} where {meant!r} was written"
                self.code.wrong.append(Failure(self.code.during, after, problem))

    def _failed(self, text: str, trouble: psycopg.Error, *, later: bool) -> None:
        problem = f"{trouble.sqlstate} {trouble.diag.message_primary}"
        self.code.failed.append(Failure(self.code.during, text, problem, later))


def _places(values: Mapping[str, str]) -> str:
    return ", ".join(["%s"] * len(values))


def _matches(key: Mapping[str, str]) -> str:
    return " AND ".join(f"{name} = %s" for name in key)


def do_again(clone: Clone, journal: Sequence[Done]) -> Iterator[str]:
    """What code did, done in another clone; yields what fails there."""
    with psycopg.connect(clone.url("postgres"), autocommit=True) as connection:
        for done in journal:
            try:
                connection.execute(done.text.encode(), done.values)
            except psycopg.Error as trouble:
                yield f"{done.text}: {trouble.sqlstate} {trouble.diag.message_primary}"
