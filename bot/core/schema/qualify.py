"""The names in an operation as the search path resolves them, so that nothing behind this asks for it again."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.database import Database

_RELATIONS = frozenset(
    """
    table tables relation relations index indexes partition parent view views sequence sequences only
    from_table inherits partition_of reads locked
    """.split()
)
_TYPES = frozenset({"type", "types", "domain"})
_FUNCTIONS = frozenset({"function", "functions"})
_CREATORS: Mapping[type, str] = {
    op.CreateTable: "table",
    op.CreateTableAs: "table",
    op.CreateForeignTable: "table",
    op.CreateView: "view",
    op.CreateMaterializedView: "view",
    op.CreateSequence: "sequence",
    op.CreateEnum: "type",
    op.CreateComposite: "type",
    op.CreateRange: "type",
    op.CreateDomain: "domain",
    op.CreateFunction: "function",
}


def qualify(operation: op.Operation, database: Database) -> op.Operation:
    """The operation with its relations, types and functions qualified; what it creates stands in its new schema."""
    created = _CREATORS.get(type(operation))
    different: dict[str, Any] = {}
    for name in _fields(type(operation)):
        value = getattr(operation, name)
        qualified = _qualified(operation, name, value, created, database)
        if qualified is not value and qualified != value:
            different[name] = qualified
    return replace(operation, **different) if different else operation


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _qualified(operation: op.Operation, name: str, value: Any, created: str | None, database: Database) -> Any:
    if isinstance(value, op.Query):
        return qualify_query(value, database)
    if name == created:
        return _created(operation, value, database)
    if name in _RELATIONS:
        return _each(value, database.resolve)
    if name in _TYPES:
        return _each(value, lambda name: resolve_type_name(database, name))
    if name in _FUNCTIONS:
        return _each(value, lambda name: resolve_function(database, name))
    if name == "owned_by" and isinstance(value, tuple) and len(value) == 2:
        return _each(value[0], database.resolve), value[1]
    if name == "target" and isinstance(operation, op.Reindex) and operation.kind in ("INDEX", "TABLE"):
        return _each(value, database.resolve)
    return value


def qualify_query(query: op.Query, database: Database) -> op.Query:
    relations = tuple(dict.fromkeys(map(database.resolve, query.relations)))
    return query if relations == query.relations else replace(query, relations=relations)


def resolve_type_name(database: Database, name: Name) -> Name:
    """A type's qualified name; a type that is not known is taken to be in the schema where it would be created."""
    if name.schema is not None:
        return name
    for schema in database.search_path:
        if (qualified := Name(name.name, schema)) in database.types:
            return qualified
    return name.within(database.home)


def resolve_function(database: Database, name: Name) -> Name:
    if name.schema is not None:
        return name
    known = {function.name for function in database.functions}
    for schema in database.search_path:
        if (qualified := Name(name.name, schema)) in known:
            return qualified
    return name.within(database.home)


def _created(operation: op.Operation, name: Name, database: Database) -> Name:
    temporary = getattr(operation, "persistence", "") == "temporary" or getattr(operation, "temporary", False)
    return name.within("pg_temp" if temporary else database.home)


def _each(value: Any, resolve: Callable[[Name], Name]) -> Any:
    if isinstance(value, Name):
        return resolve(value)
    if isinstance(value, tuple) and all(isinstance(one, Name) for one in value):
        return tuple(resolve(one) for one in value)
    return value
