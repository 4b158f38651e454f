"""What undoes an operation, for the down side of a migration."""

from dataclasses import replace

from bot.core.language.names import Name
from bot.core.language.operations import (
    AddCheck,
    AddColumn,
    AddExclusion,
    AddForeignKey,
    AddIdentity,
    AddNotNull,
    AddPrimaryKey,
    AddUnique,
    Analyze,
    AttachPartition,
    Begin,
    Cluster,
    Commit,
    CreateComposite,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateMaterializedView,
    CreatePolicy,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTableAs,
    CreateTrigger,
    CreateView,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropFunction,
    DropIdentity,
    DropIndex,
    DropNotNull,
    DropPolicy,
    DropSchema,
    DropSequence,
    DropTable,
    DropTrigger,
    DropType,
    DropView,
    LockTable,
    Operation,
    RefreshMaterializedView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameRelation,
    RenameTrigger,
    SetInherit,
    SetLogged,
    SetNotNull,
    SetRowSecurity,
    SetSetting,
    SetTrigger,
    Vacuum,
    ValidateConstraint,
)

_ROW_SECURITY = {"ENABLE": "DISABLE", "FORCE": "NO FORCE", "NO FORCE": "FORCE"}
_CHANGES_NOTHING = (
    ValidateConstraint,
    Analyze,
    Vacuum,
    Cluster,
    Reindex,
    RefreshMaterializedView,
    LockTable,
    SetSetting,
    Begin,
    Commit,
)


def inverse(operation: Operation) -> tuple[Operation, ...] | None:
    """The operations that undo it: none where there is nothing to undo, None where it cannot be undone.

    What was overwritten or dropped is not in the operation, so SET DEFAULT, TYPE and every DROP give None. A
    CREATE that may have found the thing there (IF NOT EXISTS, OR REPLACE) is not undone by dropping it.
    """
    if isinstance(operation, _CHANGES_NOTHING):
        return ()
    if getattr(operation, "if_not_exists", False) or getattr(operation, "or_replace", False):
        return _undo_doubtful(operation)
    undone = _undo_table(operation) or _undo_created(operation) or _undo_renamed(operation)
    return None if undone is None else (undone,)


def _undo_doubtful(operation: Operation) -> tuple[Operation, ...] | None:
    """Columns and indexes of a migration are its own even where it asks first; the rest may be older."""
    match operation:
        case AddColumn(table=table, column=column):
            return (DropColumn(table, column.name, missing_ok=True),)
        case CreateIndex(index=str() as index, table=table, concurrently=concurrently):
            return (DropIndex((Name(index, table.schema),), concurrently=concurrently, if_exists=True),)
        case CreateTrigger(trigger=trigger, table=table):
            return (DropTrigger(trigger, table, if_exists=True),)
        case _:
            return None


def _undo_table(operation: Operation) -> Operation | None:
    match operation:
        case AddColumn(table=table, column=column):
            return DropColumn(table, column.name)
        case AddCheck() | AddNotNull() | AddUnique() | AddPrimaryKey() | AddForeignKey() | AddExclusion():
            name = operation.constraint.name
            return None if name is None else DropConstraint(operation.table, name)
        case SetNotNull(table=table, column=column):
            return DropNotNull(table, column)
        case DropNotNull(table=table, column=column):
            return SetNotNull(table, column)
        case AddIdentity(table=table, column=column):
            return DropIdentity(table, column)
        case SetLogged(logged=logged):
            return replace(operation, logged=not logged)
        case SetInherit(inherit=inherit):
            return replace(operation, inherit=not inherit)
        case SetRowSecurity(state="DISABLE"):
            return replace(operation, state="ENABLE")
        case SetRowSecurity(state=state):
            return replace(operation, state=_ROW_SECURITY[state])
        case SetTrigger(state=state):
            return replace(operation, state="ENABLE" if state == "DISABLE" else "DISABLE")
        case AttachPartition(table=table, partition=partition):
            return DetachPartition(table, partition)
        case _:
            return None


def _undo_created(operation: Operation) -> Operation | None:
    match operation:
        case CreateTable(table=table) | CreateTableAs(table=table):
            return DropTable((table,))
        case CreateIndex(index=str() as index, table=table, concurrently=concurrently):
            return DropIndex((Name(index, table.schema),), concurrently=concurrently)
        case CreateTrigger(trigger=trigger, table=table):
            return DropTrigger(trigger, table)
        case CreatePolicy(policy=policy, table=table):
            return DropPolicy(policy, table)
        case CreateView(view=view):
            return DropView((view,))
        case CreateMaterializedView(view=view):
            return DropView((view,), materialized=True)
        case CreateEnum(type=type_) | CreateComposite(type=type_):
            return DropType((type_,))
        case CreateDomain(domain=domain):
            return DropType((domain,), domain=True)
        case CreateSequence(sequence=sequence):
            return DropSequence((sequence,))
        case CreateFunction(function=function, procedure=procedure):
            return DropFunction((function,), kind="PROCEDURE" if procedure else "FUNCTION")
        case CreateSchema(schema=schema):
            return DropSchema((schema,))
        case _:
            return None


def _undo_renamed(operation: Operation) -> Operation | None:
    match operation:
        case RenameRelation(relation=relation, to=to):
            return replace(operation, relation=Name(to, relation.schema), to=relation.name)
        case RenameColumn(column=column, to=to):
            return replace(operation, column=to, to=column)
        case RenameConstraint(constraint=constraint, to=to):
            return replace(operation, constraint=to, to=constraint)
        case RenameTrigger(trigger=trigger, to=to):
            return replace(operation, trigger=to, to=trigger)
        case RenameEnumValue(value=value, to=to):
            return replace(operation, value=to, to=value)
        case _:
            return None
