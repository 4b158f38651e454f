"""The names in an operation as the search path resolves them, so that nothing behind this asks for it again."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from bot.core.database import Database
from bot.core.names import Name
from bot.core.operations import (
    CreateComposite,
    CreateDomain,
    CreateEnum,
    CreateForeignTable,
    CreateFunction,
    CreateMaterializedView,
    CreateRange,
    CreateSequence,
    CreateTable,
    CreateTableAs,
    CreateView,
    Operation,
    Query,
    Reindex,
)

_RELATIONS = frozenset(
    """
    table tables relation relations index indexes partition parent view views sequence sequences only
    from_table inherits partition_of reads locked
    """.split()
)
_TYPES = frozenset({"type", "types", "domain"})
_FUNCTIONS = frozenset({"function", "functions"})
_CREATORS: Mapping[type, str] = {
    CreateTable: "table",
    CreateTableAs: "table",
    CreateForeignTable: "table",
    CreateView: "view",
    CreateMaterializedView: "view",
    CreateSequence: "sequence",
    CreateEnum: "type",
    CreateComposite: "type",
    CreateRange: "type",
    CreateDomain: "domain",
    CreateFunction: "function",
}


def qualify(operation: Operation, database: Database) -> Operation:
    """The operation with its relations, types and functions qualified; what it creates stands in its new schema."""
    created = _CREATORS.get(type(operation))
    changed: dict[str, Any] = {}
    for field in fields(operation):
        value = getattr(operation, field.name)
        if isinstance(value, Query):
            changed[field.name] = qualify_query(value, database)
        elif field.name == created:
            changed[field.name] = _created(operation, value, database)
        elif field.name in _RELATIONS:
            changed[field.name] = _each(value, database.resolve)
        elif field.name in _TYPES:
            changed[field.name] = _each(value, lambda name: resolve_type_name(database, name))
        elif field.name in _FUNCTIONS:
            changed[field.name] = _each(value, lambda name: resolve_function(database, name))
        elif field.name == "owned_by" and isinstance(value, tuple) and len(value) == 2:
            changed[field.name] = (_each(value[0], database.resolve), value[1])
        elif field.name == "target" and isinstance(operation, Reindex) and operation.kind in ("INDEX", "TABLE"):
            changed[field.name] = _each(value, database.resolve)
    different = {name: value for name, value in changed.items() if value != getattr(operation, name)}
    return replace(operation, **different) if different else operation


def qualify_query(query: Query, database: Database) -> Query:
    return replace(query, relations=tuple(dict.fromkeys(map(database.resolve, query.relations))))


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


def _created(operation: Operation, name: Name, database: Database) -> Name:
    temporary = getattr(operation, "persistence", "") == "temporary" or getattr(operation, "temporary", False)
    return name.within("pg_temp" if temporary else database.home)


def _each(value: Any, resolve: Callable[[Name], Name]) -> Any:
    if isinstance(value, Name):
        return resolve(value)
    if isinstance(value, tuple) and all(isinstance(one, Name) for one in value):
        return tuple(resolve(one) for one in value)
    return value
