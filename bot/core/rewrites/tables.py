"""Partitions attached and detached, materialized views refreshed, rows changed: without making others wait."""

import re
from dataclasses import replace

from bot.core.cost.estimate import estimate
from bot.core.judging.findings import SafeRewrite, Step
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.facts import Effects
from bot.core.language.messages import NOTHING, Code, say
from bot.core.language.names import Name
from bot.core.language.naming import index_columns, joined, object_name
from bot.core.rewrites.bounds import bound_check, negated, required
from bot.core.rewrites.constraints import validate
from bot.core.rewrites.filling import only_empty, writers_first
from bot.core.rewrites.steps import migration, outside, script, written_beside
from bot.core.schema.catalog import CatalogIndex, Relation, RelationKind
from bot.core.schema.session import Session

DETACH_CONCURRENTLY = 14


def attach_partition(attach: op.AttachPartition, moment: Moment) -> SafeRewrite | None:
    """A validated check that implies the bound avoids the scan under the lock; likewise on the DEFAULT partition."""
    inside, whole = bound_check(attach.table, attach.bound, moment), required(attach.table, attach.bound, moment)
    if inside is None or whole is None:
        return None
    default = default_partition(attach.table, moment)
    steps = _indexes_first(attach, moment)
    after: list[op.DropConstraint] = []
    if not moment.is_new(attach.partition):
        name = object_name(attach.partition.name, None, "bound")
        steps.append(migration(f"declare_{name}", op.AddCheck(attach.partition, op.Check(whole, name, not_valid=True))))
        steps.append(validate(attach.partition, name))
        after.append(op.DropConstraint(attach.partition, name))
    if default is not None and not attach.bound.default and not _is_small(default, moment):
        proof, drop = _kept_out(inside, default, attach.table, attach.partition, moment)
        steps += proof
        after.append(drop)
    if not steps:
        return None
    note = say("The validated checks prove the bound, so that the table is not read; then they go.")
    return SafeRewrite((*steps, migration(f"attach_{attach.partition.name}", attach, *after, note=note)))


def _indexes_first(attach: op.AttachPartition, moment: Moment) -> list[Step]:
    """The parent's indexes that the partition lacks, built CONCURRENTLY; ATTACH would build them under its lock."""
    if moment.is_new(attach.partition):
        return []
    catalog = moment.session.catalog
    partition = moment.session.resolve(attach.partition)
    own = [_shape(index) for index in catalog.indexes_of(partition) if index.valid and not index.partitioned]
    relation = moment.relation(attach.partition)
    if relation is None or relation.kind is not RelationKind.TABLE:
        return []
    steps: list[Step] = []
    for index in catalog.indexes_of(moment.session.resolve(attach.table)):
        if _shape(index) not in own:
            steps += _index_like(index, attach.partition, moment)
    return steps


def _index_like(index: CatalogIndex, partition: Name, moment: Moment) -> list[Step]:
    build = op.CreateIndex(
        None,
        partition,
        index.elements,
        unique=index.unique,
        concurrently=True,
        method=index.method,
        include=index.include,
        nulls_not_distinct=index.nulls_not_distinct,
        where=index.where,
    )
    label = "pkey" if index.primary else "key" if index.constraint else "idx"
    columns = None if index.primary else joined(index_columns(index.elements, index.include))
    name = object_name(partition.name, columns, label)
    steps = [outside(f"build_{name}", replace(build, index=name), moment, say("Writes go on while it builds."))]
    if index.primary:
        key = op.AddPrimaryKey(partition, op.PrimaryKey((), name, using_index=name))
        steps.append(migration(f"add_{name}", key, note=say("Instant: the index is there.")))
    elif index.constraint is not None:
        steps.append(migration(f"add_{name}", op.AddUnique(partition, op.Unique((), name, using_index=name))))
    return steps


def _shape(index: CatalogIndex) -> tuple[object, ...]:
    """The properties that an index of a partition must share with the parent's (CompareIndexInfo), approximately."""
    keys = tuple((element.column or element.expression.text, element.operator_class) for element in index.elements)
    where = index.where.text if index.where is not None else None
    return (keys, index.unique, index.method, where, index.constraint is not None)


def detach_partition(detach: op.DetachPartition, moment: Moment) -> SafeRewrite | None:
    if detach.finalize or moment.major < DETACH_CONCURRENTLY or default_partition(detach.table, moment) is not None:
        return None
    if detach.concurrently and moment.transaction is None:
        return None
    step = outside(f"detach_{detach.partition.name}", replace(detach, concurrently=True), moment)
    return SafeRewrite((step,), say("{} keeps a check of its former bounds", named.plain(detach.partition)))


