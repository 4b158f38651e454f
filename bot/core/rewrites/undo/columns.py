"""Columns as they were: dropped again, back but empty, with the former type, default and NOT NULL."""

from collections.abc import Iterator, Sequence

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import NOTHING, Message, joined, listing, say
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.rewrites.undo.constraints import again
from bot.core.rewrites.undo.indexes import index_again
from bot.core.rewrites.undo.prior import NOTHING_TO_UNDO, Inverse, Prior
from bot.core.schema.catalog import CatalogColumn, CatalogConstraint, CatalogIndex

_TEXTS = frozenset({"text", "varchar", "bpchar", "name", "citext"})
_FAMILIES = (
    frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"}),
    frozenset({"timestamp", "timestamptz", "date"}),
    frozenset({"time", "timetz"}),
    frozenset({"json", "jsonb"}),
)
"""Types between which PostgreSQL casts by itself on assignment (pg_cast, castcontext a or i)."""


def undo_column(operation: op.Operation, before: Prior) -> Inverse | None:
    """None where the operation is not one of these."""
    match operation:
        case op.AddColumn():
            return _added(operation, before)
        case op.DropColumn():
            return _dropped(operation, before)
        case op.AlterColumnType():
            return _retyped(operation, before)
        case op.SetDefault(table=table, column=column) | op.DropDefault(table=table, column=column):
            return _default(table, column, before)
        case op.SetNotNull(table=table, column=column):
            known = before.column(table, column)
            already = known is not None and known.not_null
            return NOTHING_TO_UNDO if already else Inverse((op.DropNotNull(table, column),))
        case op.DropNotNull():
            return _not_null(operation, before)
        case op.AddIdentity(table=table, column=column):
            return Inverse((op.DropIdentity(table, column),))
        case op.DropIdentity() | op.SetExpression():
            return _computed(operation, before)
        case _:
            return None


def _computed(operation: op.DropIdentity | op.SetExpression, before: Prior) -> Inverse:
    known = before.column(operation.table, operation.column)
    name = named.column_of(operation.table, operation.column)
    match operation:
        case op.DropIdentity(table=table, column=column) if known is not None and known.identity is not None:
            position = say("the position of the sequence of {}", name)
            return Inverse((op.AddIdentity(table, column, known.identity),), position)
        case op.SetExpression() if known is not None and known.generated is not None:
            return Inverse((replace(operation, expression=known.generated.expression),))
        case _:
            return Inverse(None, say("how {} got its values", name))


def _added(add: op.AddColumn, before: Prior) -> Inverse:
    if add.if_not_exists and before.column(add.table, add.column.name) is not None:
        return NOTHING_TO_UNDO
    return Inverse((op.DropColumn(add.table, add.column.name, missing_ok=add.if_not_exists),))


def _dropped(drop: op.DropColumn, before: Prior) -> Inverse:
    relation, column = before.relation(drop.table), before.column(drop.table, drop.column)
    name = named.column_of(drop.table, drop.column)
    if relation is None or column is None:
        if drop.missing_ok and relation is not None and not relation.partial:
            return NOTHING_TO_UNDO
        return Inverse(None, say("the type and the values of {}", name))
    without = before.after(drop)
    gone = [one for one in relation.constraints if one.index is None and _is_on(one, drop.column)]
    constraints = [operation for one in gone for operation in again(drop.table, one, before).operations or ()]
    indexes = [
        index
        for index in before.session.catalog.indexes_of(relation.name)
        if index.name not in without.session.catalog.indexes
    ]
    if (copy := before.copies.get((drop.table, drop.column))) is not None and without.column(drop.table, copy):
        broken = [named.index(index.name.name, drop.table) for index in indexes if not index.valid]
        lost = say("{}, which is INVALID", listing(broken)) if broken else NOTHING
        return Inverse((*_refilled(drop.table, column, copy, indexes, before), *constraints), lost)
    added, lost = _column_again(drop.table, column, before, without)
    values = NOTHING if column.generated is not None else say("the values of {}", name)
    built = [named.index(name, drop.table) for name in sorted(index.name.name for index in indexes)]
    keys = say("{}", listing(built)) if indexes else NOTHING
    return Inverse((*added, *constraints), joined(", ", filter(None, (values, lost, keys))))


def _refilled(
    table: Name, column: CatalogColumn, copy: str, indexes: Sequence[CatalogIndex], before: Prior
) -> Iterator[op.Operation]:
    """The column as it was, with the values that another one still has, all rows at once."""
    plain = op.Column(column.name, before.spelled_type(column.type, table), collation=column.collation)
    yield op.AddColumn(table, plain)
    yield from _owned(table, column, before)
    if column.default is not None:
        yield op.SetDefault(table, column.name, column.default)
    held = before.column(table, copy)
    value = quote(copy) if held is None or _assigns(held.type, column.type) else f"{quote(copy)}::{plain.type}"
    yield op.Update(table, (column.name,), assignments=f"{quote(column.name)} = {value}")
    if column.not_null:
        yield _required(table, column.name, before)
    for index in indexes:
        if index.constraint is None and index.valid:
            yield index_again(index, table, concurrently=False)


