"""How many rows and bytes there are, table by table and column by column, with the source."""

from collections.abc import Iterable

from bot.core.language import named
from bot.core.language.expression import Expression
from bot.core.language.messages import NOTHING, Bytes, Message, Number, Rows, say
from bot.core.language.names import Name
from bot.core.language.numbers import whole
from bot.core.language.types import Type
from bot.core.record import record
from bot.core.schema.catalog import Catalog, CatalogColumn, Relation, RelationKind, TypeKind
from bot.core.schema.session import Session

_ROW_OVERHEAD = 28
"""Bytes: the tuple's header and its pointer in the page."""
_UNKNOWN_ROW = 200
_FIXED = {
    "bool": 1,
    "char": 1,
    "int2": 2,
    "int4": 4,
    "int8": 8,
    "float4": 4,
    "float8": 8,
    "oid": 4,
    "date": 4,
    "time": 8,
    "timetz": 12,
    "timestamp": 8,
    "timestamptz": 8,
    "interval": 16,
    "uuid": 16,
    "money": 8,
    "numeric": 8,
    "inet": 10,
    "cidr": 10,
    "macaddr": 6,
    "macaddr8": 8,
    "point": 16,
    "name": 64,
    "bit": 8,
    "varbit": 12,
    "int4range": 14,
    "int8range": 22,
    "tsrange": 22,
    "tstzrange": 22,
    "daterange": 14,
}


@record
class Extent:
    """A table's size for estimates. `doubt` is the factor by which `rows` may be wrong, 1.0 where it was counted."""

    rows: float
    heap_bytes: float
    toast_bytes: float
    says: Message
    doubt: float = 1.0

    @property
    def bytes(self) -> float:
        return self.heap_bytes + self.toast_bytes


EMPTY = Extent(0, 0, 0, NOTHING)


def extent(table: Name, session: Session) -> Extent | None:
    """The size of a table, materialized view or partitioned tree; None where it is not known.

    A table created in this run counts as empty. Where rows were never counted, they follow from bytes and column types.
    """
    relation = session.catalog.relations.get(table)
    if relation is None or relation.size is None:
        return _without_size(table, relation, session)
    size = relation.size
    if size.heap_bytes is None and size.rows is None:
        return None
    width = _row_width(relation, session.catalog)
    source = say(" ({})", size.source) if size.source else NOTHING
    if size.rows is None:
        total = (size.heap_bytes or 0) + size.toast_bytes
        rows = total / width
        says = say("{} in {}{}, rows not counted", Bytes(total), named.plain(table), source)
        return Extent(rows, size.heap_bytes or 0, size.toast_bytes, says, doubt=3.0 if rows else 1.0)
    heap = size.heap_bytes if size.heap_bytes is not None else size.rows * width
    weight = Bytes(round(heap + size.toast_bytes))
    says = say("{} and {} in {}{}", Rows(size.rows), weight, named.plain(table), source)
    return Extent(size.rows, heap, size.toast_bytes, says, doubt=1.2 if size.stale else 1.0)


def leaves(tables: Iterable[Name], session: Session) -> list[Name]:
    """The tables without those whose partitions are also among them, so that nothing is counted twice."""
    listed = list(dict.fromkeys(tables))
    ancestors = {ancestor for table in listed for ancestor in _ancestors(table, session.catalog)}
    return [table for table in listed if table not in ancestors]


def width_of(expression: Expression, relation: Relation | None, catalog: Catalog) -> float:
    """Bytes a row in the columns that the expression mentions."""
    if relation is None or not expression.understood:
        return _UNKNOWN_ROW / 2
    names = dict.fromkeys(reference.column for reference in expression.columns)
    columns = [column for name in names if (column := relation.column(name)) is not None]
    if not columns and names and not relation.columns:
        return _UNKNOWN_ROW / 2
    return sum(column_width(column, relation, catalog) for column in columns)


def column_width(column: CatalogColumn, relation: Relation, catalog: Catalog) -> float:
    """Bytes a row in one column: from statistics, its type, or its share of what the row has left."""
    if column.average_width is not None:
        return column.average_width
    if column.generated is not None and column.generated.expression.columns:
        others = {reference.column for reference in column.generated.expression.columns} - {column.name}
        return sum(column_width(other, relation, catalog) for other in relation.columns if other.name in others)
    declared = _declared_width(column.type, catalog)
    return declared if declared is not None else _share(relation, catalog)


def _without_size(table: Name, relation: Relation | None, session: Session) -> Extent | None:
    if table in session.created:
        return EMPTY
    if relation is None or relation.kind is not RelationKind.PARTITIONED_TABLE:
        return None
    parts = [extent(part.name, session) for part in session.catalog.partitions_of(table)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return EMPTY if not parts and session.snapshot and session.catalog.complete else None
    return Extent(
        sum(part.rows for part in known),
        sum(part.heap_bytes for part in known),
        sum(part.toast_bytes for part in known),
        say("{} partitions of {}", Number(len(known)), named.plain(table)),
        max(part.doubt for part in known),
    )


def _ancestors(table: Name, catalog: Catalog) -> list[Name]:
    found: list[Name] = []
    relation = catalog.relations.get(table)
    while relation is not None and relation.partition_of is not None and relation.partition_of not in found:
        found.append(relation.partition_of)
        relation = catalog.relations.get(relation.partition_of)
    return found


def _declared_width(type: Type, catalog: Catalog) -> float | None:
    """None for types without a bound."""
    if type.dimensions:
        return None
    if type.schema in (None, "pg_catalog") and type.name in _FIXED:
        return _FIXED[type.name]
    if type.name in ("varchar", "bpchar") and type.modifiers and (limit := whole(type.modifiers[0])) is not None:
        return min(max(limit, 0), 32.0)
    own = catalog.types.get(Name(type.name, type.schema))
    if own is not None and own.kind is TypeKind.ENUM:
        return 4
    if own is not None and own.kind is TypeKind.DOMAIN and own.base is not None:
        return _declared_width(own.base, catalog)
    return None


def _row_width(relation: Relation, catalog: Catalog) -> float:
    if not relation.columns:
        return _UNKNOWN_ROW
    known = (column.average_width or _declared_width(column.type, catalog) or 32 for column in relation.columns)
    return _ROW_OVERHEAD + sum(known)


def _share(relation: Relation, catalog: Catalog) -> float:
    """The share of a row in a column without a bound: equal parts of what the others leave."""
    size = relation.size
    widths = [column.average_width or _declared_width(column.type, catalog) for column in relation.columns]
    unbounded = max(1, widths.count(None))
    if size is None or size.heap_bytes is None or not size.rows:
        return 32.0
    row = (size.heap_bytes + size.toast_bytes) / size.rows
    return max(4.0, (row - _ROW_OVERHEAD - sum(width for width in widths if width is not None)) / unbounded)
