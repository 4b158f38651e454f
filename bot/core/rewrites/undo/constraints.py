"""Constraints as they were: those added are dropped, those dropped declared again without reading a large table."""

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import NOTHING, Message, say
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.rewrites.undo.prior import NOTHING_TO_UNDO, Inverse, Prior
from bot.core.schema.catalog import CatalogConstraint, RelationKind


def undo_constraint(operation: op.Operation, before: Prior) -> Inverse | None:
    """None where the operation is not one of these."""
    match operation:
        case op.AddPrimaryKey():
            return _added_key(operation, before)
        case op.AddCheck() | op.AddNotNull() | op.AddUnique() | op.AddForeignKey() | op.AddExclusion():
            return _added(operation, before)
        case op.DropConstraint(table=table, constraint=name):
            known = before.constraint(table, name)
            if known is not None:
                return again(table, known, before)
            relation = before.relation(table)
            if operation.missing_ok and relation is not None and not relation.partial:
                return NOTHING_TO_UNDO
            return Inverse(None, say("the definition of {}", named.constraint(name, table)))
        case op.RenameConstraint(constraint=constraint, to=to):
            return Inverse((replace(operation, constraint=to, to=constraint),))
        case op.AlterConstraint(table=table, constraint=name):
            known = before.constraint(table, name)
            if known is None or not isinstance(key := known.definition, op.ForeignKey):
                return Inverse(None, say("the former properties of {}", named.constraint(name, table)))
            former = replace(
                operation,
                deferrable=None if operation.deferrable is None else key.deferrable,
                initially_deferred=None if operation.initially_deferred is None else key.initially_deferred,
                enforced=None if operation.enforced is None else key.enforced,
            )
            return Inverse((former,))
        case _:
            return None


def again(table: Name, known: CatalogConstraint, before: Prior) -> Inverse:
    """A dropped constraint added again under its name.

    What would read a large table while everybody waits is declared NOT VALID: new rows are checked, old ones are not.
    """
    definition = replace(known.definition, name=known.name)
    quietly = not before.is_small(table)
    was = before.start.catalog.relations.get(before.session.resolve(table))
    older = was is not None and any(one.name == known.name for one in was.constraints)
    unproven = (
        say("that all rows of {} meet {} (validate it)", table, named.constraint(known.name, table))
        if known.valid and older and quietly
        else NOTHING
    )
    match definition:
        case op.Check():
            return Inverse(
                (op.AddCheck(table, replace(definition, not_valid=quietly and definition.enforced)),), unproven
            )
        case op.NotNull():
            return Inverse((op.AddNotNull(table, replace(definition, not_valid=quietly)),), unproven)
        case op.ForeignKey():
            return _key_again(table, definition, before, unproven, quietly=quietly)
        case op.Unique():
            return Inverse((op.AddUnique(table, definition),))
        case op.PrimaryKey():
            return Inverse((op.AddPrimaryKey(table, definition),))
        case op.Exclusion():
            return Inverse((op.AddExclusion(table, definition),))


def _key_again(table: Name, key: op.ForeignKey, before: Prior, unproven: Message, *, quietly: bool) -> Inverse:
    relation = before.relation(table)
    if relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE and before.major < 18:
        quietly, unproven = False, NOTHING
    spelled = replace(key, references=before.spelled(key.references, table), not_valid=quietly and key.enforced)
    return Inverse((op.AddForeignKey(table, spelled),), unproven)


def _added(
    operation: op.AddCheck | op.AddNotNull | op.AddUnique | op.AddForeignKey | op.AddExclusion, before: Prior
) -> Inverse:
    name = operation.constraint.name or _new_name(operation, before)
    if isinstance(operation, op.AddNotNull):
        known = before.column(operation.table, operation.constraint.column)
        if known is not None and known.not_null:
            return NOTHING_TO_UNDO
        if name is None:
            return Inverse((op.DropNotNull(operation.table, operation.constraint.column),))
    if name is None:
        return Inverse(None, say("it has no name that is known"))
    index = operation.constraint.using_index if isinstance(operation, op.AddUnique) else None
    return Inverse((op.DropConstraint(operation.table, name),), _index_gone(index, operation.table))


def _added_key(operation: op.AddPrimaryKey, before: Prior) -> Inverse:
    """NOT NULL of its columns came with it, and would stay."""
    table, constraint = operation.table, operation.constraint
    name = constraint.name or _new_name(operation, before)
    if name is None:
        return Inverse(None, say("it has no name that is known"))
    columns = constraint.columns
    if constraint.using_index is not None:
        index = before.index(Name(constraint.using_index, before.session.resolve(table).schema))
        columns = tuple(one.column for one in index.elements if one.column) if index is not None else ()
    nullable = [one for one in columns if (known := before.column(table, one)) is not None and not known.not_null]
    return Inverse(
        (op.DropConstraint(table, name), *(op.DropNotNull(table, column) for column in nullable)),
        _index_gone(constraint.using_index, table),
    )


def _index_gone(index: str | None, table: Name) -> Message:
    if index is None:
        return NOTHING
    return say("{}, which PostgreSQL drops with its constraint: build it again first", named.index(index, table))


def _new_name(operation: op.AddConstraint, before: Prior) -> str | None:
    """The name that PostgreSQL chooses."""
    known = before.relation(operation.table)
    found = before.after(operation).relation(operation.table)
    if known is None or found is None:
        return None
    names = {one.name for one in known.constraints}
    kind = type(operation.constraint)
    return next(
        (one.name for one in found.constraints if one.name not in names and isinstance(one.definition, kind)), None
    )
