"""Which names a statement needs, makes and takes away, and whether they are there: one pass for every operation.

A module for each kind of thing that has a name. What is missing, taken, of the wrong kind or still needed by others
fails with PostgreSQL's SQLSTATE and words. It runs after the chapters, which fail first where order matters; a name is
missing only where everything in question was looked up.

Sources: namespace.c, objectaddress.c, dependency.c, parse_relation.c, parse_func.c, parse_oper.c.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.effects.resolving import (
    columns,
    constraints,
    expressions,
    functions,
    indexes,
    objects,
    options,
    publications,
    queries,
    relations,
    retyped,
    rows,
    schemas,
    sequences,
    types,
)
from bot.core.effects.resolving.asking import Asking
from bot.core.effects.work import Work
from bot.core.language import operations as op
from bot.core.schema.changes import in_passes, replay_one
from bot.core.schema.qualify import qualify

Check = Callable[[Asking, Any], None]

_CHECKS: Mapping[type, Sequence[Check]] = {
    op.Harmless: (objects.check_mentions,),
    op.NoTransaction: (objects.check_mentions,),
    op.CommentOn: (objects.check_comment,),
    op.RenameObject: (objects.check_mentions,),
    op.DropObject: (objects.check_mentions,),
    op.OwnedBy: (objects.check_mentions,),
    op.Grant: (objects.check_mentions,),
    op.CreateSchema: (schemas.make, objects.check_mentions),
    op.DropSchema: (schemas.drop,),
    op.CreateExtension: (schemas.make_extension,),
    op.DropExtension: (schemas.drop_extension,),
    op.SetTablespace: (schemas.check_storage,),
    op.SetAccessMethod: (schemas.check_storage,),
    op.MoveTablespace: (schemas.check_storage,),
    op.SetSetting: (schemas.check_role_setting,),
    op.SetOwner: (relations.check_kind, schemas.check_owner),
    op.CreateForeignTable: (relations.make, schemas.check_server, columns.check_new),
    op.CreateTable: (
        relations.make,
        relations.check_inherits,
        columns.check_new,
        constraints.check_foreign_keys,
        schemas.check_storage,
        options.check_created,
        expressions.check_created,
    ),
    op.CreateTableAs: (relations.make, queries.check_select),
    op.CreateView: (relations.make, options.check_created, queries.check_view),
    op.CreateMaterializedView: (relations.make, queries.check_select),
    op.CreateSequence: (relations.make, sequences.check),
    op.AlterSequence: (sequences.check,),
    op.DropSequence: (sequences.drop,),
    op.RenameRelation: (relations.check_kind,),
    op.SetSchema: (relations.check_kind,),
    op.RefreshMaterializedView: (relations.check_refresh,),
    op.LockTable: (relations.check_lock,),
    op.Cluster: (relations.check_cluster,),
    op.SetCluster: (relations.check_cluster,),
    op.SetReplicaIdentity: (relations.check_identity_index,),
    op.SetInherit: (relations.check_inherit,),
    op.AttachPartition: (relations.check_attached,),
    op.AttachIndexPartition: (relations.check_index_attached,),
    op.CreateTrigger: (relations.check_trigger_table, functions.check_trigger, expressions.check_trigger),
    op.DropTrigger: (relations.check_dropped_trigger,),
    op.RenameTrigger: (relations.check_renamed_part,),
    op.CreatePolicy: (relations.check_policy, expressions.check_policy),
    op.AlterPolicy: (relations.check_renamed_part, expressions.check_policy),
    op.CreateRule: (relations.check_rule,),
    op.RenameRule: (relations.check_renamed_part,),
    op.SetRule: (relations.check_renamed_part,),
    op.CreateIndex: (
        columns.check_index,
        indexes.check,
        options.check_created,
        schemas.check_storage,
        expressions.check_index,
    ),
    op.AddUnique: (indexes.check_key,),
    op.AddPrimaryKey: (indexes.check_key,),
    op.AddCheck: (constraints.check_not_inherited, expressions.check_constraint),
    op.AddExclusion: (expressions.check_constraint,),
    op.SetDefault: (expressions.check_default,),
    op.SetExpression: (expressions.check_expression,),
    op.Select: (queries.check_select,),
    op.AddColumn: (columns.check_new, expressions.check_added),
    op.DropColumn: (columns.check_published,),
    op.AlterColumnType: (columns.check_published, columns.check_collation, retyped.check_retype),
    op.SetStorage: (columns.check_storage,),
    op.SetCompression: (columns.check_storage,),
    op.CreateStatistics: (columns.check_listed,),
    op.Analyze: (columns.check_listed,),
    op.AlterViewColumnDefault: (columns.check_listed,),
    op.AlterPublication: (publications.check, objects.check_mentions),
    op.CreateEnum: (types.make,),
    op.CreateComposite: (types.make,),
    op.CreateRange: (types.make,),
    op.CreateDomain: (types.make,),
    op.AddEnumValue: (types.check_label,),
    op.RenameEnumValue: (types.check_label,),
    op.AlterComposite: (types.check_attribute,),
    op.RenameColumn: (types.check_renamed_attribute,),
    op.AlterDomain: (types.check_domain,),
    op.RenameDomainConstraint: (types.check_domain,),
    op.DropType: (types.drop,),
    op.CreateFunction: (functions.make,),
    op.DropFunction: (functions.drop,),
    op.CallFunction: (functions.check_call,),
    op.SetOptions: (options.check,),
    op.Insert: (relations.check_written, columns.check_targets, constraints.check_conflict, rows.check_conflict,
                rows.check_insert, queries.check_insert),
    op.Update: (relations.check_written, columns.check_targets, rows.check_update, queries.check_update),
    op.Delete: (relations.check_written, queries.check_delete),
    op.Merge: (relations.check_written,),
}  # fmt: skip
"""What is asked of each kind of operation, besides the types in it."""
_OWN_TYPES = (op.DropType, op.Unread)


def resolve(work: Work, operations: Sequence[op.Operation], *, altering: bool) -> None:
    """Fails where a name that the operations need is missing, or one that they make is taken.

    `altering`: they are the actions of one ALTER TABLE, which runs its drops first.
    """
    asking = Asking(work, work.session.database())
    for operation in in_passes(operations) if altering else operations:
        qualified = qualify(operation, asking.database)
        if not isinstance(qualified, _OWN_TYPES):
            types.check_types(asking, qualified)
        for check in _CHECKS.get(type(operation), ()):
            if work.failed:
                return
            check(asking, qualified)
        if work.failed:
            return
        if len(operations) > 1:
            replay_one(asking.database, qualified)
