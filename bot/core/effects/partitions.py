"""Partitions: attached, detached; what their bounds require of rows, and what proves it.

Sources: https://www.postgresql.org/docs/current/ddl-partitioning.html; tablecmds.c (ATExecAttachPartition,
ATExecDetachPartition), partbounds.c (check_new_partition_bound, check_default_partition_contents).
"""

from collections.abc import Mapping

from bot.core.effects.alter import Alter, scan_for_key
from bot.core.effects.bounds import condition, is_empty, overlapping
from bot.core.effects.columns import valid_checks
from bot.core.effects.functions.predicates import (
    All,
    Condition,
    Null,
    holds,
    implied,
    negation,
)
from bot.core.effects.indexes import READERS, WRITERS, build_everywhere
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.constants import Value
from bot.core.language.locks import LockMode
from bot.core.language.messages import clause, error
from bot.core.language.names import Name
from bot.core.schema.catalog import RelationKind
from bot.core.schema.changes.indexes import partition_index, unattached_twin
from bot.core.schema.dependents import same_constraint

_AX = LockMode.ACCESS_EXCLUSIVE
_SRX = LockMode.SHARE_ROW_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def attach(alter: Alter, operation: op.AttachPartition) -> bool:
    work, parent, partition = alter.work, operation.table, operation.partition
    if not work.find(partition):
        return False
    for name in work.database.tree(partition):
        work.lock(name, _AX)
    for name in _above(work, parent):
        work.lock(name, LockMode.ACCESS_SHARE)
    if _refused(work, parent, partition, operation.bound):
        return False
    _check_rows(work, parent, partition, operation.bound)
    check_default(work, parent, operation.bound)
    _hand_down(alter, parent, partition)
    return True


def _refused(work: Work, parent: Name, partition: Name, bound: op.Bound) -> bool:
    relation, child = work.database.relation(parent), work.database.relation(partition)
    if relation is not None and not relation.partial and relation.kind is not RelationKind.PARTITIONED_TABLE:
        work.fail("42809" if work.major >= 18 else "42P17", "table {} is not partitioned", parent)
    elif child is not None and child.partition_of is not None:
        work.fail("42809", "{} is already a partition", partition)
    elif child is not None and (child.parents or (work.database.children(partition) and not child.partition_key)):
        work.fail("42809", "cannot attach inheritance child as partition")
    elif relation is not None and child is not None and not relation.partial and not child.partial:
        _compare_columns(work, parent, partition)
    if not work.failed and is_empty(work, parent, bound):
        work.fail("42P17", "empty range bound specified for partition {}", partition)
    if not work.failed and (other := overlapping(work, parent, bound)) is not None:
        work.fail("42P17", "partition {} would overlap partition {}", partition, other)
    return work.failed


def _compare_columns(work: Work, parent: Name, partition: Name) -> None:
    mine = {column.name for column in work.database.relations[partition].columns}
    wanted = {column.name for column in work.database.relations[parent].columns}
    if extra := sorted(mine - wanted):
        work.fail(
            "42804", "table {} contains column {} not found in parent", partition, named.column(extra[0], partition)
        )
    else:
        compare_with_parent(work, parent, partition)


def compare_with_parent(work: Work, parent: Name, child: Name) -> None:
    """A child must have its parent's columns, with their types and NOT NULL, and its CHECKs (42804)."""
    above, below = work.database.relations[parent], work.database.relations[child]
    for column in above.columns:
        mine = below.column(column.name)
        if mine is None:
            work.fail("42804", "child table is missing column {}", named.column(column.name))
        elif work.database.resolve_type(mine.type) != work.database.resolve_type(column.type):
            work.fail(
                "42804", "child table {} has different type for column {}", child, named.column(column.name, child)
            )
        elif column.not_null and not mine.not_null:
            work.fail(
                "42804", "column {} in child table {} must be marked NOT NULL", named.column(column.name, child), child
            )
        if work.failed:
            return
    checks = {one.name: one for one in below.constraints if isinstance(one.definition, op.Check)}
    for constraint in above.constraints:
        definition = constraint.definition
        if isinstance(definition, op.Check) and not definition.no_inherit and constraint.name not in checks:
            work.fail("42804", "child table is missing constraint {}", named.constraint(constraint.name))
            return


def _check_rows(work: Work, parent: Name, partition: Name, bound: op.Bound) -> None:
    """Every leaf of the new partition is read, unless its constraints imply the bound and those above it."""
    wanted = _all_conditions(work, parent, bound)
    for leaf in work.database.tree(partition):
        if not work.database.has_heap(leaf) or proves(work, leaf, wanted):
            continue
        work.scan(leaf)
        if not work.is_empty(leaf):
            work.may_fail(
                "23514",
                error("partition constraint of relation {} is violated by some row", leaf),
                clause("a row of {} lies outside the bound", leaf),
            )


def _above(work: Work, table: Name) -> list[Name]:
    """The partitioned tables that the table is a partition of, nearest first."""
    found: list[Name] = []
    relation = work.database.relation(table)
    while relation is not None and relation.partition_of is not None and relation.partition_of not in found:
        found.append(relation.partition_of)
        relation = work.database.relation(relation.partition_of)
    return found


def _all_conditions(work: Work, parent: Name, bound: op.Bound) -> Condition | None:
    wanted = [condition(work, parent, bound)]
    below = parent
    for above in _above(work, parent):
        mine = work.database.relations[below].bound
        wanted.append(condition(work, above, mine) if mine is not None else None)
        below = above
    known = tuple(part for part in wanted if part is not None)
    return All(known) if len(known) == len(wanted) else None


