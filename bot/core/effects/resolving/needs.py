"""What a statement needs besides its own table: objects, roles, schemas, and that nothing keeps what it drops.

Sources: namespace.c, acl.c (get_role_oid), dependency.c (reportDependentObjects).
"""

from collections.abc import Mapping
from typing import LiteralString

from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language.messages import Given, Value, say
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogObject

WORDS: Mapping[str, LiteralString] = {
    "ROLE": "role",
    "TABLESPACE": "tablespace",
    "LANGUAGE": "language",
    "ACCESS METHOD": "access method",
    "SERVER": "server",
    "FOREIGN DATA WRAPPER": "foreign-data wrapper",
    "EVENT TRIGGER": "event trigger",
    "PUBLICATION": "publication",
    "SUBSCRIPTION": "subscription",
    "STATISTICS": "statistics object",
    "COLLATION": "collation",
    "CONVERSION": "conversion",
    "OPERATOR CLASS": "operator class",
    "OPERATOR FAMILY": "operator family",
    "TEXT SEARCH CONFIGURATION": "text search configuration",
    "TEXT SEARCH DICTIONARY": "text search dictionary",
    "TEXT SEARCH PARSER": "text search parser",
    "TEXT SEARCH TEMPLATE": "text search template",
    "CAST": "cast",
    "OPERATOR": "operator",
    "TRANSFORM": "transform",
    "USER MAPPING": "user mapping",
    "EXTENSION": "extension",
    "SCHEMA": "schema",
}
_TAKEN = {"SCHEMA": "42P06", "OPERATOR": "42723"}


def need(asking: Asking, kind: str, name: Name, of: str = "") -> None:
    """Fails where the object does not exist."""
    if not asking.failed and asking.lists(kind) and asking.database.object(kind, name, of) is None:
        missing(asking, kind, name, of)


def need_schema(asking: Asking, schema: str) -> None:
    """Fails where the schema does not exist; "" where the search path names none."""
    if not schema:
        asking.fail("3F000", "no schema has been selected to create in")
    elif (
        asking.known and schema not in asking.database.schemas and not schema.startswith(("pg_", "information_schema"))
    ):
        asking.fail("3F000", "schema {} does not exist", named.schema(schema))


def need_role(asking: Asking, role: str) -> None:
    if role.lower() not in ("public", "current_user", "session_user", "current_role"):
        need(asking, "ROLE", Name(role))


def refuse_dependents(asking: Asking, found: CatalogObject, what: Value, *, cascade: bool) -> None:
    """Fails where the snapshot shows what only CASCADE would drop."""
    left = asking.still(() if cascade else found.dependents)
    if not left:
        return
    asking.fail("2BP01", "cannot drop {} because other objects depend on it: {}", what, named.thing(left[0]))


def taken(asking: Asking, kind: str, name: Name) -> None:
    if kind.startswith("TEXT SEARCH"):
        asking.fail("23505", "duplicate key value violates unique constraint of {}", named.thing(name))
    elif kind == "OPERATOR":
        asking.fail("42723", "operator {} already exists", named.bare(named.thing(name)))
    else:
        state = _TAKEN.get(kind, "42710")
        asking.fail(state, "{} {} already exists", say(WORDS[kind]), shown(kind, name))


def missing(asking: Asking, kind: str, name: Name, of: str) -> None:
    match kind:
        case "OPERATOR CLASS" | "OPERATOR FAMILY":
            asking.fail(
                "42704", "{} {} does not exist for access method {}", say(WORDS[kind]), named.thing(name), _given(of)
            )
        case "OPERATOR":
            asking.fail("42883", "operator does not exist: {}", named.bare(named.thing(name)))
        case "COLLATION":
            asking.fail("42704", "collation {} does not exist", named.thing(name))
        case _:
            asking.fail("42704", "{} {} does not exist", say(WORDS[kind]), shown(kind, name))


def _given(text: str) -> Value:
    return Given(f'"{text}"')


def shown(kind: str, name: Name) -> Value:
    return named.role(name.name) if kind == "ROLE" else named.thing(name)


def is_system(name: Name) -> bool:
    """A catalog or view of PostgreSQL itself, which is in no snapshot."""
    return name.name.startswith("pg_") or (name.schema or "").startswith(("pg_", "information_schema"))


def named_in(text: str) -> Name:
    """A name out of its text."""
    schema, _, name = text.rpartition(".")
    return Name(name.strip('"'), schema.strip('"') or None)


SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
