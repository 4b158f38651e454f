"""The names in an operation as the search path resolves them, so that later steps need not resolve them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_args

from bot.core.language import operations as op
from bot.core.language.names import Name, NameKind
from bot.core.record import replace
from bot.core.schema.database import Database


def qualify(operation: op.Operation, database: Database) -> op.Operation:
    """The operation with its relations, types and functions qualified; what it creates is in its new schema.

    Names inside its columns and constraints (REFERENCES, LIKE, the type) stay as they were written: the code that
    adds those to the catalog resolves them.
    """
    kind = type(operation)
    different: dict[str, Any] = {}
    for field, names in op.names_of(kind).items():
        different[field] = _each(getattr(operation, field), _RESOLVERS[names], database)
    for field in op.fields_that(kind, op.FieldRole.CREATED):
        if op.names_of(kind).get(field, NameKind.OTHER) is not NameKind.OTHER:
            different[field] = getattr(operation, field).within("pg_temp" if operation.is_temporary else database.home)
    for field in _queries(kind):
        if (query := getattr(operation, field)) is not None:
            different[field] = qualify_query(query, database)
    different = {field: value for field, value in different.items() if value != getattr(operation, field)}
    return replace(operation, **different) if different else operation


def qualify_query(query: op.Query, database: Database) -> op.Query:
    relations = tuple(dict.fromkeys(map(database.resolve, query.relations)))
    locked = tuple(dict.fromkeys(map(database.resolve, query.locked)))
    if (relations, locked) == (query.relations, query.locked):
        return query
    return replace(query, relations=relations, locked=locked)


def resolve_type_name(database: Database, name: Name) -> Name:
    """A type's qualified name; an unknown type is assumed to be in the schema where it would be created."""
    if name.schema is not None:
        return name
    for schema in database.search_path:
        if (qualified := Name(name.name, schema)) in database.types:
            return qualified
    return name.within(database.home)


def resolve_function(database: Database, name: Name) -> Name:
    if name.schema is not None:
        return name
    for schema in database.search_path:
        if database.functions_named(qualified := Name(name.name, schema)):
            return qualified
    return name.within(database.home)


_RESOLVERS: Mapping[NameKind, Callable[[Database, Name], Name]] = {
    NameKind.RELATION: Database.resolve,
    NameKind.TYPE: resolve_type_name,
    NameKind.FUNCTION: resolve_function,
    NameKind.OTHER: lambda _, name: name,
}


@cache
def _queries(kind: type[op.Operation]) -> tuple[str, ...]:
    """The fields that hold a query."""
    return tuple(field.name for field in fields(kind) if op.Query in (field.type, *get_args(field.type)))  # type: ignore[arg-type]


def _each(value: Any, resolve: Callable[[Database, Name], Name], database: Database) -> Any:
    if isinstance(value, tuple):
        return tuple(_each(one, resolve, database) for one in value)
    return resolve(database, value) if isinstance(value, Name) else value
