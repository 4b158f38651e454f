"""ALTER TABLE actions on a whole table: persistence, tablespace, options, owner, triggers, inheritance.

Sources: https://www.postgresql.org/docs/current/sql-altertable.html; tablecmds.c (ATPrepChangePersistence,
ATExecSetTableSpace, AlterTableMoveAll, ATExecSetAccessMethodNoStorage, ATExecChangeOwner, ATExecAddInherit), trigger.c
(EnableDisableTrigger).
"""

from bot.core.effects.alter import Alter
from bot.core.effects.partitions import compare_with_parent
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import say
from bot.core.language.names import Name
from bot.core.schema.changes.properties import MOVED

_AX = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def set_logged(alter: Alter, operation: op.SetLogged) -> bool:
    """A rewrite, with the sequences that belong to the table from 15 on."""
    work, name = alter.work, operation.table
    relation = work.database.relation(name)
    if relation is not None and relation.persistence == ("permanent" if operation.logged else "unlogged"):
        return False
    if operation.kind == "SEQUENCE":
        work.rewrite_sequence(name)
        return True
    if work.database.is_partitioned(name):
        if work.major >= 18:
            action = "SET LOGGED" if operation.logged else "SET UNLOGGED"
            work.fail("42809", "ALTER action {} cannot be performed on relation {}", say(action), name)
        return False
    _check_neighbours(work, name, logged=operation.logged)
    if work.failed:
        return False
    alter.rewrite(name)
    # Sequences have a persistence of their own from 15 on, and those of identity and serial columns follow the table.
    for sequence in work.database.sequences_of(name) if work.major >= 15 else ():
        work.lock(sequence, _AX)
        work.rewrite_sequence(sequence)
    return True


def _check_neighbours(work: Work, name: Name, *, logged: bool) -> None:
    """A logged table cannot refer to an unlogged one."""
    if logged:
        for _, key in work.database.foreign_keys(name):
            target = work.database.relation(key.references)
            if target is not None and target.persistence == "unlogged" and target.name != name:
                work.fail("42P16", "could not change table {} to logged because it references unlogged table", name)
        return
    for other, _ in work.database.referencing(name):
        if other.persistence == "permanent" and other.name != name:
            work.fail("42P16", "could not change table {} to unlogged because of logged table {}", name, other.name)


def set_tablespace(alter: Alter, operation: op.SetTablespace) -> bool:
    """The files are copied unchanged; the indexes stay in their tablespace."""
    work, name = alter.work, operation.relation
    if name in work.database.indexes:
        work.rebuild(name)
        return False
    relation = work.database.relation(name)
    if relation is not None and (relation.tablespace or "pg_default") == operation.tablespace:
        return False
    if work.database.has_heap(name):
        work.move(name)
    return False


def move_all(work: Work, operation: op.MoveTablespace) -> None:
    """ALL IN TABLESPACE: every relation of the kind in that tablespace."""
    work.assume("only relations that are in the snapshot are listed")
    if operation.kind == "INDEX":
        for index in list(work.database.indexes):
            work.rebuild(index)
        return
    for relation in list(work.database.relations.values()):
        if relation.kind in MOVED[operation.kind] and (relation.tablespace or "pg_default") == operation.source:
            work.lock(relation.name, _AX)
            if work.database.has_heap(relation.name):
                work.move(relation.name)


def set_access_method(alter: Alter, operation: op.SetAccessMethod) -> bool:
    relation = alter.work.database.relation(operation.table)
    if relation is None or relation.access_method != (operation.method or "heap"):
        alter.rewrite(operation.table)
    return False


def set_owner(alter: Alter, operation: op.SetOwner) -> bool:
    """Indexes and the sequences that belong to the table follow their owner."""
    work, name = alter.work, operation.relation
    for index in work.database.indexes_of(name):
        work.lock(index.name, _AX)
    for sequence in work.database.sequences_of(name):
        work.lock(sequence, _AX)
    return False


def set_cluster(alter: Alter, operation: op.SetCluster) -> bool:
    if operation.index is not None:
        alter.work.lock(Name(operation.index, operation.table.schema), _SUE)
    return False


def set_trigger(alter: Alter, operation: op.SetTrigger) -> bool:
    """On a partitioned table also on its partitions; from 15 on only for triggers that these have, too."""
    work, name = alter.work, operation.table
    relation = work.database.relation(name)
    every = operation.trigger in ("ALL", "USER")
    triggers = relation.triggers if relation is not None else ()
    known = relation is not None and not relation.partial
    if known and not every and operation.trigger not in [trigger.name for trigger in triggers]:
        work.fail("42704", "trigger {} for table {} does not exist", named.trigger(operation.trigger, name), name)
        return False
    if not work.database.is_partitioned(name) or operation.only:
        return False
    handed_down = any(trigger.for_each_row and (every or trigger.name == operation.trigger) for trigger in triggers)
    if operation.trigger == "ALL":
        handed_down = handed_down or any(True for _ in work.database.foreign_keys(name))
    alter.tree(name, only=work.major >= 15 and not handed_down)
    return False


def set_inherit(alter: Alter, operation: op.SetInherit) -> bool:
    work, parent = alter.work, operation.parent
    if not work.find(parent):
        return False
    work.lock(parent, _SUE if operation.inherit else LockMode.ACCESS_SHARE)
    if not operation.inherit:
        relation = work.database.relation(operation.table)
        if relation is not None and not relation.partial and parent not in relation.parents:
            work.fail("42P01", "relation {} is not a parent of relation {}", parent, operation.table)
        return True
    child, above = work.database.relation(operation.table), work.database.relation(parent)
    if child is not None and above is not None and not child.partial:
        compare_with_parent(work, parent, operation.table)
    return not work.failed


def catalogued(_alter: Alter, _operation: op.SetReplicaIdentity | op.SetRowSecurity) -> bool:
    """Nothing but the lock; the change is in the catalog."""
    return True


def set_of_type(alter: Alter, operation: op.SetOfType) -> bool:
    relation = alter.work.database.relation(operation.table)
    if operation.type is None and relation is not None and not relation.partial and relation.of_type is None:
        alter.work.fail("42809", "{} is not a typed table", operation.table)
    return True


def nothing_more(
    _alter: Alter, _operation: op.SetRule | op.SetWithoutOids | op.SetForeignOptions | op.SetOptions
) -> bool:
    """Nothing but the lock."""
    return False
