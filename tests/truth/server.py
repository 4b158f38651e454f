"""Measures what a real server does: locks from pg_locks, file nodes and scan counters before and after."""

from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import sql as pgsql
from psycopg.conninfo import make_conninfo

from tests.truth.shapes import FIXTURE, Shape, statements_of

SETTINGS = {
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "stats_fetch_consistency": "none",
}

_RELATIONS = """
select c.oid, case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
       c.relkind::text, pg_relation_filenode(c.oid), c.reltuples,
       pg_stat_get_numscans(c.oid), pg_stat_get_tuples_returned(c.oid),
       pg_stat_get_xact_numscans(c.oid), pg_stat_get_xact_tuples_returned(c.oid),
       coalesce(i.indisvalid, true), i.indrelid
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r','p','i','I','S','v','m','f')
"""
_LOCKS = """
select l.relation, l.mode from pg_locks l
where l.pid = %s and l.locktype = 'relation' and l.granted and l.database <> 0
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation in the catalog and the counters."""

    oid: int
    name: str
    kind: str
    file: int | None
    rows: float
    scans: int
    read: int
    own_scans: int
    own_read: int
    """The transaction's counters, and what earlier transactions of the session have not reported yet."""
    valid: bool
    table: int | None

    @property
    def is_index(self) -> bool:
        return self.kind in ("i", "I")


class Replayer:
    """Measures shapes on one server, in databases that begin with `name`; `close` drops them.

    Without a trace of the backend the locks of a statement that fails, or runs outside a transaction block,
    cannot be seen: then `locks` is None.
    """

    def __init__(self, url: str, name: str = "migsafe_truth") -> None:
        self.url = url
        self.template, self.clone = name, f"{name}_clone"
        self.admin = psycopg.connect(url, autocommit=True)
        self.major = self.admin.info.server_version // 10_000
        self._current: tuple[str, psycopg.Connection] | None = None
        self._drop()
        self._prepare()

    def close(self) -> None:
        self._leave()
        self._drop()
        self.admin.close()

    def measure(self, shape: Shape) -> dict[str, Any]:
        """What the server does, in the form of the recorded measurements."""
        found = self._in_transaction(self._database_after(shape.given), shape)
        if found is not None:
            return found
        if not shape.given:
            self._leave()  # what was rolled back has left dead rows
        try:
            return self._alone(self._database_after(shape.given), shape)
        finally:
            self._leave()

    def _database_after(self, given: str) -> psycopg.Connection:
        """A database in which `given` has been run: the previous one where that has the same `given`."""
        if self._current is None or self._current[0] != given:
            self._leave()
            self._clone(given)
        assert self._current is not None
        return self._current[1]

    def url_after(self, given: str) -> str:
        """Where a database is in which `given` has been run."""
        self._database_after(given)
        return make_conninfo(self.url, dbname=self.clone)

    def _leave(self) -> None:
        if self._current is not None:
            self._current[1].close()
            self._current = None
        self.admin.execute(pgsql.SQL("drop database if exists {} with (force)").format(pgsql.Identifier(self.clone)))

    def _clone(self, given: str) -> None:
        new, old = pgsql.Identifier(self.clone), pgsql.Identifier(self.template)
        self.admin.execute(pgsql.SQL("create database {} template {} strategy file_copy").format(new, old))
        connection = self._connect(self.clone)
        self._current = given, connection
        for sql in statements_of(given.replace("SOCKET_DIRECTORY", connection.info.host)):
            self._run_given(connection, sql)

    def _prepare(self) -> None:
        self.admin.execute("do $$ begin create role app_role; exception when duplicate_object then null; end $$")
        self.admin.execute(pgsql.SQL("create database {}").format(pgsql.Identifier(self.template)))
        with self._connect(self.template) as connection:
            for sql in statements_of(FIXTURE.read_text()):
                _execute(connection, sql)
        spaces = self.admin.execute("select 1 from pg_tablespace where spcname = 'ts2'").fetchone()
        if spaces is None:
            self.admin.execute("set allow_in_place_tablespaces = on")
            self.admin.execute("create tablespace ts2 location ''")

    def _drop(self) -> None:
        for name in (self.clone, self.template):
            self.admin.execute(pgsql.SQL("drop database if exists {} with (force)").format(pgsql.Identifier(name)))

    def _connect(self, database: str) -> psycopg.Connection:
        connection = psycopg.connect(make_conninfo(self.url, dbname=database), autocommit=True)
        for name, value in SETTINGS.items():
            if name.startswith(("max_", "stats_")):
                connection.execute(pgsql.SQL("set {} = {}").format(pgsql.Identifier(name), pgsql.Literal(value)))
        return connection

    @staticmethod
    def _run_given(connection: psycopg.Connection, sql: str) -> None:
        try:
            _execute(connection, sql.removeprefix("!"))
        except psycopg.Error:
            if not sql.startswith("!"):
                raise

    def _in_transaction(self, connection: psycopg.Connection, shape: Shape) -> dict[str, Any] | None:
        """The measurement in an open transaction, None where that is refused."""
        if shape.session:
            _execute(connection, shape.session)
        connection.execute("begin")
        try:
            before = _seen(connection)
            failed = _run(connection, shape)
            if failed is not None:
                return None if failed.sqlstate == "25001" else _error(failed)
            locks = self._locks(connection)
            return _result(before, _seen(connection), locks, cumulative=False, empties=_empties(shape))
        finally:
            connection.execute("rollback")
            if shape.session:
                connection.execute("reset all")

    def _alone(self, connection: psycopg.Connection, shape: Shape) -> dict[str, Any]:
        """What can be seen of a statement that runs outside a transaction block: the traces it leaves."""
        connection.execute("select pg_stat_force_next_flush()")
        before = _seen(connection)
        failed = _run(connection, shape)
        connection.execute("select pg_stat_force_next_flush()")
        result = _error(failed) if failed is not None else {}
        result |= _result(before, _seen(connection), {}, cumulative=True, empties=_empties(shape))
        return result | {"in_transaction_ok": False, "refusal": "25001", "locks": None}

    def _locks(self, connection: psycopg.Connection) -> dict[int, str]:
        strongest: dict[int, str] = {}
        for oid, mode in self._second().execute(_LOCKS, (connection.info.backend_pid,)):
            if oid not in strongest or _STRENGTH[mode] > _STRENGTH[strongest[oid]]:
                strongest[oid] = mode
        return strongest

    def _second(self) -> psycopg.Connection:
        return self.admin


