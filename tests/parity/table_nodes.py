"""Expectations for tables: CREATE TABLE, columns, constraints, and the actions of ALTER TABLE."""

from typing import Any

from tests.parity.nodes import (
    Node,
    action,
    cascades,
    data_type,
    expression,
    inherits,
    joined,
    options,
    relation,
    role,
    texts,
)

Expected = tuple[str, dict[str, Any]]

_CONSTRAINTS = {
    "CONSTR_NOTNULL": "NotNull",
    "CONSTR_CHECK": "Check",
    "CONSTR_UNIQUE": "Unique",
    "CONSTR_PRIMARY": "PrimaryKey",
    "CONSTR_FOREIGN": "ForeignKey",
    "CONSTR_EXCLUSION": "Exclusion",
}


def index_elements(nodes: list[Node]) -> list[dict[str, Any]]:
    found = []
    for node in nodes:
        element = node["IndexElem"]
        fields: dict[str, Any] = {
            "column": element.get("name"),
            "operator_class": joined(texts(element.get("opclass"))) or None,
            "collation": joined(texts(element.get("collation"))) or None,
        }
        if "expr" in element:
            fields["expression"] = expression(element["expr"])
        found.append(fields)
    return found


def constraint(n: Node, owner: str | None = None) -> dict[str, Any]:
    """A constraint with its class; `owner` is the column it is written at."""
    kind = _CONSTRAINTS[n["contype"]]
    fields: dict[str, Any] = {"class": kind, "name": n.get("conname")}
    keys = texts(n.get("keys")) or ([owner] if owner else [])
    enforced = kind in ("Check", "ForeignKey") and not n.get("is_enforced")
    match kind:
        case "NotNull":
            fields["column"] = keys[0] if keys else "value"
            fields["no_inherit"] = bool(n.get("is_no_inherit"))
        case "Check":
            fields["expression"] = expression(n["raw_expr"])
            fields["no_inherit"] = bool(n.get("is_no_inherit"))
        case "Unique" | "PrimaryKey":
            using = n.get("indexname")
            fields.update(columns=[] if using else keys, using_index=using, include=texts(n.get("including")))
            fields["option_names"] = sorted(options(n.get("options")))
            fields["tablespace"] = n.get("indexspace")
        case "ForeignKey":
            fields.update(
                columns=texts(n.get("fk_attrs")) or ([owner] if owner else []),
                references=relation(n["pktable"]),
                references_columns=texts(n.get("pk_attrs")),
                on_delete=action(n.get("fk_del_action")),
                on_update=action(n.get("fk_upd_action")),
                on_delete_columns=texts(n.get("fk_del_set_cols")),
                match_full=n.get("fk_matchtype") == "f",
                period=bool(n.get("fk_with_period")),
            )
        case "Exclusion":
            fields["method"] = n.get("access_method")
            fields["where"] = expression(n.get("where_clause"))
    if kind == "Unique":
        fields["nulls_not_distinct"] = bool(n.get("nulls_not_distinct"))
    if kind in ("Unique", "PrimaryKey", "ForeignKey", "Exclusion") and not owner:
        fields["deferrable"] = bool(n.get("deferrable"))
        fields["initially_deferred"] = bool(n.get("initdeferred"))
    if kind in ("Check", "ForeignKey") and not owner:
        fields["enforced"] = not enforced
    if kind in ("Check", "ForeignKey", "NotNull") and not owner and not enforced:
        fields["not_valid"] = bool(n.get("skip_validation"))
    return fields


def column(n: Node) -> dict[str, Any]:
    """A column; the attributes that follow its constraints are put to them as PostgreSQL does later."""
    name = n.get("colname")
    found = [c["Constraint"] for c in n.get("constraints", [])]
    constraints: list[dict[str, Any]] = []
    fields: dict[str, Any] = {"name": name, "type": data_type(n.get("typeName")), "default": None}
    fields.update(generated=None, identity=None)
    for item in found:
        kind = item["contype"]
        if kind in _CONSTRAINTS:
            constraints.append(constraint(item, name))
        elif kind == "CONSTR_DEFAULT":
            fields["default"] = expression(item["raw_expr"])
        elif kind == "CONSTR_IDENTITY":
            fields["identity"] = {"always": item["generated_when"] == "a"}
        elif kind == "CONSTR_GENERATED":
            stored = item.get("generated_kind") == "s"
            fields["generated"] = {"expression": expression(item["raw_expr"]), "really_stored": stored}
        elif kind.startswith("CONSTR_ATTR"):
            _attribute(kind, constraints)
    fields["constraints"] = constraints
    fields["collation"] = joined(texts(n["collClause"]["collname"])) if "collClause" in n else None
    return fields