def create_partition(table: op.CreateTable, moment: Moment) -> SafeRewrite | None:
    """A table created beside the partitioned one and attached: the parent is never locked against reads and writes."""
    parent = table.partition_of
    if parent is None or table.bound is None or moment.is_new(parent) or table.columns or table.constraints:
        return None
    alike = replace(
        table, partition_of=None, bound=None, likes=(op.Like(parent, ("ALL",), ("IDENTITY",)),), if_not_exists=False
    )
    attach = op.AttachPartition(parent, table.table, table.bound)
    default = default_partition(parent, moment)
    inside = bound_check(parent, table.bound, moment)
    if default is None or table.bound.default or inside is None or _is_small(default, moment):
        return SafeRewrite((migration(f"create_{table.table.name}", alike, attach),))
    proof, drop = _kept_out(inside, default, parent, table.table, moment)
    note = say("The validated check proves that no row has to move, so that nothing is read; then it goes.")
    return SafeRewrite((*proof, migration(f"create_{table.table.name}", alike, attach, drop, note=note)))


def _is_small(default: Relation, moment: Moment) -> bool:
    """Whether reading it under the lock is over at once: then no row has to be refused beforehand."""
    size, limits = default.size, moment.policy.thresholds
    if size is None or size.rows is None or size.heap_bytes is None:
        return False
    return size.rows < limits.small_rows and size.heap_bytes < limits.small_bytes


def _kept_out(
    inside: Expression, default: Relation, parent: Name, partition: Name, moment: Moment
) -> tuple[tuple[Step, Step], op.DropConstraint]:
    """A validated check that the DEFAULT partition holds no row of the new one, and what takes it away again.

    PostgreSQL takes nothing else as proof, and a check is enforced before it is validated: rows of the new partition
    have no place until it is attached.
    """
    name = object_name(default.name.name, partition.name, "not")
    rest = written_beside(default.name, parent)
    seconds = estimate(Effects(scans=(default.name,)), moment.statement, moment.session)
    lasts = say(", for {} or more (the validation of {})", seconds, rest) if seconds is not None else NOTHING
    note = say(
        "Until {} is attached, PostgreSQL refuses rows of {} with {}{}: INSERT and UPDATE fail with 23514. Apply all "
        "steps before such rows arrive, one right after the other. Rows of that kind that {} holds already make the "
        "validation fail, as they would the statement itself: move them away first.",
        partition,
        parent,
        Code(inside.text),
        lasts,
        rest,
    )
    check = op.AddCheck(rest, op.Check(negated(inside), name, not_valid=True))
    return (migration(f"declare_{name}", check, note=note), validate(rest, name)), op.DropConstraint(rest, name)


def refresh(refreshing: op.RefreshMaterializedView, moment: Moment) -> SafeRewrite | None:
    """CONCURRENTLY needs a unique index on plain columns, without WHERE, and contents to compare with."""
    view = moment.relation(refreshing.view)
    usable = _has_a_key(refreshing.view, moment.session)
    if refreshing.concurrently or view is None or not view.populated or not refreshing.with_data or not usable:
        return None
    step = migration(
        f"refresh_{refreshing.view.name}", replace(refreshing, concurrently=True), note=say("Reads go on.")
    )
    of_the_file = (timed for timed in moment.timeline if timed.statement.path == moment.statement.path)
    first = next(of_the_file, moment.timeline[moment.index])
    # An index of the same file is built in a file of its own, and the refresh comes after it.
    return SafeRewrite((replace(step, apart=not _has_a_key(refreshing.view, first.session)),))


def _has_a_key(view: Name, session: Session) -> bool:
    return any(
        index.unique and index.valid and index.where is None and all(one.column for one in index.elements)
        for index in session.catalog.indexes_of(session.resolve(view))
    )


def change_rows(change: op.Update | op.Delete, moment: Moment) -> SafeRewrite | None:
    if moment.is_new(change.table) or change.batched or change.by_application:
        return None
    verb = "delete" if isinstance(change, op.Delete) else "backfill"
    columns = "_".join(change.columns) if isinstance(change, op.Update) else ""
    note = say(
        "In place of the statement: in batches, each committed, with a pause between; it can be stopped and run again."
    )
    first = writers_first(change, moment)
    change = only_empty(change, moment) if first else change
    return SafeRewrite((*first, script(f"{verb}_{change.table.name}_{columns}", change, note)))


_OF_ALL_ROWS = re.compile(
    r"^(?!\s*SELECT\b)|\b(?:GROUP|HAVING|LIMIT|OFFSET|FETCH|WINDOW|OVER|UNION|INTERSECT|EXCEPT|DISTINCT)\b",
    re.IGNORECASE,
)
"""A query whose rows do not come from one row of a table each; DISTINCT may be that of a comparison."""


def insert_rows(insert: op.Insert, moment: Moment) -> SafeRewrite | None:
    """The rows of another table, in batches along it; None where they come from no table, or go where nobody is."""
    query = insert.query
    if moment.is_new(insert.table) or query is None or not query.relations or _OF_ALL_ROWS.search(query.text):
        return None
    if any(moment.session.resolve(one) == moment.session.resolve(insert.table) for one in query.relations):
        return None
    note = say(
        "In place of the statement: in batches, each committed, with a pause between. Rows that come behind the batch "
        "that would have had them are not inserted."
    )
    return SafeRewrite((script(f"insert_{insert.table.name}", insert, note),))


def default_partition(table: Name, moment: Moment) -> Relation | None:
    partitions = moment.session.catalog.partitions_of(moment.session.resolve(table))
    return next((one for one in partitions if one.bound is not None and one.bound.default), None)
