"""The database as the replica's catalog shows it at one moment: a value, which can be written to JSON and read back."""

from collections.abc import Collection, Mapping
from dataclasses import field
from enum import Enum

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import NOTHING, Message
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import record


class RelationKind(Enum):
    """`pg_class.relkind`, where it matters."""

    TABLE = "table"
    PARTITIONED_TABLE = "partitioned table"
    FOREIGN_TABLE = "foreign table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    SEQUENCE = "sequence"
    INDEX = "index"


@record
class Size:
    """Rows and bytes with their sources.

    `rows` None is unknown (`reltuples` -1). `heap_bytes` without TOAST and indexes; `toast_bytes` and `index_bytes`
    apart. Sums over the tree for a partitioned table. `stale` says why the figure may be wrong, or is empty.
    """

    rows: int | None
    heap_bytes: int | None
    toast_bytes: int = 0
    index_bytes: int = 0
    source: Message = NOTHING
    stale: Message = NOTHING


@record
class CatalogColumn:
    name: str
    type: Type
    not_null: bool = False
    default: Expression | None = None
    generated: op.Generated | None = None
    identity: op.Identity | None = None
    collation: Name | None = None
    null_fraction: float | None = None
    """From pg_stats, where the role may see it."""
    distinct: float | None = None
    """`n_distinct` from pg_stats."""
    average_width: int | None = None
    """Bytes, from pg_stats."""
    missing_default: bool = False
    inherited: bool = False
    storage: str | None = None
    """PLAIN, EXTERNAL, EXTENDED or MAIN, where it is not that of the type."""
    compression: str | None = None
    statistics_target: int | None = None
    options: tuple[tuple[str, str | None], ...] = ()
    """`n_distinct` and the like, set for the column."""
    comment: str | None = None


@record
class CatalogGrant:
    """Privileges that a role other than the owner has on a relation, or on one column of it; `role` may be PUBLIC."""

    role: str
    privileges: tuple[str, ...]
    column: str | None = None
    grantable: bool = False


@record
class CatalogStatistics:
    """An extended statistics object; `definition` is the whole CREATE STATISTICS."""

    name: Name
    columns: tuple[str, ...] = ()
    definition: str = ""


@record
class CatalogConstraint:
    """A constraint of a table; `index` backs it. `definition` has `not_valid` and `enforced` as catalogued."""

    name: str
    definition: op.Constraint
    valid: bool = True
    index: Name | None = None
    inherited: bool = False
    comment: str | None = None


@record
class CatalogIndex:
    name: Name
    table: Name
    elements: tuple[op.IndexElement, ...]
    unique: bool = False
    primary: bool = False
    exclusion: bool = False
    valid: bool = True
    ready: bool = True
    method: str = "btree"
    include: tuple[str, ...] = ()
    where: Expression | None = None
    nulls_not_distinct: bool = False
    constraint: str | None = None
    """The constraint it backs."""
    parent: Name | None = None
    """The partitioned index it is attached to."""
    partitioned: bool = False
    replica_identity: bool = False
    clustered: bool = False
    bytes: int | None = None
    definition: str = ""
    """`pg_get_indexdef`."""
    options: tuple[tuple[str, str | None], ...] = ()
    tablespace: str | None = None
    comment: str | None = None


@record
class CatalogTrigger:
    name: str
    columns: tuple[str, ...] = ()
    """Those of UPDATE OF, and those in its WHEN."""
    enabled: bool = True
    function: Name | None = None
    events: tuple[str, ...] = ()
    for_each_row: bool = True
    timing: str = ""
    """BEFORE, AFTER or INSTEAD OF."""
    state: str = "ENABLE"
    """The words of ALTER TABLE that make it fire as it does: ENABLE, DISABLE, ENABLE REPLICA, ENABLE ALWAYS."""
    definition: str = ""
    """`pg_get_triggerdef`."""
    comment: str | None = None


@record
class CatalogPolicy:
    """`using` and `with_check` are None where it has none, or they were not read; `roles` empty means everybody."""

    name: str
    columns: tuple[str, ...] = ()
    """Columns of the table that its expressions use."""
    relations: tuple[Name, ...] = ()
    """Other relations that its expressions use."""
    using: Expression | None = None
    with_check: Expression | None = None
    command: str = "ALL"
    permissive: bool = True
    roles: tuple[str, ...] = ()
    comment: str | None = None


