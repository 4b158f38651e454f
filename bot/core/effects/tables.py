"""Tables: created, dropped, renamed, emptied, locked.

Sources: https://www.postgresql.org/docs/current/sql-createtable.html,
https://www.postgresql.org/docs/current/sql-droptable.html, https://www.postgresql.org/docs/current/sql-truncate.html,
https://www.postgresql.org/docs/current/sql-lock.html; tablecmds.c (DefineRelation, RemoveRelations, ExecuteTruncate,
renameatt), lockcmds.c.
"""

from bot.core.effects.alter import drop_objects
from bot.core.effects.bounds import is_empty, overlapping
from bot.core.effects.partitions import check_default
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Given, Message, Number, clause, joined, say
from bot.core.language.names import Name
from bot.core.schema.catalog import RelationKind
from bot.core.schema.changes import replay_one
from bot.core.schema.database import MOST_COLUMNS, TABLES
from bot.core.schema.dependents import Closure, DependentKind, Object, closure

_AX = LockMode.ACCESS_EXCLUSIVE
_SRX = LockMode.SHARE_ROW_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def create(work: Work, operation: op.CreateTable) -> None:
    """A new table locks those it refers to, inherits from, or becomes a partition of."""
    if work.database.exists(operation.table):
        if not operation.if_not_exists:
            work.fail("42P07", "relation {} already exists", operation.table)
        return
    if not has_schema(work, operation.table) or _is_too_wide(work, operation):
        return
    for like in operation.likes:
        if not work.find(source := work.database.resolve(like.table)):
            return
        work.read(source)
    for parent in operation.inherits:
        if not work.find(parent):
            return
        work.lock(parent, _SUE)
    if operation.partition_of is not None and not _join(work, operation.partition_of, operation):
        return
    if not _refer(work, operation):
        return
    replay_one(work.database, operation)
    _lock_made(work)


def has_schema(work: Work, name: Name) -> bool:
    """Whether the schema that something is created in exists, as far as is known."""
    schema = name.schema or ""
    if not schema or not work.database.known or schema in work.database.schemas or schema.startswith("pg_"):
        return True
    work.fail("3F000", "schema {} does not exist", named.schema(schema))
    return False


def _is_too_wide(work: Work, operation: op.CreateTable) -> bool:
    if len(operation.columns) <= MOST_COLUMNS:
        return False
    work.fail("54011", "tables can have at most {} columns", Number(MOST_COLUMNS))
    return True


def _lock_made(work: Work) -> None:
    for name in sorted(work.database.relations.added | work.database.indexes.added):
        index = work.database.indexes.get(name)
        work.lock_created(name, index=index is not None)
        if index is not None and not index.partitioned:
            work.build(name)


def _refer(work: Work, operation: op.CreateTable) -> bool:
    keys = [one for column in operation.columns for one in column.constraints] + list(operation.constraints)
    for key in keys:
        if not isinstance(key, op.ForeignKey):
            continue
        target = work.database.resolve(key.references)
        if target == operation.table:
            continue
        if not work.find(target):
            return False
        work.lock(target, _SRX)
        if work.database.is_partitioned(target):
            for partition in work.database.descendants(target):
                work.lock(partition, _SRX)
    return True


def _join(work: Work, parent: Name, operation: op.CreateTable | op.CreateForeignTable) -> bool:
    """PARTITION OF: AccessExclusiveLock on the parent, and on the default partition, which is read."""
    if not work.find(parent):
        return False
    work.lock(parent, _AX)
    relation = work.database.relation(parent)
    if relation is not None and not relation.partial and relation.kind is not RelationKind.PARTITIONED_TABLE:
        work.fail("42809", "{} is not partitioned", parent)
        return False
    if operation.bound is not None:
        if is_empty(work, parent, operation.bound):
            work.fail("42P17", "empty range bound specified for partition {}", operation.table)
            return False
        if (other := overlapping(work, parent, operation.bound)) is not None:
            work.fail("42P17", "partition {} would overlap partition {}", operation.table, other)
            return False
        check_default(work, parent, operation.bound)
    for index in work.database.indexes_of(parent):
        work.lock(index.name, _SUE)
    for _, key in work.database.foreign_keys(parent):
        work.lock(key.references, _SRX)
    for other, _ in work.database.referencing(parent):
        work.lock(other.name, _SRX if work.major >= 15 else LockMode.ACCESS_SHARE)
    return True


def create_as(work: Work, operation: op.CreateTableAs) -> None:
    if work.database.exists(operation.table):
        if not operation.if_not_exists:
            work.fail("42P07", "relation {} already exists", operation.table)
        return
    work.reads(operation.query, planned=operation.with_data)
    if operation.with_data:
        work.scan_query(operation.query)
    work.lock_created(operation.table)


def create_foreign(work: Work, operation: op.CreateForeignTable) -> None:
    if work.database.exists(operation.table):
        if not operation.if_not_exists:
            work.fail("42P07", "relation {} already exists", operation.table)
        return
    if operation.partition_of is None or _join(work, operation.partition_of, operation):
        work.lock_created(operation.table)


def drop(work: Work, operation: op.DropTable) -> None:
    drop_relations(work, operation.tables, TABLES, if_exists=operation.if_exists, cascade=operation.cascade)


def is_kind(work: Work, name: Name, kinds: frozenset[RelationKind]) -> bool:
    """Whether the relation is of one of the kinds, as far as is known; fails where it is not."""
    relation = work.database.relation(name)
    if (relation is None and name in work.database.indexes) or (relation is not None and relation.kind not in kinds):
        either = sorted((kind.value for kind in kinds), key=str)
        work.fail("42809", "{} is not a {}", name, joined(" or ", (say("{}", Given(kind)) for kind in either)))
        return False
    return True


