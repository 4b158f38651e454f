"""Objects removed from the catalog, with everything that depends on them.

Source: https://www.postgresql.org/docs/current/ddl-depend.html; dependency.c.
"""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.database import Database
from bot.core.schema.dependents import Closure, DependentKind, Object, closure


def drop(database: Database, *roots: Object) -> Closure:
    """Drops them, CASCADE or not: whether it is allowed was judged before. Returns all that were dropped."""
    gone = closure(database, *roots)
    for thing in gone.objects:
        _remove(database, thing)
    return gone


def _remove(database: Database, thing: Object) -> None:
    match thing.kind:
        case DependentKind.RELATION:
            database.remove(thing.name)
        case DependentKind.INDEX:
            _remove_index(database, thing.name)
        case DependentKind.COLUMN:
            _remove_column(database, thing.name, thing.part)
        case DependentKind.CONSTRAINT:
            _remove_constraint(database, thing.name, thing.part)
        case DependentKind.TYPE:
            database.types.pop(thing.name, None)
        case DependentKind.FUNCTION:
            database.remove_functions(database.functions_named(thing.name))
        case DependentKind.DEFAULT | DependentKind.TRIGGER | DependentKind.POLICY:
            _remove_part(database, thing)


def _remove_index(database: Database, name: Name) -> None:
    index = database.indexes.get(name)
    if index is None:
        return
    database.remove(name)
    if index.constraint is not None and index.table in database.relations:
        database.remove_constraints(index.table, [index.constraint])


def _remove_column(database: Database, table: Name, column: str) -> None:
    relation = database.relation(table)
    if relation is None:
        return
    kept = tuple(one for one in relation.columns if one.name != column)
    database.put(replace(relation, columns=kept))
    for child in database.children(table):
        found = child.column(column)
        if found is not None and found.inherited:
            drop(database, Object(DependentKind.COLUMN, child.name, column))


def _remove_constraint(database: Database, table: Name, name: str) -> None:
    found = database.constraint(table, name)
    if found is None:
        return
    database.remove_constraints(table, [name])
    if found.index is not None:
        database.remove(found.index)
    if isinstance(found.definition, op.NotNull) and (column := database.column(table, found.definition.column)):
        database.put_column(table, replace(column, not_null=False))


def _remove_part(database: Database, thing: Object) -> None:
    relation = database.relation(thing.name)
    if relation is None:
        return
    if thing.kind is DependentKind.DEFAULT and (column := relation.column(thing.part)) is not None:
        database.put_column(thing.name, replace(column, default=None))
    elif thing.kind is DependentKind.TRIGGER:
        database.put(replace(relation, triggers=tuple(one for one in relation.triggers if one.name != thing.part)))
    elif thing.kind is DependentKind.POLICY:
        database.put(replace(relation, policies=tuple(one for one in relation.policies if one.name != thing.part)))
