"""Constraints and the indexes behind them, added and dropped in the catalog.

Sources: pg_constraint.c (ChooseConstraintName), index.c (index_constraint_create);
https://www.postgresql.org/docs/current/ddl-constraints.html.
"""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.naming import free_name, index_columns, joined
from bot.core.language.splice import column_element
from bot.core.record import replace
from bot.core.schema.catalog import CatalogConstraint, CatalogIndex, RelationKind
from bot.core.schema.changes.drop import drop
from bot.core.schema.changes.indexes import build, unattached_twin
from bot.core.schema.changes.rename import rename_index
from bot.core.schema.database import TABLES, Database
from bot.core.schema.dependents import DependentKind, Object, same_constraint


def add(database: Database, operation: op.AddConstraint) -> None:
    add_constraint(database, operation.table, operation.constraint, only=operation.only)


def add_constraint(
    database: Database, table: Name, constraint: op.Constraint, *, only: bool = False, inherited: bool = False
) -> str | None:
    """Adds it to the table and, where it is inherited, to all tables below; returns its name there."""
    match constraint:
        case op.NotNull():
            return add_not_null(database, table, constraint, only=only, inherited=inherited)
        case op.Check():
            return _add_check(database, table, constraint, only=only, inherited=inherited)
        case op.ForeignKey():
            return _add_foreign_key(database, table, constraint, inherited=inherited)
        case op.PrimaryKey() | op.Unique() | op.Exclusion():
            return _add_key(database, table, constraint, only=only)


def constraint_name(database: Database, table: Name, constraint: op.Constraint) -> str:
    """The name the constraint has, or gets (index_constraint_create, ChooseConstraintName)."""
    if constraint.name is not None:
        return constraint.name

    def taken_by_constraint(name: str) -> bool:
        return database.constraint_exists(name, table.schema)

    match constraint:
        case op.NotNull():
            return free_name(table.name, constraint.column, "not_null", taken_by_constraint)
        case op.Check():
            return free_name(table.name, _only_column(constraint), "check", taken_by_constraint)
        case op.ForeignKey():
            return free_name(table.name, joined(constraint.columns), "fkey", taken_by_constraint)
        case op.PrimaryKey() | op.Unique() | op.Exclusion():
            return _key_name(database, table, constraint)


def _key_name(database: Database, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion) -> str:
    """The name of the constraint and of the index behind it: one that neither has yet."""

    def taken(name: str) -> bool:
        return database.name_taken(Name(name, table.schema), constraint=True)

    match constraint:
        case op.PrimaryKey() | op.Unique() if constraint.using_index is not None:
            return constraint.using_index
        case op.PrimaryKey():
            return free_name(table.name, None, "pkey", taken)
        case op.Unique():
            return free_name(table.name, joined((*constraint.columns, *constraint.include)), "key", taken)
        case op.Exclusion():
            columns = index_columns(key_elements(constraint), constraint.include)
            return free_name(table.name, joined(columns), "excl", taken)


def _only_column(check: op.Check) -> str | None:
    columns = {reference.column for reference in check.expression.columns}
    return columns.pop() if len(columns) == 1 else None


def key_elements(constraint: op.PrimaryKey | op.Unique | op.Exclusion) -> tuple[op.IndexElement, ...]:
    """The keys of the index that backs the constraint."""
    if not isinstance(constraint, op.Exclusion):
        return tuple(column_element(column) for column in constraint.columns)
    elements: list[op.IndexElement] = []
    for element in constraint.elements:
        references = element.expression.columns
        bare = len(references) == 1 and references[0].start == 0 and references[0].end == len(element.expression.text)
        elements.append(op.IndexElement(element.text, element.expression, references[0].column if bare else None))
    return tuple(elements)


