"""Tables created, renamed and dropped in the catalog.

Sources: https://www.postgresql.org/docs/current/sql-createtable.html; tablecmds.c (MergeAttributes), parse_utilcmd.c
(LIKE, serial).
"""

from collections.abc import Iterable

from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.catalog import CatalogColumn, Relation, RelationKind, Size
from bot.core.schema.changes.columns import implied_not_null, put_new
from bot.core.schema.changes.constraints import add_constraint, add_not_null, hand_down
from bot.core.schema.changes.drop import drop
from bot.core.schema.changes.indexes import build
from bot.core.schema.changes.rename import rename_index, rename_relation
from bot.core.schema.database import MOST_COLUMNS, Database
from bot.core.schema.dependents import DependentKind, Object

EMPTY = Size(0, 0, source=say("created by this run"))


def create(database: Database, operation: op.CreateTable) -> None:
    table = operation.table
    if database.exists(table) or table in (operation.partition_of, *operation.inherits):
        return
    if len(operation.columns) > MOST_COLUMNS:
        return
    kind = RelationKind.PARTITIONED_TABLE if operation.partition_by is not None else RelationKind.TABLE
    bare = Relation(
        table,
        kind,
        size=EMPTY,
        persistence=operation.persistence,
        partition_key=operation.partition_by,
        partition_of=operation.partition_of,
        bound=operation.bound,
        parents=operation.inherits,
        options=operation.options,
        of_type=operation.of_type,
    )
    database.put(bare)
    _inherit_columns(database, operation)
    for like in operation.likes:
        _copy_columns(database, table, like)
    for column in operation.columns:
        if column.type is not None:
            put_new(database, table, column)
    for constraint in _ordered(operation):
        add_constraint(database, table, constraint)
    for like in operation.likes:
        _copy_rest(database, table, like)
    if operation.partition_of is not None:
        hand_down(database, operation.partition_of, table)
        _inherit_triggers(database, operation.partition_of, table)


def _ordered(operation: op.CreateTable) -> Iterable[op.Constraint]:
    """Not-null first, keys next, foreign keys last: the order in which CREATE TABLE adds them."""
    every = [constraint for column in operation.columns for constraint in column.constraints]
    every += [op.NotNull(column.name) for column in operation.columns if implied_not_null(column)]
    every += operation.constraints
    return sorted(every, key=_turn)


def _turn(constraint: op.Constraint) -> int:
    if isinstance(constraint, op.NotNull | op.Check):
        return 0
    return 2 if isinstance(constraint, op.ForeignKey) else 1


def _inherit_columns(database: Database, operation: op.CreateTable) -> None:
    sources = (*operation.inherits, *((operation.partition_of,) if operation.partition_of is not None else ()))
    for source in sources:
        parent = database.relation(source)
        if parent is None or parent.partial:
            database.put(replace(database.relations[operation.table], partial=True))
        if parent is None:
            continue
        for column in parent.columns:
            identity = column.identity if operation.partition_of is not None and database.major >= 17 else None
            database.put_column(operation.table, replace(column, inherited=True, identity=identity))
        for constraint in parent.constraints:
            definition = constraint.definition
            if isinstance(definition, op.Check | op.NotNull) and not definition.no_inherit:
                database.put_constraint(operation.table, replace(constraint, inherited=True))


def _inherit_triggers(database: Database, parent: Name, partition: Name) -> None:
    known = database.relations.get(parent)
    triggers = [trigger for trigger in known.triggers if trigger.for_each_row] if known is not None else []
    relation = database.relations[partition]
    database.put(replace(relation, triggers=(*relation.triggers, *triggers)))


def _copies(like: op.Like, what: str) -> bool:
    return (what in like.including or "ALL" in like.including) and what not in like.excluding


def _copy_columns(database: Database, table: Name, like: op.Like) -> None:
    source = database.relation(database.resolve(like.table))
    if source is None:
        database.put(replace(database.relations[table], partial=True))
        return
    for column in source.columns:
        database.put_column(table, _copied(column, like))
        if column.not_null:
            add_not_null(database, table, op.NotNull(column.name))


def _copied(column: CatalogColumn, like: op.Like) -> CatalogColumn:
    return replace(
        column,
        default=column.default if _copies(like, "DEFAULTS") else None,
        generated=column.generated if _copies(like, "GENERATED") else None,
        identity=column.identity if _copies(like, "IDENTITY") else None,
        inherited=False,
        null_fraction=None,
    )


