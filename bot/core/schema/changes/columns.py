"""Columns added, changed and dropped in the catalog, in a table and in all that inherit from it.

Sources: https://www.postgresql.org/docs/current/ddl-inherit.html; tablecmds.c (ATExecAddColumn, ATExecDropColumn).
"""

from bot.core.language import operations as op
from bot.core.language.expression import Expression, FunctionCall
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.language.types import SERIALS, Type
from bot.core.record import replace
from bot.core.schema.catalog import CatalogColumn, Relation, RelationKind
from bot.core.schema.changes.constraints import add_constraint, add_not_null, drop_not_null
from bot.core.schema.changes.drop import drop
from bot.core.schema.changes.rename import rename_column_everywhere
from bot.core.schema.database import MOST_COLUMNS, Database
from bot.core.schema.dependents import DependentKind, Object


def add(database: Database, operation: op.AddColumn) -> None:
    table = operation.table
    if table not in database.relations or database.column(table, operation.column.name) is not None:
        return
    if len(database.relations[table].columns) >= MOST_COLUMNS:
        return
    put_new(database, table, operation.column)
    for name in () if operation.only else database.descendants(table):
        if (found := database.column(name, operation.column.name)) is None:
            bare = replace(operation.column, constraints=())
            database.put_column(name, replace(catalogued(database, name, bare), inherited=True))
        else:
            database.put_column(name, replace(found, inherited=True))
    for constraint in operation.column.constraints:
        add_constraint(database, table, constraint, only=operation.only)


def put_new(database: Database, table: Name, column: op.Column) -> None:
    """The column itself, with the sequence of a serial or identity one; the caller adds its constraints."""
    if owned := new_sequence(database, table, column):
        database.put(Relation(owned, RelationKind.SEQUENCE, owned_by=(table, column.name)))
    database.put_column(table, catalogued(database, table, column, owned))


def new_sequence(database: Database, table: Name, column: op.Column) -> Name | None:
    """The sequence that is created for the column, None where it needs none."""
    if column.identity is None and not (column.type is not None and column.type.is_serial):
        return None
    name = free_name(table.name, column.name, "seq", lambda name: database.exists(Name(name, table.schema)))
    return Name(name, table.schema)


def catalogued(database: Database, table: Name, column: op.Column, owned: Name | None = None) -> CatalogColumn:
    """The column as the catalog has it; `owned` is the sequence just created for it."""
    type, default = column.type or Type("unknown"), column.default
    needed = any(isinstance(constraint, op.NotNull | op.PrimaryKey) for constraint in column.constraints)
    if type.is_serial:
        needed = True
        known = [owned] if owned is not None else database.sequences_of(table, column.name)
        default = next_value(known[-1] if known else Name(f"{table.name}_{column.name}_seq"))
        type = Type(SERIALS[type.name])
    return CatalogColumn(
        column.name,
        database.resolve_type(type),
        not_null=column.identity is not None or (needed and database.major < 18) or type.is_serial,
        default=default,
        generated=column.generated,
        identity=column.identity,
        collation=column.collation,
    )


def next_value(sequence: Name) -> Expression:
    text = f"nextval('{str(sequence).replace(chr(39), chr(39) * 2)}'::regclass)"
    return Expression(text, calls=(FunctionCall(Name("nextval"), 1, 0, len("nextval")),))


def implied_not_null(column: op.Column) -> bool:
    """Whether the column's type or identity makes it NOT NULL without the words."""
    return column.identity is not None or (column.type is not None and column.type.is_serial)


def drop_column(database: Database, operation: op.DropColumn) -> None:
    if database.column(operation.table, operation.column) is None:
        return
    if operation.only:
        for child in database.children(operation.table):
            if (found := child.column(operation.column)) is not None:
                database.put_column(child.name, replace(found, inherited=False))
    drop(database, Object(DependentKind.COLUMN, operation.table, operation.column))


def rename(database: Database, operation: op.RenameColumn) -> None:
    rename_column_everywhere(database, operation.table, operation.column, operation.to)


def change_type(database: Database, operation: op.AlterColumnType) -> None:
    type = database.resolve_type(operation.type)
    for name in database.tree(operation.table):
        if (found := database.column(name, operation.column)) is not None:
            database.put_column(name, replace(found, type=type, collation=operation.collation))


def change(
    database: Database,
    operation: op.SetDefault | op.DropDefault | op.SetExpression | op.DropExpression | op.AddIdentity | op.DropIdentity,
) -> None:
    """The default, generation expression or identity of a column, in children too where PostgreSQL does so."""
    identity = isinstance(operation, op.AddIdentity | op.DropIdentity)
    handed_down = not identity or (database.is_partitioned(operation.table) and database.major >= 17)
    everywhere = handed_down and not operation.only
    for name in database.tree(operation.table) if everywhere else (operation.table,):
        if (column := database.column(name, operation.column)) is not None:
            database.put_column(name, _changed(column, operation))
    if isinstance(operation, op.AddIdentity):
        add_not_null(database, operation.table, op.NotNull(operation.column))
        taken = database.exists
        name = free_name(
            operation.table.name, operation.column, "seq", lambda name: taken(Name(name, operation.table.schema))
        )
        sequence = Name(name, operation.table.schema)
        database.put(Relation(sequence, RelationKind.SEQUENCE, owned_by=(operation.table, operation.column)))
    if isinstance(operation, op.DropIdentity):
        for sequence in database.sequences_of(operation.table, operation.column):
            database.remove(sequence)


def _changed(
    column: CatalogColumn,
    operation: op.SetDefault | op.DropDefault | op.SetExpression | op.DropExpression | op.AddIdentity | op.DropIdentity,
) -> CatalogColumn:
    match operation:
        case op.SetDefault():
            return replace(column, default=operation.default)
        case op.DropDefault():
            return replace(column, default=None)
        case op.SetExpression() if column.generated is not None:
            return replace(column, generated=replace(column.generated, expression=operation.expression))
        case op.DropExpression():
            return replace(column, generated=None)
        case op.AddIdentity():
            return replace(column, identity=operation.identity)
        case op.DropIdentity():
            return replace(column, identity=None)
        case _:
            return column


def set_not_null(database: Database, operation: op.SetNotNull) -> None:
    add_not_null(database, operation.table, op.NotNull(operation.column), only=operation.only)


def clear_not_null(database: Database, operation: op.DropNotNull) -> None:
    drop_not_null(database, operation.table, operation.column)
