"""ALTER COLUMN ... TYPE: what it costs the table, and what has to be rebuilt because it depends on the column.

Sources: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES; tablecmds.c
(ATPrepAlterColumnType, ATExecAlterColumnType, ATPostAlterTypeCleanup).
"""

from bot.core.effects.alter import Alter
from bot.core.effects.functions.casts import has_operator_class
from bot.core.effects.functions.coercion import Coercion, coerce, comparable, index_survives
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Given, clause, error
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import CatalogIndex
from bot.core.schema.dependents import constraint_uses, expression_uses, index_uses
from bot.core.schema.settings_values import is_utc

_AX = LockMode.ACCESS_EXCLUSIVE


def change_type(alter: Alter, operation: op.AlterColumnType) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    if not alter.has_column(table, column) or _refused(alter, operation):
        return False
    found = work.database.column(table, column)
    names = alter.tree(table, only=operation.only)
    if found is None:
        work.assume("the type of {} is not {}", named.column_of(table, column), operation.type)
        for name in names:
            alter.rewrite(name)
        return True
    zone = work.session.setting("timezone")
    utc = is_utc(zone.value if zone else None)
    change = coerce(work.database, found.type, operation.type, column, operation.using, utc=utc)
    if change.assumption:
        work.assume("{}", change.assumption)
    if _does_not_cast(alter, operation, change) or _blocked(alter, operation):
        return False
    virtual = found.generated is not None and found.generated.stored is not True and work.major >= 18
    for name in names:
        if change.rewrite and not virtual:
            alter.rewrite(name)
        same_collation = found.collation == operation.collation
        retype_dependents(alter, name, column, (found.type, work.database.resolve_type(operation.type), same_collation))
    if change.rewrite and not work.is_empty(table):
        _may_not_fit(alter, operation, found.type)
    return True


def retype_dependents(alter: Alter, table: Name, column: str, types: tuple[Type, Type, bool] | None) -> None:
    """Indexes, CHECKs and foreign keys on the column are created again, from the old files where those still fit.

    `types`: old, new, and whether the collation stays; None where every value may have changed.
    """
    work = alter.work
    for index in list(work.database.indexes_of(table)):
        if not index_uses(index, column):
            continue
        if types is not None and _loses_class(index, column, types[1]):
            work.fail("42704", 'data type {} has no default operator class for "{}"', types[1], Given(index.method))
            return
        work.lock(index.name, _AX)
        if index.partitioned or _survives(alter, index, column, types):
            continue
        alter.after.append(lambda index=index: _rebuild(alter, index))
    relation = work.database.relation(table)
    for constraint in relation.constraints if relation is not None else ():
        definition = constraint.definition
        if isinstance(definition, op.Check) and constraint_uses(definition, column) and constraint.valid:
            alter.verify(table)
        elif isinstance(definition, op.ForeignKey) and column in definition.columns:
            _remake_key(alter, table, definition, types, valid=constraint.valid)
    for other, constraint in work.database.referencing(table):
        definition = constraint.definition
        if isinstance(definition, op.ForeignKey) and column in definition.references_columns and other.name != table:
            work.lock(other.name, _AX)
            _remake_key(alter, other.name, definition, types, valid=constraint.valid, rewritten=table)


def _loses_class(index: CatalogIndex, column: str, new: Type) -> bool:
    keys = [element for element in index.elements if element.column == column]
    return any(key.operator_class is None for key in keys) and not has_operator_class(new)


def _survives(alter: Alter, index: CatalogIndex, column: str, types: tuple[Type, Type, bool] | None) -> bool:
    if types is None or index.parent is not None or expression_uses(index, column):
        return False
    old, new, same_collation = types
    keys = [element for element in index.elements if element.column == column]
    if not same_collation and any(key.collation is None for key in keys):
        return False
    return index_survives(alter.work.database, index, column, old, new)


def _rebuild(alter: Alter, index: CatalogIndex) -> None:
    if not alter.rewrites(index.table):
        alter.work.rebuild(index.name)
        alter.work.scan(index.table)


