"""Measured shapes: statements with what PostgreSQL did to them, and the database they ran in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.core.effects import effects
from bot.core.language.facts import Effects
from bot.core.language.messages import say
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog, RelationKind, Size
from bot.core.schema.session import Session
from bot.sql import read_script, read_statement

HERE = Path(__file__).parent
FIXTURE = HERE / "postgres-truth-fixture.sql"
MAJORS = range(12, 19)
ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """`statements` run in one transaction; `given` is run before (a leading ! expects an error)."""

    id: str
    statements: tuple[str, ...]
    given: str = ""
    session: str = ""
    measured: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    planner: frozenset[str] = frozenset()
    """Tables that are so small here, or have so few matching rows, that the planner may read them in any way."""


def read_shapes(path: Path) -> list[Shape]:
    return [_shape(entry) for entry in json.loads(path.read_text())]


def _shape(entry: Mapping[str, Any]) -> Shape:
    statement = entry["statement"]
    return Shape(
        entry["id"],
        (statement,) if isinstance(statement, str) else tuple(statement),
        entry.get("given", ""),
        entry.get("session", ""),
        {major: part["result"] for part in entry.get("measured", ()) for major in part["majors"]},
        frozenset(entry.get("planner", ())),
    )


def statements_of(sql: str) -> list[str]:
    """The statements of a text, a leading ! kept with its statement."""
    script = read_script(sql.replace("!", " "))
    found = []
    for statement in script.statements:
        before = sql[: statement.start].rstrip()
        found.append(("!" if before.endswith("!") else "") + statement.sql)
    return found


def as_statement(sql: str, transaction: int | None) -> Statement:
    return Statement("shape.sql", Lines(1, 1), read_statement(sql), sql, 0, len(sql), sql, transaction)


def run(session: Session, sql: str, major: int, transaction: int | None = None) -> Session:
    statement = as_statement(sql, transaction)
    return session.after(statement, effects(statement, session, major), 0)


def fixture(major: int) -> Session:
    """The fixture's database as the session replays it from its SQL."""
    session = Session.begin(Catalog(major, complete=True), snapshot=True)
    for sql in statements_of(FIXTURE.read_text()):
        session = run(session, sql, major)
    return with_rows(session)


def with_rows(session: Session) -> Session:
    """Every table that something was inserted into has rows; nothing counts as created by the run."""
    filled = {
        name: replace(relation, size=Size(ROWS, ROWS * 100, source=say("the fixture")))
        if relation.size is None and relation.kind in (RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW)
        else relation
        for name, relation in session.catalog.relations.items()
    }
    catalog = replace(session.catalog, relations=filled)
    return Session.begin(catalog, snapshot=True)


def prepare(session: Session, shape: Shape, major: int) -> Session:
    """The session before the shape's statements."""
    for sql in statements_of(shape.given):
        session = _failed(session, sql[1:], major) if sql.startswith("!") else run(session, sql, major)
    session = with_rows(session)
    for sql in statements_of(shape.session):
        session = run(session, sql, major)
    return session


def _failed(session: Session, sql: str, major: int) -> Session:
    """A CREATE INDEX CONCURRENTLY that failed leaves its index INVALID."""
    after = run(session, sql, major)
    new = [name for name in after.catalog.indexes if name not in session.catalog.indexes]
    if not new:
        return session
    indexes = {**after.catalog.indexes, new[0]: replace(after.catalog.indexes[new[0]], valid=False)}
    return replace(after, catalog=replace(after.catalog, indexes=indexes))


def modelled(session: Session, shape: Shape, major: int) -> Iterator[Effects]:
    """Each statement's effects, in the session after the one before."""
    for index, sql in enumerate(shape.statements):
        statement = as_statement(sql, 1)
        done = effects(statement, session, major)
        yield done
        session = session.after(statement, done, index)


def plain(name: Name) -> str:
    """As in the measurements: without the schema where it is public."""
    return name.name if name.schema in ("public", None) else f"{name.schema}.{name.name}"
