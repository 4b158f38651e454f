"""What hangs on the columns of a swap, under which names it is made again, and why that may not be possible."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.effects import effects
from bot.core.effects.functions.coercion import comparable
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.rewrites.again import not_made_again, views_over
from bot.core.rewrites.retyping.conversions import conversion
from bot.core.rewrites.retyping.swap import Swap, Swapped
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    Relation,
    RelationKind,
)
from bot.core.schema.database import Database
from bot.core.schema.dependents import constraint_uses, index_uses

_ROW_TRIGGERS_OF_PARTITIONED = 13
_NOT_VALID_KEYS_OF_PARTITIONED = 18


Changes = Sequence[op.AlterColumnType]
"""The columns of one table that get other types."""


def swaps_of(
    changes: Sequence[Changes], final: Mapping[tuple[Name, str], CatalogColumn], moment: Moment
) -> list[Swap] | Message:
    """The swaps of all tables, or why there are none; a foreign key between two of them belongs to the first.

    `final`: the columns as the statements leave them, in all but the type.
    """
    tables: dict[Name, tuple[Swapped, ...]] = {}
    for one in changes:
        columns = _columns_of(one, final, moment)
        if isinstance(columns, Message):
            return columns
        tables[moment.session.resolve(one[0].table)] = columns
    swaps: list[Swap] = []
    done: set[tuple[Name, str]] = set()
    for one in changes:
        name = moment.session.resolve(one[0].table)
        others = {other: columns for other, columns in tables.items() if other != name}
        swap = _swap_of(one[0].table, tables[name], others, moment)
        if isinstance(swap, Message):
            return swap
        left = tuple(key for key in swap.foreign if (key[0].name, key[1].name) not in done)
        done |= {(owner.name, constraint.name) for owner, constraint in left}
        swaps.append(replace(swap, foreign=left))
    return swaps


def _columns_of(
    changes: Changes, final: Mapping[tuple[Name, str], CatalogColumn], moment: Moment
) -> tuple[Swapped, ...] | Message:
    relation = moment.relation(changes[0].table)
    if relation is None or relation.partial:
        return say("what depends on it is known only with a replica, or from the migrations that made the table")
    columns: list[Swapped] = []
    taken = {column.name for column in relation.columns}
    for change in changes:
        known = relation.column(change.column)
        if known is None:
            return say("the column is not known")
        if known.generated is not None:
            return say("it is a generated column, and a plain one in its place would not be")
        converted = conversion(change, known, moment)
        if converted is None:
            return say(
                "its values depend on the TimeZone of the session, which is not known: name it in USING, as in "
                "AT TIME ZONE 'UTC'"
            )
        new = free_name(change.column, None, "new", taken.__contains__)
        kept = free_name(change.column, None, "old", taken.__contains__)
        taken |= {new, kept}
        last = final.get((relation.name, change.column), known)
        columns.append(Swapped(change, known, converted, new, kept, last.default, last.not_null))
    return tuple(columns)


def _swap_of(
    table: Name, columns: tuple[Swapped, ...], others: Mapping[Name, tuple[Swapped, ...]], moment: Moment
) -> Swap | Message:
    relation = moment.relation(table)
    assert relation is not None
    swap = Swap(table, relation, columns, moment, others=others)
    return _unmovable(swap) or _with_all(swap)


def _with_all(swap: Swap) -> Swap | Message:
    relation, names = swap.relation, [column.name for column in swap.columns]
    session = swap.moment.session

    def used(constraint: op.Constraint) -> bool:
        return any(constraint_uses(constraint, name) for name in names)

    own = [one for one in relation.constraints if used(one.definition)]
    indexes = [
        one
        for one in session.catalog.indexes_of(relation.name)
        if one.constraint is None and any(index_uses(one, name) for name in names)
    ]
    full = replace(
        swap,
        keys=tuple(one for one in own if isinstance(one.definition, op.Unique | op.PrimaryKey)),
        checks=tuple(one for one in own if isinstance(one.definition, op.Check)),
        indexes=tuple(one for one in indexes if one.valid and one.ready),
        unusable=tuple(one for one in indexes if not (one.valid and one.ready)),
        foreign=tuple(_foreign(swap, names)),
        views=views_over(relation.name, names, swap.moment),
        triggers=tuple(one for one in relation.triggers if set(one.columns) & set(names)),
        policies=tuple(one for one in relation.policies if set(one.columns) & set(names)),
        leaves=tuple(_leaves(relation, swap.moment)),
    )
    return _not_made_again(full) or _partitions(full) or full


def _foreign(swap: Swap, names: Sequence[str]) -> Iterator[tuple[Relation, CatalogConstraint]]:
    database = swap.moment.session.database()

    def explicit(constraint: CatalogConstraint, key: op.ForeignKey, to: Name) -> CatalogConstraint:
        """With the columns that it refers to: the primary key changes."""
        primary = database.primary_key(to)
        elements = primary.elements if primary is not None else ()
        referenced = key.references_columns or tuple(str(one.column) for one in elements)
        return replace(constraint, definition=replace(key, references_columns=referenced))

    for constraint, key in database.foreign_keys(swap.name):
        if set(key.columns) & set(names) and not constraint.inherited:
            yield swap.relation, explicit(constraint, key, database.resolve(key.references))
    for owner, constraint in database.referencing(swap.name):
        definition = constraint.definition
        if not isinstance(definition, op.ForeignKey) or constraint.inherited:
            continue
        if owner.name == swap.name and set(definition.columns) & set(names):
            continue
        named_columns = explicit(constraint, definition, swap.name)
        referenced = named_columns.definition
        if isinstance(referenced, op.ForeignKey) and set(referenced.references_columns) & set(names):
            yield owner, named_columns


def _leaves(relation: Relation, moment: Moment) -> Iterator[Relation]:
    if relation.kind is not RelationKind.PARTITIONED_TABLE:
        return
    for partition in moment.session.catalog.partitions_of(relation.name):
        if partition.kind is RelationKind.PARTITIONED_TABLE:
            yield from _leaves(partition, moment)
        else:
            yield partition


def _unmovable(swap: Swap) -> Message | None:
    """What keeps a column where it is."""
    return _of_its_table(swap) or _of_its_constraints(swap) or _of_its_type(swap)


def _of_its_table(swap: Swap) -> Message | None:
    relation, names = swap.relation, [column.name for column in swap.columns]
    key, children = relation.partition_key, swap.moment.session.database().children(relation.name)
    kinds = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)
    inherited = relation.partition_of is not None or any(one.known.inherited for one in swap.columns)
    reasons = (
        (relation.kind not in kinds, say("it is not a column of a table")),
        (inherited, say("the table inherits it, so it changes with its parent")),
        (any(relation.name in one.parents for one in children), say("other tables inherit it")),
        (
            any(
                one.generated and one.generated.expression.mentions(name) for one in relation.columns for name in names
            ),
            say("a generated column is computed from it, and would have to be rewritten, too"),
        ),
        (
            key is not None and any(part.mentions(name) for part in key.elements for name in names),
            say("the table is partitioned by it"),
        ),
        (relation.rules, say("the table has rules, whose text is not in the snapshot")),
        (
            set(names) & set(relation.published_columns),
            say("the column list or the condition of a publication names it"),
        ),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _of_its_constraints(swap: Swap) -> Message | None:
    for constraint in swap.relation.constraints:
        definition = constraint.definition
        if not any(constraint_uses(definition, column.name) for column in swap.columns):
            continue
        name = named.plain(named.constraint(constraint.name, swap.name))
        match definition:
            case op.Exclusion():
                return say("{} excludes by it, and its index cannot be built while others write", name)
            case op.Unique(without_overlaps=True) | op.PrimaryKey(without_overlaps=True) | op.ForeignKey(period=True):
                return say("{} is a temporal key, which cannot be prepared beforehand", name)
            case _:
                continue
    return None


def _of_its_type(swap: Swap) -> Message | None:
    for one in swap.columns:
        if one.known.identity is not None and one.change.type.name not in ("int2", "int4", "int8"):
            return say("an identity column is smallint, integer or bigint")
        added = op.AddColumn(swap.table, op.Column(one.new, one.change.type, collation=one.change.collation))
        if effects((added,), swap.moment.session, swap.moment.major).rewrites:
            return say("a column of a domain with constraints cannot be added without rewriting the table")
    return None


def _not_made_again(swap: Swap) -> Message | None:
    """What could not be created again in the exchange."""
    for other in swap.moment.session.catalog.relations.values():
        for policy in other.policies:
            if swap.name in policy.relations:
                return say(
                    "the policy {} of {} may read it", named.plain(named.policy(policy.name)), named.plain(other.name)
                )
    for policy in swap.policies:
        if policy.using is None and policy.with_check is None:
            return say("the condition of the policy {} is not known", named.plain(named.policy(policy.name)))
    for trigger in swap.triggers:
        if not trigger.definition:
            return say("the text of the trigger {} is not known", named.plain(named.trigger(trigger.name)))
    return not_made_again(swap.views) or _not_comparable(swap)


def _not_comparable(swap: Swap) -> Message | None:
    """A foreign key between types that it could not compare."""
    database = swap.moment.session.database()
    for owner, constraint in swap.foreign:
        key = constraint.definition
        if not isinstance(key, op.ForeignKey):
            continue
        name = database.resolve(key.references)
        for one, other in zip(key.columns, key.references_columns, strict=False):
            left, right = swap.type_of(owner.name, one), swap.type_of(name, other)
            if left is None or right is None or not _has_equality(database, left, right):
                return say(
                    "{} compares it with a column of another type",
                    named.plain(named.constraint(constraint.name, owner.name)),
                )
    return None


_FAMILIES = (
    frozenset({"int2", "int4", "int8"}),
    frozenset({"float4", "float8"}),
    frozenset({"date", "timestamp", "timestamptz"}),
)
"""Types of one operator family: each can be compared with each (pg_amop of integer_ops, float_ops, datetime_ops)."""


def _has_equality(database: Database, key: Type, referenced: Type) -> bool:
    """Whether a foreign key may compare the two."""
    if comparable(database, key, referenced):
        return True
    if key.dimensions or referenced.dimensions or key.schema or referenced.schema:
        return False
    if referenced.name == "numeric":
        return key.name in _FAMILIES[0]
    return any(key.name in family and referenced.name in family for family in _FAMILIES)


def _partitions(swap: Swap) -> Message | None:
    """What a partitioned table adds to that."""
    for owner, constraint in swap.foreign:
        name = named.plain(named.constraint(constraint.name, owner.name))
        if owner.kind is RelationKind.PARTITIONED_TABLE and swap.moment.major < _NOT_VALID_KEYS_OF_PARTITIONED:
            return say(
                "{} is a foreign key of a partitioned table, which before PostgreSQL 18 is never NOT VALID", name
            )
        key = constraint.definition
        refers = isinstance(key, op.ForeignKey) and swap.moment.session.resolve(key.references) == swap.name
        if swap.is_partitioned and refers:
            return say("{} refers to a key of a partitioned table, which cannot have a second one beforehand", name)
    if swap.is_partitioned and swap.moment.major < _ROW_TRIGGERS_OF_PARTITIONED:
        return say("before PostgreSQL 13 a partitioned table has no triggers that change a row")
    return next((reason for leaf in swap.leaves if (reason := _own_parts(swap, leaf)) is not None), None)


def _own_parts(swap: Swap, leaf: Relation) -> Message | None:
    """What a partition has by itself: it would not come along."""
    names = [column.name for column in swap.columns]
    if leaf.kind is not RelationKind.TABLE:
        return say("its partition {} is a foreign table", named.plain(leaf.name))
    indexes = [one for one in swap.moment.session.catalog.indexes_of(leaf.name) if one.parent is None]
    own = [one for one in leaf.constraints if not one.inherited and not isinstance(one.definition, op.NotNull)]
    alone = any(index_uses(one, name) for one in indexes for name in names) or any(
        constraint_uses(one.definition, name) for one in own for name in names
    )
    handed_down = {one.name for one in swap.relation.triggers}
    triggers = [one for one in leaf.triggers if one.name not in handed_down]
    if alone or any(set(one.columns) & set(names) for one in (*triggers, *leaf.policies)):
        return say("its partition {} has something of its own on it", named.plain(leaf.name))
    if views_over(leaf.name, names, swap.moment):
        return say("a view reads its partition {}", named.plain(leaf.name))
    return None