def _remake_key(
    alter: Alter,
    table: Name,
    key: op.ForeignKey,
    types: tuple[Type, Type, bool] | None,
    *,
    valid: bool,
    rewritten: Name | None = None,
) -> None:
    """The foreign key is dropped and added again: both tables are locked, and read where its comparison changes."""
    alter.work.lock(key.references, _AX)
    changed = types is None or not comparable(alter.work.database, types[0], types[1])

    def check() -> None:
        if valid and key.enforced and (changed or alter.rewrites(rewritten or table)):
            alter.validate(table, key)

    alter.after.append(check)


def _refused(alter: Alter, operation: op.AlterColumnType) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    found = work.database.column(table, column)
    if found is not None and found.inherited:
        work.fail("42P16", "cannot alter inherited column {}", named.column(column))
    elif any(in_partition_key(work, name, column) for name in work.database.tree(table)):
        work.fail(
            "42P16",
            "cannot alter column {} because it is part of the partition key of relation {}",
            named.column(column, table),
            table,
        )
    if not work.failed and operation.only and work.database.children(table):
        work.fail("42P16", "type of inherited column {} must be changed in child tables too", named.column(column))
    return work.failed


def in_partition_key(work: Work, table: Name, column: str) -> bool:
    """Whether the table is partitioned by the column."""
    relation = work.database.relation(table)
    key = relation.partition_key if relation is not None else None
    return key is not None and any(element.mentions(column) for element in key.elements)


def _does_not_cast(alter: Alter, operation: op.AlterColumnType, change: Coercion) -> bool:
    work, column = alter.work, operation.column
    if operation.using is None and change.possible is False:
        work.fail("42804", "column {} cannot be cast automatically to type {}", named.column(column), operation.type)
        return True
    if not _is_default_castable(alter, operation):
        work.fail(
            "42804",
            "default for column {} cannot be cast automatically to type {}",
            named.column(column),
            operation.type,
        )
        return True
    return False


def _is_default_castable(alter: Alter, operation: op.AlterColumnType) -> bool:
    """A default that is a constant of the old type must be assignable to the new one, whatever USING says."""
    found = alter.work.database.column(operation.table, operation.column)
    if found is None or found.default is None or found.generated is not None or not found.default.text.startswith("'"):
        return True
    bare = alter.work.database.resolve_type(operation.type)
    return coerce(alter.work.database, found.type, bare, operation.column, None, utc=True).possible is not False


def _blocked(alter: Alter, operation: op.AlterColumnType) -> bool:
    """Views, triggers, policies, publications and generated columns prevent a change of a column's type."""
    work, table, column = alter.work, operation.table, operation.column
    relation = work.database.relation(table)
    if work.database.views_on(table, column):
        work.fail("0A000", "cannot alter type of a column used by a view or rule")
    elif relation is not None and any(column in trigger.columns for trigger in relation.triggers):
        work.fail("0A000", "cannot alter type of a column used in a trigger definition")
    elif relation is not None and any(column in policy.columns for policy in relation.policies):
        work.fail("0A000", "cannot alter type of a column used in a policy definition")
    elif relation is not None and column in relation.published_columns:
        work.fail("0A000", "cannot alter type of a column used by a publication WHERE clause")
    elif relation is not None and any(
        other.generated is not None and other.name != column and other.generated.expression.mentions(column)
        for other in relation.columns
    ):
        work.fail("42601" if work.major < 15 else "0A000", "cannot alter type of a column used by a generated column")
    return work.failed


def _may_not_fit(alter: Alter, operation: op.AlterColumnType, old: Type) -> None:
    """Shorter, narrower, stricter types refuse values; which ones depends on the rows."""
    work, new = alter.work, operation.type
    same = (old.name, old.schema) == (new.name, new.schema)
    what = clause("a value of {} does not fit {}", named.column(operation.column, operation.table), new)
    if new.name in ("varchar", "bpchar") and new.modifiers and operation.using is None:
        work.may_fail("22001", error("value too long for type {}", new), what)
    elif new.name in ("bit", "varbit") and operation.using is None:
        work.may_fail("22026", error("bit string length does not match type {}", new), what)
    elif new.name in ("int2", "int4", "int8", "numeric"):
        work.may_fail("22003", error("{} out of range", new), what)
    elif not same and (work.database.domain_is_constrained(new)):
        work.may_fail("23514", error("value for domain {} violates check constraint", new), what)
