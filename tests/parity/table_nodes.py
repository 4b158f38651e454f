"""Expectations for tables: CREATE TABLE, columns, constraints, index elements, bounds."""

from typing import Any

from tests.parity.nodes import (
    Node,
    action,
    data_type,
    expression,
    joined,
    options,
    relation,
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
    columns: list[dict[str, Any]] = []
    constraints: list[dict[str, Any]] = []
    likes: list[dict[str, Any]] = []
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
    fields: dict[str, Any] = {
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
