"""Expectations for ALTER TABLE: what each of its actions must become."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.parity.nodes import Node, cascades, data_type, expression, inherits, joined, options, relation, role, texts
from tests.parity.table_nodes import Expected, bound, column, constraint

_KINDS = {
    "OBJECT_TABLE": "TABLE",
    "OBJECT_INDEX": "INDEX",
    "OBJECT_VIEW": "VIEW",
    "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE",
}
_TRIGGERS = {
    "EnableTrig": "ENABLE",
    "EnableAlwaysTrig": "ENABLE ALWAYS",
    "EnableReplicaTrig": "ENABLE REPLICA",
    "DisableTrig": "DISABLE",
    "EnableTrigAll": "ENABLE",
    "DisableTrigAll": "DISABLE",
    "EnableTrigUser": "ENABLE",
    "DisableTrigUser": "DISABLE",
}
_RULES = {
    "EnableRule": "ENABLE",
    "EnableAlwaysRule": "ENABLE ALWAYS",
    "EnableReplicaRule": "ENABLE REPLICA",
    "DisableRule": "DISABLE",
}
_SECURITY = {
    "EnableRowSecurity": "ENABLE",
    "DisableRowSecurity": "DISABLE",
    "ForceRowSecurity": "FORCE",
    "NoForceRowSecurity": "NO FORCE",
}


def alter_table(n: Node) -> list[Expected]:
    if n["objtype"] == "OBJECT_TYPE":
        return [_composite(c["AlterTableCmd"], relation(n["relation"])) for c in n["cmds"]]
    kind = _KINDS[n["objtype"]]
    table = relation(n["relation"])
    common = {"if_exists": bool(n.get("missing_ok"))}
    if kind in ("TABLE", "FOREIGN TABLE"):
        common["only"] = not inherits(n["relation"])
    return [_action(_Action(c["AlterTableCmd"], table, kind, common)) for c in n["cmds"]]


def _composite(c: Node, table: str | None) -> Expected:
    subtype = c["subtype"].removeprefix("AT_")
    word = {"AddColumn": "ADD", "DropColumn": "DROP", "AlterColumnType": "ALTER"}[subtype]
    inner = c.get("def", {}).get("ColumnDef", {})
    fields = {"type": table, "action": word, "attribute": inner.get("colname") or c.get("name"), "cascade": cascades(c)}
    if inner:
        fields["data_type"] = data_type(inner.get("typeName"))
    return "AlterComposite", fields


@dataclass(frozen=True, slots=True)
class _Action:
    """An AlterTableCmd with the flags of the whole ALTER TABLE."""

    command: Node
    table: str | None
    kind: str
    common: dict[str, Any]

    @property
    def subtype(self) -> str:
        return self.command["subtype"].removeprefix("AT_")

    @property
    def name(self) -> str | None:
        return self.command.get("name")

    @property
    def definition(self) -> Node | None:
        return self.command.get("def")

    @property
    def missing_ok(self) -> bool:
        return bool(self.command.get("missing_ok"))

    def inner(self, kind: str) -> Node:
        """The definition, which is a node of this kind."""
        return self.command["def"][kind]

    def expected(self, operation: str, **fields: Any) -> Expected:
        return operation, {"table": self.table, **self.common, **fields}

    def of_relation(self, operation: str, **fields: Any) -> Expected:
        return operation, {"relation": self.table, "kind": self.kind, **self.common, **fields}


def _action(action: _Action) -> Expected:
    read = _ACTIONS.get(action.subtype)
    if read is None:
        raise AssertionError(f"no expectation for {action.subtype}")
    return read(action)


def _same(action: _Action) -> Expected:
    """The operation has the command's name."""
    return action.expected(action.subtype, **({} if action.name is None else {"column": action.name}))


def _trigger(action: _Action) -> Expected:
    subtype = action.subtype
    trigger = "ALL" if subtype.endswith("All") else "USER" if subtype.endswith("User") else action.name
    return action.expected("SetTrigger", trigger=trigger, state=_TRIGGERS[subtype])


def _rule(action: _Action) -> Expected:
    return action.expected("SetRule", rule=action.name, state=_RULES[action.subtype])


def _row_security(action: _Action) -> Expected:
    return action.expected("SetRowSecurity", state=_SECURITY[action.subtype])


def _add_column(action: _Action) -> Expected:
    return action.expected("AddColumn", column=column(action.inner("ColumnDef")), if_not_exists=action.missing_ok)


def _drop_column(action: _Action) -> Expected:
    cascade = cascades(action.command)
    return action.expected("DropColumn", column=action.name, missing_ok=action.missing_ok, cascade=cascade)


def _drop_constraint(action: _Action) -> Expected:
    cascade = cascades(action.command)
    return action.expected("DropConstraint", constraint=action.name, missing_ok=action.missing_ok, cascade=cascade)


def _drop_from_column(action: _Action) -> Expected:
    return action.expected(action.subtype, column=action.name, missing_ok=action.missing_ok)


def _default(action: _Action) -> Expected:
    default = expression(action.definition)
    if action.kind == "VIEW":
        return "AlterViewColumnDefault", {"view": action.table, "column": action.name, "default": default}
    if action.definition is None:
        return action.expected("DropDefault", column=action.name)
    return action.expected("SetDefault", column=action.name, default=default)


