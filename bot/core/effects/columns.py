"""Columns: added, dropped, renamed, and the actions on one column. Types have their own chapter.

Sources: https://www.postgresql.org/docs/current/sql-altertable.html; tablecmds.c (ATExecAddColumn, ATExecDropColumn,
ATExecSetNotNull).
"""

from bot.core.effects.alter import Alter, drop_objects
from bot.core.effects.functions.casts import BUILT_IN
from bot.core.effects.functions.predicates import Condition, Null, implied, read
from bot.core.effects.functions.volatility import volatile_calls
from bot.core.effects.retype import in_partition_key
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.locks import LockMode
from bot.core.language.messages import Code, Number, clause, error, say
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import CatalogColumn, RelationKind
from bot.core.schema.database import MOST_COLUMNS
from bot.core.schema.dependents import DependentKind, Object, closure

_AX = LockMode.ACCESS_EXCLUSIVE


def add_column(alter: Alter, operation: op.AddColumn) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    if work.database.column(table, column.name) is not None:
        if not operation.if_not_exists:
            work.fail("42701", "column {} of relation {} already exists", named.column(column.name, table), table)
        return False
    relation = work.database.relation(table)
    if relation is not None and relation.partition_of is not None:
        work.fail("42809", "cannot add column to a partition")
        return False
    if relation is not None and len(relation.columns) >= MOST_COLUMNS:
        work.fail("54011", "tables can have at most {} columns", Number(MOST_COLUMNS))
        return False
    if operation.only and work.database.children(table):
        alter.tree(table, only=False)
        work.fail("42P16", "column must be added to child tables too")
        return False
    names = _without(alter, table, column.name, only=operation.only)
    if column.identity is not None and len(names) > 1 and not hands_down_identity(work, table):
        work.fail("42P16", "cannot recursively add identity column to table that has child tables")
        return False
    for name in names:
        _fill(alter, name, column)
    return True


def _without(alter: Alter, table: Name, column: str, *, only: bool) -> list[Name]:
    """The table and those below that get the column; a table that already has the column ends its branch."""
    alter.work.lock(table, alter.level)
    if alter.work.database.column(table, column) is not None:
        return []
    below = () if only else alter.work.database.children(table)
    return [table, *(name for child in below for name in _without(alter, child.name, column, only=False))]


def hands_down_identity(work: Work, table: Name) -> bool:
    """Whether an identity column of the table is an identity column of its partitions, too."""
    return work.major >= 17 and work.database.is_partitioned(table)


def _fill(alter: Alter, table: Name, column: op.Column) -> None:
    """What existing rows get: a value of their own each (rewrite), one value for all, or NULL."""
    work = alter.work
    if not work.database.has_heap(table):
        return
    type = column.type or Type("unknown")
    if column.generated is not None:
        _compute(alter, table, column, column.generated)
        return
    if column.identity is not None or type.is_serial:
        alter.rewrite(table)
        return
    default, inherited = column.default, False
    if default is None and (domain := work.database.domain(type)) is not None:
        default, inherited = domain.default, True
    if work.database.domain_is_constrained(type):
        alter.rewrite(table)
        return
    if _is_unknown(work, type):
        work.assume("{} is not a domain with a constraint: with one, all of {} would be rewritten", type, table)
    # One value for all rows is kept in the catalog (attmissingval); a volatile default gives each row its own.
    if default is not None and is_volatile(work, default) and not (inherited and work.major < 13):
        _lock_sequences(work, table, default)
        note_functions(work, default)
        alter.rewrite(table)
        return
    if _is_needed(column) and (default is None or default.text.strip().lower() == "null"):
        _needs_values(alter, table, column.name)


def _compute(alter: Alter, table: Name, column: op.Column, generated: op.Generated) -> None:
    """A stored column is computed for every row; a virtual one (18) only where it must not be null."""
    work = alter.work
    virtual = generated.stored is not True and work.major >= 18
    if not virtual:
        note_functions(work, generated.expression)
        alter.rewrite(table)
    elif _is_needed(column):
        alter.verify(table)
        work.may_fail(
            "23502",
            error("column {} contains null values", named.column(column.name)),
            clause("the expression is null in a row"),
        )


def _is_needed(column: op.Column) -> bool:
    return any(isinstance(constraint, op.NotNull) for constraint in column.constraints)


def _is_unknown(work: Work, type: Type) -> bool:
    """Whether the type is neither built in nor in the catalog."""
    built_in = type.schema in (None, "pg_catalog") and type.name in BUILT_IN
    return not built_in and work.database.find_type(type) is None and not type.dimensions