_STRENGTH = {
    mode: position
    for position, mode in enumerate(
        (
            "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
            "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
        )
    )
}  # fmt: skip


def _execute(connection: psycopg.Connection, sql: str) -> None:
    connection.execute(cast(Any, sql))


def _run(connection: psycopg.Connection, shape: Shape) -> psycopg.Error | None:
    try:
        for sql in shape.statements:
            _execute(connection, sql)
    except psycopg.Error as error:
        return error
    return None


def _empties(shape: Shape) -> bool:
    """Whether new files are empty ones: TRUNCATE, REFRESH ... WITH NO DATA."""
    return any(word in sql.lower() for sql in shape.statements for word in ("truncate", "with no data"))


def _error(error: psycopg.Error) -> dict[str, Any]:
    return {"error": {"sqlstate": error.sqlstate, "message": str(error).splitlines()[0]}, "locks": None}


def _seen(connection: psycopg.Connection) -> dict[int, Seen]:
    return {row[0]: Seen(*row) for row in connection.execute(_RELATIONS)}


def _result(
    before: dict[int, Seen], after: dict[int, Seen], locks: dict[int, str], *, cumulative: bool, empties: bool
) -> dict[str, Any]:
    """Names sorted as in the recorded measurements; what is empty is left out."""
    names = {seen.name: seen for seen in before.values()}
    now = {seen.name: seen for seen in after.values()}
    changed = [
        (old, now[name])
        for name, old in names.items()
        if name in now and now[name].file != old.file and before.get(now[name].oid, old).name == name
    ]
    emptied = {old.oid for old, _ in changed if old.kind in ("r", "m") and empties}
    new = [seen for oid, seen in after.items() if oid not in before]
    grown = [
        (before[oid], _grown(before[oid], seen, cumulative=cumulative)) for oid, seen in after.items() if oid in before
    ]
    begun = [old for old, (scans, _) in grown if scans > 0]
    scanned = [old for old, (scans, read) in grown if scans > 0 and read >= max(old.rows, 1)]
    lists = {
        "rewrite": [old.name for old, _ in changed if old.kind in ("r", "m") and old.oid not in emptied],
        "emptied": [old.name for old, _ in changed if old.oid in emptied],
        "sequence_rewrite": [old.name for old, _ in changed if old.kind == "S"],
        "index_rebuild": [old.name for old, _ in changed if old.is_index and old.table not in emptied],
        "index_built": [seen.name for seen in new if seen.kind == "i" and seen.name not in names],
        "scan_started": [old.name for old in begun],
        "full_scan": [old.name for old in scanned if not old.is_index],
        "full_index_scan": [old.name for old in scanned if old.is_index],
        "dropped": [name for name, old in names.items() if name not in now and old.oid not in after],
        "invalid_indexes": [seen.name for seen in after.values() if not seen.valid],
    }
    result: dict[str, Any] = {key: sorted(value) for key, value in lists.items() if value}
    held = {before[oid].name: mode for oid, mode in locks.items() if oid in before}
    made = {after[oid].name: mode for oid, mode in locks.items() if oid not in before and oid in after}
    return {key: value for key, value in (("locks", held), ("new_locks", made)) if value} | result


def _grown(old: Seen, new: Seen, *, cumulative: bool) -> tuple[int, int]:
    """Scans begun and rows read in between."""
    if cumulative:
        return new.scans - old.scans, new.read - old.read
    return new.own_scans - old.own_scans, new.own_read - old.own_read
