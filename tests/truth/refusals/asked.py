"""Both statements of a pair on a server, and what the model foretells of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql as pgsql
from psycopg.conninfo import make_conninfo

from bot.core.effects import effects
from bot.core.language import operations as op
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
    """A database with the fixture on a server of ours; `close` drops it."""

    def __init__(self, url: str, name: str = "migsafe_refusals") -> None:
        self.url, self.name = url, name
        self.admin = psycopg.connect(url, autocommit=True)
        self._drop()
        self.admin.execute("do $$ begin create role app_role; exception when duplicate_object then null; end $$")
        self.admin.execute(pgsql.SQL("create database {}").format(pgsql.Identifier(name)))
        self.connection = psycopg.connect(make_conninfo(url, dbname=name), autocommit=True)
        for sql in statements_of(FIXTURE.read_text()):
            self.connection.execute(cast(Any, sql))
        self.major = self.connection.info.server_version // 10_000

    def close(self) -> None:
        self.connection.close()
        self._drop()
        self.admin.close()

    def start(self) -> Session:
        """The session of the model: the whole catalog, as the real snapshot takes it."""
        return Session.begin(take_snapshot_now(make_conninfo(self.url, dbname=self.name), None, None), snapshot=True)

    def ask(self, pair: Pair) -> Answer:
        """Runs both in a transaction that is rolled back. Raises psycopg.Error where what is run before fails."""
        self.connection.execute("begin")
        try:
            for sql in statements_of(pair.given):
                self.connection.execute(cast(Any, sql))
            self.connection.execute("savepoint before")
            return Answer(self._try(pair.fails), self._try(pair.works))
        finally:
            self.connection.execute("rollback")

    def _try(self, sql: str) -> tuple[str, str]:
        try:
            self.connection.execute(cast(Any, sql))
        except psycopg.Error as error:
            return error.sqlstate or "?", str(error).splitlines()[0]
        finally:
            self.connection.execute("rollback to before")
        return "", ""

    def _drop(self) -> None:
        self.admin.execute(pgsql.SQL("drop database if exists {} with (force)").format(pgsql.Identifier(self.name)))


def foretell(start: Session, pair: Pair) -> Foretold:
    session, major = start, start.catalog.major
    for sql in statements_of(pair.given):
        session = run(session, sql, major, 1)
    return Foretold(tuple(_certain(session, pair.fails)), tuple(_certain(session, pair.works)))


def _certain(session: Session, sql: str) -> Iterator[tuple[str, str]]:
    statement = as_statement(sql, 1)
    for operation in statement.operations:
        if isinstance(operation, op.Unread) and operation.reason.startswith("PostgreSQL would not accept"):
            yield "42601", operation.reason
    for failure in effects(statement, session, session.catalog.major).failures:
        if failure.certain:
            yield failure.sqlstate, said(failure.message)
