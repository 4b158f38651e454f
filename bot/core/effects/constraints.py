"""Constraints: added, validated, changed, renamed and dropped by ALTER TABLE.

Sources: https://www.postgresql.org/docs/current/sql-altertable.html,
https://www.postgresql.org/docs/current/ddl-constraints.html; tablecmds.c (ATExecAddConstraint,
ATExecAddIndexConstraint, ATExecValidateConstraint, ATExecAlterConstraint, ATExecDropConstraint).
"""

from bot.core.effects.alter import Alter, drop_objects
from bot.core.effects.columns import require_values
from bot.core.effects.indexes import build_everywhere, misses_partition_key
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Code, clause, error, joined
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogIndex, RelationKind
from bot.core.schema.changes.constraints import constraint_name, index_behind
from bot.core.schema.dependents import DependentKind, Object, closure, same_constraint

_AX = LockMode.ACCESS_EXCLUSIVE
_SRX = LockMode.SHARE_ROW_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def add_check(alter: Alter, operation: op.AddCheck) -> bool:
    work, table, check = alter.work, operation.table, operation.constraint
    if is_taken(work, table, check.name):
        return False
    alter.tree(table, only=check.no_inherit and (operation.only or work.major < 18))
    names = [table] if check.no_inherit else work.database.tree(table)
    if operation.only and not check.no_inherit and len(names) > 1:
        work.fail("42P16", "constraint must be added to child tables too")
        return False
    for column in {reference.column for reference in check.expression.columns}:
        if work.database.lacks_column(table, column):
            work.fail("42703", "column {} does not exist", named.column(column))
            return False
    if check.not_valid or not check.enforced:
        return True
    for name in names:
        alter.verify(name)
        if not work.is_empty(name) and work.database.has_heap(name):
            label = check.name or "the check constraint"
            work.may_fail(
                "23514",
                error(
                    "check constraint {} of relation {} is violated by some row", named.constraint(label, name), name
                ),
                clause("a row of {} does not satisfy {}", name, Code(check.expression.text)),
            )
    return True


def add_not_null(alter: Alter, operation: op.AddNotNull) -> bool:
    table, constraint = operation.table, operation.constraint
    if not alter.has_column(table, constraint.column):
        return False
    existing = alter.work.database.not_null(table, constraint.column, valid=True)
    if existing is not None and constraint.name not in (None, existing.name):
        alter.work.fail(
            "55000",
            "cannot create not-null constraint {} beside {}",
            named.constraint(constraint.name or ""),
            named.constraint(existing.name),
        )
        return False
    names = alter.tree(table, only=operation.only)
    if constraint.no_inherit:
        names = [table]
    if not constraint.not_valid:
        for name in names:
            require_values(alter, name, constraint.column)
    return True


def add_key(alter: Alter, operation: op.AddUnique | op.AddPrimaryKey | op.AddExclusion) -> bool:
    """PRIMARY KEY, UNIQUE, EXCLUDE: an index is built while nobody reads or writes, or an existing one is adopted."""
    work, table, constraint = alter.work, operation.table, operation.constraint
    if isinstance(constraint, op.PrimaryKey) and work.database.primary_key(table) is not None:
        work.fail("42P16", "multiple primary keys for table {} are not allowed", table)
        return False
    if not isinstance(constraint, op.Exclusion) and constraint.using_index is not None:
        return _adopt(alter, table, constraint)
    if _key_is_refused(alter, table, constraint):
        return False
    if isinstance(constraint, op.PrimaryKey) and not _require_key_values(
        alter, table, constraint.columns, only=operation.only
    ):
        return False
    if work.major >= 18:
        alter.tree(table, only=operation.only)
    name = constraint_name(work.database, table, constraint)
    build_everywhere(work, index_behind(work.database, table, constraint, name), only=operation.only)
    for built in work.database.tree(table):
        if work.database.has_heap(built) and not work.is_empty(built):
            _may_collide(work, built, constraint, name)
    return True


def _key_is_refused(alter: Alter, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion) -> bool:
    """Whether no index can be built for it; fails then."""
    work = alter.work
    for column in () if isinstance(constraint, op.Exclusion) else constraint.columns:
        if not alter.has_column(table, column):
            return True
    if constraint.name is not None and work.database.exists(Name(constraint.name, table.schema)):
        work.fail("42P07", "relation {} already exists", Name(constraint.name))
    elif _misses_partition_key(work, table, constraint):
        work.fail("0A000", "unique constraint on partitioned table must include all partitioning columns")
    elif isinstance(constraint, op.Exclusion) and work.major < 17 and work.database.is_partitioned(table):
        work.fail("0A000", "exclusion constraints are not supported on partitioned tables")
    return work.failed


