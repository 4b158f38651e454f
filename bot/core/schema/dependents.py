"""What depends on what: which objects a DROP also drops, and which of them need CASCADE."""

from collections.abc import Iterator
from enum import Enum

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.catalog import CatalogIndex, Relation, RelationKind
from bot.core.schema.database import Database


class DependentKind(Enum):
    RELATION = "relation"
    INDEX = "index"
    COLUMN = "column"
    DEFAULT = "default"
    CONSTRAINT = "constraint"
    TRIGGER = "trigger"
    POLICY = "policy"
    TYPE = "type"
    FUNCTION = "function"


@record
class Object:
    """`name` is the relation's where it is a part of a relation; `part` the column, constraint, trigger or policy."""

    kind: DependentKind
    name: Name
    part: str = ""

    def __str__(self) -> str:
        if not self.part:
            return f"{self.kind.value} {self.name}"
        return f"{self.kind.value} {self.part} of {self.name}"


@record
class Closure:
    """All objects that are dropped together; `blockers` are those that only CASCADE drops."""

    objects: tuple[Object, ...]
    blockers: tuple[Object, ...]

    def names(self, *kinds: DependentKind) -> list[Name]:
        return list(dict.fromkeys(one.name for one in self.objects if one.kind in kinds))


def relation(name: Name) -> Object:
    return Object(DependentKind.RELATION, name)


def closure(database: Database, *roots: Object) -> Closure:
    """The objects that dropping `roots` drops, as findDependentObjects finds them."""
    free: dict[Object, bool] = dict.fromkeys(roots, True)
    queue = list(roots)
    while queue:
        current = queue.pop(0)
        for other, automatic in dependents(database, current):
            if other not in free:
                queue.append(other)
                free[other] = automatic
            elif automatic and not free[other]:
                free[other] = True
    return Closure(tuple(free), tuple(one for one, alone in free.items() if not alone and not _within(one, free)))


def _within(thing: Object, gone: dict[Object, bool]) -> bool:
    """Whether the part is dropped anyway with the relation or column it belongs to."""
    if thing.kind in (DependentKind.RELATION, DependentKind.INDEX, DependentKind.TYPE, DependentKind.FUNCTION):
        return False
    column = Object(DependentKind.COLUMN, thing.name, thing.part)
    whole = relation(thing.name)
    if thing.kind is DependentKind.DEFAULT and gone.get(column):
        return True
    return bool(gone.get(whole))


def dependents(database: Database, thing: Object) -> Iterator[tuple[Object, bool]]:
    """What depends directly on `thing`; True where it is dropped without CASCADE."""
    match thing.kind:
        case DependentKind.RELATION:
            yield from _of_relation(database, thing.name)
        case DependentKind.INDEX:
            yield from _of_index(database, thing.name)
        case DependentKind.COLUMN:
            yield from _of_column(database, thing.name, thing.part)
        case DependentKind.CONSTRAINT:
            yield from _of_constraint(database, thing.name, thing.part)
        case DependentKind.TYPE:
            yield from _of_type(database, thing.name)
        case DependentKind.FUNCTION:
            yield from _of_function(database, thing.name)
        case _:
            return


def _of_relation(database: Database, name: Name) -> Iterator[tuple[Object, bool]]:
    found = database.relation(name)
    for index in database.indexes_of(name):
        yield Object(DependentKind.INDEX, index.name), True
    for child in database.children(name):
        yield relation(child.name), child.partition_of == name
    for view in database.views_on(name):
        yield relation(view.name), False
    for sequence in database.sequences_of(name):
        yield relation(sequence), True
    for other, constraint in database.referencing(name):
        yield Object(DependentKind.CONSTRAINT, other.name, constraint.name), other.name == name
    if found is not None:
        yield from _of_known_relation(database, found)


