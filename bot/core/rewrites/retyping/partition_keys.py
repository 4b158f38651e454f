"""Unique and primary keys of a partitioned table: their indexes are built in the partitions, and put together."""

from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.splice import column_element
from bot.core.record import replace
from bot.core.rewrites.again import written
from bot.core.rewrites.retyping.swap import Swap
from bot.core.rewrites.steps import beside, key_added, on_index
from bot.core.schema.catalog import CatalogConstraint, CatalogIndex


def indexes_of_partitions(
    swap: Swap, key: CatalogConstraint, label: str, columns: dict[str, str]
) -> Iterator[op.CreateIndex]:
    """An index CONCURRENTLY for each partition with rows, its columns under the names that `columns` gives them."""
    definition = key.definition
    if not isinstance(definition, op.Unique | op.PrimaryKey):
        return
    for part in _parts(swap, key.index):
        if part.partitioned:
            continue
        yield op.CreateIndex(
            swap.spare(part.name.name, label),
            written(part.table, swap.moment),
            tuple(column_element(columns.get(one, one)) for one in definition.columns),
            unique=True,
            concurrently=True,
            include=tuple(columns.get(one, one) for one in definition.include),
            nulls_not_distinct=isinstance(definition, op.Unique) and definition.nulls_not_distinct,
            options=part.options,
            tablespace=part.tablespace,
        )


def key_of_partitions(swap: Swap, key: CatalogConstraint, label: str) -> Iterator[op.Operation]:
    """The key of the partitioned table alone, which reads nothing; then each partition's from its index, attached."""
    definition = key.definition
    if not isinstance(definition, op.Unique | op.PrimaryKey):
        return
    yield _alone(swap.table, replace(definition, name=key.name))
    for part in _parts(swap, key.index):
        table, name = written(part.table, swap.moment), part.constraint or part.name.name
        if part.partitioned:
            yield _alone(table, replace(definition, name=name))
        else:
            yield key_added(table, on_index(definition, name, swap.spare(part.name.name, label)))
    for part in reversed(list(_parts(swap, key.index))):
        above = swap.moment.session.catalog.indexes[part.parent] if part.parent is not None else None
        on = swap.table if above is None or above.table == swap.name else written(above.table, swap.moment)
        if above is not None:
            yield op.AttachIndexPartition(
                beside(Name(above.name.name), on), beside(Name(part.name.name), written(part.table, swap.moment))
            )


def _alone(table: Name, key: op.Unique | op.PrimaryKey) -> op.AddUnique | op.AddPrimaryKey:
    return replace(key_added(table, key), only=True)


def _parts(swap: Swap, index: Name | None) -> Iterator[CatalogIndex]:
    """The indexes below this one, each before those below it."""
    for part in swap.moment.session.catalog.indexes.values():
        if index is not None and part.parent == index:
            yield part
            yield from _parts(swap, part.name)
