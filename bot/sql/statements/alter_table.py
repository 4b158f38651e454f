"""ALTER TABLE, INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW and FOREIGN TABLE: one operation for each action.

Manual: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.record import record
from bot.sql.grammar.options import foreign_options, storage_options
from bot.sql.grammar.partitions import bound
from bot.sql.grammar.sequences import sequence_options
from bot.sql.statements.alter_columns import Target, add, alter, drop
from bot.sql.text.cursor import Cursor


@record
class _Kind:
    words: tuple[str, ...]
    word: str
    only: bool = False


KINDS = (
    _Kind(("TABLE",), "TABLE", only=True),
    _Kind(("INDEX",), "INDEX"),
    _Kind(("VIEW",), "VIEW"),
    _Kind(("SEQUENCE",), "SEQUENCE"),
    _Kind(("MATERIALIZED", "VIEW"), "MATERIALIZED VIEW"),
    _Kind(("FOREIGN", "TABLE"), "FOREIGN TABLE", only=True),
)


def alter_relation(c: Cursor) -> tuple[op.Operation, ...] | None:
    """The rest of an ALTER of a relation; for other objects None, and nothing is consumed."""
    kind = next((kind for kind in KINDS if c.is_at(*kind.words)), None)
    if kind is None:
        return None
    c.at += len(kind.words)
    word = kind.word
    if word in ("TABLE", "INDEX", "MATERIALIZED VIEW") and c.eat("ALL", "IN", "TABLESPACE"):
        return (_move_all(c, word),)
    if_exists = c.if_exists()
    name, only = c.relation() if kind.only else (c.qualified(), False)
    target = Target(name, only, if_exists, word)
    if c.is_at("RENAME"):
        return (_rename(c, target),)
    if c.eat("SET", "SCHEMA"):
        return (op.SetSchema(name, c.name(), word, if_exists),)
    if word in ("INDEX", "MATERIALIZED VIEW") and _depends(c):
        return (op.Harmless(f"ALTER {word} DEPENDS ON EXTENSION"),)
    if word == "SEQUENCE":
        options, owner = sequence_options(c)
        if options:
            return (op.AlterSequence(name, options, owner, if_exists),)
    special = _partition_command(c, target)
    if special is not None:
        return (special,)
    return tuple(c.listed(lambda at: action(at, target)))


def _move_all(c: Cursor, word: str) -> op.MoveTablespace:
    old = c.name()
    if c.eat("OWNED", "BY"):
        c.listed(Cursor.role)
    c.need("SET", "TABLESPACE")
    new = c.name()
    c.eat("NOWAIT")
    return op.MoveTablespace(old, new, word)


def _depends(c: Cursor) -> bool:
    start = c.at
    c.eat("NO")
    if c.eat("DEPENDS", "ON", "EXTENSION"):
        c.name()
        return True
    c.at = start
    return False


def _rename(c: Cursor, target: Target) -> op.Operation:
    c.need("RENAME")
    if c.eat("TO"):
        return op.RenameRelation(target.table, c.name(), target.kind, target.if_exists)
    if target.kind == "TABLE" and c.eat("CONSTRAINT"):
        constraint = c.name()
        c.need("TO")
        return op.RenameConstraint(target.table, constraint, c.name(), only=target.only, if_exists=target.if_exists)
    if target.kind in ("INDEX", "SEQUENCE"):
        c.fail()
    c.eat("COLUMN")
    column = c.name()
    c.need("TO")
    return op.RenameColumn(target.table, column, c.name(), target.kind, only=target.only, if_exists=target.if_exists)


def _partition_command(c: Cursor, target: Target) -> op.Operation | None:
    """ATTACH and DETACH PARTITION, which are always the only action."""
    if target.kind == "INDEX" and c.eat("ATTACH", "PARTITION"):
        return op.AttachIndexPartition(target.table, c.qualified(), target.if_exists)
    if target.kind != "TABLE":
        return None
    if c.eat("ATTACH", "PARTITION"):
        partition = c.qualified()
        return op.AttachPartition(target.table, partition, bound(c), target.if_exists)
    if c.eat("DETACH", "PARTITION"):
        partition = c.qualified()
        if c.eat("FINALIZE"):
            return op.DetachPartition(target.table, partition, finalize=True, if_exists=target.if_exists)
        concurrently = c.eat("CONCURRENTLY")
        return op.DetachPartition(target.table, partition, concurrently, if_exists=target.if_exists)
    return None


def action(c: Cursor, target: Target) -> op.Operation:
    """One action of the list (alter_table_cmd)."""
    read = _ACTIONS.get(c.word)
    return read(c, target) if read is not None else c.fail()


def _validate(c: Cursor, target: Target) -> op.ValidateConstraint:
    c.need("VALIDATE", "CONSTRAINT")
    return op.ValidateConstraint(target.table, c.name(), only=target.only, if_exists=target.if_exists)


def _owner(c: Cursor, target: Target) -> op.SetOwner:
    c.need("OWNER", "TO")
    return op.SetOwner(target.table, c.role(), target.kind, only=target.only, if_exists=target.if_exists)


def _reset(c: Cursor, target: Target) -> op.SetOptions:
    c.need("RESET")
    return _set_options(c, target, reset=True)


def _set_options(c: Cursor, target: Target, *, reset: bool) -> op.SetOptions:
    options = storage_options(c)
    return op.SetOptions(
        target.table, options, reset=reset, kind=target.kind, only=target.only, if_exists=target.if_exists
    )


def _force(c: Cursor, target: Target) -> op.SetRowSecurity:
    c.need("FORCE", "ROW", "LEVEL", "SECURITY")
    return op.SetRowSecurity(target.table, "FORCE", only=target.only, if_exists=target.if_exists)


def _no(c: Cursor, target: Target) -> op.Operation:
    c.need("NO")
    if c.is_at("INHERIT"):
        return _inherit(c, target, inherit=False)
    c.need("FORCE", "ROW", "LEVEL", "SECURITY")
    return op.SetRowSecurity(target.table, "NO FORCE", only=target.only, if_exists=target.if_exists)


def _inherit(c: Cursor, target: Target, *, inherit: bool = True) -> op.SetInherit:
    c.need("INHERIT")
    parent = c.qualified()
    return op.SetInherit(target.table, parent, inherit=inherit, only=target.only, if_exists=target.if_exists)


def _of_type(c: Cursor, target: Target) -> op.SetOfType:
    """OF a type, NOT OF."""
    gone = c.eat("NOT")
    c.need("OF")
    return op.SetOfType(target.table, None if gone else c.qualified(), only=target.only, if_exists=target.if_exists)


def _cluster(c: Cursor, target: Target) -> op.SetCluster:
    c.need("CLUSTER", "ON")
    return op.SetCluster(target.table, c.name(), only=target.only, if_exists=target.if_exists)


def _foreign_options(c: Cursor, target: Target) -> op.SetForeignOptions:
    foreign_options(c)
    return op.SetForeignOptions(target.table, None, only=target.only, if_exists=target.if_exists)


def _set(c: Cursor, target: Target) -> op.Operation:
    table, only, if_exists, kind = target.table, target.only, target.if_exists, target.kind
    c.need("SET")
    if c.is_at("("):
        return _set_options(c, target, reset=False)
    if logged := c.eat_any("LOGGED", "UNLOGGED"):
        return op.SetLogged(table, logged=logged == "LOGGED", kind=kind, only=only, if_exists=if_exists)
    if c.eat("TABLESPACE"):
        return op.SetTablespace(table, c.name(), kind, only=only, if_exists=if_exists)
    if c.eat("ACCESS", "METHOD"):
        return op.SetAccessMethod(table, None if c.eat("DEFAULT") else c.name(), only=only, if_exists=if_exists)
    c.need("WITHOUT")
    if c.eat("CLUSTER"):
        return op.SetCluster(table, None, only=only, if_exists=if_exists)
    c.need("OIDS")
    return op.SetWithoutOids(table, only=only, if_exists=if_exists)


def _switch(c: Cursor, target: Target) -> op.Operation:
    """ENABLE and DISABLE of triggers, rules and row security."""
    state = c.need_any("ENABLE", "DISABLE")
    if c.eat("ROW", "LEVEL", "SECURITY"):
        return op.SetRowSecurity(target.table, state, only=target.only, if_exists=target.if_exists)
    if state == "ENABLE" and (more := c.eat_any("REPLICA", "ALWAYS")):
        state = f"ENABLE {more}"
    what = c.need_any("TRIGGER", "RULE")
    if what == "RULE":
        return op.SetRule(target.table, c.name(), state, only=target.only, if_exists=target.if_exists)
    if state in ("ENABLE", "DISABLE") and (group := c.eat_any("ALL", "USER")):
        return op.SetTrigger(target.table, group, state, only=target.only, if_exists=target.if_exists)
    return op.SetTrigger(target.table, c.name(), state, only=target.only, if_exists=target.if_exists)


def _replica_identity(c: Cursor, target: Target) -> op.SetReplicaIdentity:
    c.need("REPLICA", "IDENTITY")
    if c.eat("USING", "INDEX"):
        return op.SetReplicaIdentity(
            target.table, "USING INDEX", c.name(), only=target.only, if_exists=target.if_exists
        )
    identity = c.need_any("DEFAULT", "FULL", "NOTHING")
    return op.SetReplicaIdentity(target.table, identity, None, only=target.only, if_exists=target.if_exists)


_ACTIONS: dict[str, Callable[[Cursor, Target], op.Operation]] = {
    "ADD": add,
    "DROP": drop,
    "ALTER": alter,
    "VALIDATE": _validate,
    "OWNER": _owner,
    "SET": _set,
    "RESET": _reset,
    "ENABLE": _switch,
    "DISABLE": _switch,
    "FORCE": _force,
    "NO": _no,
    "INHERIT": _inherit,
    "OF": _of_type,
    "NOT": _of_type,
    "CLUSTER": _cluster,
    "REPLICA": _replica_identity,
    "OPTIONS": _foreign_options,
}
"""By the first word; each starts with the cursor at that word."""