def _needs_values(alter: Alter, table: Name, column: str) -> None:
    """NOT NULL without a default: the first row ends the statement."""
    work, message = alter.work, error("column {} contains null values", named.column(column, table))
    if work.is_empty(table):
        return
    if work.has_rows(table):
        work.fail("23502", "{}", message)
        return
    alter.verify(table)
    work.may_fail("23502", message, clause("{} has rows", table))


def is_volatile(work: Work, expression: Expression) -> bool:
    """Whether each row may get another value; a function that is not known is assumed to give one."""
    volatile, guessed = volatile_calls(expression, work.database, work.major)
    for name in guessed:
        work.assume("{}() is volatile", named.function(name))
    if not expression.understood:
        work.assume("the expression {} is volatile", Code(expression.text))
    return bool(volatile or guessed or not expression.understood)


def note_functions(work: Work, expression: Expression) -> None:
    for call in expression.calls:
        work.evaluate(call.function)


def _lock_sequences(work: Work, table: Name, default: Expression) -> None:
    """nextval('...') for each row holds RowExclusiveLock on the sequence."""
    if work.is_empty(table):
        return
    for name in sequences_called(work, default):
        work.lock(name, LockMode.ROW_EXCLUSIVE)


def sequences_called(work: Work, expression: Expression) -> list[Name]:
    """Sequences that nextval or setval in the text name as a literal."""
    if not any(call.function.name in ("nextval", "setval") for call in expression.calls):
        return []
    return named_sequences(work, expression.text)


def named_sequences(work: Work, text: str) -> list[Name]:
    literals = [part for part in text.split("'")[1::2] if part]
    names: list[Name] = []
    for literal in literals:
        schema, _, name = literal.rpartition(".")
        found = work.database.find(Name(name.strip('"'), schema.strip('"') or None))
        relation = work.database.relation(found) if found is not None else None
        if relation is not None and relation.kind is RelationKind.SEQUENCE:
            names.append(relation.name)
    return names


def drop_column(alter: Alter, operation: op.DropColumn) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    if work.database.lacks_column(table, column):
        if not operation.missing_ok:
            work.fail("42703", "column {} of relation {} does not exist", named.column(column, table), table)
        return False
    found = work.database.column(table, column)
    if found is not None and found.inherited:
        work.fail("42P16", "cannot drop inherited column {}", named.column(column))
        return False
    if any(in_partition_key(work, name, column) for name in work.database.tree(table)):
        work.fail("42P16", "cannot drop column {} because it is part of the partition key", named.column(column))
        return False
    if operation.only and work.database.is_partitioned(table) and work.database.children(table):
        alter.tree(table, only=False)
        work.fail("42P16", "cannot drop column from only the partitioned table when partitions exist")
        return False
    names = alter.tree(table, only=operation.only)
    if not operation.cascade and _is_depended_on(work, table, column):
        return False
    if operation.only:
        for child in work.database.children(table):
            work.lock(child.name, alter.level)
    gone = closure(work.database, *(Object(DependentKind.COLUMN, name, column) for name in names))
    return drop_objects(
        work,
        gone,
        cascade=operation.cascade,
        what=error(
            "column {} of table {}", named.bare(named.column(column, table)), named.bare(named.relation(table.name))
        ),
    )


def _is_depended_on(work: Work, table: Name, column: str) -> bool:
    """Whether a publication names the column, which refuses the drop; a view may, as far as is known."""
    own = named.bare(named.column(column, table))
    message = error(
        "cannot drop column {} of table {} because other objects depend on it",
        own,
        named.bare(named.relation(table.name)),
    )
    for view in work.database.views_on(table):
        if work.database.may_use(view, table):
            work.may_fail("2BP01", message, clause("{} uses {}", named.relation(view.name), own))
    relation = work.database.relation(table)
    if relation is None or column not in relation.published_columns:
        return False
    work.fail("2BP01", "{}", message)
    return True


def rename_column(work: Work, operation: op.RenameColumn) -> None:
    table = operation.table
    if operation.kind == "TYPE" or not work.find(table, missing_ok=operation.if_exists):
        return
    work.lock(table, _AX)
    if work.database.lacks_column(table, operation.column):
        work.fail("42703", "column {} does not exist", named.column(operation.column))
        return
    if work.database.column(table, operation.to) is not None:
        work.fail("42701", "column {} of relation {} already exists", named.column(operation.to, table), table)
        return
    found = work.database.column(table, operation.column)
    if found is not None and found.inherited:
        work.fail("42P16", "cannot rename inherited column {}", named.column(operation.column))
        return
    if operation.only and work.database.children(table):
        work.fail("42P16", "inherited column {} must be renamed in child tables too", named.column(operation.column))
        return
    for name in work.database.descendants(table):
        work.lock(name, _AX)


