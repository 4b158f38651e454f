"""A snapshot of a server's catalogs: one short read-only transaction, a handful of queries, never table data."""

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any, LiteralString, cast

import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row

from bot.core.language.messages import Line, Message, Number, clause, joined, say
from bot.core.language.names import Name
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.core.schema.catalog_json import Readers
from bot.replica import queries
from bot.replica.answers import Answers
from bot.replica.in_force import search_path, settings_in_force
from bot.replica.objects import LISTED, assemble_objects
from bot.replica.objects import objects as queries_of_objects
from bot.replica.relations import assemble_relations
from bot.replica.trouble import ConnectionLost, reason_of
from bot.replica.types import assemble_functions, assemble_types
from bot.review.errors import ReplicaError

OLDEST, NEWEST = 12, 18

_CONNECT_SECONDS = 5

_PAUSE_SECONDS = 0.2

_TOTAL_SECONDS = 30.0

_STATEMENT_TIMEOUT = "2s"

_BY_KIND_TIMEOUT = "5s"
"""Where a thing may have very many relations: 1.3 s for a schema of 13,000 tables in a catalog of 52,675 relations."""

_EXPORT_TIMEOUT = "30s"

MOST_BY_KIND = 1_000
"""Relations that are read because of another kind of thing (a schema, a role, the whole database): the largest."""

_RELATIONS_AT_ONCE = 1_000
"""So that a query stays below its statement_timeout; few migrations reach that many."""

# A conflict with recovery, a lock taken in between, a dropped relation, a broken connection.
_WORTH_ANOTHER_TRY = (
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.InternalError_,
    errors.UndefinedTable,
    errors.UndefinedObject,
    ConnectionLost,
)


async def take_snapshot(
    url: str,
    asked: Asked,
    *,
    role: str | None = None,
    readers: Readers | ModuleType | None = None,
) -> Catalog:
    """The catalog for what is asked and all that it reaches.

    `role` is the migration role whose settings count. `readers` parses PostgreSQL's own texts, by default `bot.sql`.
    Raises ReplicaError, whose message contains neither the URL nor a message of the server or the driver.
    """
    asking = _Asking(url, asked, role, _readers(readers))
    try:
        async with asyncio.timeout(_TOTAL_SECONDS * 4 if asked.everything else _TOTAL_SECONDS):
            try:
                return await asking.ask()
            except _WORTH_ANOTHER_TRY:
                await asyncio.sleep(_PAUSE_SECONDS)
                return await asking.ask()
    except TimeoutError as trouble:
        raise ReplicaError("it did not answer in time") from trouble
    except psycopg.Error as trouble:
        raise ReplicaError(reason_of(trouble)) from None


def take_snapshot_now(url: str, asked: Asked, *, role: str | None = None) -> Catalog:
    """The same for callers without an event loop.

    The catalog is not the result of the task, because asyncio.run formats that with repr() and discards the text.
    """
    taken: list[Catalog] = []

    async def take() -> None:
        taken.append(await take_snapshot(url, asked, role=role))

    asyncio.run(take())
    return taken[0]


class _Asking:
    """One snapshot: what is read, and from which server."""

    def __init__(self, url: str, asked: Asked, role: str | None, readers: Readers) -> None:
        self.url = url
        self.asked = asked
        self.role = role
        self.readers = readers

    async def ask(self) -> Catalog:
        connection = await self._connect()
        try:
            major = connection.info.server_version // 10_000
            if major < OLDEST:
                raise ReplicaError(f"it runs PostgreSQL {major}; migsafe knows {OLDEST} to {NEWEST}")
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            await connection.set_read_only(True)
            async with connection.transaction():
                return await self._read(connection, major)
        except psycopg.OperationalError as trouble:
            if connection.broken and trouble.sqlstate is None:
                raise ConnectionLost from trouble
            raise
        finally:
            with suppress(psycopg.Error):
                await connection.close()

    async def _connect(self) -> psycopg.AsyncConnection[DictRow]:
        try:
            return await psycopg.AsyncConnection[DictRow].connect(
                self.url,
                connect_timeout=_CONNECT_SECONDS,
                application_name="migsafe",
                autocommit=True,
                prepare_threshold=None,
                row_factory=dict_row,
            )
        except psycopg.OperationalError as trouble:
            if any(sign in str(trouble) for sign in ("conflict with recovery", "closed the connection unexpectedly")):
                raise ConnectionLost from trouble
            raise

    async def _read(self, connection: psycopg.AsyncConnection[DictRow], major: int) -> Catalog:
        session = (await _rows(connection, queries.SESSION, {"role": self.role}))[0]
        many = _BY_KIND_TIMEOUT if self.asked.things or self.asked.all_tables else _STATEMENT_TIMEOUT
        timeout = _EXPORT_TIMEOUT if self.asked.everything else many
        await _rows(connection, queries.LIMITS, {"statement_timeout": timeout})
        path = search_path(session, self.role)
        answers = await self._answers(connection, min(major, NEWEST), path)
        named = {"names": [name.name for name in self.asked.names if _askable(name)]}
        objects = await _rows(connection, queries_of_objects(everything=self.asked.everything), named)
        lag = await _lag(connection) if session["standby"] else None
        answers = replace(answers, lag=lag, standby=session["standby"])
        relations, indexes = assemble_relations(answers, self.readers)
        return Catalog(
            major=min(major, NEWEST),
            version=session["version"].split()[0],
            at=session["at"].astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            standby=session["standby"],
            replay_lag=lag,
            database=session["database"],
            relations=relations,
            indexes=indexes,
            types=assemble_types(answers, self.readers),
            functions=assemble_functions(answers.functions),
            schemas=tuple(session["schemas"]),
            extensions=tuple(session["extensions"]),
            objects=assemble_objects(objects),
            listed=LISTED,
            settings=settings_in_force(session, self.role),
            search_path=path,
            complete=True,
            notes=tuple(_notes(session, answers, major, self.role)),
        )

    async def _answers(self, connection: psycopg.AsyncConnection[DictRow], major: int, path: Sequence[str]) -> Answers:
        every, asked = self.asked.everything, _values_of(self.asked)
        found = await _rows(
            connection, queries.relations(major, everything=every), {**asked, "search_path": list(path)}
        )
        values = {**asked, "locked": [row["oid"] for row in found if row["locked"]]}
        parts: dict[str, list[Any]] = {}
        for start in range(0, max(1, len(found)), _RELATIONS_AT_ONCE):
            of_these = _tables(found[start : start + _RELATIONS_AT_ONCE])
            answer = (await _rows(connection, queries.parts(major, everything=every), {**values, **of_these}))[0]
            for part, rows in answer.items():
                parts.setdefault(part, []).extend(rows)
        return Answers(
            relations=found,
            columns=parts["columns"],
            statistics=parts["statistics"],
            constraints=parts["constraints"],
            indexes=parts["indexes"],
            attachments=parts["attachments"],
            types=parts["types"],
            functions=parts["functions"],
        )


