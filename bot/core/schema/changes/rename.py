"""Renames: everything in the catalog that refers to a name changes with it."""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.splice import column_element, rename_column
from bot.core.record import replace
from bot.core.schema.catalog import CatalogColumn, CatalogConstraint, CatalogIndex, Relation
from bot.core.schema.database import Database


def rename_relation(database: Database, old: Name, new: Name) -> None:
    """The relation is called `new` wherever it is mentioned; its indexes move to its schema with it."""

    def to(name: Name) -> Name:
        return new if name == old else name

    relation = database.relation(old)
    if relation is None:
        return
    indexes = database.indexes_of(old)
    database.move(old, replace(relation, name=new))
    for name in _mentioning(database, old):
        database.put(_mentions(database.relations[name], to))
    for index in indexes:
        moved = Name(index.name.name, new.schema)
        database.move_index(index.name, replace(index, name=moved, table=new))
        if moved != index.name:
            _index_moved(database, index.name, moved)


def rename_index(database: Database, old: Name, new: Name) -> None:
    """The index, its children's link to it, and the constraint it backs."""
    index = database.indexes.get(old)
    if index is None:
        return
    constraint = new.name if index.constraint is not None else None
    database.move_index(old, replace(index, name=new, constraint=constraint))
    _index_moved(database, old, new)
    if index.constraint is not None and (found := database.constraint(index.table, index.constraint)) is not None:
        database.remove_constraints(index.table, [found.name])
        definition = replace(found.definition, name=new.name)
        database.put_constraint(index.table, replace(found, name=new.name, definition=definition, index=new))


def rename_column_everywhere(database: Database, table: Name, old: str, new: str) -> None:
    """In the table and all below it, in their constraints and indexes, and in the foreign keys that point to them."""
    for name in database.tree(table):
        relation = database.relation(name)
        if relation is None or relation.column(old) is None:
            continue
        database.put(_column_renamed(relation, old, new))
        for index in list(database.indexes_of(name)):
            database.put_index(_index_column_renamed(index, old, new))
        for other in list(database.relations.values()):
            database.put(_pointing_renamed(other, name, old, new))


def _mentioning(database: Database, name: Name) -> list[Name]:
    """Relations that refer to a relation of this name, itself under its new name included."""
    links = database.links
    linked = (links.children, links.referencing, links.sequences, links.views)
    found = [other for link in linked for other in link.get(name, ())]
    found += [one.name for one in database.relations.values() if any(name in part.relations for part in one.policies)]
    return list(dict.fromkeys(found))


def _mentions(relation: Relation, to: Callable[[Name], Name]) -> Relation:
    return replace(
        relation,
        partition_of=to(relation.partition_of) if relation.partition_of is not None else None,
        parents=tuple(map(to, relation.parents)),
        owned_by=(to(relation.owned_by[0]), relation.owned_by[1]) if relation.owned_by is not None else None,
        depends_on=tuple((to(name), column) for name, column in relation.depends_on),
        policies=tuple(replace(policy, relations=tuple(map(to, policy.relations))) for policy in relation.policies),
        constraints=tuple(_constraint_mentions(constraint, to) for constraint in relation.constraints),
    )


def _constraint_mentions(constraint: CatalogConstraint, to: Callable[[Name], Name]) -> CatalogConstraint:
    definition = constraint.definition
    if not isinstance(definition, op.ForeignKey):
        return constraint
    return replace(constraint, definition=replace(definition, references=to(definition.references)))


def _index_moved(database: Database, old: Name, new: Name) -> None:
    for index in list(database.indexes.values()):
        if index.parent == old:
            database.put_index(replace(index, parent=new))
    for relation in list(database.relations.values()):
        if any(constraint.index == old for constraint in relation.constraints):
            constraints = tuple(
                replace(constraint, index=new) if constraint.index == old else constraint
                for constraint in relation.constraints
            )
            database.put(replace(relation, constraints=constraints))


def _column_renamed(relation: Relation, old: str, new: str) -> Relation:
    key = relation.partition_key
    return replace(
        relation,
        columns=tuple(_one_column(column, old, new) for column in relation.columns),
        constraints=tuple(
            replace(constraint, definition=constraint_renamed(constraint.definition, old, new))
            for constraint in relation.constraints
        ),
        triggers=tuple(replace(trigger, columns=_swapped(trigger.columns, old, new)) for trigger in relation.triggers),
        policies=tuple(replace(policy, columns=_swapped(policy.columns, old, new)) for policy in relation.policies),
        partition_key=replace(key, elements=tuple(rename_column(part, old, new) for part in key.elements))
        if key is not None
        else None,
    )


def _one_column(column: CatalogColumn, old: str, new: str) -> CatalogColumn:
    generated = column.generated
    if generated is not None:
        generated = replace(generated, expression=rename_column(generated.expression, old, new))
    return replace(column, name=new if column.name == old else column.name, generated=generated)


def constraint_renamed(constraint: op.Constraint, old: str, new: str) -> op.Constraint:
    match constraint:
        case op.NotNull():
            return replace(constraint, column=new) if constraint.column == old else constraint
        case op.Check():
            return replace(constraint, expression=rename_column(constraint.expression, old, new))
        case op.Unique() | op.PrimaryKey():
            columns, include = _swapped(constraint.columns, old, new), _swapped(constraint.include, old, new)
            return replace(constraint, columns=columns, include=include)
        case op.ForeignKey():
            return replace(constraint, columns=_swapped(constraint.columns, old, new))
        case op.Exclusion():
            elements = tuple(
                replace(element, expression=rename_column(element.expression, old, new))
                for element in constraint.elements
            )
            return replace(constraint, elements=elements)


def _index_column_renamed(index: CatalogIndex, old: str, new: str) -> CatalogIndex:
    return replace(
        index,
        elements=tuple(_element_renamed(element, old, new) for element in index.elements),
        include=_swapped(index.include, old, new),
        where=_maybe(index.where, old, new),
    )


def _element_renamed(element: op.IndexElement, old: str, new: str) -> op.IndexElement:
    if element.column == old:
        return replace(column_element(new), operator_class=element.operator_class, collation=element.collation)
    return replace(element, expression=rename_column(element.expression, old, new))


def _maybe(expression: Expression | None, old: str, new: str) -> Expression | None:
    return rename_column(expression, old, new) if expression is not None else None


def _pointing_renamed(relation: Relation, table: Name, old: str, new: str) -> Relation:
    constraints = []
    for constraint in relation.constraints:
        definition = constraint.definition
        if isinstance(definition, op.ForeignKey) and definition.references == table:
            columns = _swapped(definition.references_columns, old, new)
            constraint = replace(constraint, definition=replace(definition, references_columns=columns))
        constraints.append(constraint)
    owner = relation.owned_by
    uses = tuple((name, new if (name, column) == (table, old) else column) for name, column in relation.depends_on)
    return replace(
        relation,
        constraints=tuple(constraints),
        owned_by=(table, new) if owner == (table, old) else owner,
        depends_on=uses,
    )


def _swapped(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if column == old else column for column in columns)
