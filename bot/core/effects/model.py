"""From a statement to its effects: its operations are looked up in their chapters, and the facts collected.

The two tables name the chapter of every operation; each chapter begins with its page of PostgreSQL's manual and its
source file. Its facts are measured against servers of every supported major (`tests/truth`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.effects import (
    attached,
    columns,
    constraints,
    foreign_keys,
    generated,
    indexes,
    maintenance,
    objects,
    partitions,
    properties,
    retype,
    rows,
    tables,
    unseen,
)
from bot.core.effects.alter import Action, alter_table
from bot.core.effects.resolving import resolve
from bot.core.effects.work import Work
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.messages import Given
from bot.core.language.migrations import Statement
from bot.core.schema.qualify import qualify
from bot.core.schema.session import Session

# The actions of ALTER TABLE; one statement may have several.
_ACTIONS: Mapping[type, Action] = {
    op.AddColumn: columns.add_column,
    op.DropColumn: columns.drop_column,
    op.AlterColumnType: retype.change_type,
    op.SetDefault: columns.set_default,
    op.DropDefault: columns.set_default,
    op.SetNotNull: columns.set_not_null,
    op.DropNotNull: columns.drop_not_null,
    op.SetStatistics: columns.set_statistics,
    op.SetColumnOptions: columns.set_column_options,
    op.SetStorage: columns.set_storage,
    op.SetCompression: columns.set_storage,
    op.SetExpression: generated.set_expression,
    op.DropExpression: generated.drop_expression,
    op.AddIdentity: generated.add_identity,
    op.SetIdentity: generated.set_identity,
    op.DropIdentity: generated.drop_identity,
    op.AddCheck: constraints.add_check,
    op.AddNotNull: constraints.add_not_null,
    op.AddUnique: constraints.add_key,
    op.AddPrimaryKey: constraints.add_key,
    op.AddExclusion: constraints.add_key,
    op.AddForeignKey: foreign_keys.add_foreign_key,
    op.ValidateConstraint: constraints.validate,
    op.AlterConstraint: constraints.alter_constraint,
    op.RenameConstraint: constraints.rename,
    op.DropConstraint: constraints.drop,
    op.AttachPartition: partitions.attach,
    op.DetachPartition: partitions.detach,
    op.SetLogged: properties.set_logged,
    op.SetTablespace: properties.set_tablespace,
    op.SetAccessMethod: properties.set_access_method,
    op.SetOptions: properties.nothing_more,
    op.SetOwner: properties.set_owner,
    op.SetCluster: properties.set_cluster,
    op.SetTrigger: properties.set_trigger,
    op.SetInherit: properties.set_inherit,
    op.SetReplicaIdentity: properties.catalogued,
    op.SetRowSecurity: properties.catalogued,
    op.SetRule: properties.nothing_more,
    op.SetWithoutOids: properties.nothing_more,
    op.SetOfType: properties.set_of_type,
    op.SetForeignOptions: properties.nothing_more,
}

_STATEMENTS: Mapping[type, Callable[[Work, Any], None]] = {
    op.RenameColumn: columns.rename_column,
    op.MoveTablespace: properties.move_all,
    op.CreateTable: tables.create,
    op.CreateTableAs: tables.create_as,
    op.CreateForeignTable: tables.create_foreign,
    op.DropTable: tables.drop,
    op.RenameRelation: tables.rename,
    op.SetSchema: tables.set_schema,
    op.Truncate: tables.truncate,
    op.LockTable: tables.lock_table,
    op.CreateTrigger: attached.create_trigger,
    op.DropTrigger: attached.drop_trigger,
    op.RenameTrigger: attached.rename_trigger,
    op.CreatePolicy: attached.create_policy,
    op.AlterPolicy: attached.create_policy,
    op.DropPolicy: attached.drop_policy,
    op.CreateRule: attached.create_rule,
    op.RenameRule: attached.rename_rule,
    op.DropRule: attached.drop_rule,
    op.CreateIndex: indexes.create,
    op.DropIndex: indexes.drop,
    op.Reindex: indexes.reindex,
    op.AttachIndexPartition: indexes.attach,
    op.Select: rows.select,
    op.Insert: rows.insert,
    op.Update: rows.update,
    op.Delete: rows.delete,
    op.Merge: rows.merge,
    op.Copy: rows.copy,
    op.CreateView: objects.create_view,
    op.CreateMaterializedView: objects.create_materialized,
    op.RefreshMaterializedView: objects.refresh,
    op.DropView: objects.drop_view,
    op.AlterViewColumnDefault: objects.alter_view,
    op.AddEnumValue: objects.add_value,
    op.AlterComposite: objects.alter_composite,
    op.AlterDomain: objects.alter_domain,
    op.DropType: objects.drop_type,
    op.CreateSequence: objects.create_sequence,
    op.AlterSequence: objects.alter_sequence,
    op.DropSequence: objects.drop_sequence,
    op.DropFunction: objects.drop_function,
    op.CreateSchema: objects.create_schema,
    op.DropSchema: objects.drop_schema,
    op.DropExtension: objects.drop_extension,
    op.CreateStatistics: objects.create_statistics,
    op.DropObject: objects.drop_object,
    op.AlterPublication: objects.alter_publication,
    op.CommentOn: objects.comment,
    op.Grant: objects.grant,
    op.OwnedBy: objects.owned_by,
    op.Vacuum: maintenance.vacuum,
    op.Analyze: maintenance.analyze,
    op.Cluster: maintenance.cluster,
    op.NoTransaction: unseen.refused,
    op.Do: unseen.do,
    op.CallFunction: unseen.call,
    op.Unread: unseen.unread,
}


def effects(statement: Statement | Sequence[op.Operation], session: Session, major: int) -> Effects:
    """What `statement` does to the database in the state of `session`, on PostgreSQL `major` (12 to 18); never raises.

    Where the catalog does not say, the worse case is assumed and named in `assumptions`.
    """
    operations = statement.operations if isinstance(statement, Statement) else tuple(statement)
    work = Work(session, major)
    qualified = [qualify(operation, work.database) for operation in operations]
    table = qualified[0].subject if qualified else None
    if table is not None and all(type(operation) in _ACTIONS for operation in qualified):
        alter_table(work, table, qualified, _ACTIONS)
        _resolve(work, operations, altering=True)
        return work.result()
    for operation in qualified:
        if (state := _STATEMENTS.get(type(operation))) is not None:
            state(work, operation)
        elif not is_stated(type(operation)):
            work.assume("nothing: what {} does is not known", Given(type(operation).__name__))
    _resolve(work, operations, altering=False)
    return work.result()


def _resolve(work: Work, operations: Sequence[op.Operation], *, altering: bool) -> None:
    """The names, where the chapters have found nothing that fails."""
    if not work.failed:
        resolve(work, operations, altering=altering)


def is_stated(kind: type[op.Operation]) -> bool:
    """Whether the effects of the operation are known: a chapter states them, or the class says that there are none."""
    return kind in _ACTIONS or kind in _STATEMENTS or bool(kind.no_effects)
