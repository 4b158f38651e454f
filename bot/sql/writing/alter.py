"""The actions of ALTER TABLE as SQL; those that can share one statement are joined, one a line."""

from collections.abc import Sequence
from typing import get_args

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.sql.text.literals import Unwritable, parameters, words
from bot.sql.writing.tables import write_column, write_constraint, write_identity

Added = op.AddCheck | op.AddNotNull | op.AddUnique | op.AddPrimaryKey | op.AddForeignKey | op.AddExclusion
Action = op.ColumnAction | Added | op.ValidateConstraint | op.AlterConstraint | op.DropConstraint | op.TableAction
ACTIONS: tuple[type, ...] = get_args(Action)
"""Operations that are actions of ALTER TABLE and may stand together in one."""


def write_alter(actions: Sequence[Action]) -> str:
    """One ALTER TABLE. Raises Unwritable where the actions cannot share a statement."""
    first = actions[0]
    if isinstance(first, op.SetTablespace) and first.all_in is not None:
        return f"ALTER {first.kind} ALL IN TABLESPACE {quote(first.all_in)} SET TABLESPACE {quote(first.tablespace)}"
    heads = {_head(action) for action in actions}
    if len(heads) != 1:
        raise Unwritable("the actions of one ALTER TABLE must name the same table in the same way")
    written = [_action(action) for action in actions]
    separator = " " if len(written) == 1 else "\n    "
    return heads.pop() + separator + ",\n    ".join(written)


def joinable(one: op.Operation, other: op.Operation) -> bool:
    """Whether both may be actions of one ALTER TABLE."""
    if not isinstance(one, ACTIONS) or not isinstance(other, ACTIONS):
        return False
    if any(isinstance(each, op.SetTablespace) and each.all_in is not None for each in (one, other)):
        return False
    return _head(one) == _head(other)


def _head(action: Action) -> str:
    kind = action.kind if isinstance(action, op.SetTablespace | op.SetOptions | op.SetOwner | op.SetLogged) else "TABLE"
    relation = action.relation if isinstance(action, op.SetTablespace | op.SetOptions | op.SetOwner) else action.table
    return alter(kind, relation, only=action.only, if_exists=action.if_exists)


def alter(kind: str, relation: Name, *, only: bool = False, if_exists: bool = False) -> str:
    """`ALTER TABLE IF EXISTS ONLY events`."""
    return words("ALTER", kind, "IF EXISTS" if if_exists else None, "ONLY" if only else None, str(relation))


def _action(action: Action) -> str:
    match action:
        case op.AddColumn(column=column, if_not_exists=if_not_exists):
            return words("ADD COLUMN", "IF NOT EXISTS" if if_not_exists else None, write_column(column))
        case op.DropColumn(column=column, cascade=cascade, missing_ok=missing_ok):
            return words("DROP COLUMN", _if_exists(missing_ok), quote(column), _cascade(cascade))
        case op.DropConstraint(constraint=constraint, cascade=cascade, missing_ok=missing_ok):
            return words("DROP CONSTRAINT", _if_exists(missing_ok), quote(constraint), _cascade(cascade))
        case (
            op.AddCheck()
            | op.AddNotNull()
            | op.AddUnique()
            | op.AddPrimaryKey()
            | op.AddForeignKey()
            | op.AddExclusion()
        ):
            return f"ADD {write_constraint(action.constraint)}"
        case op.ValidateConstraint(constraint=constraint):
            return f"VALIDATE CONSTRAINT {quote(constraint)}"
        case op.AlterConstraint():
            return _alter_constraint(action)
        case op.SetStatistics(column=column, target=target):
            return f"ALTER COLUMN {column if column.isdigit() else quote(column)} SET STATISTICS {target}"
        case (
            op.AlterColumnType()
            | op.SetDefault()
            | op.DropDefault()
            | op.SetNotNull()
            | op.DropNotNull()
            | op.SetExpression()
            | op.DropExpression()
            | op.AddIdentity()
            | op.SetIdentity()
            | op.DropIdentity()
            | op.SetColumnOptions()
            | op.SetStorage()
            | op.SetCompression()
        ):
            return f"ALTER COLUMN {quote(action.column)} {_column_action(action)}"
        case _:
            return _table_action(action)