def add_not_null(
    database: Database, table: Name, constraint: op.NotNull, *, only: bool = False, inherited: bool = False
) -> str | None:
    """The column is NOT NULL from here on; 18 and later catalogue a constraint for it."""
    name = None
    column = database.column(table, constraint.column)
    nullable = column is not None and not column.not_null
    if column is not None and nullable:
        database.put_column(table, replace(column, not_null=True))
    if table in database.relations and database.major >= 18:
        valid = None if nullable else database.not_null(table, constraint.column, valid=True)
        invalid = None if nullable else database.not_null(table, constraint.column, valid=False)
        if invalid is not None and not constraint.not_valid:
            _set_valid(database, table, invalid)
        elif valid is None and invalid is None:
            name = constraint_name(database, table, constraint)
            found = CatalogConstraint(name, replace(constraint, name=name), not constraint.not_valid, None, inherited)
            database.put_constraint(table, found)
    if not only and not constraint.no_inherit:
        for child in database.children(table):
            add_not_null(database, child.name, constraint, inherited=True)
    return name


def _add_check(database: Database, table: Name, constraint: op.Check, *, only: bool, inherited: bool) -> str | None:
    if table not in database.relations:
        return None
    name = constraint_name(database, table, constraint)
    valid = constraint.enforced and not constraint.not_valid
    definition = replace(constraint, name=name)
    database.put_constraint(table, CatalogConstraint(name, definition, valid, None, inherited))
    if not only and not constraint.no_inherit:
        for child in database.children(table):
            _add_check(database, child.name, definition, only=False, inherited=True)
    return name


def resolved(database: Database, key: op.ForeignKey) -> op.ForeignKey:
    """The foreign key with its target qualified and the referenced columns filled in."""
    target = database.resolve(key.references)
    columns = key.references_columns
    if not columns and (primary := database.primary_key(target)) is not None:
        columns = tuple(element.column or "" for element in primary.elements)
    return replace(key, references=target, references_columns=columns)


def _add_foreign_key(database: Database, table: Name, key: op.ForeignKey, *, inherited: bool) -> str | None:
    if table not in database.relations:
        return None
    key = resolved(database, key)
    name = constraint_name(database, table, key)
    if inherited and database.constraint(table, name) is not None:
        name = constraint_name(database, table, replace(key, name=None))
    key = replace(key, name=name)
    valid = key.enforced and not key.not_valid
    database.put_constraint(table, CatalogConstraint(name, key, valid, None, inherited))
    for child in database.children(table) if database.is_partitioned(table) else ():
        own = next((one for one in child.constraints if same_constraint(one.definition, key)), None)
        if own is None:
            _add_foreign_key(database, child.name, key, inherited=True)
        else:
            database.put_constraint(child.name, replace(own, inherited=True))
    return name


def _add_key(
    database: Database, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion, *, only: bool
) -> str | None:
    if table not in database.relations:
        return None
    name = constraint_name(database, table, constraint)
    if not isinstance(constraint, op.Exclusion) and constraint.using_index is not None:
        constraint = _adopt_index(database, table, constraint, name)
    else:
        build(database, index_behind(database, table, constraint, name), only=only)
    found = CatalogConstraint(name, replace(constraint, name=name), index=Name(name, table.schema))
    database.put_constraint(table, found)
    if isinstance(constraint, op.PrimaryKey):
        for column in constraint.columns:
            add_not_null(database, table, op.NotNull(column), only=only)
    return name


def index_behind(
    database: Database, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion, name: str
) -> CatalogIndex:
    """The index that the constraint will have."""
    return CatalogIndex(
        Name(name, table.schema),
        table,
        key_elements(constraint),
        unique=not isinstance(constraint, op.Exclusion),
        primary=isinstance(constraint, op.PrimaryKey),
        exclusion=isinstance(constraint, op.Exclusion),
        method=constraint.method if isinstance(constraint, op.Exclusion) else "btree",
        include=constraint.include,
        where=constraint.where if isinstance(constraint, op.Exclusion) else None,
        nulls_not_distinct=isinstance(constraint, op.Unique) and constraint.nulls_not_distinct,
        constraint=name,
        partitioned=database.is_partitioned(table),
    )


def _adopt_index(
    database: Database, table: Name, constraint: op.PrimaryKey | op.Unique, name: str
) -> op.PrimaryKey | op.Unique:
    """USING INDEX: the index gets the constraint's name, the constraint the index's columns."""
    old = Name(constraint.using_index or name, table.schema)
    index = database.indexes.get(old)
    if index is None:
        return constraint
    if old.name != name:
        rename_index(database, old, Name(name, table.schema))
    primary = isinstance(constraint, op.PrimaryKey)
    database.put_index(replace(database.indexes[Name(name, table.schema)], constraint=name, primary=primary))
    return replace(constraint, columns=tuple(element.column or "" for element in index.elements))


