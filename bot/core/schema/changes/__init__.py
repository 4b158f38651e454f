"""What a statement leaves behind in the catalog: the operations replayed on a `Database`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.language.names import Name
from bot.core.language.operations import (
    AddCheck,
    AddColumn,
    AddEnumValue,
    AddExclusion,
    AddForeignKey,
    AddIdentity,
    AddNotNull,
    AddPrimaryKey,
    AddUnique,
    AlterColumnType,
    AlterComposite,
    AlterConstraint,
    AlterDomain,
    AlterPublication,
    AlterSequence,
    AttachIndexPartition,
    AttachPartition,
    Copy,
    CreateComposite,
    CreateDomain,
    CreateEnum,
    CreateExtension,
    CreateForeignTable,
    CreateFunction,
    CreateIndex,
    CreateMaterializedView,
    CreatePolicy,
    CreateRange,
    CreateRule,
    CreateSchema,
    CreateSequence,
    CreateStatistics,
    CreateTable,
    CreateTableAs,
    CreateTrigger,
    CreateView,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropExpression,
    DropExtension,
    DropFunction,
    DropIdentity,
    DropIndex,
    DropNotNull,
    DropPolicy,
    DropRule,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    Insert,
    Merge,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameObject,
    RenameRelation,
    RenameTrigger,
    SetCluster,
    SetDefault,
    SetExpression,
    SetInherit,
    SetLogged,
    SetNotNull,
    SetOfType,
    SetOwner,
    SetReplicaIdentity,
    SetRowSecurity,
    SetSchema,
    Truncate,
    ValidateConstraint,
)
from bot.core.schema.catalog import Relation, RelationKind
from bot.core.schema.changes import columns, constraints, indexes, objects, tables
from bot.core.schema.database import Database
from bot.core.schema.qualify import qualify

_HANDLERS: Mapping[type, Callable[[Database, Any], None]] = {
    AddColumn: columns.add,
    DropColumn: columns.drop_column,
    RenameColumn: columns.rename,
    AlterColumnType: columns.change_type,
    SetDefault: columns.change,
    DropDefault: columns.change,
    SetExpression: columns.change,
    DropExpression: columns.change,
    AddIdentity: columns.change,
    DropIdentity: columns.change,
    SetNotNull: columns.set_not_null,
    DropNotNull: columns.clear_not_null,
    AddCheck: constraints.add,
    AddNotNull: constraints.add,
    AddUnique: constraints.add,
    AddPrimaryKey: constraints.add,
    AddForeignKey: constraints.add,
    AddExclusion: constraints.add,
    ValidateConstraint: constraints.validate,
    AlterConstraint: constraints.alter,
    RenameConstraint: constraints.rename,
    DropConstraint: constraints.drop_constraint,
    CreateIndex: indexes.create,
    DropIndex: indexes.drop_indexes,
    AttachIndexPartition: indexes.attach,
    AttachPartition: tables.attach,
    DetachPartition: tables.detach,
    CreateTable: tables.create,
    CreateTableAs: tables.create_as,
    CreateForeignTable: tables.create_foreign,
    DropTable: tables.drop_tables,
    RenameRelation: tables.rename,
    SetSchema: tables.set_schema,
    SetInherit: tables.inherit,
    SetLogged: tables.set_property,
    SetReplicaIdentity: tables.set_property,
    SetRowSecurity: tables.set_property,
    SetOwner: tables.set_property,
    SetCluster: indexes.cluster_on,
    CreateStatistics: tables.add_part,
    CreateRule: tables.add_part,
    DropRule: tables.drop_rule,
    SetOfType: tables.set_property,
    AlterPublication: objects.publish,
    Truncate: tables.truncate,
    Insert: tables.fill,
    Copy: tables.fill,
    Merge: tables.fill,
    CreateTrigger: tables.create_trigger,
    DropTrigger: tables.drop_trigger,
    RenameTrigger: tables.rename_trigger,
    CreatePolicy: tables.create_policy,
    DropPolicy: tables.drop_policy,
    CreateView: objects.create_view,
    CreateMaterializedView: objects.create_view,
    DropView: objects.drop_views,
    CreateEnum: objects.create_enum,
    CreateComposite: objects.create_composite,
    CreateRange: objects.create_range,
    AddEnumValue: objects.add_value,
    RenameEnumValue: objects.rename_value,
    AlterComposite: objects.alter_composite,
    CreateDomain: objects.create_domain,
    AlterDomain: objects.alter_domain,
    DropType: objects.drop_types,
    CreateSequence: objects.create_sequence,
    AlterSequence: objects.alter_sequence,
    DropSequence: objects.drop_sequences,
    CreateFunction: objects.create_function,
    DropFunction: objects.drop_functions,
    CreateSchema: objects.create_schema,
    DropSchema: objects.drop_schemas,
    CreateExtension: objects.create_extension,
    DropExtension: objects.drop_extensions,
    RenameObject: objects.rename,
}

_ON_A_TABLE = (AddCheck, AddNotNull, AddUnique, AddPrimaryKey, AddForeignKey, AddColumn, SetNotNull, CreateIndex)

# The order in which ALTER TABLE runs its actions (AT_PASS_DROP ... AT_PASS_MISC); what is not here comes last.
_PASSES: Mapping[type, int] = {
    DropColumn: 0,
    DropConstraint: 0,
    DropNotNull: 0,
    DropDefault: 0,
    DropExpression: 0,
    DropIdentity: 0,
    AlterColumnType: 1,
    AddColumn: 2,
    SetExpression: 3,
    AddCheck: 4,
    AddNotNull: 4,
    SetNotNull: 5,
    AddPrimaryKey: 6,
    AddUnique: 6,
    AddExclusion: 6,
    AddForeignKey: 7,
    SetDefault: 7,
}


def in_passes(operations: Sequence[Operation]) -> list[Operation]:
    """The actions of a statement in the order in which PostgreSQL runs them: drops first."""
    return sorted(operations, key=lambda operation: _PASSES.get(type(operation), 8))


def replay(database: Database, operations: Sequence[Operation]) -> None:
    """Changes the database as the statement does when it succeeds."""
    for operation in in_passes(operations):
        replay_one(database, qualify(operation, database))


def replay_one(database: Database, operation: Operation) -> None:
    """One operation, its names already qualified."""
    handler = _HANDLERS.get(type(operation))
    if handler is None:
        return
    if isinstance(operation, _ON_A_TABLE):
        _note_unknown(database, operation.table)
    handler(database, operation)


def _note_unknown(database: Database, table: Name) -> None:
    """A table that must exist but was not seen: from here on, what the run says of it is known."""
    if table not in database.relations and table not in database.indexes and not database.known:
        database.put(Relation(table, RelationKind.TABLE, partial=True))