def _is_on(constraint: CatalogConstraint, column: str) -> bool:
    match constraint.definition:
        case op.Check(expression=expression):
            return expression.mentions(column)
        case op.ForeignKey(columns=columns):
            return column in columns
        case _:
            return False


def _column_again(
    table: Name, column: CatalogColumn, before: Prior, without: Prior
) -> tuple[tuple[op.Operation, ...], Message]:
    """The column in the fullest form that touches no row, and what that form lacks."""
    name = named.column_of(table, column.name)
    bare = op.Column(column.name, before.spelled_type(column.type, table), collation=column.collation)
    if column.generated is not None:
        return (op.AddColumn(table, replace(bare, generated=column.generated)),), NOTHING
    if column.identity is not None:
        return (op.AddColumn(table, bare),), say("that {} takes its numbers by itself", name)
    missing = say("that {} is NOT NULL", name) if column.not_null else NOTHING
    if column.default is None:
        return (op.AddColumn(table, bare),), missing
    required = (op.NotNull(column.name),) if column.not_null else ()
    full = op.AddColumn(table, replace(bare, default=column.default, constraints=required))
    if not without.effects_of(full).rewrites:
        return (full,), NOTHING
    sequences = tuple(_owned(table, column, before))
    return (op.AddColumn(table, bare), *sequences, op.SetDefault(table, column.name, column.default)), missing


def _owned(table: Name, column: CatalogColumn, before: Prior) -> Iterator[op.CreateSequence]:
    """The sequences that are dropped with the column."""
    resolved = before.session.resolve(table)
    for name in before.session.database().sequences_of(resolved, column.name):
        sequence = before.spelled(name, table)
        number = "" if column.type == Type("int8") else f"AS {column.type} "
        options = f"{number}OWNED BY {table}.{quote(column.name)}"
        yield op.CreateSequence(sequence, owned_by=(table, column.name), options=options)


def _retyped(change: op.AlterColumnType, before: Prior) -> Inverse:
    table, column = change.table, change.column
    known = before.column(table, column)
    if known is None:
        return Inverse(None, say("the former type of {}", named.column_of(table, column)))
    type = before.spelled_type(known.type, table)
    back = op.AlterColumnType(table, column, type, _using(change, known, before), known.collation)
    if known.default is None or known.type == change.type:
        return Inverse((back,))
    return Inverse((op.DropDefault(table, column), back, op.SetDefault(table, column, known.default)))


def _using(change: op.AlterColumnType, known: CatalogColumn, before: Prior) -> Expression | None:
    """How the values are cast back, where PostgreSQL does not do it by itself."""
    new, old = change.type, known.type
    zone = before.session.setting("timezone")
    if zone is not None and zone.value == "UTC" and {new.name, old.name} == {"timestamp", "timestamptz"}:
        return Expression(f"{quote(change.column)} AT TIME ZONE 'UTC'", understood=False)
    if change.using is not None and "AT TIME ZONE" in change.using.text.upper():
        return change.using  # it turns timestamp into timestamptz, and that into timestamp
    if _assigns(new, old):
        return None
    return Expression(f"{quote(change.column)}::{before.spelled_type(old, change.table)}", understood=False)


def _assigns(new: Type, old: Type) -> bool:
    """Whether a value of the first type is stored in a column of the second without a cast being written."""
    texts = old.name in _TEXTS and not old.dimensions
    alike = new.dimensions == old.dimensions and any({new.name, old.name} <= family for family in _FAMILIES)
    return texts or alike or (new.schema, new.name, new.dimensions) == (old.schema, old.name, old.dimensions)


def _default(table: Name, column: str, before: Prior) -> Inverse:
    known = before.column(table, column)
    if known is None:
        return Inverse(None, say("the former default of {}", named.column_of(table, column)))
    if known.default is None:
        return Inverse((op.DropDefault(table, column),))
    return Inverse((op.SetDefault(table, column, known.default),))


def _not_null(drop: op.DropNotNull, before: Prior) -> Inverse:
    table, column = drop.table, drop.column
    known = before.column(table, column)
    if known is not None and not known.not_null:
        return NOTHING_TO_UNDO
    constraint = _not_null_of(table, column, before)
    if constraint is None or (before.is_small(table) and constraint.name == f"{table.name}_{column}_not_null"):
        return Inverse((op.SetNotNull(table, column),))
    return again(table, constraint, before)


def _required(table: Name, column: str, before: Prior) -> op.Operation:
    """NOT NULL under the name that it had."""
    constraint = _not_null_of(table, column, before)
    if constraint is None or constraint.name == f"{table.name}_{column}_not_null":
        return op.SetNotNull(table, column)
    return op.AddNotNull(table, op.NotNull(column, constraint.name))


def _not_null_of(table: Name, column: str, before: Prior) -> CatalogConstraint | None:
    """The constraint, where the server catalogues one (18)."""
    relation = before.relation(table)
    return next(
        (
            one
            for one in (relation.constraints if relation is not None else ())
            if isinstance(one.definition, op.NotNull) and one.definition.column == column
        ),
        None,
    )