def drop_relations(
    work: Work, names: tuple[Name, ...], kinds: frozenset[RelationKind], *, if_exists: bool, cascade: bool
) -> None:
    """DROP of tables, views and sequences: all that depends on them is locked, too."""
    found: list[Name] = []
    for name in names:
        if work.database.exists(name):
            if not is_kind(work, name, kinds):
                return
            found.append(name)
        elif work.find(name, missing_ok=if_exists):
            work.lock(name, _AX)
            work.drop(name)
            work.assume("what depends on {} is not known; tables it refers to are locked as well", name)
    if work.failed or not found:
        return
    gone = closure(work.database, *(Object(DependentKind.RELATION, name) for name in found))
    for name in found:
        _lock_parent(work, name)
    if drop_objects(
        work, gone, cascade=cascade, what=clause("{} {}", _kind(work, found[0]), named.relation(found[0].name))
    ):
        _note_partial(work, gone)


def _lock_parent(work: Work, name: Name) -> None:
    relation = work.database.relation(name)
    if relation is not None and relation.partition_of is not None:
        work.lock(relation.partition_of, _AX)


def _kind(work: Work, name: Name) -> Message:
    relation = work.database.relation(name)
    return say("{}", Given(relation.kind.value)) if relation is not None else say("table")


def _note_partial(work: Work, gone: Closure) -> None:
    for name in gone.names(DependentKind.RELATION):
        relation = work.database.relation(name)
        if relation is not None and relation.partial and not relation.depends_on and relation.size is None:
            work.assume("what depends on {} is not known; tables it refers to are locked as well", name)


def rename(work: Work, operation: op.RenameRelation) -> None:
    name = operation.relation
    if not work.find(name, missing_ok=operation.if_exists):
        return
    gentle = operation.kind == "INDEX" and name not in work.database.relations
    work.lock(name, _SUE if gentle else _AX)
    if work.database.exists(Name(operation.to, name.schema)):
        work.fail("42P07", "relation {} already exists", Name(operation.to))


def set_schema(work: Work, operation: op.SetSchema) -> None:
    name = operation.relation
    if not work.find(name, missing_ok=operation.if_exists):
        return
    work.lock(name, _AX)
    relation = work.database.relation(name)
    if relation is not None and relation.kind is RelationKind.SEQUENCE and relation.owned_by is not None:
        work.fail("0A000", "cannot move an owned sequence into another schema")
        return
    if work.database.known and operation.schema not in work.database.schemas:
        work.fail("3F000", "schema {} does not exist", named.schema(operation.schema))
        return
    if work.database.exists(Name(name.name, operation.schema)):
        work.fail("42P07", "relation {} already exists in schema {}", name, named.schema(operation.schema))
        return
    for index in work.database.indexes_of(name):
        if index.constraint is None:
            work.lock(index.name, _AX, early=True)
    for sequence in work.database.sequences_of(name):
        work.lock(sequence, _AX)


def truncate(work: Work, operation: op.Truncate) -> None:
    """New empty files for all of them, all below them and, with CASCADE, all that refer to them."""
    tables = _truncated(work, operation)
    if tables is None:
        return
    _with_referencing(work, tables, cascade=operation.cascade)
    for name in tables:
        work.lock(name, _AX)
        _lock_old_parent(work, name)
    if work.failed:
        return
    for name in tables:
        if work.database.has_heap(name):
            work.empty(name)
            for index in work.database.indexes_of(name):
                work.lock(index.name, _AX)
        if operation.restart_identity:
            for sequence in work.database.sequences_of(name):
                work.lock(sequence, _AX)
                work.rewrite_sequence(sequence)


def _truncated(work: Work, operation: op.Truncate) -> dict[Name, None] | None:
    """The tables named and all below them; None where one cannot be truncated."""
    tables: dict[Name, None] = {}
    for name in operation.tables:
        if not work.find(name) or not is_kind(work, name, TABLES):
            return None
        below = [] if name in operation.only else work.database.descendants(name)
        tables.update(dict.fromkeys((name, *below)))
        if work.database.is_partitioned(name) and name in operation.only:
            work.fail("42809", "cannot truncate only a partitioned table")
            return None
    return tables


def _with_referencing(work: Work, tables: dict[Name, None], *, cascade: bool) -> None:
    queue = list(tables)
    while queue:
        for other, constraint in work.database.referencing(queue.pop(0)):
            if constraint.inherited or other.name in tables:
                continue
            if not cascade:
                work.fail("0A000", "cannot truncate a table referenced in a foreign key constraint")
                return
            more = [name for name in work.database.tree(other.name) if name not in tables]
            tables.update(dict.fromkeys(more))
            queue += more


def _lock_old_parent(work: Work, name: Name) -> None:
    """12 and 13 look at a partition's parent as well."""
    relation = work.database.relation(name)
    if work.major < 14 and relation is not None and relation.partition_of is not None:
        work.lock(relation.partition_of, LockMode.ACCESS_SHARE)


def lock_table(work: Work, operation: op.LockTable) -> None:
    for name in operation.tables:
        if not work.find(name):
            return
        _lock_down(work, name, operation.mode, only=name in operation.only)


def _lock_down(work: Work, name: Name, mode: LockMode, *, only: bool) -> None:
    work.lock(name, mode)
    relation = work.database.relation(name)
    if relation is not None and relation.kind is RelationKind.VIEW:
        for used in dict.fromkeys(used for used, _ in relation.depends_on):
            _lock_down(work, used, mode, only=False)
    for child in () if only else work.database.descendants(name):
        work.lock(child, mode)
