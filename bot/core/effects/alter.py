"""ALTER TABLE: one lock for all actions, the actions in PostgreSQL's passes, one rewrite or scan at the end.

Sources: https://www.postgresql.org/docs/current/sql-altertable.html; tablecmds.c, whose ATController works in three
phases: prepare (which lock, which tables below), catalog (the actions, pass by pass), rewrite (each table once).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.core.effects.levels import lock_level
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode, stronger
from bot.core.language.messages import Message
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.catalog import RelationKind
from bot.core.schema.changes import in_passes, replay_one
from bot.core.schema.dependents import Closure, DependentKind, Object


@dataclass(slots=True)
class Pending:
    """What phase 3 has to do to one table."""

    rewrite: bool = False
    verify: bool = False


@dataclass(slots=True)
class Alter:
    """One ALTER TABLE while it runs. `level` is the lock that the whole statement takes, also on the tables below."""

    work: Work
    table: Name
    level: LockMode
    actions: Sequence[op.Operation]
    unchecked: frozenset[op.ForeignKey] = frozenset()
    pending: dict[Name, Pending] = field(default_factory=dict)
    validating: dict[tuple[Name, op.ForeignKey], None] = field(default_factory=dict)
    after: list[Callable[[], None]] = field(default_factory=list)
    """Run after the actions, before the tables are rewritten or read."""

    def rewrite(self, table: Name) -> None:
        if self.work.database.has_heap(table):
            self.of(table).rewrite = True

    def verify(self, table: Name) -> None:
        if self.work.database.has_heap(table):
            self.of(table).verify = True

    def of(self, table: Name) -> Pending:
        return self.pending.setdefault(table, Pending())

    def rewrites(self, table: Name) -> bool:
        return table in self.pending and self.pending[table].rewrite

    def validate(self, table: Name, key: op.ForeignKey) -> None:
        self.validating[table, key] = None

    def tree(self, table: Name, *, only: bool) -> list[Name]:
        """The table and, unless ONLY, all below it; they get the statement's lock."""
        names = [table] if only else self.work.database.tree(table)
        for name in names:
            self.work.lock(name, self.level)
        return names

    def has_column(self, table: Name, column: str) -> bool:
        """Whether to go on with the column; fails where it is known to be missing."""
        if self.work.database.lacks_column(table, column):
            self.work.fail("42703", "column {} of relation {} does not exist", named.column(column, table), table)
            return False
        return True


Action = Callable[[Alter, Any], bool]
"""States the effects of an action; True where it changes the catalog."""


def alter_table(work: Work, table: Name, operations: Sequence[op.Operation], handlers: Mapping[type, Action]) -> None:
    """All actions of one ALTER TABLE on `table` (names qualified); `handlers` state what each does."""
    if not work.find(table, missing_ok=any(operation.has_if_exists for operation in operations)):
        return
    # One lock for all of them: the strongest that any action needs is taken before the first action runs.
    level = LockMode.ACCESS_SHARE
    for operation in operations:
        level = stronger(level, lock_level(operation))
    alter = Alter(work, table, level, _expanded(operations), _unchecked(operations, work.major))
    work.lock(table, level)
    if _is_wrong_kind(work, table, operations):
        return
    # Not in the order in which they are written: drops come first, and free their names for what is added.
    for operation in in_passes(alter.actions):
        changes = handlers[type(operation)](alter, operation)
        if work.failed:
            break
        if changes:
            replay_one(work.database, operation)
    if not work.failed:
        work.keep()
    # Only now is it known which tables are rewritten, and so which indexes and keys are rebuilt.
    for finish in alter.after:
        finish()
    _go_through(alter)


def drop_objects(work: Work, gone: Closure, *, cascade: bool, what: Message) -> bool:
    """Locks what a DROP locks; fails where CASCADE is missing. Returns whether the objects are really dropped."""
    for name in gone.names(DependentKind.RELATION, DependentKind.INDEX):
        if work.database.exists(name):
            work.lock(name, LockMode.ACCESS_EXCLUSIVE)
    for name in gone.names(DependentKind.COLUMN):
        work.lock(name, LockMode.ACCESS_EXCLUSIVE)
    if gone.blockers and not cascade:
        work.fail("2BP01", "cannot drop {} because other objects depend on it", what)
        return False
    for thing in gone.objects:
        _lock_neighbours(work, thing)
    for name in gone.names(DependentKind.RELATION, DependentKind.INDEX):
        if work.database.exists(name):
            work.drop(name)
    return True


def _lock_neighbours(work: Work, thing: Object) -> None:
    """What is locked besides the dropped object: the table it is on, refers to or is a partition of."""
    match thing.kind:
        case DependentKind.CONSTRAINT:
            work.lock(thing.name, LockMode.ACCESS_EXCLUSIVE)
            _lock_referenced(work, thing.name, thing.part)
        case DependentKind.TRIGGER | DependentKind.POLICY | DependentKind.DEFAULT:
            work.lock(thing.name, LockMode.ACCESS_EXCLUSIVE)
        case DependentKind.INDEX if thing.name in work.database.indexes:
            work.lock(work.database.indexes[thing.name].table, LockMode.ACCESS_EXCLUSIVE)
        case DependentKind.RELATION:
            _lock_parents(work, thing.name)
        case _:
            return


