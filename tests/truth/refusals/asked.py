"""Both statements of a pair on a server, and what the model foretells of them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql as pgsql
from psycopg.conninfo import make_conninfo

from bot.core.effects import effects
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Run
from bot.core.schema.asked import EVERYTHING, asked_by
from bot.core.schema.session import Session
from bot.replica.snapshot import take_snapshot_now
from tests.support.said import said
from tests.truth.refusals.kinds import Pair, generated
from tests.truth.shapes import FIXTURE, as_statement, run, statements_of

WRITTEN = Path(__file__).parent / "written.txt"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says of each statement: the SQLSTATE and its message, both empty where it succeeds."""

    fails: tuple[str, str]
    works: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Foretold:
    """The failures that are certain to the model, as (SQLSTATE, message), for each statement."""

    fails: tuple[tuple[str, str], ...]
    works: tuple[tuple[str, str], ...]


def pairs() -> list[Pair]:
    written = [_written(line) for line in WRITTEN.read_text().splitlines() if line and not line.startswith("#")]
    return [*generated(), *written]


def _written(line: str) -> Pair:
    name, given, fails, works = (part.strip() for part in f" {line} ".replace(" || || ", " ||  || ").split(" || "))
    return Pair(name, fails, works, given)


class Oracle:
    """A database with the fixture on a server of ours, and copies of it; `close` drops them."""

    def __init__(self, url: str, name: str = "migsafe_refusals") -> None:
        self.url, self.name, self.copy = url, name, f"{name}_copy"
        self.admin = psycopg.connect(url, autocommit=True)
        self._drop(self.copy)
        self._drop(self.name)
        self.admin.execute("do $$ begin create role app_role; exception when duplicate_object then null; end $$")
        self.admin.execute(pgsql.SQL("create database {}").format(pgsql.Identifier(name)))
        with self._connect(name) as connection:
            for sql in statements_of(FIXTURE.read_text().replace("generate_series(1,20000)", "generate_series(1,200)")):
                connection.execute(cast(Any, sql))
            self.major = connection.info.server_version // 10_000
        self._roles = self._all_roles()

    def close(self) -> None:
        self._drop(self.copy)
        self._drop(self.name)
        self.admin.close()

    def start(self) -> Session:
        """The session of the model: the whole catalog, as the real snapshot takes it."""
        return self._session(self.name)

    def named(self, pair: Pair) -> Session:
        """The session of a pair without `given` as a check has it: the snapshot of what both statements name."""
        statements = tuple(as_statement(sql, 1) for sql in (pair.fails, pair.works))
        asked = asked_by(Run((Migration("refusal.sql", "sql", "1", None, statements, ""),)))
        return Session.begin(take_snapshot_now(make_conninfo(self.url, dbname=self.name), asked), snapshot=True)

    def ask(self, pair: Pair, before: Session | None = None) -> tuple[Answer, Session]:
        """What the server says of both, and the model's session after `given`, out of a real snapshot.

        `before` is that of a pair without `given`, where it was taken already.

        Raises psycopg.Error where `given` fails.
        """
        database = self.copy if pair.given else self.name
        if pair.given:
            template = pgsql.Identifier(self.name)
            self.admin.execute(pgsql.SQL("create database {} template {}").format(pgsql.Identifier(database), template))
        try:
            with self._connect(database) as connection:
                given = statements_of(pair.given)
                for sql in given:
                    connection.execute(cast(Any, sql))
                session = before if before is not None and not given else self._session(database)
                for sql in given:
                    if sql.upper().startswith("SET "):
                        session = run(session, sql, self.major)
                return Answer(_try(connection, pair.fails), _try(connection, pair.works)), session
        finally:
            if pair.given:
                self._drop(database)
                for role in self._all_roles() - self._roles:
                    self.admin.execute(pgsql.SQL("drop role {}").format(pgsql.Identifier(role)))

    def _session(self, database: str) -> Session:
        return Session.begin(take_snapshot_now(make_conninfo(self.url, dbname=database), EVERYTHING), snapshot=True)

    def _all_roles(self) -> set[str]:
        return {row[0] for row in self.admin.execute("select rolname from pg_roles")}

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(self.url, dbname=database), autocommit=True)

    def _drop(self, database: str) -> None:
        with suppress(psycopg.OperationalError), self._connect(database) as connection:
            for name, *_ in connection.execute("select subname from pg_subscription").fetchall():
                subscription = pgsql.Identifier(name)
                connection.execute(pgsql.SQL("alter subscription {} set (slot_name = none)").format(subscription))
                connection.execute(pgsql.SQL("drop subscription {}").format(subscription))
        with suppress(psycopg.errors.ObjectInUse):
            self.admin.execute(pgsql.SQL("drop database if exists {} with (force)").format(pgsql.Identifier(database)))


def _try(connection: psycopg.Connection[Any], sql: str) -> tuple[str, str]:
    connection.execute("begin")
    try:
        connection.execute(cast(Any, sql))
    except psycopg.Error as error:
        return error.sqlstate or "?", str(error).splitlines()[0]
    finally:
        connection.execute("rollback")
    return "", ""


def foretell(session: Session, pair: Pair) -> Foretold:
    """Of the statements in the session after `given`."""
    return Foretold(tuple(_certain(session, pair.fails)), tuple(_certain(session, pair.works)))


def replayed(start: Session, pair: Pair) -> Session:
    """The session after `given` as the model replays it."""
    for sql in statements_of(pair.given):
        start = run(start, sql, start.catalog.major, 1)
    return start


def _certain(session: Session, sql: str) -> Iterator[tuple[str, str]]:
    statement = as_statement(sql, 1)
    for operation in statement.operations:
        if isinstance(operation, op.Unread) and operation.reason.startswith("PostgreSQL would not accept"):
            yield "42601", operation.reason
    for failure in effects(statement, session, session.catalog.major).failures:
        if failure.certain:
            yield failure.sqlstate, said(failure.message)