def _of_known_relation(database: Database, found: Relation) -> Iterator[tuple[Object, bool]]:
    name = found.name
    for above in _above(database, found):
        for other, constraint in database.referencing(above):
            yield Object(DependentKind.CONSTRAINT, other.name, constraint.name), False
    for constraint in found.constraints:
        yield Object(DependentKind.CONSTRAINT, name, constraint.name), True
    for trigger in found.triggers:
        yield Object(DependentKind.TRIGGER, name, trigger.name), True
    if found.kind is RelationKind.SEQUENCE:
        yield from _of_sequence(database, name)
    for other in database.relations.values():
        for policy in other.policies:
            if name in policy.relations:
                yield Object(DependentKind.POLICY, other.name, policy.name), False


def _above(database: Database, partition: Relation) -> Iterator[Name]:
    """The partitioned tables that it is a part of."""
    above = partition.partition_of
    while above is not None:
        yield above
        parent = database.relation(above)
        above = parent.partition_of if parent is not None else None


def _of_sequence(database: Database, name: Name) -> Iterator[tuple[Object, bool]]:
    for other in database.relations.values():
        for column in other.columns:
            if column.default is not None and _names_sequence(column.default, name):
                yield Object(DependentKind.DEFAULT, other.name, column.name), False


def _of_index(database: Database, name: Name) -> Iterator[tuple[Object, bool]]:
    index = database.indexes.get(name)
    for other in database.indexes.values():
        if other.parent == name:
            yield Object(DependentKind.INDEX, other.name), True
    if index is not None and index.unique:
        yield from _keys_into(database, index)


def _keys_into(database: Database, index: CatalogIndex) -> Iterator[tuple[Object, bool]]:
    """Foreign keys that depend on this unique index."""
    columns = {element.column for element in index.elements}
    rivals = [
        other
        for other in database.indexes_of(index.table)
        if other.name != index.name and other.unique and {element.column for element in other.elements} == columns
    ]
    for other, constraint in database.referencing(index.table):
        key = constraint.definition
        if isinstance(key, op.ForeignKey) and set(key.references_columns) == columns:
            if rivals and not index.primary and any(rival.primary for rival in rivals):
                continue
            yield Object(DependentKind.CONSTRAINT, other.name, constraint.name), False


def _of_constraint(database: Database, table: Name, name: str) -> Iterator[tuple[Object, bool]]:
    found = database.constraint(table, name)
    if found is None:
        return
    if isinstance(found.definition, op.PrimaryKey | op.Unique | op.Exclusion) and found.index is not None:
        yield Object(DependentKind.INDEX, found.index), True
    for child in database.children(table):
        for constraint in child.constraints:
            if constraint.inherited and same_constraint(constraint.definition, found.definition):
                yield Object(DependentKind.CONSTRAINT, child.name, constraint.name), True


def _of_column(database: Database, table: Name, column: str) -> Iterator[tuple[Object, bool]]:
    found = database.relation(table)
    for index in database.indexes_of(table):
        if index_uses(index, column):
            yield Object(DependentKind.INDEX, index.name), True
    for view in database.views_on(table, column):
        yield relation(view.name), False
    for sequence in database.sequences_of(table, column):
        yield relation(sequence), True
    for other, constraint in database.referencing(table):
        if isinstance(constraint.definition, op.ForeignKey) and column in constraint.definition.references_columns:
            yield Object(DependentKind.CONSTRAINT, other.name, constraint.name), False
    if found is not None:
        yield from _in_the_table(database, found, column)


def _in_the_table(database: Database, found: Relation, column: str) -> Iterator[tuple[Object, bool]]:
    table = found.name
    for constraint in found.constraints:
        if constraint_uses(constraint.definition, column):
            yield Object(DependentKind.CONSTRAINT, table, constraint.name), True
    for other_column in found.columns:
        if other_column.generated is not None and other_column.generated.expression.mentions(column):
            # Since 15 a generated column blocks the drop of a column it is computed from; before, it was dropped too.
            yield Object(DependentKind.COLUMN, table, other_column.name), database.major < 15
    for trigger in found.triggers:
        if column in trigger.columns:
            yield Object(DependentKind.TRIGGER, table, trigger.name), False
    for policy in found.policies:
        if column in policy.columns:
            yield Object(DependentKind.POLICY, table, policy.name), False