def hand_down(database: Database, parent: Name, partition: Name) -> None:
    """What a partition gets from its parent on CREATE ... PARTITION OF and ATTACH: indexes, keys, foreign keys."""
    for index in list(database.indexes_of(parent)):
        twin = unattached_twin(database, index, partition)
        if twin is not None:
            database.put_index(replace(twin, parent=index.name))
            continue
        build(database, index, on=partition, parent=index.name)
    found = database.relation(parent)
    below = database.relation(partition)
    if found is None or below is None:
        return
    for constraint in found.constraints:
        definition = constraint.definition
        if isinstance(definition, op.ForeignKey) and not any(
            same_constraint(one.definition, definition) for one in below.constraints
        ):
            _add_foreign_key(database, partition, definition, inherited=True)


def validate(database: Database, operation: op.ValidateConstraint) -> None:
    found = database.constraint(operation.table, operation.constraint)
    if found is None:
        return
    for name in database.tree(operation.table):
        relation = database.relation(name)
        for constraint in relation.constraints if relation is not None else ():
            same = name == operation.table and constraint.name == found.name
            if same or (constraint.inherited and same_constraint(constraint.definition, found.definition)):
                _set_valid(database, name, constraint)


def _set_valid(database: Database, table: Name, constraint: CatalogConstraint) -> None:
    definition = constraint.definition
    if isinstance(definition, op.Check | op.ForeignKey | op.NotNull):
        definition = replace(definition, not_valid=False)
    database.put_constraint(table, replace(constraint, valid=True, definition=definition))


def drop_constraint(database: Database, operation: op.DropConstraint) -> None:
    found = database.constraint(operation.table, operation.constraint)
    if found is None:
        return
    if isinstance(found.definition, op.NotNull):
        drop_not_null(database, operation.table, found.definition.column)
        return
    drop(database, Object(DependentKind.CONSTRAINT, operation.table, operation.constraint))


def drop_not_null(database: Database, table: Name, column: str) -> None:
    """Here and in all children, which keep nothing of what they inherited."""
    for name in database.tree(table):
        if (found := database.column(name, column)) is not None and not found.identity:
            database.put_column(name, replace(found, not_null=False))
        for valid in (True, False):
            if (constraint := database.not_null(name, column, valid=valid)) is not None:
                database.remove_constraints(name, [constraint.name])


def alter(database: Database, operation: op.AlterConstraint) -> None:
    found = database.constraint(operation.table, operation.constraint)
    if found is None:
        return
    definition = found.definition
    if isinstance(definition, op.ForeignKey):
        definition = replace(
            definition,
            deferrable=definition.deferrable if operation.deferrable is None else operation.deferrable,
            initially_deferred=definition.initially_deferred
            if operation.initially_deferred is None
            else operation.initially_deferred,
            enforced=definition.enforced if operation.enforced is None else operation.enforced,
        )
    if isinstance(definition, op.NotNull) and operation.no_inherit is not None:
        definition = replace(definition, no_inherit=operation.no_inherit)
    valid = found.valid if operation.enforced is None else operation.enforced
    database.put_constraint(operation.table, replace(found, definition=definition, valid=valid))


def rename(database: Database, operation: op.RenameConstraint) -> None:
    found = database.constraint(operation.table, operation.constraint)
    if found is None:
        return
    for name in database.tree(operation.table):
        relation = database.relation(name)
        if relation is None or relation.kind not in TABLES | {RelationKind.TABLE}:
            continue
        constraint = database.constraint(name, operation.constraint)
        if constraint is None or (name != operation.table and not constraint.inherited):
            continue
        index = constraint.index
        if index is not None:
            rename_index(database, index, Name(operation.to, index.schema))
            index = Name(operation.to, index.schema)
        database.remove_constraints(name, [constraint.name])
        definition = replace(constraint.definition, name=operation.to)
        database.put_constraint(name, replace(constraint, name=operation.to, definition=definition, index=index))
