"""Indexes: created, dropped, rebuilt, attached; concurrently or not.

Sources: https://www.postgresql.org/docs/current/sql-createindex.html,
https://www.postgresql.org/docs/current/sql-dropindex.html, https://www.postgresql.org/docs/current/sql-reindex.html;
indexcmds.c (DefineIndex, ReindexIndex), index.c (index_drop).
"""

from bot.core.effects.alter import drop_objects
from bot.core.effects.functions.casts import has_operator_class
from bot.core.effects.functions.volatility import of_call
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Code, Given, Message, clause, error, joined, say
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogIndex, RelationKind
from bot.core.schema.changes.indexes import from_operation, index_name, partition_index, unattached_twin
from bot.core.schema.dependents import DependentKind, Object, closure

_AX = LockMode.ACCESS_EXCLUSIVE
_S = LockMode.SHARE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE

WRITERS = "transactions that have written to the table"
READERS = "transactions that have used the table, even idle ones that only read it"
SNAPSHOTS = "every transaction of the database that holds an older snapshot"


def create(work: Work, operation: op.CreateIndex) -> None:
    """ShareLock and a scan of every partition; concurrently two scans, and waiting for others."""
    table = operation.table
    if operation.concurrently:
        work.refuse_in_transaction()
    if not work.find(table):
        return
    mode = _SUE if operation.concurrently else _S
    relation = work.database.relation(table)
    if relation is not None and relation.kind in (RelationKind.VIEW, RelationKind.SEQUENCE):
        work.fail("42809", "cannot create index on relation {}", table)
        return
    partitioned = work.database.is_partitioned(table)
    for locked in work.database.tree(table) if partitioned and not operation.only else [table]:
        work.lock(locked, mode)
    name = index_name(work.database, operation)
    if partitioned and operation.concurrently:
        work.fail("0A000", "cannot create index on partitioned table {} concurrently", table)
        return
    if _exists_already(work, operation, name) or not _can_be_built(work, operation):
        return
    _evaluate_keys(work, operation)
    build_everywhere(work, from_operation(work.database, operation, name), only=operation.only)
    if operation.concurrently:
        work.wait(WRITERS, SNAPSHOTS)
        work.leave_invalid(name)
    elif partitioned and operation.only and work.database.children(table):
        work.leave_invalid(name)
    if operation.unique:
        _may_find_duplicates(work, operation, name)


def _may_find_duplicates(work: Work, operation: op.CreateIndex, name: Name) -> None:
    if all(work.is_empty(table) for table in work.database.tree(operation.table)):
        return
    keys = joined(", ", (clause("{}", Code(element.text)) for element in operation.elements))
    work.may_fail(
        "23505",
        error("could not create unique index {}", named.index(name.name)),
        clause("({}) is not unique in {}", keys, operation.table),
    )


def _exists_already(work: Work, operation: op.CreateIndex, name: Name) -> bool:
    """Fails unless IF NOT EXISTS, which also skips an invalid index: it stays invalid."""
    if not work.database.exists(name):
        return False
    index = work.database.indexes.get(name)
    if not operation.if_not_exists:
        work.fail("42P07", "relation {} already exists", name)
    elif index is not None and not index.valid:
        work.leave_invalid(name)
    return True


def _can_be_built(work: Work, operation: op.CreateIndex) -> bool:
    table, columns = operation.table, [element.column for element in operation.elements if element.column is not None]
    for column in (*columns, *operation.include):
        if work.database.lacks_column(table, column):
            work.fail("42703", "column {} does not exist", named.column(column))
            return False
        if work.major >= 18 and _is_virtual(work, table, column):
            work.fail("0A000", "indexes on virtual generated columns are not supported")
            return False
    for element in operation.elements:
        found = work.database.column(table, element.column) if element.column is not None else None
        if found is not None and element.operator_class is None and not has_operator_class(found.type):
            work.fail(
                "42704",
                'data type {} has no default operator class for access method "{}"',
                found.type,
                Given(operation.method),
            )
            return False
    if operation.unique and misses_partition_key(work, table, set(columns)):
        work.fail("0A000", "unique constraint on partitioned table must include all partitioning columns")
        return False
    return True


