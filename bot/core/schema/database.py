"""A catalog for looking things up and for changing: the effects read it, the replay writes it."""

from collections.abc import Collection, Iterable, Iterator

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.schema.catalog import (
    Catalog,
    CatalogColumn,
    CatalogConstraint,
    CatalogFunction,
    CatalogIndex,
    CatalogObject,
    CatalogType,
    Relation,
    RelationKind,
    TypeKind,
)
from bot.core.schema.links import Links, LinksDraft, bound_keys
from bot.core.schema.versions import Draft, Members

STORED = frozenset({RelationKind.TABLE, RelationKind.MATERIALIZED_VIEW})
"""Kinds with a heap of their own."""

MOST_COLUMNS = 1600
"""Of a table: MaxHeapAttributeNumber in htup_details.h."""

TABLES = frozenset({RelationKind.TABLE, RelationKind.PARTITIONED_TABLE, RelationKind.FOREIGN_TABLE})


class Database:
    """Mutable and short-lived: made from a catalog, changed, frozen into the next catalog.

    Names given to it are qualified (`resolve` does that), unless a method says otherwise.
    """

    def __init__(
        self, catalog: Catalog, search_path: tuple[str, ...], *, known: bool, links: Links | None = None
    ) -> None:
        """`known`: what the catalog lacks does not exist. `links` are the catalog's, computed where not given."""
        self.base = catalog
        self.search_path = search_path
        self.known = known
        self.relations = Draft(catalog.relations)
        self.indexes = Draft(catalog.indexes)
        self.types = Draft(catalog.types)
        self.links = LinksDraft(links or Links.of(catalog))
        self.functions = catalog.functions
        self.schemas = catalog.schemas
        self.extensions = catalog.extensions
        self.objects = catalog.objects
        self.moved: dict[Name, Name] = {}
        """Relations and indexes that got another name or schema: the new name, and their name in the catalog."""
        self.noted: set[Name] = set()
        """Tables that existed before the run without being in the catalog, added because a statement names them."""

    @property
    def major(self) -> int:
        return self.base.major

    def freeze(self) -> Catalog:
        """The catalog as it is now; the same object where nothing changed."""
        base = self.base
        now = {
            "relations": self.relations.freeze(),
            "indexes": self.indexes.freeze(),
            "types": self.types.freeze(),
            "functions": self.functions,
            "schemas": self.schemas,
            "extensions": self.extensions,
            "objects": self.objects,
        }
        return base if all(getattr(base, name) is value for name, value in now.items()) else replace(base, **now)

    # Names

    def find(self, name: Name) -> Name | None:
        """The qualified name of the relation or index that `name` means, None where the search path has none."""
        if name.schema is not None:
            return name if self.exists(name) else None
        for schema in self.search_path:
            if self.exists(qualified := Name(name.name, schema)):
                return qualified
        return None

    def resolve(self, name: Name) -> Name:
        """As `find`; where none exists, in the schema where it would be created."""
        if name.schema is not None:
            return name
        return self.find(name) or Name(name.name, self.home)

    @property
    def home(self) -> str:
        """The schema that gets what is created without one."""
        path = [schema for schema in self.search_path if not schema.startswith("pg_")]
        return next((schema for schema in path if schema in self.schemas), path[0] if path else "")

    def exists(self, name: Name) -> bool:
        return name in self.relations or name in self.indexes

    def constraint_exists(self, name: str, schema: str | None) -> bool:
        return (schema, name) in self.links.constraints

    def name_taken(self, name: Name, *, constraint: bool = False) -> bool:
        return self.exists(name) or (constraint and self.constraint_exists(name.name, name.schema))

    # Relations

    def relation(self, name: Name) -> Relation | None:
        return self.relations.get(name)

    def is_partial(self, name: Name) -> bool:
        """Whether the relation may have parts that are not known, or may exist without being known at all."""
        relation = self.relations.get(name)
        return relation.partial if relation is not None else not self.known and name not in self.indexes

    def is_partitioned(self, name: Name) -> bool:
        relation = self.relations.get(name)
        return relation is not None and relation.kind is RelationKind.PARTITIONED_TABLE

    def has_heap(self, name: Name) -> bool:
        """Whether it stores rows itself; a relation that is not known is treated as a plain table."""
        relation = self.relations.get(name)
        return relation is None or relation.kind in STORED

    def column(self, table: Name, column: str) -> CatalogColumn | None:
        relation = self.relations.get(table)
        return relation.column(column) if relation is not None else None

    def lacks_column(self, table: Name, column: str) -> bool:
        """True only where it is known that there is no such column."""
        relation = self.relations.get(table)
        return relation is not None and not relation.partial and relation.column(column) is None

    def constraint(self, table: Name, name: str) -> CatalogConstraint | None:
        relation = self.relations.get(table)
        return next((one for one in relation.constraints if one.name == name), None) if relation is not None else None

    def indexes_of(self, table: Name) -> list[CatalogIndex]:
        return [self.indexes[name] for name in self.links.indexes.get(table, ())]

    def children(self, table: Name) -> list[Relation]:
        """Partitions and inheritance children, one level down."""
        return [self.relations[name] for name in self.links.children.get(table, ())]

    def descendants(self, table: Name) -> list[Name]:
        """All tables below it at any level, each once, without the table itself."""
        found: dict[Name, None] = {}
        queue = [table]
        while queue:
            for child in self.children(queue.pop(0)):
                if child.name not in found and child.name != table:
                    found[child.name] = None
                    queue.append(child.name)
        return list(found)

    def tree(self, table: Name) -> list[Name]:
        """The table and all below it."""
        return [table, *self.descendants(table)]

    def default_partition(self, table: Name) -> Name | None:
        return next(iter(self.links.bounds.get((table, "default"), ())), None)

    def with_like_bounds(self, table: Name, bound: op.Bound) -> list[Relation]:
        """The partitions that this bound may overlap."""
        names = dict.fromkeys(name for key in bound_keys(bound) for name in self.links.bounds.get((table, key), ()))
        return [self.relations[name] for name in names]

    def referencing(self, table: Name) -> list[tuple[Relation, CatalogConstraint]]:
        """The foreign keys that point to the table, with the tables they belong to."""
        return [
            (self.relations[name], constraint)
            for name in self.links.referencing.get(table, ())
            for constraint in self.relations[name].constraints
            if isinstance(constraint.definition, op.ForeignKey) and constraint.definition.references == table
        ]

    def foreign_keys(self, table: Name) -> Iterator[tuple[CatalogConstraint, op.ForeignKey]]:
        relation = self.relations.get(table)
        for constraint in relation.constraints if relation is not None else ():
            if isinstance(constraint.definition, op.ForeignKey):
                yield constraint, constraint.definition

    def primary_key(self, table: Name) -> CatalogIndex | None:
        return next((index for index in self.indexes_of(table) if index.primary), None)

    def sequences_of(self, table: Name, column: str | None = None) -> list[Name]:
        """Sequences owned by the table's columns (serial, identity), or by the given column."""
        owned = self.links.sequences.get(table, ())
        return [name for name in owned if column is None or self.relations[name].owned_by == (table, column)]

    def views_on(self, name: Name, column: str | None = None) -> list[Relation]:
        """Views and materialized views that use the relation (the column) directly."""
        return [
            view
            for view in map(self.relations.__getitem__, self.links.views.get(name, ()))
            if any(
                used == name and (column is None or of == column or (of is None and not self.may_use(view, name)))
                for used, of in view.depends_on
            )
        ]

    def may_use(self, view: Relation, table: Name) -> bool:
        """Whether the columns that the view uses are unknown."""
        return view.partial and self.is_partial(table) and (table, None) in view.depends_on

    def is_not_null(self, table: Name, column: str) -> bool:
        """Whether the column is NOT NULL and every row is known to comply (18 has NOT VALID ones)."""
        found = self.column(table, column)
        if found is None:
            # Of a table that is not known, what this run has proven is.
            return self.not_null(table, column, valid=True) is not None
        return found.not_null and self.not_null(table, column, valid=False) is None

    def not_null(self, table: Name, column: str, *, valid: bool) -> CatalogConstraint | None:
        """The NOT NULL constraint of the column, as PostgreSQL 18 catalogues it."""
        relation = self.relations.get(table)
        for constraint in relation.constraints if relation is not None else ():
            definition = constraint.definition
            if isinstance(definition, op.NotNull) and definition.column == column and constraint.valid == valid:
                return constraint
        return None

    def functions_named(self, name: Name) -> Collection[CatalogFunction]:
        """The overloads of a qualified name."""
        return self.links.functions.get(name, ())

    # Types

    def find_type(self, type: Type) -> CatalogType | None:
        """The user-defined type of this name (for an array, of its elements); None for a built-in or unknown type."""
        if type.schema is not None:
            return self.types.get(Name(type.name, type.schema))
        for schema in self.search_path:
            if found := self.types.get(Name(type.name, schema)):
                return found
        return None

    def row_type(self, type: Type) -> Name | None:
        """The table whose row type it is."""
        name = self.find(Name(type.name, type.schema))
        return name if name in self.relations and self.find_type(type) is None else None

    def resolve_type(self, type: Type) -> Type:
        found = self.find_type(type)
        if found is not None and type.schema is None:
            return replace(type, schema=found.name.schema)
        return replace(type, schema=None) if type.schema == "pg_catalog" else type

    def domain_base(self, type: Type) -> Type:
        """The type below all domains, with the modifiers the innermost domain gives it."""
        for _ in range(64):
            domain = self.domain(type)
            if domain is None or domain.base is None:
                return type
            type = domain.base
        return type

    def domain(self, type: Type) -> CatalogType | None:
        """The domain of a column of this type; an array of domains is not a domain."""
        if type.dimensions:
            return None
        found = self.find_type(type)
        return found if found is not None and found.kind is TypeKind.DOMAIN else None

    def domain_is_constrained(self, type: Type) -> bool:
        """Whether the domain, or a domain that it is based on, has a CHECK or NOT NULL."""
        for _ in range(64):
            domain = self.domain(type)
            if domain is None:
                return False
            if domain.not_null or domain.checks:
                return True
            if domain.base is None:
                return False
            type = domain.base
        return False

    def columns_of_type(self, name: Name) -> list[tuple[Relation, CatalogColumn]]:
        """Columns whose type is this one, an array of it, or a domain over it at any depth."""
        wanted = {name}
        size = 0
        while size < len(wanted):
            size = len(wanted)
            wanted |= {other.name for other in self.types.values() if self._is_made_of(other, wanted)}
        return [
            (relation, column)
            for relation in self.relations.values()
            for column in relation.columns
            if self._is_any(column.type, wanted)
        ]

    def _is_made_of(self, type: CatalogType, names: set[Name]) -> bool:
        parts = [attribute.type for attribute in type.attributes]
        return any(self._is_any(part, names) for part in (*parts, *((type.base,) if type.base is not None else ())))

    def _is_any(self, type: Type, names: set[Name]) -> bool:
        found = self.find_type(type)
        return found is not None and found.name in names

    # Changes

    def put(self, relation: Relation) -> None:
        self.links.replace(self.relations.get(relation.name), relation)
        self.relations[relation.name] = relation

    def put_index(self, index: CatalogIndex) -> None:
        if (old := self.indexes.get(index.name)) is not None and old.table != index.table:
            self.links.remove_index(old)
        self.links.add_index(index)
        self.indexes[index.name] = index

    def remove(self, name: Name) -> None:
        """The relation with its indexes, or the index; the caller removes what depends on it."""
        if (relation := self.relations.pop(name, None)) is not None:
            self.links.replace(relation, None)
            for index in self.indexes_of(name):
                self.remove(index.name)
        if (found := self.indexes.pop(name, None)) is not None:
            self.links.remove_index(found)

    def move(self, name: Name, relation: Relation) -> None:
        """The relation under another name; its indexes stay, and are to be moved next."""
        self.links.replace(self.relations.pop(name), None)
        self.put(relation)
        self._note_move(name, relation.name)

    def move_index(self, name: Name, index: CatalogIndex) -> None:
        """The index under another name, or on a table under another name."""
        self.remove(name)
        self.put_index(index)
        self._note_move(name, index.name)

    def _note_move(self, old: Name, new: Name) -> None:
        if new != old:
            self.moved[new] = self.moved.pop(old, old)

    def put_unseen(self, table: Name) -> None:
        """A table that must exist but was not in the catalog: what the run does to it is known from here on."""
        self.put(Relation(table, RelationKind.TABLE, partial=True))
        self.noted.add(table)

    def put_column(self, table: Name, column: CatalogColumn) -> None:
        """The column of that name replaced, or added at the end."""
        relation = self.relations[table]
        if relation.column(column.name) is None:
            columns = (*relation.columns, column)
        else:
            columns = tuple(column if one.name == column.name else one for one in relation.columns)
        self.put(replace(relation, columns=columns))

    def put_constraint(self, table: Name, constraint: CatalogConstraint) -> None:
        relation = self.relations[table]
        kept = relation.constraints
        if self.constraint_exists(constraint.name, table.schema):
            kept = tuple(one for one in kept if one.name != constraint.name)
        self.put(replace(relation, constraints=(*kept, constraint)))

    def remove_constraints(self, table: Name, names: Iterable[str]) -> None:
        gone = set(names)
        relation = self.relations[table]
        self.put(replace(relation, constraints=tuple(one for one in relation.constraints if one.name not in gone)))

    def add_function(self, function: CatalogFunction) -> None:
        self.functions = Members.of(self.functions).changed((function,), ())
        self.links.add_function(function)

    def remove_functions(self, functions: Iterable[CatalogFunction]) -> None:
        gone = list(functions)
        self.functions = Members.of(self.functions).changed((), gone)
        for function in gone:
            self.links.remove_function(function)

    def add_schema(self, schema: str) -> None:
        self.schemas = Members.of(self.schemas).changed((schema,), ())

    def remove_schema(self, schema: str) -> None:
        self.schemas = Members.of(self.schemas).changed((), (schema,))

    def object(self, kind: str, name: Name, of: str = "") -> CatalogObject | None:
        """The object of that kind, found along the search path where its kind lies in schemas."""
        found = [
            one
            for one in self.objects
            if one.kind == kind and one.name.name == name.name and one.of == of and self._is_seen(one.name, name)
        ]
        return found[0] if found else None

    def _is_seen(self, found: Name, name: Name) -> bool:
        if name.schema is not None or found.schema is None:
            return found.schema == name.schema or found.schema is None
        return found.schema in (*self.search_path, "pg_catalog")

    def add_object(self, thing: CatalogObject) -> None:
        self.objects = Members.of(self.objects).changed((thing,), ())

    def remove_object(self, thing: CatalogObject) -> None:
        self.objects = Members.of(self.objects).changed((), (thing,))

    def add_extension(self, extension: str) -> None:
        self.extensions = Members.of(self.extensions).changed((extension,), ())

    def remove_extensions(self, extensions: Iterable[str]) -> None:
        self.extensions = Members.of(self.extensions).changed((), extensions)