def _type(action: _Action) -> Expected:
    inner = action.inner("ColumnDef")
    return action.expected(
        "AlterColumnType",
        column=action.name,
        type=data_type(inner["typeName"]),
        using=expression(inner.get("raw_default")),
        collation=joined(texts(inner["collClause"]["collname"])) if "collClause" in inner else None,
    )


def _add_constraint(action: _Action) -> Expected:
    found = constraint(action.inner("Constraint"))
    return action.expected(f"Add{found['class']}", constraint=found)


def _validate(action: _Action) -> Expected:
    return action.expected("ValidateConstraint", constraint=action.name)


def _alter_constraint(action: _Action) -> Expected:
    inner = action.inner("ATAlterConstraint")
    fields = {"constraint": inner["conname"]} if "conname" in inner else {}
    if inner.get("alterDeferrability") and inner.get("deferrable"):
        fields["deferrable"] = True
    return action.expected("AlterConstraint", **fields)


def _attach(action: _Action) -> Expected:
    command = action.inner("PartitionCmd")
    partition = relation(command["name"])
    if action.kind == "INDEX":
        return "AttachIndexPartition", {"index": action.table, "partition": partition}
    return "AttachPartition", {"table": action.table, "partition": partition, "bound": bound(command["bound"])}


def _detach(action: _Action) -> Expected:
    command = action.inner("PartitionCmd")
    fields = {
        "table": action.table,
        "partition": relation(command["name"]),
        "concurrently": bool(command.get("concurrent")),
        "finalize": action.subtype.endswith("Finalize"),
    }
    return "DetachPartition", fields


def _options(action: _Action) -> Expected:
    names = options(action.inner("List")["items"])
    return action.of_relation("SetOptions", option_names=names, reset=action.subtype.startswith("Reset"))


def _column_options(action: _Action) -> Expected:
    names = options(action.inner("List")["items"])
    reset = action.subtype.startswith("Reset")
    return action.expected("SetColumnOptions", column=action.name, option_names=names, reset=reset)


def _owner(action: _Action) -> Expected:
    return action.of_relation("SetOwner", owner=role(action.command["newowner"]))


def _inherit(action: _Action) -> Expected:
    parent = relation(action.inner("RangeVar"))
    return action.expected("SetInherit", parent=parent, inherit=action.subtype == "AddInherit")


def _logged(action: _Action) -> Expected:
    return action.expected("SetLogged", kind=action.kind, logged=action.subtype == "SetLogged")


def _tablespace(action: _Action) -> Expected:
    return action.of_relation("SetTablespace", tablespace=action.name)


def _access_method(action: _Action) -> Expected:
    return action.expected("SetAccessMethod", method=action.name)


def _cluster(action: _Action) -> Expected:
    return action.expected("SetCluster", index=action.name if action.subtype == "ClusterOn" else None)


def _without_oids(action: _Action) -> Expected:
    return action.expected("SetWithoutOids")


def _of_type(action: _Action) -> Expected:
    return action.expected("SetOfType")


def _replica_identity(action: _Action) -> Expected:
    inner = action.inner("ReplicaIdentityStmt")
    word = {"d": "DEFAULT", "f": "FULL", "n": "NOTHING", "i": "USING INDEX"}[inner["identity_type"]]
    return action.expected("SetReplicaIdentity", identity=word, index=inner.get("name"))


def _foreign_options(action: _Action) -> Expected:
    return action.expected("SetForeignOptions", column=action.name)


_ACTIONS: dict[str, Callable[[_Action], Expected]] = {
    **dict.fromkeys(("SetNotNull", "DropNotNull", "SetStatistics", "SetStorage", "SetCompression"), _same),
    **dict.fromkeys(("AddIdentity", "SetIdentity", "SetExpression"), _same),
    **dict.fromkeys(_TRIGGERS, _trigger),
    **dict.fromkeys(_RULES, _rule),
    **dict.fromkeys(_SECURITY, _row_security),
    "AddColumn": _add_column,
    "DropColumn": _drop_column,
    "DropConstraint": _drop_constraint,
    "DropExpression": _drop_from_column,
    "DropIdentity": _drop_from_column,
    "ColumnDefault": _default,
    "AlterColumnType": _type,
    "AddConstraint": _add_constraint,
    "ValidateConstraint": _validate,
    "AlterConstraint": _alter_constraint,
    "AttachPartition": _attach,
    "DetachPartition": _detach,
    "DetachPartitionFinalize": _detach,
    "SetRelOptions": _options,
    "ResetRelOptions": _options,
    "SetOptions": _column_options,
    "ResetOptions": _column_options,
    "ChangeOwner": _owner,
    "AddInherit": _inherit,
    "DropInherit": _inherit,
    "SetLogged": _logged,
    "SetUnLogged": _logged,
    "SetTableSpace": _tablespace,
    "SetAccessMethod": _access_method,
    "ClusterOn": _cluster,
    "DropCluster": _cluster,
    "DropOids": _without_oids,
    "AddOf": _of_type,
    "DropOf": _of_type,
    "ReplicaIdentity": _replica_identity,
    "GenericOptions": _foreign_options,
    "AlterColumnGenericOptions": _foreign_options,
}
"""By the command's name in PostgreSQL's tree, AlterTableType without its prefix."""