def _evaluate_keys(work: Work, operation: op.CreateIndex) -> None:
    """Expressions are evaluated for every row and must be immutable."""
    parts = [element.expression for element in operation.elements if element.column is None]
    for expression in (*parts, *((operation.where,) if operation.where is not None else ())):
        for call in expression.calls:
            word, known = of_call(call, work.database, work.major)
            if known and word != "IMMUTABLE":
                work.may_fail(
                    "42P17",
                    error("functions in index expression must be marked IMMUTABLE"),
                    clause("the {}() that is meant is not immutable", named.function(call.function)),
                )
            if expression is not operation.where:
                work.evaluate(call.function)
        if expression.casts and any(_is_zoned(work, operation.table, one.column) for one in expression.columns):
            work.may_fail(
                "42P17",
                error("functions in index expression must be marked IMMUTABLE"),
                clause("the cast of the time with time zone depends on TimeZone"),
            )


def _is_virtual(work: Work, table: Name, column: str) -> bool:
    found = work.database.column(table, column)
    return found is not None and found.generated is not None and found.generated.stored is not True


def _is_zoned(work: Work, table: Name, column: str) -> bool:
    found = work.database.column(table, column)
    return found is not None and found.type.name in ("timestamptz", "timetz")


def misses_partition_key(work: Work, table: Name, columns: set[str]) -> bool:
    """Whether a unique index on the columns cannot be enforced partition by partition."""
    for name in work.database.tree(table):
        relation = work.database.relation(name)
        key = relation.partition_key if relation is not None else None
        if key is not None and not {ref.column for part in key.elements for ref in part.columns} <= columns:
            return True
    return False


def build_everywhere(work: Work, index: CatalogIndex, *, only: bool = False) -> None:
    """The index, and one on each partition without an equivalent: heaps are read, ShareLock is held on partitions."""
    created = index.name not in work.before.indexes
    if not index.partitioned:
        work.build(index.name)
        work.scan(index.table)
    if created:
        work.lock_created(index.name, index=True)
    if only or not index.partitioned:
        return
    for child in work.database.children(index.table):
        work.lock(child.name, _S)
        if child.kind is RelationKind.FOREIGN_TABLE or unattached_twin(work.database, index, child.name) is not None:
            continue
        build_everywhere(work, partition_index(work.database, index, child.name, index.name))


def drop(work: Work, operation: op.DropIndex) -> None:
    if operation.concurrently:
        work.refuse_in_transaction()
        if len(operation.indexes) > 1 or operation.cascade:
            what = "CASCADE" if operation.cascade else "dropping multiple objects"
            work.fail("0A000", "DROP INDEX CONCURRENTLY does not support {}", say(what))
            return
    found = [index for name in operation.indexes if (index := _existing(work, name, operation)) is not None]
    for index in found:
        if work.failed:
            return
        work.lock(index.table, _SUE if operation.concurrently else _AX)
        work.lock(index.name, _SUE if operation.concurrently and index.partitioned else _AX)
        if operation.concurrently and index.partitioned:
            work.fail("0A000", "cannot drop partitioned index {} concurrently", named.index(index.name))
        elif index.constraint is not None:
            _required(
                work,
                index,
                clause(
                    "constraint {} on table {}", named.constraint(index.constraint), named.relation(index.table.name)
                ),
            )
        elif index.parent is not None and index.parent not in operation.indexes:
            _required(work, index, clause("index {}", named.index(index.parent.name)))
    if work.failed or not found:
        return
    if operation.concurrently:
        work.wait(READERS, WRITERS)
        work.leave_invalid(found[0].name)
        work.drop(found[0].name)
        return
    gone = closure(work.database, *(Object(DependentKind.INDEX, index.name) for index in found))
    drop_objects(
        work, gone, cascade=operation.cascade, what=clause("index {}", named.index(found[0].name.name, found[0].table))
    )


def _existing(work: Work, name: Name, operation: op.DropIndex) -> CatalogIndex | None:
    index = work.database.indexes.get(name)
    if index is not None:
        return index
    if work.database.known:
        if not operation.if_exists:
            work.fail("42704", "index {} does not exist", named.index(name.name))
        return None
    work.assume("the index {} exists", named.index(name.name))
    work.lock(name, _AX, index=True)
    if operation.table is not None:
        work.lock(operation.table, _SUE if operation.concurrently else _AX)
    else:
        work.assume("the table of {} is not known; it is locked as well", named.index(name.name))
    work.drop(name)
    if operation.concurrently:
        work.wait(READERS, WRITERS)
    return None