def _of_type(database: Database, name: Name) -> Iterator[tuple[Object, bool]]:
    for other in database.relations.values():
        for column in other.columns:
            used = database.find_type(column.type)
            if used is not None and used.name == name and other.kind is not RelationKind.VIEW:
                yield Object(DependentKind.COLUMN, other.name, column.name), False
    for domain in database.types.values():
        base = database.find_type(domain.base) if domain.base is not None else None
        if base is not None and base.name == name:
            yield Object(DependentKind.TYPE, domain.name), False


def _of_function(database: Database, name: Name) -> Iterator[tuple[Object, bool]]:
    for other in database.relations.values():
        yield from ((thing, False) for thing in _calling(other, name))
    for index in database.indexes.values():
        parts = [element.expression for element in index.elements if element.column is None]
        if any(calls(part, name) for part in (*parts, *((index.where,) if index.where else ()))):
            yield Object(DependentKind.INDEX, index.name), False


def _calling(table: Relation, function: Name) -> Iterator[Object]:
    """The parts of the table that call the function."""
    for trigger in table.triggers:
        if trigger.function == function:
            yield Object(DependentKind.TRIGGER, table.name, trigger.name)
    for column in table.columns:
        if column.default is not None and calls(column.default, function):
            yield Object(DependentKind.DEFAULT, table.name, column.name)
        if column.generated is not None and calls(column.generated.expression, function):
            yield Object(DependentKind.COLUMN, table.name, column.name)
    for constraint in table.constraints:
        if isinstance(constraint.definition, op.Check) and calls(constraint.definition.expression, function):
            yield Object(DependentKind.CONSTRAINT, table.name, constraint.name)


def calls(expression: Expression, function: Name) -> bool:
    return any(
        call.function.name == function.name and call.function.schema in (None, function.schema)
        for call in expression.calls
    )


def constraint_uses(constraint: op.Constraint, column: str) -> bool:
    """Whether a constraint of the column's own table depends on the column."""
    match constraint:
        case op.NotNull():
            return constraint.column == column
        case op.Check():
            return constraint.expression.mentions(column)
        case op.Unique() | op.PrimaryKey():
            return column in constraint.columns or column in constraint.include
        case op.ForeignKey():
            return column in constraint.columns
        case op.Exclusion():
            parts = [element.expression for element in constraint.elements]
            where = (constraint.where,) if constraint.where is not None else ()
            return column in constraint.include or any(part.mentions(column) for part in (*parts, *where))


def index_uses(index: CatalogIndex, column: str) -> bool:
    """Whether dropping the column drops the index: as a key, as a payload, in an expression or the predicate."""
    return (
        any(element.column == column for element in index.elements)
        or column in index.include
        or expression_uses(index, column)
    )


def expression_uses(index: CatalogIndex, column: str) -> bool:
    """Whether an expression key or the predicate mentions the column."""
    return (index.where is not None and index.where.mentions(column)) or any(
        element.column is None and element.expression.mentions(column) for element in index.elements
    )


def same_constraint(one: op.Constraint, other: op.Constraint) -> bool:
    """Whether a partition's (a child's) constraint is its parent's."""
    match one, other:
        case (op.NotNull(), op.NotNull()):
            return one.column == other.column
        case (op.Check(), op.Check()):
            return one.expression.text == other.expression.text
        case (op.Unique(), op.Unique()) | (op.PrimaryKey(), op.PrimaryKey()):
            return one.columns == other.columns
        case (op.ForeignKey(), op.ForeignKey()):
            return one.columns == other.columns and one.references == other.references
        case _:
            return False


def _names_sequence(default: Expression, sequence: Name) -> bool:
    """Whether `nextval('...')` of the default means the sequence, however it is written."""
    if not any(call.function.name == "nextval" for call in default.calls):
        return False
    start = default.text.find("'")
    written = default.text[start + 1 : default.text.find("'", start + 1)]
    return written in (sequence.name, f"{sequence.schema}.{sequence.name}", str(sequence), str(Name(sequence.name)))
