"""ADD FOREIGN KEY: what it locks and reads on both sides, and what PostgreSQL requires of them.

Sources: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK; tablecmds.c
(ATAddForeignKeyConstraint), ri_triggers.c (RI_Initial_Check: one query that joins both tables).
"""

from bot.core.effects.alter import Alter
from bot.core.effects.constraints import is_taken
from bot.core.effects.functions.casts import refers
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import Given, clause, error
from bot.core.language.names import Name
from bot.core.schema.catalog import Relation
from bot.core.schema.changes.constraints import constraint_name, resolved
from bot.core.schema.database import TABLES
from bot.core.schema.dependents import same_constraint

_SRX = LockMode.SHARE_ROW_EXCLUSIVE


def add_foreign_key(alter: Alter, operation: op.AddForeignKey) -> bool:
    """Both tables are locked against writes, and read in full unless NOT VALID."""
    work, table = alter.work, operation.table
    key = resolved(work.database, operation.constraint)
    if not work.find(key.references):
        return False
    # Both tables get triggers that check the key, and CREATE TRIGGER takes ShareRowExclusiveLock.
    work.lock(key.references, _SRX)
    if is_taken(work, table, key.name) or not all(alter.has_column(table, column) for column in key.columns):
        return False
    if _partitioned_refuses(work, table, key, only=operation.only) or not _has_target(work, table, key):
        return False
    if work.database.is_partitioned(table) or work.major >= 18:
        alter.tree(table, only=operation.only)
    if work.database.is_partitioned(key.references):
        for partition in work.database.descendants(key.references):
            work.lock(partition, _SRX)
    _look_up(alter, operation, key)
    return True


def _look_up(alter: Alter, operation: op.AddForeignKey, key: op.ForeignKey) -> None:
    """Every row is looked up, unless NOT VALID, or a partition's own key is proof."""
    work, table = alter.work, operation.table
    unproven, merged = _unproven(work, table, key)
    if merged:
        # The triggers of a partition's own key are dropped on the table that it refers to (measured on 12 to 18).
        work.lock(key.references, LockMode.ACCESS_EXCLUSIVE)
    if key.not_valid or not key.enforced or operation.constraint in alter.unchecked:
        return
    for name in unproven:
        alter.validate(name, key)
    if any(not work.is_empty(name) for name in unproven):
        label = key.name or constraint_name(work.database, table, key)
        work.may_fail(
            "23503",
            error("insert or update on table {} violates foreign key {}", table, named.foreign_key(label, table)),
            clause("a row of {} refers to nothing in {}", table, key.references),
        )


def _unproven(work: Work, table: Name, key: op.ForeignKey) -> tuple[list[Name], bool]:
    """The tables whose rows have to be looked up, and whether a partition's own key becomes a part of this one.

    A partition that has the same key, validated, is taken over as it is (tryAttachPartitionForeignKey).
    """
    if not work.database.is_partitioned(table):
        return [table], False
    found: list[Name] = []
    merged = False
    for child in work.database.children(table):
        own = [one for one in child.constraints if same_constraint(one.definition, key)]
        if own:
            merged = True
            found += [child.name] if not any(one.valid for one in own) else []
            continue
        below, taken = _unproven(work, child.name, key)
        found += below
        merged = merged or taken
    return ([table], False) if not merged else (found, True)


def _partitioned_refuses(work: Work, table: Name, key: op.ForeignKey, *, only: bool) -> bool:
    if not work.database.is_partitioned(table):
        return False
    if only:
        work.fail("42809", "cannot use ONLY for foreign key on partitioned table {}", table)
    elif key.not_valid and work.major < 18:
        work.fail("42809", "cannot add NOT VALID foreign key on partitioned table {}", table)
    return work.failed


def _may_refer(source: Relation, target: Relation) -> bool:
    """A table may refer only to tables that live at least as long."""
    lives = {"temporary": 0, "unlogged": 1, "permanent": 2}
    if "temporary" in (source.persistence, target.persistence):
        return source.persistence == target.persistence
    return lives.get(source.persistence, 2) <= lives.get(target.persistence, 2)


def _has_target(work: Work, table: Name, key: op.ForeignKey) -> bool:
    """Whether the referenced columns exist and are unique."""
    target = work.database.relation(key.references)
    if target is not None and target.kind not in TABLES:
        work.fail("42809", "referenced relation {} is not a table", key.references)
        return False
    if target is None or target.partial:
        return True
    if (source := work.database.relation(table)) is not None and not _may_refer(source, target):
        work.fail(
            "42P16",
            "constraints on {} tables may not reference {} tables",
            Given(source.persistence),
            Given(target.persistence),
        )
        return False
    if not key.references_columns:
        work.fail("42704", "there is no primary key for referenced table {}", key.references)
        return False
    missing = [column for column in key.references_columns if target.column(column) is None]
    if missing:
        work.fail("42703", "column {} referenced in foreign key constraint does not exist", named.column(missing[0]))
        return False
    if len(key.columns) != len(key.references_columns):
        work.fail("42830", "number of referencing and referenced columns for foreign key disagree")
        return False
    for index in work.database.indexes_of(key.references):
        columns = [element.column for element in index.elements]
        if (
            index.unique
            and index.valid
            and index.where is None
            and sorted(map(str, columns)) == sorted(key.references_columns)
        ):
            return _are_comparable(work, table, key)
    work.fail("42830", "there is no unique constraint matching given keys for {}", key.references)
    return False


def _are_comparable(work: Work, table: Name, key: op.ForeignKey) -> bool:
    """Whether each column can be compared with the one it refers to, as far as both types are built in."""
    for name, referenced in zip(key.columns, key.references_columns, strict=True):
        mine, theirs = work.database.column(table, name), work.database.column(key.references, referenced)
        if mine is None or theirs is None:
            continue
        types = work.database.domain_base(mine.type), work.database.domain_base(theirs.type)
        if not refers(*types):
            work.fail(
                "42804",
                "key columns {} and {} are of incompatible types: {}, {}",
                named.column(name),
                named.column(referenced),
                types[0],
                types[1],
            )
            return False
    return True