_AlterColumn = (
    op.AlterColumnType
    | op.SetDefault
    | op.DropDefault
    | op.SetNotNull
    | op.DropNotNull
    | op.SetExpression
    | op.DropExpression
    | op.AddIdentity
    | op.SetIdentity
    | op.DropIdentity
    | op.SetColumnOptions
    | op.SetStorage
    | op.SetCompression
)


def _column_action(action: _AlterColumn) -> str:
    match action:
        case op.AlterColumnType(type=type_, using=using, collation=collation):
            return words(
                f"TYPE {type_}",
                f"COLLATE {collation}" if collation else None,
                f"USING {using.text}" if using else None,
            )
        case op.SetDefault(default=default):
            return f"SET DEFAULT {default.text}"
        case op.DropDefault():
            return "DROP DEFAULT"
        case op.SetNotNull():
            return "SET NOT NULL"
        case op.DropNotNull():
            return "DROP NOT NULL"
        case op.SetExpression(expression=expression):
            return f"SET EXPRESSION AS ({expression.text})"
        case op.DropExpression(missing_ok=missing_ok):
            return words("DROP EXPRESSION", _if_exists(missing_ok))
        case op.AddIdentity(identity=identity):
            return f"ADD {write_identity(identity)}"
        case op.SetIdentity(options=options):
            return options
        case op.DropIdentity(missing_ok=missing_ok):
            return words("DROP IDENTITY", _if_exists(missing_ok))
        case op.SetColumnOptions(options=options, reset=reset):
            return words("RESET" if reset else "SET", parameters(options))
        case op.SetStorage(storage=storage):
            return f"SET STORAGE {storage}"
        case op.SetCompression(compression=compression):
            return f"SET COMPRESSION {compression}"


def _alter_constraint(action: op.AlterConstraint) -> str:
    enforced = {None: None, True: "ENFORCED", False: "NOT ENFORCED"}[action.enforced]
    inherit = {None: None, True: "NO INHERIT", False: "INHERIT"}[action.no_inherit]
    deferrable = {None: None, True: "DEFERRABLE", False: "NOT DEFERRABLE"}[action.deferrable]
    initially = {None: None, True: "INITIALLY DEFERRED", False: "INITIALLY IMMEDIATE"}[action.initially_deferred]
    return words("ALTER CONSTRAINT", quote(action.constraint), deferrable, initially, enforced, inherit)


def _table_action(action: op.TableAction) -> str:
    match action:
        case op.SetTrigger(trigger=trigger, state=state):
            return words(state, "TRIGGER", trigger if trigger in ("ALL", "USER") else quote(trigger))
        case op.SetRule(rule=rule, state=state):
            return words(state, "RULE", quote(rule))
        case op.SetRowSecurity(state=state):
            return f"{state} ROW LEVEL SECURITY"
        case op.SetReplicaIdentity(identity=identity, index=index):
            return words("REPLICA IDENTITY", "USING INDEX" if index else identity, quote(index) if index else None)
        case op.SetCluster(index=index):
            return "SET WITHOUT CLUSTER" if index is None else f"CLUSTER ON {quote(index)}"
        case op.SetLogged(logged=logged):
            return "SET LOGGED" if logged else "SET UNLOGGED"
        case op.SetTablespace(tablespace=tablespace):
            return f"SET TABLESPACE {quote(tablespace)}"
        case op.SetAccessMethod(method=method):
            return f"SET ACCESS METHOD {'DEFAULT' if method is None else quote(method)}"
        case op.SetOptions(options=options, reset=reset):
            return words("RESET" if reset else "SET", parameters(options))
        case op.SetWithoutOids():
            return "SET WITHOUT OIDS"
        case op.SetInherit(parent=parent, inherit=inherit):
            return words(None if inherit else "NO", "INHERIT", str(parent))
        case op.SetOfType(type=type_):
            return "NOT OF" if type_ is None else f"OF {type_}"
        case op.SetOwner(owner=owner):
            return f"OWNER TO {_role(owner)}"
        case op.SetForeignOptions():
            raise Unwritable("the options of a foreign table are not kept")


def _role(role: str) -> str:
    """A role's name; CURRENT_USER and its kin are words, not names."""
    return role if role.upper() in ("CURRENT_USER", "CURRENT_ROLE", "SESSION_USER") else quote(role)


def _cascade(cascade: bool) -> str | None:
    return "CASCADE" if cascade else None


def _if_exists(missing_ok: bool) -> str | None:
    return "IF EXISTS" if missing_ok else None
