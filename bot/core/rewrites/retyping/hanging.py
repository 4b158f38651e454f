"""What hangs on the columns of a swap, under which names it is made again, and why that may not be possible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from bot.core.effects import effects
from bot.core.effects.functions.coercion import comparable
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import Message, say
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.language.splice import rename_column
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.rewrites.again import not_made_again, views_over
from bot.core.rewrites.retyping.conversions import Conversion, conversion
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    CatalogIndex,
    CatalogPolicy,
    CatalogTrigger,
    Relation,
    RelationKind,
)
from bot.core.schema.database import Database
from bot.core.schema.dependents import constraint_uses, index_uses

_ROW_TRIGGERS_OF_PARTITIONED = 13
_NOT_VALID_KEYS_OF_PARTITIONED = 18


@record
class Swapped:
    """A column, the one that takes its place (`new` until then), and the name it has from then on (`kept`)."""

    change: op.AlterColumnType
    known: CatalogColumn
    conversion: Conversion
    new: str
    kept: str
    default: Expression | None
    not_null: bool

    @property
    def name(self) -> str:
        return self.change.column


@record
class Swap:
    """The columns of one table that are exchanged together, with everything that is on them."""

    table: Name
    relation: Relation
    columns: tuple[Swapped, ...]
    moment: Moment
    keys: tuple[CatalogConstraint, ...] = ()
    """Unique and primary keys."""
    indexes: tuple[CatalogIndex, ...] = ()
    unusable: tuple[CatalogIndex, ...] = ()
    """What failed attempts left, which goes with the old columns."""
    checks: tuple[CatalogConstraint, ...] = ()
    foreign: tuple[tuple[Relation, CatalogConstraint], ...] = ()
    """Foreign keys from or to the columns, each with its own table."""
    views: tuple[Relation, ...] = ()
    triggers: tuple[CatalogTrigger, ...] = ()
    policies: tuple[CatalogPolicy, ...] = ()
    leaves: tuple[Relation, ...] = ()
    """The partitions that hold rows."""
    spares: dict[tuple[str, str], str] = field(default_factory=dict)
    """Names given so far, by what they stand for."""

    @property
    def name(self) -> Name:
        return self.relation.name

    @property
    def is_partitioned(self) -> bool:
        return self.relation.kind is RelationKind.PARTITIONED_TABLE

    @property
    def slug(self) -> str:
        return "_".join((self.table.name, *(column.name for column in self.columns)))

    def beside(self, column: str) -> str:
        """The name of the new column for one that is exchanged, else the name itself."""
        return next((one.new for one in self.columns if one.name == column), column)

    def moved(self, expression: Expression) -> Expression:
        """The expression on the new columns."""
        for column in self.columns:
            expression = rename_column(expression, column.name, column.new)
        return expression

    def spare(self, name: str, label: str) -> str:
        """A free name like this one for something of the table's schema: `orders_pkey_new`."""
        known = self.spares.get((name, label))
        if known is None:
            schema, catalog = self.name.schema, self.moment.session.catalog
            owners = (self.relation, *(owner for owner, _ in self.foreign))
            constraints = {one.name for owner in owners for one in owner.constraints}
            given = set(self.spares.values())
            known = self.spares[name, label] = free_name(
                name,
                None,
                label,
                lambda free: free in given or free in constraints or catalog.find(Name(free, schema)) is not None,
            )
        return known

    def foreign_key(self, owner: Relation, key: op.ForeignKey) -> op.ForeignKey:
        """The foreign key on the new columns, of whichever side they are."""
        columns, references = key.columns, key.references_columns
        only = key.on_delete_columns
        if owner.name == self.name:
            columns, only = tuple(map(self.beside, columns)), tuple(map(self.beside, only))
        if self.moment.session.resolve(key.references) == self.name:
            references = tuple(map(self.beside, references))
        return replace(key, columns=columns, references_columns=references, on_delete_columns=only)


def swap_of(
    changes: Sequence[op.AlterColumnType], final: Mapping[str, CatalogColumn], moment: Moment
) -> Swap | Message:
    """The swap, or why there is none. `final`: the columns as the statement leaves them, in all but the type."""
    table = changes[0].table
    relation = moment.relation(table)
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
        last = final.get(change.column, known)
        columns.append(Swapped(change, known, converted, new, kept, last.default, last.not_null))
    swap = Swap(table, relation, tuple(columns), moment)
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
    for constraint, key in database.foreign_keys(swap.name):
        if set(key.columns) & set(names) and not constraint.inherited:
            yield swap.relation, constraint
    for owner, constraint in database.referencing(swap.name):
        definition = constraint.definition
        if not isinstance(definition, op.ForeignKey) or constraint.inherited:
            continue
        if owner.name == swap.name and set(definition.columns) & set(names):
            continue
        primary = database.primary_key(swap.name)
        elements = primary.elements if primary is not None else ()
        referenced = definition.references_columns or tuple(str(one.column) for one in elements)
        if set(referenced) & set(names):
            yield owner, replace(constraint, definition=replace(definition, references_columns=referenced))


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
    inherited = (
        relation.partition_of is not None or relation.parents or any(one.known.inherited for one in swap.columns)
    )
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
    types = {column.name: column.change.type for column in swap.columns}
    for owner, constraint in swap.foreign:
        key = constraint.definition
        if not isinstance(key, op.ForeignKey):
            continue
        name = database.resolve(key.references)
        referenced = swap.moment.relation(name)
        for one, other in zip(key.columns, key.references_columns, strict=False):
            left = types.get(one) if owner.name == swap.name else None
            right = types.get(other) if name == swap.name else None
            left, right = left or _type(owner, one), right or _type(referenced, other)
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


def _type(relation: Relation | None, column: str) -> Type | None:
    found = relation.column(column) if relation is not None else None
    return found.type if found is not None else None


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
