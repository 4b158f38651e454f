"""The actions of ALTER TABLE as SQL; those that can share a statement are joined, one per line."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.sql.writing.parts import Unwritable, parameters, role, words
from bot.sql.writing.tables import column_definition, constraint_definition, identity

Added = op.AddCheck | op.AddNotNull | op.AddUnique | op.AddPrimaryKey | op.AddForeignKey | op.AddExclusion
Action = op.ColumnAction | Added | op.ValidateConstraint | op.AlterConstraint | op.DropConstraint | op.TableAction
ACTIONS: tuple[type, ...] = get_args(Action)
"""Operations that are actions of ALTER TABLE and may be combined in one statement."""


def alter_table(actions: Sequence[Action]) -> str:
    """One ALTER TABLE. Raises Unwritable where the actions cannot share a statement."""
    heads = {_head(action) for action in actions}
    if len(heads) != 1:
        raise Unwritable("the actions of one ALTER TABLE must name the same table in the same way")
    written = [_ACTIONS[type(action)](action) for action in actions]
    separator = " " if len(written) == 1 else "\n    "
    return heads.pop() + separator + ",\n    ".join(written)


def joinable(one: op.Operation, other: op.Operation) -> bool:
    """Whether both may be actions of one ALTER TABLE."""
    if not isinstance(one, ACTIONS) or not isinstance(other, ACTIONS):
        return False
    return _head(one) == _head(other)


def _head(action: Action) -> str:
    kind = action.kind if isinstance(action, op.SetTablespace | op.SetOptions | op.SetOwner | op.SetLogged) else "TABLE"
    relation = action.relation if isinstance(action, op.SetTablespace | op.SetOptions | op.SetOwner) else action.table
    return altered(kind, relation, only=action.only, if_exists=action.if_exists)


def altered(kind: str, relation: Name, *, only: bool = False, if_exists: bool = False) -> str:
    """`ALTER TABLE IF EXISTS ONLY events`."""
    return words("ALTER", kind, "IF EXISTS" if if_exists else None, "ONLY" if only else None, str(relation))


def _add_column(action: op.AddColumn) -> str:
    return words("ADD COLUMN", "IF NOT EXISTS" if action.if_not_exists else None, column_definition(action.column))


def _drop_column(action: op.DropColumn) -> str:
    return _drop("COLUMN", action.column, action)


def _drop_constraint(action: op.DropConstraint) -> str:
    return _drop("CONSTRAINT", action.constraint, action)


def _drop(kind: str, name: str, action: op.DropColumn | op.DropConstraint) -> str:
    return words(
        f"DROP {kind}",
        "IF EXISTS" if action.missing_ok else None,
        quote(name),
        "CASCADE" if action.cascade else None,
    )


def _add_constraint(action: Added) -> str:
    return f"ADD {constraint_definition(action.constraint)}"


def _validate(action: op.ValidateConstraint) -> str:
    return f"VALIDATE CONSTRAINT {quote(action.constraint)}"


def _alter_constraint(action: op.AlterConstraint) -> str:
    enforced = {None: None, True: "ENFORCED", False: "NOT ENFORCED"}[action.enforced]
    inherit = {None: None, True: "NO INHERIT", False: "INHERIT"}[action.no_inherit]
    deferrable = {None: None, True: "DEFERRABLE", False: "NOT DEFERRABLE"}[action.deferrable]
    initially = {None: None, True: "INITIALLY DEFERRED", False: "INITIALLY IMMEDIATE"}[action.initially_deferred]
    return words("ALTER CONSTRAINT", quote(action.constraint), deferrable, initially, enforced, inherit)


def _of_column(change: Callable[[Any], str]) -> Callable[[Any], str]:
    """ALTER COLUMN ... and the change."""
    return lambda action: f"ALTER COLUMN {quote(action.column)} {change(action)}"


def _statistics(action: op.SetStatistics) -> str:
    """For an index, the column may be its number."""
    column = action.column if action.column.isdigit() else quote(action.column)
    return f"ALTER COLUMN {column} SET STATISTICS {action.target}"


def _type(action: op.AlterColumnType) -> str:
    return words(
        f"TYPE {action.type}",
        f"COLLATE {action.collation}" if action.collation else None,
        f"USING {action.using.text}" if action.using else None,
    )


def _default(action: op.SetDefault) -> str:
    return f"SET DEFAULT {action.default.text}"


def _no_default(_action: op.DropDefault) -> str:
    return "DROP DEFAULT"


def _not_null(_action: op.SetNotNull) -> str:
    return "SET NOT NULL"


def _nullable(_action: op.DropNotNull) -> str:
    return "DROP NOT NULL"


def _expression(action: op.SetExpression) -> str:
    return f"SET EXPRESSION AS ({action.expression.text})"


def _no_expression(action: op.DropExpression) -> str:
    return words("DROP EXPRESSION", "IF EXISTS" if action.missing_ok else None)


def _identity(action: op.AddIdentity) -> str:
    return f"ADD {identity(action.identity)}"


def _identity_options(action: op.SetIdentity) -> str:
    return action.options


def _no_identity(action: op.DropIdentity) -> str:
    return words("DROP IDENTITY", "IF EXISTS" if action.missing_ok else None)


def _storage(action: op.SetStorage) -> str:
    return f"SET STORAGE {action.storage}"


def _compression(action: op.SetCompression) -> str:
    return f"SET COMPRESSION {action.compression}"


def _options(action: op.SetColumnOptions | op.SetOptions) -> str:
    return words("RESET" if action.reset else "SET", parameters(action.options))


def _trigger(action: op.SetTrigger) -> str:
    return words(
        action.state, "TRIGGER", action.trigger if action.trigger in ("ALL", "USER") else quote(action.trigger)
    )


def _rule(action: op.SetRule) -> str:
    return words(action.state, "RULE", quote(action.rule))


def _row_security(action: op.SetRowSecurity) -> str:
    return f"{action.state} ROW LEVEL SECURITY"


def _replica_identity(action: op.SetReplicaIdentity) -> str:
    if action.index:
        return f"REPLICA IDENTITY USING INDEX {quote(action.index)}"
    return f"REPLICA IDENTITY {action.identity}"


def _cluster(action: op.SetCluster) -> str:
    return "SET WITHOUT CLUSTER" if action.index is None else f"CLUSTER ON {quote(action.index)}"


def _logged(action: op.SetLogged) -> str:
    return "SET LOGGED" if action.logged else "SET UNLOGGED"


def _tablespace(action: op.SetTablespace) -> str:
    return f"SET TABLESPACE {quote(action.tablespace)}"


def _access_method(action: op.SetAccessMethod) -> str:
    return f"SET ACCESS METHOD {'DEFAULT' if action.method is None else quote(action.method)}"


def _without_oids(_action: op.SetWithoutOids) -> str:
    return "SET WITHOUT OIDS"


def _inherit(action: op.SetInherit) -> str:
    return words(None if action.inherit else "NO", "INHERIT", str(action.parent))


def _of_type(action: op.SetOfType) -> str:
    return "NOT OF" if action.type is None else f"OF {action.type}"


def _owner(action: op.SetOwner) -> str:
    return f"OWNER TO {role(action.owner)}"


def _foreign_options(_action: op.SetForeignOptions) -> str:
    raise Unwritable("the options of a foreign table are not kept")


_ACTIONS: dict[type, Callable[[Any], str]] = {
    op.AddColumn: _add_column,
    op.DropColumn: _drop_column,
    op.AddCheck: _add_constraint,
    op.AddNotNull: _add_constraint,
    op.AddUnique: _add_constraint,
    op.AddPrimaryKey: _add_constraint,
    op.AddForeignKey: _add_constraint,
    op.AddExclusion: _add_constraint,
    op.ValidateConstraint: _validate,
    op.AlterConstraint: _alter_constraint,
    op.DropConstraint: _drop_constraint,
    op.SetStatistics: _statistics,
    op.AlterColumnType: _of_column(_type),
    op.SetDefault: _of_column(_default),
    op.DropDefault: _of_column(_no_default),
    op.SetNotNull: _of_column(_not_null),
    op.DropNotNull: _of_column(_nullable),
    op.SetExpression: _of_column(_expression),
    op.DropExpression: _of_column(_no_expression),
    op.AddIdentity: _of_column(_identity),
    op.SetIdentity: _of_column(_identity_options),
    op.DropIdentity: _of_column(_no_identity),
    op.SetColumnOptions: _of_column(_options),
    op.SetStorage: _of_column(_storage),
    op.SetCompression: _of_column(_compression),
    op.SetTrigger: _trigger,
    op.SetRule: _rule,
    op.SetRowSecurity: _row_security,
    op.SetReplicaIdentity: _replica_identity,
    op.SetCluster: _cluster,
    op.SetLogged: _logged,
    op.SetTablespace: _tablespace,
    op.SetAccessMethod: _access_method,
    op.SetOptions: _options,
    op.SetWithoutOids: _without_oids,
    op.SetInherit: _inherit,
    op.SetOfType: _of_type,
    op.SetOwner: _owner,
    op.SetForeignOptions: _foreign_options,
}