@record
class Relation:
    """A table, view, materialized view, sequence or foreign table. Indexes are `CatalogIndex`."""

    name: Name
    kind: RelationKind
    columns: tuple[CatalogColumn, ...] = ()
    constraints: tuple[CatalogConstraint, ...] = ()
    size: Size | None = None
    persistence: str = "permanent"
    partition_key: op.PartitionKey | None = None
    partition_of: Name | None = None
    bound: op.Bound | None = None
    parents: tuple[Name, ...] = ()
    """Inheritance parents, the partitioned table not among them."""
    triggers: tuple[CatalogTrigger, ...] = ()
    policies: tuple[CatalogPolicy, ...] = ()
    rules: tuple[str, ...] = ()
    row_security: bool = False
    replica_identity: str = "DEFAULT"
    owned_by: tuple[Name, str] | None = None
    """For a sequence: table and column."""
    depends_on: tuple[tuple[Name, str | None], ...] = ()
    """For a view: each relation and column it uses; column None for the relation as a whole."""
    populated: bool = True
    options: tuple[tuple[str, str | None], ...] = ()
    access_method: str = "heap"
    tablespace: str | None = None
    of_type: Name | None = None
    statistics: tuple[Name, ...] = ()
    """Extended statistics objects on it."""
    publications: tuple[str, ...] = ()
    owner: str | None = None
    """None where the run did not set it."""
    grants: tuple[CatalogGrant, ...] | None = None
    """None where they are not known."""
    comment: str | None = None
    definition: str = ""
    """Of a view its query (`pg_get_viewdef`), of a sequence its options without those that are defaults."""
    published_columns: tuple[str, ...] = ()
    """Columns that the list or the condition of a publication names."""
    extended_statistics: tuple[CatalogStatistics, ...] = ()
    """Those of `statistics`, with what they are on."""
    partial: bool = False
    """True where it is known only from the run's own statements: it may have more columns, constraints, indexes."""

    def column(self, name: str) -> CatalogColumn | None:
        return next((column for column in self.columns if column.name == name), None)


class TypeKind(Enum):
    BASE = "base"
    ENUM = "enum"
    DOMAIN = "domain"
    COMPOSITE = "composite"
    RANGE = "range"


@record
class CatalogType:
    """A type that is not built in."""

    name: Name
    kind: TypeKind
    labels: tuple[str, ...] = ()
    base: Type | None = None
    """For a domain."""
    not_null: bool = False
    default: Expression | None = None
    checks: tuple[CatalogConstraint, ...] = ()
    attributes: tuple[CatalogColumn, ...] = ()
    extension: str | None = None
    binary_coercible: tuple[str, ...] = ()
    """Types it is binary coercible to (pg_cast, castmethod b)."""


@record
class CatalogFunction:
    """A function that is not built in; the most volatile overload of these `arguments` counts."""

    name: Name
    arguments: int
    defaults: int = 0
    volatility: str = "VOLATILE"
    variadic: bool = False
    language: str = ""
    trigger: bool = False
    types: tuple[str, ...] | None = None
    """Of its arguments, by their names in pg_type, with the schema where that is not pg_catalog; None: not known."""
    returns: str = ""
    """The type that it returns, spelled alike; "" where it is not known."""
    kind: str = "FUNCTION"
    """FUNCTION, PROCEDURE or AGGREGATE (which a window function counts as)."""
    argument_names: tuple[str, ...] | None = None
    returns_set: bool = False
    dependents: tuple[str, ...] = ()
    """As those of `CatalogObject`."""
    extension: str | None = None


@record
class CatalogObject:
    """An object that is no relation, type or function: a role, a collation, an operator class, a server, ...

    `kind` is its word in DROP (ROLE, FOREIGN DATA WRAPPER); `of` tells those of one name apart: the method of an
    operator class or family, the types of an operator or a cast, the server of a user mapping.
    """

    kind: str
    name: Name
    of: str = ""
    dependents: tuple[str, ...] = ()
    """Some of what only CASCADE drops with it, as PostgreSQL describes it: `column a of table t`."""
    extension: str | None = None
    """The extension that it belongs to."""


@record
class Catalog:
    """`major` 12 to 18. `complete`: every name in question was looked up, so what is missing does not exist.

    `settings` are those in force for the migration role (`pg_db_role_setting`), else the server's, each with its
    source in words. `at` is ISO 8601, UTC; `replay_lag` in seconds, None on a primary.
    """

    major: int
    version: str = ""
    at: str = ""
    standby: bool = False
    replay_lag: float | None = None
    database: str = ""
    relations: Mapping[Name, Relation] = field(default_factory=dict)
    indexes: Mapping[Name, CatalogIndex] = field(default_factory=dict)
    types: Mapping[Name, CatalogType] = field(default_factory=dict)
    functions: Collection[CatalogFunction] = ()
    schemas: Collection[str] = ("public",)
    extensions: Collection[str] = ()
    objects: Collection[CatalogObject] = ()
    listed: Collection[str] = ()
    """The kinds of `objects` of which none in question is missing: what of them is not there does not exist."""
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    search_path: tuple[str, ...] = ("public",)
    complete: bool = True
    notes: tuple[Message, ...] = ()

    def find(self, name: Name, search_path: tuple[str, ...] | None = None) -> Name | None:
        """The qualified name of the relation or index that `name` means, or None where there is none."""
        if name.schema is not None:
            return name if name in self.relations or name in self.indexes else None
        for schema in search_path if search_path is not None else self.search_path:
            qualified = Name(name.name, schema)
            if qualified in self.relations or qualified in self.indexes:
                return qualified
        return None

    def indexes_of(self, table: Name) -> tuple[CatalogIndex, ...]:
        return tuple(index for index in self.indexes.values() if index.table == table)

    def partitions_of(self, table: Name) -> tuple[Relation, ...]:
        return tuple(relation for relation in self.relations.values() if relation.partition_of == table)