def _tables(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "oids": [row["oid"] for row in rows],
        "table_names": list({row["name"] for row in rows}),
        "table_schemas": list({row["schema"] for row in rows}),
    }


async def _rows(connection: psycopg.AsyncConnection[DictRow], query: str, values: Mapping[str, Any]) -> list[DictRow]:
    """Runs a query. `query` is one of our own texts: names from migrations are only in parameters."""
    cursor = await connection.execute(cast(LiteralString, query), values)
    return await cursor.fetchall()


async def _lag(connection: psycopg.AsyncConnection[DictRow]) -> float | None:
    """Seconds behind the primary; None on managed standbys that lack the functions."""
    try:
        async with connection.transaction():
            row = (await _rows(connection, queries.REPLAY_LAG, {}))[0]
    except (errors.FeatureNotSupported, errors.InsufficientPrivilege, errors.UndefinedFunction):
        return None
    return None if row["lag"] is None else max(0.0, float(row["lag"]))


def _notes(session: Mapping[str, Any], answers: Answers, major: int, role: str | None) -> list[Message]:
    notes: list[Message] = []
    if major > NEWEST:
        notes.append(say("PostgreSQL {} is newer than migsafe knows: judged as {}", Line(major), Line(NEWEST)))
    if role is not None and not session["role_exists"]:
        notes.append(
            say("the configured migration role does not exist in this database, so its settings are not known")
        )
    if session["standby"]:
        notes.append(
            say("a standby cannot see the sessions and locks of its primary: who would be waited for is not known")
        )
    if left_out := max((row["left_out"] for row in answers.relations), default=0):
        notes.append(
            say(
                "of the relations that hang on what is named, only the {} largest were read; {} are left out",
                Number(MOST_BY_KIND),
                Number(left_out),
            )
        )
    locked = [clause("{}", Name(row["name"], row["schema"])) for row in answers.relations if row["locked"]]
    if locked:
        names = joined(", ", locked)
        notes.append(say("locked at this moment, so without expressions and sizes of now: {}", names))
    return notes


def _values_of(asked: Asked) -> dict[str, Any]:
    """As parameters of the queries: names that PostgreSQL could have."""
    relations = [name for name in asked.relations if _askable(name)]
    functions = [name for name in asked.functions if _askable(name)]
    things = [(kind.name, name) for kind, name in asked.things if _askable(name)]
    return {
        "names": [name.name for name in relations],
        "schemas": [name.schema for name in relations],
        "function_names": [name.name for name in functions],
        "function_schemas": [name.schema for name in functions],
        "every_function": asked.everything,
        "kinds": [kind for kind, _ in things],
        "things": [name.name for _, name in things],
        "thing_schemas": [name.schema for _, name in things],
        "all_tables": asked.all_tables,
        "most": MOST_BY_KIND,
    }


def _askable(name: Name) -> bool:
    """Whether PostgreSQL could have the name: no NUL, and valid as UTF-8."""
    return _storable(name.name) and _storable(name.schema or "x")


def _storable(text: str) -> bool:
    return bool(text) and "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _readers(given: Readers | ModuleType | None) -> Readers:
    if given is None:
        from bot import sql

        given = sql
    return cast(Readers, given)
