"""The operations that undo an operation, for the down side of a migration."""

from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import Name

_ROW_SECURITY = {"ENABLE": "DISABLE", "FORCE": "NO FORCE", "NO FORCE": "FORCE"}
_CHANGES_NOTHING = (
    op.ValidateConstraint,
    op.Analyze,
    op.Vacuum,
    op.Cluster,
    op.Reindex,
    op.RefreshMaterializedView,
    op.LockTable,
    op.SetSetting,
    op.Begin,
    op.Commit,
)


def inverse(operation: op.Operation) -> tuple[op.Operation, ...] | None:
    """The operations that undo it: none where there is nothing to undo, None where it cannot be undone.

    What was overwritten or dropped is not in the operation, so SET DEFAULT, TYPE and every DROP give None. Dropping the
    object does not undo a CREATE of what may have existed before (IF NOT EXISTS, OR REPLACE).
    """
    if isinstance(operation, _CHANGES_NOTHING):
        return ()
    if operation.is_guarded and op.fields_that(type(operation), op.FieldRole.CREATED):
        return _undo_doubtful(operation)
    undone = next(filter(None, (undo(operation) for undo in _UNDO)), None)
    return None if undone is None else (undone,)


def _undo_doubtful(operation: op.Operation) -> tuple[op.Operation, ...] | None:
    """Columns and indexes of a migration are its own even with IF NOT EXISTS; other objects may be older."""
    match operation:
        case op.AddColumn(table=table, column=column):
            return (op.DropColumn(table, column.name, missing_ok=True),)
        case op.CreateIndex(index=str() as index, table=table, concurrently=concurrently):
            return (op.DropIndex((Name(index, table.schema),), concurrently=concurrently, if_exists=True),)
        case op.CreateTrigger(trigger=trigger, table=table):
            return (op.DropTrigger(trigger, table, if_exists=True),)
        case _:
            return None


def _undo_column(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.AddColumn(table=table, column=column):
            return op.DropColumn(table, column.name)
        case (
            op.AddCheck()
            | op.AddNotNull()
            | op.AddUnique()
            | op.AddPrimaryKey()
            | op.AddForeignKey()
            | op.AddExclusion()
        ):
            name = operation.constraint.name
            return None if name is None else op.DropConstraint(operation.table, name)
        case op.SetNotNull(table=table, column=column):
            return op.DropNotNull(table, column)
        case op.DropNotNull(table=table, column=column):
            return op.SetNotNull(table, column)
        case op.AddIdentity(table=table, column=column):
            return op.DropIdentity(table, column)
        case _:
            return None


def _undo_property(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.SetLogged(logged=logged):
            return replace(operation, logged=not logged)
        case op.SetInherit(inherit=inherit):
            return replace(operation, inherit=not inherit)
        case op.SetRowSecurity(state="DISABLE"):
            return replace(operation, state="ENABLE")
        case op.SetRowSecurity(state=state):
            return replace(operation, state=_ROW_SECURITY[state])
        case op.SetTrigger(state=state):
            return replace(operation, state="ENABLE" if state == "DISABLE" else "DISABLE")
        case op.AttachPartition(table=table, partition=partition):
            return op.DetachPartition(table, partition)
        case _:
            return None


def _undo_created(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.CreateTable(table=table) | op.CreateTableAs(table=table):
            return op.DropTable((table,))
        case op.CreateIndex(index=str() as index, table=table, concurrently=concurrently):
            return op.DropIndex((Name(index, table.schema),), concurrently=concurrently)
        case op.CreateTrigger(trigger=trigger, table=table):
            return op.DropTrigger(trigger, table)
        case op.CreatePolicy(policy=policy, table=table):
            return op.DropPolicy(policy, table)
        case op.CreateView(view=view):
            return op.DropView((view,))
        case op.CreateMaterializedView(view=view):
            return op.DropView((view,), materialized=True)
        case _:
            return None


def _undo_object(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.CreateEnum(type=type_) | op.CreateComposite(type=type_):
            return op.DropType((type_,))
        case op.CreateDomain(domain=domain):
            return op.DropType((domain,), domain=True)
        case op.CreateSequence(sequence=sequence):
            return op.DropSequence((sequence,))
        case op.CreateFunction(function=function, procedure=procedure):
            return op.DropFunction((function,), kind="PROCEDURE" if procedure else "FUNCTION")
        case op.CreateSchema(schema=schema):
            return op.DropSchema((schema,))
        case _:
            return None


def _undo_renamed(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.RenameRelation(relation=relation, to=to):
            return replace(operation, relation=Name(to, relation.schema), to=relation.name)
        case op.RenameColumn(column=column, to=to):
            return replace(operation, column=to, to=column)
        case (
            op.RenameConstraint(constraint=constraint, to=to) | op.RenameDomainConstraint(constraint=constraint, to=to)
        ):
            return replace(operation, constraint=to, to=constraint)
        case op.RenameRule(rule=rule, to=to):
            return replace(operation, rule=to, to=rule)
        case op.RenameTrigger(trigger=trigger, to=to):
            return replace(operation, trigger=to, to=trigger)
        case op.RenameEnumValue(value=value, to=to):
            return replace(operation, value=to, to=value)
        case _:
            return None


_UNDO = (_undo_column, _undo_property, _undo_created, _undo_object, _undo_renamed)