def _required(work: Work, index: CatalogIndex, by: Message) -> None:
    own = named.bare(named.index(index.name.name, index.table))
    work.fail("2BP01", "cannot drop index {} because {} requires it", own, by)


def attach(work: Work, operation: op.AttachIndexPartition) -> None:
    """AccessExclusiveLock on the child index: planning a query of the table waits for it."""
    if not work.find(operation.index, missing_ok=operation.if_exists) or not work.find(operation.partition):
        return
    work.lock(operation.index, _SUE)
    work.lock(operation.partition, _AX)
    for name in (operation.index, operation.partition):
        if (index := work.database.indexes.get(name)) is not None:
            work.lock(index.table, LockMode.ACCESS_SHARE)
    parent = work.database.indexes.get(operation.index)
    if parent is not None and not parent.valid:
        work.leave_invalid(parent.name)


def reindex(work: Work, operation: op.Reindex) -> None:
    if operation.concurrently:
        work.refuse_in_transaction()
        work.wait(WRITERS, READERS, SNAPSHOTS)
    if operation.kind == "INDEX" and operation.target is not None:
        _reindex_index(work, operation, operation.target)
    elif operation.kind == "TABLE" and operation.target is not None:
        _reindex_table(work, operation, operation.target)
    else:
        work.refuse_in_transaction()
        _reindex_many(work, operation)


def _reindex_index(work: Work, operation: op.Reindex, name: Name) -> None:
    index = work.database.indexes.get(name)
    if index is None:
        if work.database.known:
            work.fail("42P01", "relation {} does not exist", name)
            return
        work.assume("the index {} exists; its table is locked as well", named.index(name.name))
        work.rebuild(name)
        return
    if index.partitioned:
        _reindex_partitioned(work, operation, index.table, index)
        return
    _reindex_tables(work, operation, index.table, [index])


def _reindex_table(work: Work, operation: op.Reindex, table: Name) -> None:
    if not work.find(table):
        return
    if work.database.is_partitioned(table):
        _reindex_partitioned(work, operation, table, None)
    else:
        _reindex_tables(work, operation, table, work.database.indexes_of(table))


def _reindex_partitioned(work: Work, operation: op.Reindex, table: Name, index: CatalogIndex | None) -> None:
    """From 14 on each partition in a transaction of its own; before, nothing but a warning."""
    if work.major < 14:
        if index is not None:
            work.fail("0A000", "REINDEX is not yet implemented for partitioned indexes")
        else:
            work.lock(table, _SUE if operation.concurrently else _S)
        return
    work.refuse_in_transaction()
    work.lock(table, _SUE if operation.concurrently else _S)
    for name in work.database.descendants(table):
        work.lock(name, _S)
        mine = [one for one in work.database.indexes_of(name) if index is None or _is_below(work, one, index.name)]
        if work.database.has_heap(name):
            _reindex_tables(work, operation, name, mine)


def _is_below(work: Work, index: CatalogIndex, parent: Name) -> bool:
    above = index.parent
    while above is not None and above != parent:
        found = work.database.indexes.get(above)
        above = found.parent if found is not None else None
    return above == parent


def _reindex_tables(work: Work, operation: op.Reindex, table: Name, indexes: list[CatalogIndex]) -> None:
    work.lock(table, _SUE if operation.concurrently else _S)
    for index in indexes:
        if operation.concurrently and operation.kind != "INDEX" and not index.valid:
            work.lock(index.name, _SUE)
            continue
        work.rebuild(index.name)
        work.scan(table)
        if operation.concurrently:
            work.leave_invalid(Name(f"{index.name.name}_ccnew", index.name.schema))
        if index.unique and not index.valid:
            work.may_fail(
                "23505",
                error("could not create unique index {}", named.index(index.name)),
                clause("the keys are not unique"),
            )


def _reindex_many(work: Work, operation: op.Reindex) -> None:
    """REINDEX SCHEMA, DATABASE, SYSTEM: table after table, each in a transaction of its own."""
    if operation.kind == "SYSTEM":
        return
    work.assume("only the tables that the snapshot holds are listed")
    work.wait(WRITERS, READERS, SNAPSHOTS, "transactions that use any of the tables")
    schema = operation.name if operation.kind == "SCHEMA" else None
    for relation in list(work.database.relations.values()):
        if work.database.has_heap(relation.name) and schema in (None, relation.name.schema):
            _reindex_tables(work, operation, relation.name, work.database.indexes_of(relation.name))