def set_default(alter: Alter, operation: op.SetDefault | op.DropDefault) -> bool:
    work = alter.work
    alter.tree(operation.table, only=operation.only)
    if not alter.has_column(operation.table, operation.column):
        return False
    found = work.database.column(operation.table, operation.column)
    if found is not None and (found.identity is not None or found.generated is not None):
        kind = "an identity" if found.identity is not None else "a generated"
        work.fail(
            "42601",
            "column {} of relation {} is {} column",
            named.column(found.name, operation.table),
            operation.table,
            say(kind),
        )
    if isinstance(operation, op.SetDefault):
        for name, label in work.session.enum_values:
            if f"'{label}'" in operation.default.text and _is_of(work, found, name):
                work.fail(
                    "55P04",
                    "unsafe use of new value {} of enum type {}",
                    named.thing(label),
                    named.bare(named.type_called(name.name)),
                )
    return True


def _is_of(work: Work, column: CatalogColumn | None, type: Name) -> bool:
    found = work.database.find_type(column.type) if column is not None else None
    return found is not None and found.name == type


def set_not_null(alter: Alter, operation: op.SetNotNull) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    if not alter.has_column(table, column):
        return False
    if work.database.is_not_null(table, column):
        return False
    if operation.only and work.database.is_partitioned(table):
        below = work.database.children(table)
        if any(not work.database.is_not_null(child.name, column) for child in below):
            alter.tree(table, only=False)
            work.fail("42P16", "constraint must be added to child tables too")
            return False
    for name in alter.tree(table, only=operation.only):
        require_values(alter, name, column)
    return True


def require_values(alter: Alter, table: Name, column: str) -> None:
    """The column may no longer hold NULL: a CHECK proves it, or every row is read."""
    work = alter.work
    if not work.database.has_heap(table) or work.database.is_not_null(table, column):
        return
    if proves_not_null(work, table, column):
        return
    found = work.database.column(table, column)
    message = error("column {} contains null values", named.column(column, table))
    if found is not None and found.null_fraction:
        work.fail("23502", "{}", message)
        return
    alter.verify(table)
    if not work.is_empty(table):
        work.may_fail("23502", message, clause("{} is null in a row of {}", named.column(column, table), table))


def proves_not_null(work: Work, table: Name, column: str) -> bool:
    """Whether validated CHECKs leave no NULL in the column (NotNullImpliedByRelConstraints)."""
    return implied(valid_checks(work, table), Null(column, negated=True))


def valid_checks(work: Work, table: Name) -> list[Condition]:
    relation = work.database.relation(table)
    return [
        read(constraint.definition.expression.text, work.zone)
        for constraint in (relation.constraints if relation is not None else ())
        if isinstance(constraint.definition, op.Check) and constraint.valid and constraint.definition.enforced
    ]


def drop_not_null(alter: Alter, operation: op.DropNotNull) -> bool:
    work, table, column = alter.work, operation.table, operation.column
    if not alter.has_column(table, column):
        return False
    found = work.database.column(table, column)
    if found is not None and found.identity is not None:
        work.fail("42601", "column {} of relation {} is an identity column", named.column(column, table), table)
        return False
    primary = work.database.primary_key(table)
    if primary is not None and any(element.column == column for element in primary.elements):
        work.fail("42P16", "column {} is in a primary key", named.column(column))
        return False
    if found is not None and not found.not_null:
        alter.tree(table, only=operation.only or work.major >= 18)
        return False
    relation = work.database.relation(table)
    parents = [name for name in ((relation.partition_of,) if relation is not None else ()) if name is not None]
    if any(work.database.is_not_null(parent, column) for parent in parents):
        work.fail("42P16", "column {} is marked NOT NULL in parent table", named.column(column))
        return False
    if operation.only and work.database.is_partitioned(table) and work.database.children(table):
        work.fail("42P16", "cannot remove constraint from only the partitioned table when partitions exist")
        return False
    alter.tree(table, only=operation.only)
    return True


def set_statistics(alter: Alter, operation: op.SetStatistics) -> bool:
    alter.tree(operation.table, only=operation.only)
    if operation.table in alter.work.database.relations:
        alter.has_column(operation.table, operation.column)
    return False


def set_column_options(alter: Alter, operation: op.SetColumnOptions) -> bool:
    alter.has_column(operation.table, operation.column)
    return False


def set_storage(alter: Alter, operation: op.SetStorage | op.SetCompression) -> bool:
    """Also in the indexes, whose locks are released at once."""
    only = operation.only or isinstance(operation, op.SetCompression)
    if alter.has_column(operation.table, operation.column):
        for name in alter.tree(operation.table, only=only):
            for index in alter.work.database.indexes_of(name):
                alter.work.lock(index.name, alter.level, early=True)
    return False
