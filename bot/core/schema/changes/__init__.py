"""What a statement leaves behind in the catalog: operations replayed on a `Database`.

It may know `language` and the rest of `schema`. Absent on purpose: whether the statement fails, and what it locks.
Source of the order of actions: AT_PASS_DROP and what follows it in tablecmds.c.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.schema.changes import columns, constraints, functions, indexes, objects, parts, properties, tables
from bot.core.schema.database import Database
from bot.core.schema.qualify import qualify

_HANDLERS: Mapping[type, Callable[[Database, Any], None]] = {
    op.AddColumn: columns.add,
    op.DropColumn: columns.drop_column,
    op.RenameColumn: columns.rename,
    op.AlterColumnType: columns.change_type,
    op.SetDefault: columns.change,
    op.DropDefault: columns.change,
    op.SetExpression: columns.change,
    op.DropExpression: columns.change,
    op.AddIdentity: columns.change,
    op.DropIdentity: columns.change,
    op.SetNotNull: columns.set_not_null,
    op.DropNotNull: columns.clear_not_null,
    op.AddCheck: constraints.add,
    op.AddNotNull: constraints.add,
    op.AddUnique: constraints.add,
    op.AddPrimaryKey: constraints.add,
    op.AddForeignKey: constraints.add,
    op.AddExclusion: constraints.add,
    op.ValidateConstraint: constraints.validate,
    op.AlterConstraint: constraints.alter,
    op.RenameConstraint: constraints.rename,
    op.DropConstraint: constraints.drop_constraint,
    op.CreateIndex: indexes.create,
    op.DropIndex: indexes.drop_indexes,
    op.AttachIndexPartition: indexes.attach,
    op.AttachPartition: tables.attach,
    op.DetachPartition: tables.detach,
    op.CreateTable: tables.create,
    op.CreateTableAs: tables.create_as,
    op.CreateForeignTable: tables.create_foreign,
    op.DropTable: tables.drop_tables,
    op.RenameRelation: tables.rename,
    op.SetSchema: tables.set_schema,
    op.SetInherit: tables.inherit,
    op.SetLogged: properties.set_property,
    op.SetReplicaIdentity: properties.set_property,
    op.SetRowSecurity: properties.set_property,
    op.SetOwner: properties.set_property,
    op.SetTablespace: properties.set_property,
    op.MoveTablespace: properties.move_all,
    op.SetAccessMethod: properties.set_property,
    op.SetOptions: properties.set_property,
    op.SetTrigger: properties.set_property,
    op.SetCluster: indexes.cluster_on,
    op.CreateStatistics: parts.add_part,
    op.CreateRule: parts.add_part,
    op.RenameRule: parts.rename_rule,
    op.DropRule: parts.drop_rule,
    op.SetOfType: properties.set_property,
    op.AlterPublication: objects.publish,
    op.Truncate: tables.truncate,
    op.Insert: tables.fill,
    op.Copy: tables.fill,
    op.Merge: tables.fill,
    op.CreateTrigger: parts.create_trigger,
    op.DropTrigger: parts.drop_trigger,
    op.RenameTrigger: parts.rename_trigger,
    op.CreatePolicy: parts.create_policy,
    op.AlterPolicy: parts.alter_policy,
    op.DropPolicy: parts.drop_policy,
    op.CreateView: objects.create_view,
    op.CreateMaterializedView: objects.create_view,
    op.RefreshMaterializedView: objects.refresh,
    op.DropView: objects.drop_views,
    op.CreateEnum: objects.create_enum,
    op.CreateComposite: objects.create_composite,
    op.CreateRange: objects.create_range,
    op.AddEnumValue: objects.add_value,
    op.RenameEnumValue: objects.rename_value,
    op.AlterComposite: objects.alter_composite,
    op.CreateDomain: objects.create_domain,
    op.AlterDomain: objects.alter_domain,
    op.RenameDomainConstraint: objects.rename_domain_constraint,
    op.DropType: objects.drop_types,
    op.CreateSequence: objects.create_sequence,
    op.AlterSequence: objects.alter_sequence,
    op.DropSequence: objects.drop_sequences,
    op.CreateFunction: functions.create_function,
    op.DropFunction: functions.drop_functions,
    op.CreateSchema: objects.create_schema,
    op.DropSchema: objects.drop_schemas,
    op.CreateExtension: objects.create_extension,
    op.DropExtension: objects.drop_extensions,
    op.DropObject: objects.drop_object,
    op.OwnedBy: objects.drop_owned,
    op.Grant: objects.revoke,
    op.RenameObject: objects.rename,
    op.Harmless: objects.follow_mentions,
    op.NoTransaction: objects.follow_mentions,
}

_ON_A_TABLE = (
    op.AddCheck,
    op.AddNotNull,
    op.AddUnique,
    op.AddPrimaryKey,
    op.AddForeignKey,
    op.AddColumn,
    op.SetNotNull,
    op.CreateIndex,
)

# The order in which ALTER TABLE runs its actions (AT_PASS_DROP ... AT_PASS_MISC); unlisted actions come last.
_PASSES: Mapping[type, int] = {
    op.DropColumn: 0,
    op.DropConstraint: 0,
    op.DropNotNull: 0,
    op.DropDefault: 0,
    op.DropExpression: 0,
    op.DropIdentity: 0,
    op.AlterColumnType: 1,
    op.AddColumn: 2,
    op.SetExpression: 3,
    op.AddCheck: 4,
    op.AddNotNull: 4,
    op.SetNotNull: 5,
    op.AddPrimaryKey: 6,
    op.AddUnique: 6,
    op.AddExclusion: 6,
    op.AddForeignKey: 7,
    op.SetDefault: 7,
}


def in_passes(operations: Sequence[op.Operation]) -> list[op.Operation]:
    """The actions of a statement in the order in which PostgreSQL runs them: drops first."""
    return sorted(operations, key=pass_of)


def pass_of(operation: op.Operation, otherwise: int = 8) -> int:
    """When ALTER TABLE runs the action; `otherwise` for one that has no place of its own."""
    return _PASSES.get(type(operation), otherwise)


def replay(database: Database, operations: Sequence[op.Operation]) -> None:
    """Changes the database as the statement does when it succeeds."""
    for operation in in_passes(operations):
        replay_one(database, qualify(operation, database))


def replay_one(database: Database, operation: op.Operation) -> None:
    """One operation, its names already qualified."""
    handler = _HANDLERS.get(type(operation))
    if handler is None:
        return
    if isinstance(operation, _ON_A_TABLE):
        _note_unknown(database, operation.table)
    handler(database, operation)


def is_catalogued(kind: type[op.Operation]) -> bool:
    """Whether an operation of this kind may change the catalog."""
    return kind in _HANDLERS


def _note_unknown(database: Database, table: Name) -> None:
    if table not in database.relations and table not in database.indexes and not database.known:
        database.put_unseen(table)