def _require_key_values(alter: Alter, table: Name, columns: tuple[str, ...], *, only: bool) -> bool:
    """A primary key makes its columns NOT NULL first; False where that is refused."""
    work = alter.work
    for column in columns:
        if work.database.not_null(table, column, valid=False) is not None:
            work.fail("55000", "cannot create primary key on column {}", named.column(column))
            return False
        if work.database.is_not_null(table, column):
            continue
        for name in alter.tree(table, only=only):
            require_values(alter, name, column)
    return not work.failed


def _may_collide(work: Work, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion, name: str) -> None:
    if isinstance(constraint, op.Exclusion):
        work.may_fail(
            "23P01",
            error("could not create exclusion constraint {}", named.constraint(name)),
            clause("rows of {} conflict", table),
        )
        return
    columns = joined(", ", (clause("{}", named.column(column, table)) for column in constraint.columns))
    work.may_fail(
        "23505",
        error("could not create unique index {}", named.index(name)),
        clause("({}) is not unique in {}", columns, table),
    )


def _misses_partition_key(work: Work, table: Name, constraint: op.PrimaryKey | op.Unique | op.Exclusion) -> bool:
    return not isinstance(constraint, op.Exclusion) and misses_partition_key(work, table, set(constraint.columns))


def _adopt(alter: Alter, table: Name, constraint: op.PrimaryKey | op.Unique) -> bool:
    """USING INDEX: no build; the index is renamed to the constraint's name."""
    work, wanted = alter.work, Name(constraint.using_index or "", table.schema)
    index = work.database.indexes.get(wanted)
    if index is None:
        if work.is_known(table):
            work.fail("42704", "index {} does not exist", named.index(wanted.name))
        else:
            work.assume(
                "the index {} is valid and unique, and its columns are NOT NULL", named.index(wanted.name, table)
            )
            work.lock(wanted, _SUE, index=True)
        return False
    if not _suits(work, index):
        return False
    if work.database.is_partitioned(table):
        work.fail("0A000", "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables")
        return False
    if constraint.name is not None and constraint.name != wanted.name:
        work.lock(wanted, _SUE)
    if isinstance(constraint, op.PrimaryKey):
        return _require_key_values(alter, table, tuple(one.column or "" for one in index.elements), only=False)
    return True


def _suits(work: Work, index: CatalogIndex) -> bool:
    label = named.index(index.name, index.table)
    if index.constraint is not None:
        work.fail("55000", "index {} is already associated with a constraint", label)
    elif not index.valid:
        work.fail("55000", "index {} is not valid", label)
    elif not index.unique:
        work.fail("42809", "{} is not a unique index", label)
    elif any(element.column is None for element in index.elements):
        work.fail("42809", "index {} contains expressions", label)
    elif index.where is not None:
        work.fail("42809", "{} is a partial index", label)
    return not work.failed


def is_taken(work: Work, table: Name, name: str | None) -> bool:
    """Whether the table has a constraint of that name already; fails then."""
    if name is not None and work.database.constraint(table, name) is not None:
        work.fail("42710", "constraint {} for relation {} already exists", named.constraint(name, table), table)
        return True
    return False


def validate(alter: Alter, operation: op.ValidateConstraint) -> bool:
    work, table = alter.work, operation.table
    found = work.database.constraint(table, operation.constraint)
    if found is None:
        if work.is_known(table):
            work.fail(
                "42704",
                "constraint {} of relation {} does not exist",
                named.constraint(operation.constraint, table),
                table,
            )
            return False
        work.assume("{} is a CHECK that is not validated yet", named.constraint(operation.constraint, table))
        alter.verify(table)
        return False
    definition = found.definition
    if isinstance(definition, op.Check | op.ForeignKey) and not definition.enforced:
        work.fail("55000", "cannot validate NOT ENFORCED constraint {}", named.constraint(found.name))
        return False
    if found.valid:
        return False
    if isinstance(definition, op.ForeignKey):
        _validate_key(alter, table, found.name, definition)
        return True
    no_inherit = isinstance(definition, op.Check | op.NotNull) and definition.no_inherit
    for name in alter.tree(table, only=operation.only or no_inherit):
        if isinstance(definition, op.NotNull):
            require_values_again(alter, name, definition.column)
        else:
            alter.verify(name)
        if isinstance(definition, op.Check) and not work.is_empty(name) and work.database.has_heap(name):
            work.may_fail(
                "23514",
                error(
                    "check constraint {} of relation {} is violated by some row",
                    named.constraint(found.name, name),
                    name,
                ),
                clause("a row of {} does not satisfy {}", name, Code(definition.expression.text)),
            )
    return True


def require_values_again(alter: Alter, table: Name, column: str) -> None:
    """Validating NOT NULL always reads the table."""
    alter.verify(table)
    if not alter.work.is_empty(table):
        alter.work.may_fail(
            "23502",
            error("column {} contains null values", named.column(column)),
            clause("{} is null in a row of {}", named.column(column, table), table),
        )