def _lock_referenced(work: Work, table: Name, constraint: str) -> None:
    """Dropping a foreign key drops its triggers on the referenced table and on that table's partitions."""
    found = work.database.constraint(table, constraint)
    if found is not None and isinstance(found.definition, op.ForeignKey) and not found.inherited:
        target = found.definition.references
        work.lock(target, LockMode.ACCESS_EXCLUSIVE)
        if work.database.is_partitioned(target):
            for partition in work.database.descendants(target):
                work.lock(partition, LockMode.ACCESS_EXCLUSIVE)


def _lock_parents(work: Work, name: Name) -> None:
    """Dropping a partition locks its parent and the parent's default partition."""
    relation = work.database.relation(name)
    if relation is None or relation.partition_of is None:
        return
    work.lock(relation.partition_of, LockMode.ACCESS_EXCLUSIVE)
    default = work.database.default_partition(relation.partition_of)
    if default is not None:
        work.lock(default, LockMode.ACCESS_EXCLUSIVE)


def _expanded(operations: Sequence[op.Operation]) -> list[op.Operation]:
    """Constraints written at a new column, as the actions that PostgreSQL turns them into; NOT NULL stays."""
    expanded: list[op.Operation] = []
    for operation in operations:
        expanded += _apart(operation) if isinstance(operation, op.AddColumn) else [operation]
    return expanded


def _apart(operation: op.AddColumn) -> list[op.Operation]:
    column, inline = operation.column, operation.column.constraints
    kept = tuple(constraint for constraint in inline if isinstance(constraint, op.NotNull))
    if any(isinstance(constraint, op.PrimaryKey) for constraint in inline) and not kept:
        kept = (op.NotNull(column.name),)
    bare = replace(operation, column=replace(column, constraints=kept))
    actions = [_adding(operation, constraint) for constraint in inline if not isinstance(constraint, op.NotNull)]
    return [bare, *actions]


def _adding(
    operation: op.AddColumn, constraint: op.Check | op.Unique | op.PrimaryKey | op.Exclusion | op.ForeignKey
) -> op.Operation:
    match constraint:
        case op.Check():
            return op.AddCheck(operation.table, constraint, only=operation.only)
        case op.Unique():
            return op.AddUnique(operation.table, constraint, only=operation.only)
        case op.PrimaryKey():
            return op.AddPrimaryKey(operation.table, constraint, only=operation.only)
        case op.Exclusion():
            return op.AddExclusion(operation.table, constraint, only=operation.only)
        case op.ForeignKey():
            return op.AddForeignKey(operation.table, constraint, only=operation.only)


_VIEW_ACTIONS = (op.SetDefault, op.DropDefault, op.SetOptions, op.SetOwner)
_MATERIALIZED_ACTIONS = (
    op.SetStatistics,
    op.SetColumnOptions,
    op.SetStorage,
    op.SetCompression,
    op.SetOptions,
    op.SetOwner,
    op.SetCluster,
    op.SetTablespace,
    op.SetAccessMethod,
)
_ALLOWED: Mapping[RelationKind, tuple[type, ...]] = {
    RelationKind.VIEW: _VIEW_ACTIONS,
    RelationKind.MATERIALIZED_VIEW: _MATERIALIZED_ACTIONS,
    RelationKind.SEQUENCE: (op.SetOwner, op.SetLogged),
}


def _is_wrong_kind(work: Work, table: Name, operations: Sequence[op.Operation]) -> bool:
    relation = work.database.relation(table)
    allowed = _ALLOWED.get(relation.kind) if relation is not None else None
    if allowed is None or all(isinstance(one, allowed) for one in operations):
        return False
    work.fail("42809", "ALTER action cannot be performed on relation {}", table)
    return True


def _unchecked(operations: Sequence[op.Operation], major: int) -> frozenset[op.ForeignKey]:
    """Foreign keys at new columns in which every row is NULL: nothing is looked up for them.

    12 looks at the whole statement: with one default, or one ADD FOREIGN KEY, all are checked.
    """
    adds = [one for one in operations if isinstance(one, op.AddColumn)]
    if major < 13 and (any(map(_has_default, adds)) or any(isinstance(one, op.AddForeignKey) for one in operations)):
        return frozenset()
    inline = (constraint for one in adds if not _has_default(one) for constraint in one.column.constraints)
    return frozenset(constraint for constraint in inline if isinstance(constraint, op.ForeignKey))


def _has_default(operation: op.AddColumn) -> bool:
    column = operation.column
    serial = column.type is not None and column.type.is_serial
    return column.default is not None or column.generated is not None or serial


def _go_through(alter: Alter) -> None:
    """Phase 3: each table is rewritten, or read once for all that has to be verified; then the foreign keys."""
    work = alter.work
    for table, pending in alter.pending.items():
        if pending.rewrite:
            _forbid_row_type(work, table)
            work.rewrite(table)
        elif pending.verify:
            work.scan(table)
    for table, key in alter.validating:
        scan_for_key(work, table, key)


def _forbid_row_type(work: Work, table: Name) -> None:
    """A table whose row type is the type of a column elsewhere cannot be rewritten."""
    for relation in work.database.relations.values():
        for column in relation.columns:
            if column.type.name == table.name and work.database.row_type(column.type) == table:
                work.fail(
                    "0A000",
                    "cannot alter table {} because column {} uses its row type",
                    table,
                    named.column_of(relation.name, column.name),
                )


def scan_for_key(work: Work, table: Name, key: op.ForeignKey) -> None:
    """Checking all rows of a foreign key reads both tables; where there are no rows to check, it reads nothing."""
    leaves = [name for name in work.database.tree(table) if work.database.has_heap(name)]
    if all(work.is_empty(leaf) for leaf in leaves):
        return
    work.scan(table)
    work.scan(key.references)
