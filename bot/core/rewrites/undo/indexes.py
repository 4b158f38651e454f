"""Indexes and partitions as they were: built again, dropped again, attached and detached."""

from collections.abc import Iterator

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, joined, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.rewrites.undo.prior import NOTHING_TO_UNDO, Inverse, Prior
from bot.core.schema.catalog import CatalogIndex


def undo_index(operation: op.Operation, before: Prior) -> Inverse | None:
    """None where the operation is not one of these."""
    match operation:
        case op.CreateIndex():
            return _created(operation, before)
        case op.DropIndex():
            return _dropped(operation, before)
        case op.AttachIndexPartition(index=index, partition=partition):
            child, parent = before.index(partition), before.session.resolve(index)
            if child is not None and child.parent == parent:
                return NOTHING_TO_UNDO
            whole = say(
                "{}, which PostgreSQL drops with the indexes of all partitions: build it again first",
                named.index(index),
            )
            table = found.table if (found := before.index(index)) is not None else None
            spelled = before.spelled(table, index) if table is not None else None
            return Inverse((op.DropIndex((index,), if_exists=True, table=spelled),), whole)
        case op.AttachPartition():
            detach = op.DetachPartition(operation.table, operation.partition)
            return Inverse((detach, *_handed_down(operation, before)))
        case op.DetachPartition():
            return _detached(operation, before)
        case _:
            return None


def index_again(index: CatalogIndex, table: Name, *, concurrently: bool) -> op.CreateIndex:
    return op.CreateIndex(
        index.name.name,
        table,
        index.elements,
        unique=index.unique,
        concurrently=concurrently and not index.partitioned,
        method=index.method,
        include=index.include,
        nulls_not_distinct=index.nulls_not_distinct,
        where=index.where,
    )


def _created(operation: op.CreateIndex, before: Prior) -> Inverse:
    table = operation.table
    schema = before.session.resolve(table).schema
    if operation.index is not None:
        name = operation.index
        if operation.if_not_exists and before.index(Name(name, schema)) is not None:
            return NOTHING_TO_UNDO
    else:
        new = before.after(operation).session.catalog.indexes.keys() - before.session.catalog.indexes.keys()
        names = [one.name for one in new if one.schema == schema]
        if len(names) != 1:
            return Inverse(None, say("the index has no name that is known"))
        name = names[0]
    drop = op.DropIndex(
        (Name(name, table.schema),),
        concurrently=operation.concurrently,
        if_exists=operation.if_not_exists,
        table=table,
    )
    return Inverse((drop,))


def _dropped(drop: op.DropIndex, before: Prior) -> Inverse:
    made: list[op.Operation] = []
    lost: list[Message] = []
    for name in drop.indexes:
        known = before.index(name)
        if known is None:
            if drop.if_exists and before.lacks(name):
                continue
            return Inverse(None, say("the definition of {}", named.index(name)))
        if not known.valid and not known.partitioned:
            lost.append(say("{}, which is INVALID", named.index(name)))
            continue
        table = drop.table or before.spelled(known.table, name)
        made.append(index_again(known, table, concurrently=drop.concurrently))
    return Inverse(tuple(made), joined(", ", lost))


def _handed_down(attach: op.AttachPartition, before: Prior) -> Iterator[op.Operation]:
    """What the partition gets from its parent and keeps when it is detached: foreign keys, keys, indexes."""
    partition = before.session.resolve(attach.partition)
    known, after = before.relation(attach.partition), before.after(attach)
    found = after.relation(attach.partition)
    if known is None or found is None:
        return
    had = {one.name for one in known.constraints}
    keys = {one.name: one.index for one in found.constraints if one.name not in had}
    for name, constraint in ((one.name, one.definition) for one in found.constraints if one.name not in had):
        if not isinstance(constraint, op.NotNull | op.Check):
            yield op.DropConstraint(attach.partition, name)
    new = after.session.catalog.indexes.keys() - before.session.catalog.indexes.keys() - set(keys.values())
    for name in sorted(name for name in new if name is not None and name.schema == partition.schema):
        yield op.DropIndex((before.spelled(name, attach.partition),), table=attach.partition)


def _detached(detach: op.DetachPartition, before: Prior) -> Inverse:
    partition = before.relation(detach.partition)
    bound = partition.bound if partition is not None else None
    if bound is None:
        return Inverse(None, say("the bounds of {}", named.plain(detach.partition)))
    attach = op.AttachPartition(detach.table, detach.partition, bound)
    if not detach.concurrently:
        return Inverse((attach,))
    return Inverse((attach, op.DropConstraint(detach.partition, _bound_check(detach, before), missing_ok=True)))


def _bound_check(detach: op.DetachPartition, before: Prior) -> str:
    """The check that DETACH CONCURRENTLY leaves in place of the bound (DetachAddConstraintIfNeeded)."""
    partition, parent = before.relation(detach.partition), before.relation(detach.table)
    key = parent.partition_key.elements if parent is not None and parent.partition_key is not None else ()
    columns = {reference.column for element in key for reference in element.columns}
    taken = {one.name for one in partition.constraints} if partition is not None else set[str]()
    only = columns.pop() if len(columns) == 1 else None
    return free_name(detach.partition.name, only, "check", taken.__contains__)