def _attribute(kind: str, constraints: list[dict[str, Any]]) -> None:
    if not constraints:
        return
    last = constraints[-1]
    match kind:
        case "CONSTR_ATTR_DEFERRABLE":
            last["deferrable"] = True
        case "CONSTR_ATTR_NOT_DEFERRABLE":
            last["deferrable"] = False
        case "CONSTR_ATTR_DEFERRED":
            last.update(deferrable=True, initially_deferred=True)
        case "CONSTR_ATTR_NOT_ENFORCED":
            last["enforced"] = False
        case "CONSTR_ATTR_ENFORCED":
            last["enforced"] = True


def create_table(n: Node) -> list[Expected]:
    columns, constraints, likes = [], [], []
    for item in n.get("tableElts", []):
        if "ColumnDef" in item:
            columns.append(column(item["ColumnDef"]))
        elif "Constraint" in item:
            constraints.append(constraint(item["Constraint"]))
        else:
            likes.append({"table": relation(item["TableLikeClause"]["relation"])})
    parents = [relation(i["RangeVar"]) for i in n.get("inhRelations", [])]
    partition = "partbound" in n
    key = n.get("partspec")
    persistence = {"p": "permanent", "t": "temporary", "u": "unlogged"}[n["relation"]["relpersistence"]]
    commit = n.get("oncommit", "ONCOMMIT_NOOP").removeprefix("ONCOMMIT_").replace("_", " ")
    fields = {
        "table": relation(n["relation"]),
        "columns": columns,
        "constraints": constraints,
        "likes": likes,
        "inherits": [] if partition else parents,
        "partition_of": parents[0] if partition else None,
        "bound": bound(n["partbound"]) if partition else None,
        "partition_by": {"strategy": key["strategy"].removeprefix("PARTITION_STRATEGY_")} if key else None,
        "persistence": persistence,
        "if_not_exists": bool(n.get("if_not_exists")),
        "option_names": options(n.get("options")),
        "tablespace": n.get("tablespacename"),
        "access_method": n.get("accessMethod"),
        "on_commit": None if commit == "NOOP" else commit,
        "of_type": data_type(n.get("ofTypename")),
    }
    return [("CreateTable", fields)]


def bound(n: Node) -> dict[str, Any]:
    strategy = n.get("strategy")
    fields: dict[str, Any] = {"default": bool(n.get("is_default"))}
    if strategy == "h":
        fields.update(modulus=n.get("modulus"), remainder=n.get("remainder", 0))
    elif strategy == "l" and not fields["default"]:
        fields["value_count"] = len(n["listdatums"])
    elif strategy == "r" and not fields["default"]:
        fields["lower_count"] = len(n["lowerdatums"])
    return fields


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
_PLAIN_COLUMN = {
    "SetNotNull": "SetNotNull",
    "DropNotNull": "DropNotNull",
    "SetStatistics": "SetStatistics",
    "SetStorage": "SetStorage",
    "SetCompression": "SetCompression",
    "AddIdentity": "AddIdentity",
    "SetIdentity": "SetIdentity",
    "SetExpression": "SetExpression",
}


def alter_table(n: Node) -> list[Expected]:
    if n["objtype"] == "OBJECT_TYPE":
        return [_composite(c["AlterTableCmd"], relation(n["relation"])) for c in n["cmds"]]
    kind = _KINDS[n["objtype"]]
    table = relation(n["relation"])
    common = {"if_exists": bool(n.get("missing_ok"))}
    if kind in ("TABLE", "FOREIGN TABLE"):
        common["only"] = not inherits(n["relation"])
    return [_action(c["AlterTableCmd"], table, kind, common) for c in n["cmds"]]


def _composite(c: Node, table: str | None) -> Expected:
    subtype = c["subtype"].removeprefix("AT_")
    word = {"AddColumn": "ADD", "DropColumn": "DROP", "AlterColumnType": "ALTER"}[subtype]
    inner = c.get("def", {}).get("ColumnDef", {})
    fields = {"type": table, "action": word, "attribute": inner.get("colname") or c.get("name"), "cascade": cascades(c)}
    if inner:
        fields["data_type"] = data_type(inner.get("typeName"))
    return "AlterComposite", fields