def _validate_key(alter: Alter, table: Name, name: str, key: op.ForeignKey) -> None:
    work = alter.work
    work.lock(key.references, LockMode.ROW_SHARE)
    if work.database.is_partitioned(key.references):
        for partition in work.database.descendants(key.references):
            work.lock(partition, LockMode.ACCESS_SHARE)
    if work.database.is_partitioned(table):
        alter.tree(table, only=False)
    alter.validate(table, key)
    if not work.is_empty(table):
        work.may_fail(
            "23503",
            error("insert or update on table {} violates foreign key {}", table, named.foreign_key(name, table)),
            clause("a row of {} refers to nothing in {}", table, key.references),
        )


def alter_constraint(alter: Alter, operation: op.AlterConstraint) -> bool:
    work, table = alter.work, operation.table
    found = work.database.constraint(table, operation.constraint)
    if found is None:
        if work.is_known(table):
            work.fail(
                "42704",
                "constraint {} of relation {} does not exist",
                named.constraint(operation.constraint, table),
                table,
            )
        return False
    definition = found.definition
    if isinstance(definition, op.NotNull):
        alter.tree(table, only=False)
        return True
    if not isinstance(definition, op.ForeignKey):
        work.fail(
            "42809",
            "constraint {} of relation {} is not a foreign key constraint",
            named.constraint(found.name, table),
            table,
        )
        return False
    if found.inherited:
        work.fail("42P16", "cannot alter constraint {} on relation {}", named.constraint(found.name, table), table)
        return False
    if work.database.is_partitioned(table):
        alter.tree(table, only=False)
    if operation.enforced is False and definition.enforced:
        work.lock(definition.references, _AX)
    elif operation.enforced and not definition.enforced:
        work.lock(definition.references, _SRX)
        alter.validate(table, definition)
        work.may_fail(
            "23503",
            error("table {} violates foreign key constraint {}", table, named.constraint(found.name, table)),
            clause("a row of {} refers to nothing in {}", table, definition.references),
        )
    return True


def rename(alter: Alter, operation: op.RenameConstraint) -> bool:
    work, table = alter.work, operation.table
    found = work.database.constraint(table, operation.constraint)
    if found is None:
        if work.is_known(table):
            work.fail(
                "42704",
                "constraint {} for table {} does not exist",
                named.constraint(operation.constraint, table),
                table,
            )
        return False
    if found.index is not None:
        work.lock(found.index, _SUE)
    elif isinstance(found.definition, op.Check | op.NotNull) and not found.definition.no_inherit:
        if found.inherited:
            work.fail("42P16", "cannot rename inherited constraint {}", named.constraint(found.name))
            return False
        alter.tree(table, only=operation.only)
    return not is_taken(work, table, operation.to)


def drop(alter: Alter, operation: op.DropConstraint) -> bool:
    """A foreign key has triggers on both tables, so dropping it stops reads of the referenced table, too."""
    work, table = alter.work, operation.table
    found = work.database.constraint(table, operation.constraint)
    if found is None:
        if work.is_known(table) and not operation.missing_ok:
            work.fail(
                "42704",
                "constraint {} of relation {} does not exist",
                named.constraint(operation.constraint, table),
                table,
            )
        elif not work.is_known(table):
            work.assume(
                "{} is not a foreign key: dropping one locks the referenced table as well",
                named.constraint(operation.constraint, table),
            )
        return False
    if found.inherited:
        work.fail(
            "42P16", "cannot drop inherited constraint {} of relation {}", named.constraint(found.name, table), table
        )
        return False
    definition = found.definition
    if isinstance(definition, op.NotNull):
        return _drop_not_null(alter, table, definition)
    if isinstance(definition, op.Check) and not definition.no_inherit:
        alter.tree(table, only=operation.only)
    roots = [Object(DependentKind.CONSTRAINT, table, found.name)]
    for child in work.database.descendants(table) if not operation.only else ():
        below = work.database.relation(child)
        roots += [
            Object(DependentKind.CONSTRAINT, child, one.name)
            for one in (below.constraints if below is not None else ())
            if one.inherited
            and same_constraint(one.definition, definition)
            and below is not None
            and below.kind is not RelationKind.FOREIGN_TABLE
        ]
    what = clause("constraint {} on table {}", named.constraint(found.name, table), named.relation(table.name))
    return drop_objects(work, closure(work.database, *roots), cascade=operation.cascade, what=what)


def _drop_not_null(alter: Alter, table: Name, definition: op.NotNull) -> bool:
    primary = alter.work.database.primary_key(table)
    if primary is not None and any(element.column == definition.column for element in primary.elements):
        alter.work.fail("42P16", "column {} is in a primary key", named.column(definition.column))
        return False
    alter.tree(table, only=definition.no_inherit)
    return True