def _copy_rest(database: Database, table: Name, like: op.Like) -> None:
    source = database.relation(database.resolve(like.table))
    if source is None:
        return
    if _copies(like, "CONSTRAINTS"):
        for constraint in source.constraints:
            if isinstance(constraint.definition, op.Check):
                database.put_constraint(table, replace(constraint, inherited=False))
    if _copies(like, "INDEXES"):
        for index in list(database.indexes_of(source.name)):
            build(database, index, on=table)


def create_as(database: Database, operation: op.CreateTableAs) -> None:
    """Its columns are those of a query, which is not analysed."""
    if not database.exists(operation.table):
        kind = RelationKind.TABLE
        database.put(Relation(operation.table, kind, persistence=operation.persistence, partial=True))


def create_foreign(database: Database, operation: op.CreateForeignTable) -> None:
    if not database.exists(operation.table) and operation.table != operation.partition_of:
        kind, parent = RelationKind.FOREIGN_TABLE, operation.partition_of
        database.put(Relation(operation.table, kind, size=EMPTY, partition_of=parent, bound=operation.bound))
        for column in operation.columns:
            if column.type is not None:
                put_new(database, operation.table, column)


def drop_tables(database: Database, operation: op.DropTable) -> None:
    drop(database, *(Object(DependentKind.RELATION, name) for name in operation.tables))


def rename(database: Database, operation: op.RenameRelation) -> None:
    new = Name(operation.to, operation.relation.schema)
    if operation.relation in database.indexes:
        rename_index(database, operation.relation, new)
    else:
        rename_relation(database, operation.relation, new)


def set_schema(database: Database, operation: op.SetSchema) -> None:
    owned = database.sequences_of(operation.relation)
    new = Name(operation.relation.name, operation.schema)
    rename_relation(database, operation.relation, new)
    for sequence in owned:
        rename_relation(database, sequence, Name(sequence.name, operation.schema))


def truncate(database: Database, operation: op.Truncate) -> None:
    for name in operation.tables:
        for table in database.tree(name):
            if (relation := database.relation(table)) is not None:
                empty = Size(0, 0, source=say("truncated by this run"))
                database.put(replace(relation, size=empty))


def fill(database: Database, operation: op.Insert | op.Copy | op.Merge) -> None:
    """The table is no longer empty: how many rows it has is not known."""
    if operation.table is None or (isinstance(operation, op.Copy) and operation.to):
        return
    for table in database.tree(operation.table):
        relation = database.relation(table)
        if relation is not None and relation.size is not None and relation.size.rows == 0:
            database.put(replace(relation, size=None))


def attach(database: Database, operation: op.AttachPartition) -> None:
    child = database.relation(operation.partition)
    # PostgreSQL refuses a circle, and code that walks down the tree must not meet one.
    if child is None or operation.table in database.tree(operation.partition):
        return
    columns = tuple(replace(column, inherited=True) for column in child.columns)
    database.put(replace(child, partition_of=operation.table, bound=operation.bound, columns=columns))
    if operation.table in database.relations:
        hand_down(database, operation.table, operation.partition)
        _inherit_triggers(database, operation.table, operation.partition)


def detach(database: Database, operation: op.DetachPartition) -> None:
    child = database.relation(operation.partition)
    if child is None:
        return
    columns = tuple(replace(column, inherited=False) for column in child.columns)
    constraints = tuple(replace(constraint, inherited=False) for constraint in child.constraints)
    database.put(replace(child, partition_of=None, bound=None, columns=columns, constraints=constraints))
    for index in list(database.indexes_of(operation.partition)):
        database.put_index(replace(index, parent=None))


def inherit(database: Database, operation: op.SetInherit) -> None:
    child = database.relation(operation.table)
    if child is None or (operation.inherit and operation.parent in database.tree(operation.table)):
        return
    parents = tuple(name for name in child.parents if name != operation.parent)
    if operation.inherit:
        parents = (*parents, operation.parent)
    parent = database.relation(operation.parent)
    shared = {column.name for column in parent.columns} if parent is not None else set()
    columns = tuple(
        replace(column, inherited=operation.inherit) if column.name in shared else column for column in child.columns
    )
    database.put(replace(child, parents=parents, columns=columns))
