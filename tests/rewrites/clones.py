"""The databases of the cases: a template on a running server, clones of it, and what migsafe learns of a clone."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg import sql

from bot.core.schema.asked import EVERYTHING, Asked
from bot.core.schema.catalog import Catalog, Size
from bot.replica.snapshot import take_snapshot_now
from bot.standins.postgres import Server

OWNER, APP = "shop_owner", "shop_app"
"""Who runs migrations, and who the running code is: it has grants, and row security holds for it."""

ROWS = 6_000
"""In each large table: two batches of a script."""

DEBIAN_15 = Path("/usr/lib/postgresql/15")
"""Where Debian installs PostgreSQL 15."""

AS_MANY = 60_000_000 // ROWS
"""Sizes are multiplied by it before migsafe sees them, so that the large tables have 60 million rows."""

_TABLES = Path(__file__).parent / "tables.sql"
_numbers = itertools.count(1)


@dataclass(slots=True)
class Clones:
    """Clones of one template on one server."""

    server: Server
    major: int
    _template: str = field(default="", init=False)

    @contextmanager
    def clone(self, given: Sequence[str] = ()) -> Iterator["Clone"]:
        """A fresh clone in which the owner has run `given`, dropped afterwards."""
        self._prepare()
        name = f"shop_{next(_numbers)}"
        with psycopg.connect(self.server.url(), autocommit=True) as admin:
            identifier, template = sql.Identifier(name), sql.Identifier(self._template)
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                    identifier, template, _OWNER_NAME
                )
            )
            found = Clone(self.server, name)
            try:
                if given:
                    found.run(*given)
                yield found
            finally:
                found.close()
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))

    def _prepare(self) -> None:
        if self._template:
            return
        self._template = f"shop_template_{next(_numbers)}"
        with psycopg.connect(self.server.url(), autocommit=True) as admin:
            for role in (OWNER, APP):
                if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                    admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            name = sql.Identifier(self._template)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, _OWNER_NAME))
        with psycopg.connect(self.server.url(self._template), autocommit=True) as admin:
            admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(_OWNER_NAME))
            admin.execute(sql.SQL("SET ROLE {}").format(_OWNER_NAME))
            admin.execute(_TABLES.read_text("utf-8").replace("{n}", str(ROWS)).encode())
            admin.execute("RESET ROLE")
            admin.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_bad_idx'::regclass")
            admin.execute("VACUUM (ANALYZE)")
            admin.execute("CHECKPOINT")


_OWNER_NAME = sql.Identifier(OWNER)


@dataclass(slots=True)
class Clone:
    """One database."""

    server: Server
    name: str
    _admin: psycopg.Connection | None = field(default=None, init=False)

    def url(self, user: str = OWNER) -> str:
        return self.server.url(self.name, user)

    def run(self, *statements: str) -> None:
        """As the owner."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def run_if_possible(self, statement: str) -> None:
        """What an author sees to before a migration cannot be done where only the migration makes the column."""
        if statement:
            with suppress(psycopg.Error):
                self.run(statement)

    def query(self, text: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """As superuser, on one connection: a new one costs more than most queries."""
        if self._admin is None:
            self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
            self._admin.prepare_threshold = None
        cursor = self._admin.execute(text.encode(), values or None)
        return cursor.fetchall() if cursor.description is not None else []

    def close(self) -> None:
        if self._admin is not None:
            self._admin.close()

    def catalog(self, asked: Asked = EVERYTHING) -> Catalog:
        """What the replica's snapshot says of it, with the sizes of production."""
        catalog = take_snapshot_now(self.url("postgres"), asked, role=OWNER)
        relations = {
            name: replace(relation, size=_large(relation.size)) for name, relation in catalog.relations.items()
        }
        indexes = {
            name: replace(index, bytes=None if index.bytes is None else index.bytes * AS_MANY)
            for name, index in catalog.indexes.items()
        }
        return replace(catalog, relations=relations, indexes=indexes)


def _large(size: Size | None) -> Size | None:
    if size is None:
        return None
    return replace(
        size,
        rows=None if size.rows is None else size.rows * AS_MANY,
        heap_bytes=None if size.heap_bytes is None else size.heap_bytes * AS_MANY,
        toast_bytes=size.toast_bytes * AS_MANY,
        index_bytes=size.index_bytes * AS_MANY,
    )