def check_default(work: Work, parent: Name, bound: op.Bound) -> None:
    """The default partition must not hold rows of the new one: it is locked and read, too."""
    default = work.database.default_partition(parent)
    if default is None or bound.default:
        return
    excluded = condition(work, parent, bound)
    for leaf in work.database.tree(default):
        work.lock(leaf, _AX)
        if not work.database.has_heap(leaf):
            continue
        if excluded is not None and implied(_known(work, leaf), negation(excluded)):
            continue
        work.scan(leaf)
        if not work.is_empty(leaf):
            work.may_fail(
                "23514",
                error("updated partition constraint for default partition {} would be violated", leaf),
                clause("a row of {} belongs into the new partition", leaf),
            )


def destination(work: Work, parent: Name, row: Mapping[str, Value | None]) -> Name | None:
    """The partition of a row, None where that cannot be decided."""
    default = None
    for child in work.database.children(parent):
        if child.bound is None or child.bound.default:
            default = child.name
            continue
        wanted = condition(work, parent, child.bound)
        held = holds(wanted, row) if wanted is not None else None
        if held is None:
            return None
        if held:
            return child.name
    return default


def pruned(work: Work, table: Name, where: Condition) -> list[Name]:
    """The table and all below it, without partitions that the condition excludes."""
    kept = [table]
    for child in work.database.children(table):
        if child.bound is not None and child.bound.default:
            ruled_out = _lies_in_one(work, table, where)
        else:
            wanted = condition(work, table, child.bound) if child.bound is not None else None
            ruled_out = wanted is not None and implied([where], negation(wanted))
        if not ruled_out:
            kept += pruned(work, child.name, where)
    return kept


def _lies_in_one(work: Work, table: Name, where: Condition) -> bool:
    """Whether all rows that the condition selects lie in one partition's bound, so none in the default partition."""
    for child in work.database.children(table):
        if child.bound is not None and not child.bound.default:
            wanted = condition(work, table, child.bound)
            if isinstance(wanted, All):
                # A comparison in WHERE selects no NULL.
                bounds = tuple(part for part in wanted.parts if not isinstance(part, Null))
                if bounds and implied([where], All(bounds)):
                    return True
    return False


def proves(work: Work, table: Name, wanted: Condition | None) -> bool:
    return wanted is not None and implied(_known(work, table), wanted)


def _known(work: Work, table: Name) -> list[Condition]:
    relation = work.database.relation(table)
    columns = relation.columns if relation is not None else ()
    never = [Null(one.name, negated=True) for one in columns if work.database.is_not_null(table, one.name)]
    return [*valid_checks(work, table), *never]


def _hand_down(alter: Alter, parent: Name, partition: Name) -> None:
    """The parent's indexes are built where the new table has no equivalent; its foreign keys are checked."""
    work = alter.work
    for index in list(work.database.indexes_of(parent)):
        work.lock(index.name, _SUE)
        if unattached_twin(work.database, index, partition) is None:
            build_everywhere(work, partition_index(work.database, index, partition, index.name))
    for _, key in list(work.database.foreign_keys(parent)):
        below = work.database.relation(partition)
        has_own = below is not None and any(same_constraint(one.definition, key) for one in below.constraints)
        work.lock(key.references, _AX if has_own else _SRX)
        if not has_own:
            scan_for_key(work, partition, key)
    for other, _ in list(work.database.referencing(parent)):
        work.lock(other.name, _SRX if work.major >= 15 else LockMode.ACCESS_SHARE)


def detach(alter: Alter, operation: op.DetachPartition) -> bool:
    work, parent, partition = alter.work, operation.table, operation.partition
    if operation.concurrently:
        work.refuse_in_transaction()
    if not work.find(partition):
        return False
    default = work.database.default_partition(parent)
    if _cannot_be_detached(work, operation, default):
        return False
    # Before 14, ATExecDetachPartition opened the partition under ShareUpdateExclusiveLock.
    strong = work.major >= 14 or operation.concurrently or operation.finalize
    for name in work.database.tree(partition):
        work.lock(name, _AX if strong else _SUE)
    if default is not None:
        work.lock(default, _AX)
    if operation.concurrently:
        work.wait(READERS, WRITERS)
    for index in work.database.indexes_of(partition):
        if index.parent is not None:
            work.lock(index.name, _AX)
    _part_foreign_keys(work, parent, partition)
    return True


def _cannot_be_detached(work: Work, operation: op.DetachPartition, default: Name | None) -> bool:
    child = work.database.relation(operation.partition)
    if operation.concurrently and default is not None:
        work.fail("55000", "cannot detach partitions concurrently when a default partition exists")
    elif child is not None and not child.partial and child.partition_of != operation.table:
        work.fail("42P01", "relation {} is not a partition of relation {}", operation.partition, operation.table)
    return work.failed


def _part_foreign_keys(work: Work, parent: Name, partition: Name) -> None:
    """The partition gets foreign keys of its own; each foreign key that points to the parent is checked again."""
    for _, key in work.database.foreign_keys(parent):
        work.lock(key.references, _SRX)
    for other, constraint in work.database.referencing(parent):
        work.lock(other.name, _AX)
        work.lock(partition, _AX)
        if isinstance(constraint.definition, op.ForeignKey):
            work.scan(other.name)
            if not work.is_empty(other.name):
                work.scan(partition)
