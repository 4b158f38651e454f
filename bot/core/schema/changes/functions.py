"""Functions, procedures and aggregates, made, renamed and dropped in the catalog."""

from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.types import ALIASES
from bot.core.record import replace
from bot.core.schema.catalog import CatalogFunction
from bot.core.schema.changes.drop import drop
from bot.core.schema.database import Database
from bot.core.schema.dependents import DependentKind, Object
from bot.core.schema.qualify import resolve_function


def create_function(database: Database, operation: op.CreateFunction) -> None:
    function = CatalogFunction(
        operation.function,
        operation.arguments,
        volatility=operation.volatility,
        language=operation.language,
        trigger=operation.returns.strip().lower() == "trigger",
        types=operation.types,
        kind="PROCEDURE" if operation.procedure else "FUNCTION",
    )
    if operation.or_replace:
        same = database.functions_named(operation.function)
        database.remove_functions([one for one in same if is_overload(database, one, operation)])
    database.add_function(function)


def is_overload(database: Database, function: CatalogFunction, operation: op.CreateFunction) -> bool:
    """Whether it has the same arguments, so that CREATE OR REPLACE replaces it; by their number where that is all."""
    if function.types is None or operation.types is None:
        return function.arguments == operation.arguments
    return takes(database, function, operation.types)


def takes(database: Database, function: CatalogFunction, types: Sequence[str]) -> bool:
    """Whether it is known that its arguments have these types."""
    known = function.types
    return (
        known is not None
        and len(known) == len(types)
        and all(same_type(database, one, other) for one, other in zip(known, types, strict=True))
    )


def same_type(database: Database, one: str, other: str) -> bool:
    """Whether two spellings mean one type; a type without a schema is looked for along the search path."""
    one, other = (
        f"{ALIASES.get(text.removesuffix('[]'), text.removesuffix('[]'))}{'[]' * text.endswith('[]')}"
        for text in (one, other)
    )
    if one == other:
        return True
    (schema, _, name), (other_schema, _, other_name) = one.rpartition("."), other.rpartition(".")
    if name.strip('"') != other_name.strip('"') or (schema and other_schema):
        return False
    return (schema or other_schema) in database.search_path


def drop_functions(database: Database, operation: op.DropFunction) -> None:
    drop(database, *(Object(DependentKind.FUNCTION, name) for name in operation.functions))


def follow_routine(database: Database, mention: op.Mention) -> None:
    """An aggregate made or dropped, and any of them renamed or moved: what has another name leaves the old one free."""
    types = tuple(part for part in (mention.of or "").split(",") if part)
    match mention.role:
        case op.FieldRole.CREATED if mention.kind == "AGGREGATE":
            name = mention.name.within(database.home)
            if not any(one.types == types for one in database.functions_named(name)):
                database.add_function(CatalogFunction(name, len(types), types=types, kind="AGGREGATE"))
        case op.FieldRole.DROPPED if mention.kind == "AGGREGATE":
            same = database.functions_named(mention.name.within(database.home))
            database.remove_functions([one for one in same if one.types == types])
        case op.FieldRole.RENAMED:
            named = database.functions_named(resolve_function(database, mention.name))
            same = [one for one in named if mention.of is None or one.types is None or takes(database, one, types)]
            database.remove_functions(same)
            for one in same:
                name = Name(mention.to or one.name.name, mention.schema or one.name.schema)
                database.add_function(replace(one, name=name))
        case _:
            pass
