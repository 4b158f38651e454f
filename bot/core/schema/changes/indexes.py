"""Indexes added and dropped in the catalog: an index on a partitioned table has one on every partition.

Sources: https://www.postgresql.org/docs/current/ddl-partitioning.html; indexcmds.c (DefineIndex, ChooseIndexName),
index.c (CompareIndexInfo).
"""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.naming import free_name, index_columns, joined
from bot.core.record import replace
from bot.core.schema.catalog import CatalogConstraint, CatalogIndex, RelationKind
from bot.core.schema.changes.drop import drop
from bot.core.schema.database import Database
from bot.core.schema.dependents import DependentKind, Object


def create(database: Database, operation: op.CreateIndex) -> None:
    table = operation.table
    if table not in database.relations:
        return
    name = index_name(database, operation)
    if database.exists(name):
        return
    build(database, from_operation(database, operation, name), only=operation.only)


def index_name(database: Database, operation: op.CreateIndex) -> Name:
    """The name given, or the one PostgreSQL chooses, in the table's schema."""
    schema = operation.table.schema
    if operation.index is not None:
        return Name(operation.index, schema)
    columns = index_columns(operation.elements, operation.include)
    chosen = free_name(operation.table.name, joined(columns), "idx", lambda name: database.exists(Name(name, schema)))
    return Name(chosen, schema)


def from_operation(database: Database, operation: op.CreateIndex, name: Name) -> CatalogIndex:
    partitioned = database.is_partitioned(operation.table)
    return CatalogIndex(
        name,
        operation.table,
        operation.elements,
        unique=operation.unique,
        valid=not (partitioned and operation.only and bool(database.children(operation.table))),
        method=operation.method,
        include=operation.include,
        where=operation.where,
        nulls_not_distinct=operation.nulls_not_distinct,
        partitioned=partitioned,
    )


def build(
    database: Database,
    index: CatalogIndex,
    *,
    only: bool = False,
    on: Name | None = None,
    parent: Name | None = None,
) -> list[CatalogIndex]:
    """Adds the index, or a copy of it `on` a partition, and one on every partition below it.

    Returns those that are built; where a partition already has the same index, that is attached instead.
    """
    if on is not None:
        index = partition_index(database, index, on, parent)
    database.put_index(index)
    built = [index]
    if on is not None and index.constraint is not None:
        _add_backed_constraint(database, index)
    if only or not index.partitioned:
        return built
    for child in database.children(index.table):
        if child.kind is RelationKind.FOREIGN_TABLE:
            continue
        twin = unattached_twin(database, index, child.name)
        if twin is not None:
            database.put_index(replace(twin, parent=index.name))
            continue
        built += build(database, index, on=child.name, parent=index.name)
    return built


def partition_index(database: Database, index: CatalogIndex, table: Name, parent: Name | None) -> CatalogIndex:
    """The copy of a partitioned index that a partition gets, under the name PostgreSQL chooses."""
    label = "pkey" if index.primary else "excl" if index.exclusion else "key" if index.constraint else "idx"
    columns = None if index.primary else joined(index_columns(index.elements, index.include))

    def taken(name: str) -> bool:
        return database.name_taken(Name(name, table.schema), constraint=index.constraint is not None)

    name = Name(free_name(table.name, columns, label, taken), table.schema)
    return replace(
        index,
        name=name,
        table=table,
        constraint=name.name if index.constraint is not None else None,
        parent=parent,
        partitioned=database.is_partitioned(table),
        bytes=None,
        definition="",
    )


def unattached_twin(database: Database, index: CatalogIndex, table: Name) -> CatalogIndex | None:
    """An equivalent index of the partition that belongs to no other parent."""
    for other in database.indexes_of(table):
        if other.parent is None and other.valid and alike(index, other):
            return other
    return None


def alike(one: CatalogIndex, other: CatalogIndex) -> bool:
    """Whether they index the same (CompareIndexInfo), and both or neither back a constraint."""

    def keys(index: CatalogIndex) -> list[tuple[str, Name | None, Name | None]]:
        return [
            (element.column or element.expression.text, element.operator_class, element.collation)
            for element in index.elements
        ]

    return (
        keys(one) == keys(other)
        and (one.method, one.unique, one.exclusion) == (other.method, other.unique, other.exclusion)
        and one.include == other.include
        and (one.where.text if one.where else None) == (other.where.text if other.where else None)
        and one.nulls_not_distinct == other.nulls_not_distinct
        and (one.constraint is None or (other.constraint is not None and one.primary == other.primary))
    )


def _add_backed_constraint(database: Database, index: CatalogIndex) -> None:
    columns = tuple(element.column or "" for element in index.elements)
    name = index.constraint or index.name.name
    if index.exclusion:
        return
    definition = op.PrimaryKey(columns, name) if index.primary else op.Unique(columns, name, include=index.include)
    database.put_constraint(index.table, CatalogConstraint(name, definition, index=index.name, inherited=True))


def drop_indexes(database: Database, operation: op.DropIndex) -> None:
    for name in operation.indexes:
        drop(database, Object(DependentKind.INDEX, name))


def attach(database: Database, operation: op.AttachIndexPartition) -> None:
    """The child belongs to the parent; the parent is valid when every partition has its own."""
    child, parent = database.indexes.get(operation.partition), database.indexes.get(operation.index)
    if child is None or parent is None:
        return
    database.put_index(replace(child, parent=parent.name))
    partitions = {relation.name for relation in database.children(parent.table)}
    attached = {index.table for index in database.indexes.values() if index.parent == parent.name and index.valid}
    if partitions <= attached:
        database.put_index(replace(parent, valid=True))


def cluster_on(database: Database, operation: op.SetCluster) -> None:
    for index in list(database.indexes_of(operation.table)):
        database.put_index(replace(index, clustered=index.name.name == operation.index))
