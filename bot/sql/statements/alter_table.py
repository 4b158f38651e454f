"""ALTER TABLE, INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW and FOREIGN TABLE: one operation an action."""

from bot.core.language.names import Name
from bot.core.language.operations import (
    AlterSequence,
    AttachIndexPartition,
    AttachPartition,
    DetachPartition,
    Harmless,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameRelation,
    SetAccessMethod,
    SetCluster,
    SetForeignOptions,
    SetInherit,
    SetLogged,
    SetOfType,
    SetOptions,
    SetOwner,
    SetReplicaIdentity,
    SetRowSecurity,
    SetRule,
    SetSchema,
    SetTablespace,
    SetTrigger,
    SetWithoutOids,
    ValidateConstraint,
)
from bot.core.record import record
from bot.sql.grammar.options import foreign_options, sequence_options, storage_options
from bot.sql.grammar.partitions import bound
from bot.sql.statements.alter_columns import Target, add, alter, drop
from bot.sql.text.cursor import Cursor


@record
class _Kind:
    words: tuple[str, ...]
    said: str
    only: bool = False


KINDS = (
    _Kind(("TABLE",), "TABLE", only=True),
    _Kind(("INDEX",), "INDEX"),
    _Kind(("VIEW",), "VIEW"),
    _Kind(("SEQUENCE",), "SEQUENCE"),
    _Kind(("MATERIALIZED", "VIEW"), "MATERIALIZED VIEW"),
    _Kind(("FOREIGN", "TABLE"), "FOREIGN TABLE", only=True),
)


def alter_relation(c: Cursor) -> tuple[Operation, ...] | None:
    """What follows ALTER, where it is a relation; else None, and nothing is taken."""
    kind = next((kind for kind in KINDS if c.is_at(*kind.words)), None)
    if kind is None:
        return None
    c.at += len(kind.words)
    said = kind.said
    if said in ("TABLE", "INDEX", "MATERIALIZED VIEW") and c.eat("ALL", "IN", "TABLESPACE"):
        return (_move_all(c, said),)
    if_exists = c.if_exists()
    name, only = c.relation() if kind.only else (c.qualified(), False)
    target = Target(name, only, if_exists, said)
    if c.is_at("RENAME"):
        return (_rename(c, target),)
    if c.eat("SET", "SCHEMA"):
        return (SetSchema(name, c.name(), said, if_exists),)
    if said in ("INDEX", "MATERIALIZED VIEW") and _depends(c):
        return (Harmless(f"ALTER {said} DEPENDS ON EXTENSION"),)
    if said == "SEQUENCE":
        options, owner = sequence_options(c)
        if options:
            return (AlterSequence(name, options, owner, if_exists),)
    special = _partition_command(c, target)
    if special is not None:
        return (special,)
    return tuple(c.listed(lambda at: action(at, target)))


def _move_all(c: Cursor, said: str) -> SetTablespace:
    old = c.name()
    if c.eat("OWNED", "BY"):
        c.listed(Cursor.role)
    c.need("SET", "TABLESPACE")
    new = c.name()
    c.eat("NOWAIT")
    return SetTablespace(Name(""), new, said, all_in=old)


def _depends(c: Cursor) -> bool:
    start = c.at
    c.eat("NO")
    if c.eat("DEPENDS", "ON", "EXTENSION"):
        c.name()
        return True
    c.at = start
    return False


def _rename(c: Cursor, target: Target) -> Operation:
    c.need("RENAME")
    if c.eat("TO"):
        return RenameRelation(target.table, c.name(), target.kind, target.if_exists)
    if target.kind == "TABLE" and c.eat("CONSTRAINT"):
        constraint = c.name()
        c.need("TO")
        return RenameConstraint(target.table, constraint, c.name(), target.only, target.if_exists)
    if target.kind in ("INDEX", "SEQUENCE"):
        c.fail()
    c.eat("COLUMN")
    column = c.name()
    c.need("TO")
    return RenameColumn(target.table, column, c.name(), target.kind, target.only, target.if_exists)


def _partition_command(c: Cursor, target: Target) -> Operation | None:
    """ATTACH and DETACH PARTITION: they stand alone."""
    if target.kind == "INDEX" and c.eat("ATTACH", "PARTITION"):
        return AttachIndexPartition(target.table, c.qualified(), target.if_exists)
    if target.kind != "TABLE":
        return None
    if c.eat("ATTACH", "PARTITION"):
        partition = c.qualified()
        return AttachPartition(target.table, partition, bound(c), target.if_exists)
    if c.eat("DETACH", "PARTITION"):
        partition = c.qualified()
        if c.eat("FINALIZE"):
            return DetachPartition(target.table, partition, finalize=True, if_exists=target.if_exists)
        concurrently = c.eat("CONCURRENTLY")
        return DetachPartition(target.table, partition, concurrently, if_exists=target.if_exists)
    return None


