"""The sizes of tables: the catalog's row counts, scaled to the current number of pages, summed over partitions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.language.messages import NOTHING, Number, Pages, joined, say
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation, RelationKind, Size

Row = Mapping[str, Any]
PAGE = 8192
_LAGGING_SECONDS = 60


def size_of(row: Row, index_bytes: int, *, standby: bool, lag: float | None) -> Size | None:
    """The size as PostgreSQL's planner sees it: the last ANALYZE's row count, scaled to the current number of pages."""
    if row["kind"] not in ("r", "m"):
        return None
    counted, pages, heap = row["tuples"], row["pages"], row["heap_bytes"]
    where = say("from the replica's catalog" if standby else "from the catalog")
    late = lag is not None and lag >= _LAGGING_SECONDS
    behind = say("the replica is {} s behind", Number(round(lag))) if lag is not None and late else NOTHING
    weights = Size(None, heap, row["toast_bytes"] or 0, index_bytes, where, behind)
    if heap is None:
        stale = say("the table is locked, so this is what the last VACUUM or ANALYZE saw")
        rows = None if counted < 0 or pages == 0 else round(counted)
        return replace(weights, rows=rows, heap_bytes=pages * PAGE or None, stale=stale)
    if heap == 0:
        return replace(weights, rows=0)
    if counted < 0 or pages == 0:
        return replace(weights, stale=say("it was never analysed, so its rows are not known"))
    now = heap / PAGE
    moved = say("it had {} at the last ANALYZE, now {}", Pages(pages), Pages(round(now)))
    stale = joined("; ", (moved if _moved(pages, now) else NOTHING, behind))
    return replace(weights, rows=round(counted / pages * now), stale=stale)


def _moved(before: int, now: float) -> bool:
    return abs(now - before) > max(0.1 * before, 16)


def with_trees_summed(relations: dict[Name, Relation]) -> dict[Name, Relation]:
    """The relations, with a partitioned table's size summed over its leaves: it has no rows or bytes of its own."""
    children: dict[Name, list[Relation]] = defaultdict(list)
    for relation in relations.values():
        if relation.partition_of is not None:
            children[relation.partition_of].append(relation)

    def leaves(name: Name) -> list[Relation]:
        below = children.get(name, [])
        return [leaf for child in below for leaf in ([child] if child.size is not None else leaves(child.name))]

    return {
        name: replace(relation, size=_summed(leaves(name)))
        if relation.kind is RelationKind.PARTITIONED_TABLE
        else relation
        for name, relation in relations.items()
    }


def _summed(leaves: Sequence[Relation]) -> Size:
    sizes = [leaf.size for leaf in leaves if leaf.size is not None]
    if not sizes:
        return Size(0, 0, source=say("it has no partitions"))
    uncounted = [size for size in sizes if size.rows is None]
    stale = next((size.stale for size in sizes if size.stale), NOTHING)
    if uncounted:
        stale = say("{} of {} partitions were never analysed", Number(len(uncounted)), Number(len(sizes)))
    return Size(
        None if uncounted else sum(size.rows or 0 for size in sizes),
        None if any(size.heap_bytes is None for size in sizes) else sum(size.heap_bytes or 0 for size in sizes),
        sum(size.toast_bytes for size in sizes),
        sum(size.index_bytes for size in sizes),
        say("{} partitions {}", Number(len(sizes)), sizes[0].source),
        stale,
    )