def _action(c: Node, table: str | None, kind: str, common: dict[str, Any]) -> Expected:
    subtype = c["subtype"].removeprefix("AT_")
    of_table = {"table": table, **common}
    of_relation = {"relation": table, "kind": kind, **common}
    definition, name, missing = c.get("def"), c.get("name"), bool(c.get("missing_ok"))
    if subtype in _PLAIN_COLUMN:
        fields = dict(of_table)
        if name is not None:
            fields["column"] = name
        return _PLAIN_COLUMN[subtype], fields
    if subtype in _TRIGGERS:
        trigger = "ALL" if subtype.endswith("All") else "USER" if subtype.endswith("User") else name
        return "SetTrigger", {**of_table, "trigger": trigger, "state": _TRIGGERS[subtype]}
    if subtype in _RULES:
        return "SetRule", {**of_table, "rule": name, "state": _RULES[subtype]}
    if subtype in _SECURITY:
        return "SetRowSecurity", {**of_table, "state": _SECURITY[subtype]}
    match subtype:
        case "AddColumn":
            return "AddColumn", {**of_table, "column": column(definition["ColumnDef"]), "if_not_exists": missing}
        case "DropColumn":
            return "DropColumn", {**of_table, "column": name, "missing_ok": missing, "cascade": cascades(c)}
        case "DropConstraint":
            return "DropConstraint", {**of_table, "constraint": name, "missing_ok": missing, "cascade": cascades(c)}
        case "ColumnDefault":
            if kind == "VIEW":
                return "AlterViewColumnDefault", {"view": table, "column": name, "default": expression(definition)}
            if definition is None:
                return "DropDefault", {**of_table, "column": name}
            return "SetDefault", {**of_table, "column": name, "default": expression(definition)}
        case "AlterColumnType":
            inner = definition["ColumnDef"]
            fields = {
                "column": name,
                "type": data_type(inner["typeName"]),
                "using": expression(inner.get("raw_default")),
                "collation": joined(texts(inner["collClause"]["collname"])) if "collClause" in inner else None,
            }
            return "AlterColumnType", {**of_table, **fields}
        case "AddConstraint":
            found = constraint(definition["Constraint"])
            return f"Add{found['class']}", {**of_table, "constraint": found}
        case "ValidateConstraint":
            return "ValidateConstraint", {**of_table, "constraint": name}
        case "AlterConstraint":
            inner = definition["ATAlterConstraint"]
            fields = {"constraint": inner.get("conname")}
            if inner.get("alterDeferrability"):
                fields["deferrable"] = True if inner.get("deferrable") else None
            return "AlterConstraint", {**of_table, **{k: v for k, v in fields.items() if v is not None}}
        case "AttachPartition" if kind == "INDEX":
            partition = relation(definition["PartitionCmd"]["name"])
            return "AttachIndexPartition", {"index": table, "partition": partition}
        case "AttachPartition":
            command = definition["PartitionCmd"]
            fields = {"partition": relation(command["name"]), "bound": bound(command["bound"])}
            return "AttachPartition", {"table": table, **fields}
        case "DetachPartition" | "DetachPartitionFinalize":
            command = definition["PartitionCmd"]
            fields = {
                "partition": relation(command["name"]),
                "concurrently": bool(command.get("concurrent")),
                "finalize": subtype.endswith("Finalize"),
            }
            return "DetachPartition", {"table": table, **fields}
        case "SetRelOptions" | "ResetRelOptions":
            names = options(definition["List"]["items"])
            return "SetOptions", {**of_relation, "option_names": names, "reset": subtype.startswith("Reset")}
        case "SetOptions" | "ResetOptions":
            names = options(definition["List"]["items"])
            reset = subtype.startswith("Reset")
            return "SetColumnOptions", {**of_table, "column": name, "option_names": names, "reset": reset}
        case "ChangeOwner":
            return "SetOwner", {**of_relation, "owner": role(c["newowner"])}
        case "AddInherit" | "DropInherit":
            parent = relation(definition["RangeVar"])
            return "SetInherit", {**of_table, "parent": parent, "inherit": subtype == "AddInherit"}
        case "SetLogged" | "SetUnLogged":
            return "SetLogged", {"table": table, "kind": kind, "logged": subtype == "SetLogged", **common}
        case "SetTableSpace":
            return "SetTablespace", {**of_relation, "tablespace": name}
        case "SetAccessMethod":
            return "SetAccessMethod", {**of_table, "method": name}
        case "ClusterOn" | "DropCluster":
            return "SetCluster", {**of_table, "index": name if subtype == "ClusterOn" else None}
        case "DropOids":
            return "SetWithoutOids", of_table
        case "AddOf" | "DropOf":
            return "SetOfType", of_table
        case "DropExpression" | "DropIdentity":
            return subtype, {**of_table, "column": name, "missing_ok": missing}
        case "ReplicaIdentity":
            inner = definition["ReplicaIdentityStmt"]
            word = {"d": "DEFAULT", "f": "FULL", "n": "NOTHING", "i": "USING INDEX"}[inner["identity_type"]]
            return "SetReplicaIdentity", {**of_table, "identity": word, "index": inner.get("name")}
        case "GenericOptions" | "AlterColumnGenericOptions":
            return "SetForeignOptions", {**of_table, "column": name}
    raise AssertionError(f"no expectation for {subtype}")