def action(c: Cursor, target: Target) -> Operation:
    """One action of the list: alter_table_cmd."""
    table, only, if_exists, kind = target.table, target.only, target.if_exists, target.kind
    match c.word:
        case "ADD":
            return add(c, target)
        case "DROP":
            return drop(c, target)
        case "ALTER":
            return alter(c, target)
        case "VALIDATE":
            c.need("VALIDATE", "CONSTRAINT")
            return ValidateConstraint(table, c.name(), only, if_exists)
        case "OWNER":
            c.need("OWNER", "TO")
            return SetOwner(table, c.role(), kind, only, if_exists)
        case "SET":
            return _set(c, target)
        case "RESET":
            c.need("RESET")
            return SetOptions(table, storage_options(c), True, kind, only, if_exists)
        case "ENABLE" | "DISABLE":
            return _switch(c, target)
        case "FORCE":
            c.need("FORCE", "ROW", "LEVEL", "SECURITY")
            return SetRowSecurity(table, "FORCE", only, if_exists)
        case "NO":
            if c.eat("NO", "FORCE"):
                c.need("ROW", "LEVEL", "SECURITY")
                return SetRowSecurity(table, "NO FORCE", only, if_exists)
            c.need("NO", "INHERIT")
            return SetInherit(table, c.qualified(), False, only, if_exists)
        case "INHERIT":
            c.need("INHERIT")
            return SetInherit(table, c.qualified(), True, only, if_exists)
        case "OF":
            c.need("OF")
            return SetOfType(table, c.qualified(), only, if_exists)
        case "NOT":
            c.need("NOT", "OF")
            return SetOfType(table, None, only, if_exists)
        case "CLUSTER":
            c.need("CLUSTER", "ON")
            return SetCluster(table, c.name(), only, if_exists)
        case "REPLICA":
            return _replica_identity(c, target)
        case "OPTIONS":
            foreign_options(c)
            return SetForeignOptions(table, None, only, if_exists)
    return c.fail()


def _set(c: Cursor, target: Target) -> Operation:
    table, only, if_exists, kind = target.table, target.only, target.if_exists, target.kind
    c.need("SET")
    if c.is_at("("):
        return SetOptions(table, storage_options(c), False, kind, only, if_exists)
    if logged := c.eat_any("LOGGED", "UNLOGGED"):
        return SetLogged(table, logged == "LOGGED", kind, only, if_exists)
    if c.eat("TABLESPACE"):
        return SetTablespace(table, c.name(), kind, None, only, if_exists)
    if c.eat("ACCESS", "METHOD"):
        return SetAccessMethod(table, None if c.eat("DEFAULT") else c.name(), only, if_exists)
    c.need("WITHOUT")
    if c.eat("CLUSTER"):
        return SetCluster(table, None, only, if_exists)
    c.need("OIDS")
    return SetWithoutOids(table, only, if_exists)


def _switch(c: Cursor, target: Target) -> Operation:
    """ENABLE and DISABLE of triggers, rules and row security."""
    state = c.need_any("ENABLE", "DISABLE")
    if c.eat("ROW", "LEVEL", "SECURITY"):
        return SetRowSecurity(target.table, state, target.only, target.if_exists)
    if state == "ENABLE" and (more := c.eat_any("REPLICA", "ALWAYS")):
        state = f"ENABLE {more}"
    what = c.need_any("TRIGGER", "RULE")
    if what == "RULE":
        return SetRule(target.table, c.name(), state, target.only, target.if_exists)
    if state in ("ENABLE", "DISABLE") and (group := c.eat_any("ALL", "USER")):
        return SetTrigger(target.table, group, state, target.only, target.if_exists)
    return SetTrigger(target.table, c.name(), state, target.only, target.if_exists)


def _replica_identity(c: Cursor, target: Target) -> SetReplicaIdentity:
    c.need("REPLICA", "IDENTITY")
    if c.eat("USING", "INDEX"):
        return SetReplicaIdentity(target.table, "USING INDEX", c.name(), target.only, target.if_exists)
    identity = c.need_any("DEFAULT", "FULL", "NOTHING")
    return SetReplicaIdentity(target.table, identity, None, target.only, target.if_exists)
