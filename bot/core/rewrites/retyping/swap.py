"""Columns of one table that are exchanged together, with everything that is on them."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.language.splice import rename_column
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.rewrites.retyping.conversions import Conversion
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    CatalogIndex,
    CatalogPolicy,
    CatalogTrigger,
    Relation,
    RelationKind,
)


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
    others: Mapping[Name, tuple[Swapped, ...]] = field(default_factory=dict)
    """The columns of other tables that are exchanged in the same transaction."""
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
        columns = self._news(owner.name, key.columns)
        references = self._news(self.moment.session.resolve(key.references), key.references_columns)
        only = self._news(owner.name, key.on_delete_columns)
        return replace(key, columns=columns, references_columns=references, on_delete_columns=only)

    def swapped(self, table: Name) -> tuple[Swapped, ...]:
        return self.columns if table == self.name else self.others.get(table, ())

    def type_of(self, table: Name, column: str) -> Type | None:
        """The type that the column has after the exchange."""
        changed = next((one.change.type for one in self.swapped(table) if one.name == column), None)
        relation = self.moment.relation(table)
        found = relation.column(column) if relation is not None else None
        return changed or (found.type if found is not None else None)

    def _news(self, table: Name, columns: Sequence[str]) -> tuple[str, ...]:
        new = {one.name: one.new for one in self.swapped(table)}
        return tuple(new.get(column, column) for column in columns)
