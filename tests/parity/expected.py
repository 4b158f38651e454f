"""What the reader must return for a statement, derived from PostgreSQL's own syntax tree.

Each expectation is the name of an operation class and some of its fields; fields not named are not compared.
"""

from collections.abc import Callable
from typing import Any

from tests.parity.alter_nodes import alter_table
from tests.parity.nodes import (
    Node,
    cascades,
    constant,
    data_type,
    elements,
    expression,
    inherits,
    is_on,
    joined,
    relation,
    role,
    tables_read,
    texts,
)
from tests.parity.table_nodes import Expected, column, constraint, create_table, index_elements

_RELATION_KINDS = {
    "OBJECT_TABLE": "TABLE",
    "OBJECT_INDEX": "INDEX",
    "OBJECT_VIEW": "VIEW",
    "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE",
    "OBJECT_TYPE": "TYPE",
}
_PERSISTENCE = {"p": "permanent", "t": "temporary", "u": "unlogged"}


def expected(tree: Node) -> list[Expected] | None:
    """The operations of one statement; None where any one operation will do."""
    kind, node = next(iter(tree.items()))
    read = _READERS.get(kind)
    if read is None:
        return [("Harmless | NoTransaction", {})]
    return read(node)


def _one(kind: str, /, **fields: Any) -> list[Expected]:
    return [(kind, fields)]


def _always(kind: str, /, **fields: Any) -> Callable[[Node], list[Expected]]:
    """The same, whatever else is in the tree."""

    def read(_node: Node) -> list[Expected]:
        return _one(kind, **fields)

    return read


def _query(node: Node) -> dict[str, Any]:
    return {"relations": tables_read(node)}


def _create_index(n: Node) -> list[Expected]:
    return _one(
        "CreateIndex",
        index=n.get("idxname"),
        table=relation(n["relation"]),
        only=not inherits(n["relation"]),
        unique=bool(n.get("unique")),
        concurrently=bool(n.get("concurrent")),
        if_not_exists=bool(n.get("if_not_exists")),
        method=n["accessMethod"],
        elements=index_elements(n["indexParams"]),
        include=[p["IndexElem"].get("name") for p in n.get("indexIncludingParams", [])],
        nulls_not_distinct=bool(n.get("nulls_not_distinct")),
        where=expression(n.get("whereClause")),
        option_names=sorted(o["DefElem"]["defname"] for o in n.get("options", [])),
        tablespace=n.get("tableSpace"),
    )


def _object_name(node: Node) -> str:
    kind, value = next(iter(node.items()))
    match kind:
        case "List":
            return joined(texts(value["items"]))
        case "String":
            return value.get("sval", "")
        case "ObjectWithArgs":
            return joined(texts(value["objname"]))
        case "TypeName":
            return joined([part for part in texts(value["names"]) if part != "pg_catalog"])
    return kind


_DROPPED = {
    "TABLE": ("DropTable", "tables"),
    "FOREIGN_TABLE": ("DropTable", "tables"),
    "INDEX": ("DropIndex", "indexes"),
    "VIEW": ("DropView", "views"),
    "MATVIEW": ("DropView", "views"),
    "SEQUENCE": ("DropSequence", "sequences"),
    "TYPE": ("DropType", "types"),
    "DOMAIN": ("DropType", "types"),
    "SCHEMA": ("DropSchema", "schemas"),
    "EXTENSION": ("DropExtension", "extensions"),
    "FUNCTION": ("DropFunction", "functions"),
    "PROCEDURE": ("DropFunction", "functions"),
    "ROUTINE": ("DropFunction", "functions"),
    "AGGREGATE": ("DropFunction", "functions"),
}
"""The operation, and its field that holds the names."""


def _drop(n: Node) -> list[Expected]:
    kind = n["removeType"].removeprefix("OBJECT_")
    fields: dict[str, Any] = {"if_exists": bool(n.get("missing_ok")), "cascade": cascades(n)}
    if kind in ("TRIGGER", "RULE", "POLICY"):
        return _drop_from_table(n, kind, fields)
    if kind not in _DROPPED:
        return _one("DropObject", **fields)
    operation, names = _DROPPED[kind]
    fields[names] = [_object_name(item) for item in n["objects"]]
    match operation:
        case "DropIndex":
            fields["concurrently"] = bool(n.get("concurrent"))
        case "DropView":
            fields["materialized"] = kind == "MATVIEW"
        case "DropType":
            fields["domain"] = kind == "DOMAIN"
        case "DropFunction":
            fields["kind"] = kind
    return _one(operation, **fields)


def _drop_from_table(n: Node, kind: str, fields: dict[str, Any]) -> list[Expected]:
    parts = texts(n["objects"][0]["List"]["items"])
    if kind == "POLICY":
        fields.pop("cascade")
    return _one(f"Drop{kind.title()}", **{kind.lower(): parts[-1]}, table=joined(parts[:-1]), **fields)


def _rename(n: Node) -> list[Expected]:
    kind = n["renameType"]
    missing = bool(n.get("missing_ok"))
    new = n.get("newname")
    if kind == "OBJECT_COLUMN":
        said = _RELATION_KINDS[n["relationType"]]
        only = not inherits(n["relation"]) if said in ("TABLE", "FOREIGN TABLE") else False
        return _one(
            "RenameColumn",
            table=relation(n["relation"]),
            column=n["subname"],
            to=new,
            kind=said,
            only=only,
            if_exists=missing,
        )
    if kind == "OBJECT_ATTRIBUTE":
        return _one("RenameColumn", table=relation(n["relation"]), column=n["subname"], to=new, kind="TYPE")
    if kind == "OBJECT_TABCONSTRAINT":
        return _one(
            "RenameConstraint",
            table=relation(n["relation"]),
            constraint=n["subname"],
            to=new,
            if_exists=missing,
        )
    if kind == "OBJECT_DOMCONSTRAINT":
        return _one("RenameDomainConstraint", domain=_object_name(n["object"]), constraint=n["subname"], to=new)
    if kind in _RELATION_KINDS and kind != "OBJECT_TYPE":
        return _one(
            "RenameRelation", relation=relation(n["relation"]), to=new, kind=_RELATION_KINDS[kind], if_exists=missing
        )
    if kind == "OBJECT_TRIGGER":
        return _one("RenameTrigger", trigger=n["subname"], table=relation(n["relation"]), to=new)
    if kind == "OBJECT_POLICY":
        return _one("AlterPolicy", policy=n["subname"], table=relation(n["relation"]), rename_to=new)
    if kind == "OBJECT_RULE":
        return _one("RenameRule", rule=n["subname"], table=relation(n["relation"]), to=new)
    return _one("RenameObject", to=new)


def _set_schema(n: Node) -> list[Expected]:
    kind = n["objectType"]
    if kind in _RELATION_KINDS and kind != "OBJECT_TYPE":
        return _one(
            "SetSchema",
            relation=relation(n["relation"]),
            schema=n["newschema"],
            kind=_RELATION_KINDS[kind],
            if_exists=bool(n.get("missing_ok")),
        )
    return _one("Harmless")


def _owner(n: Node) -> list[Expected]:
    return _one("AlterPublication") if n["objectType"] == "OBJECT_PUBLICATION" else _one("Harmless")


def _move_all(n: Node) -> list[Expected]:
    return _one("MoveTablespace", source=n["orig_tablespacename"], tablespace=n["new_tablespacename"])


def _select(n: Node) -> list[Expected]:
    into = _into(n)
    if into is not None:
        return [
            ("CreateTableAs", {"table": relation(into), "persistence": _PERSISTENCE[into["relpersistence"]]}),
            *_written(n),
        ]
    return [("Select | SetSetting", {"query": _query({"SelectStmt": n})}), *_written(n)]


def _into(n: Node) -> Node | None:
    if "intoClause" in n:
        return n["intoClause"]["rel"]
    for side in ("larg", "rarg"):
        if side in n and (found := _into(n[side])) is not None:
            return found
    return None


def _written(node: Any) -> list[Expected]:
    """Data-modifying statements in WITH, anywhere in the statement."""
    found: list[Expected] = []
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            for key, value in item.items():
                if key == "ctequery":
                    kind = next(iter(value))
                    if kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
                        found.append((kind.removesuffix("Stmt"), {"table": relation(value[kind]["relation"])}))
                waiting.append(value)
    return sorted(found, key=str)


def _insert(n: Node) -> list[Expected]:
    conflict = n.get("onConflictClause", {}).get("action", "").removeprefix("ONCONFLICT_") or None
    fields = {
        "table": relation(n["relation"]),
        "columns": [c["ResTarget"]["name"] for c in n.get("cols", [])],
        "on_conflict": conflict,
    }
    lists = n.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists")
    if lists:
        fields["rows"] = len(lists)
    return [("Insert", fields), *_written(n)]


def _update(n: Node) -> list[Expected]:
    where = n.get("whereClause")
    fields: dict[str, Any] = {
        "table": relation(n["relation"]),
        "only": not inherits(n["relation"]),
        "columns": [t["ResTarget"]["name"] for t in n["targetList"]],
    }
    if where is None or "CurrentOfExpr" not in where:
        fields["where"] = expression(where)
    return [("Update", fields), *_written(n)]


def _delete(n: Node) -> list[Expected]:
    where = n.get("whereClause")
    fields: dict[str, Any] = {"table": relation(n["relation"]), "only": not inherits(n["relation"])}
    if where is None or "CurrentOfExpr" not in where:
        fields["where"] = expression(where)
    return [("Delete", fields), *_written(n)]


def _merge(n: Node) -> list[Expected]:
    return [("Merge", {"table": relation(n["relation"])}), *_written(n)]


def _copy(n: Node) -> list[Expected]:
    found: list[Expected] = [("Copy", {"table": relation(n.get("relation")), "to": not n.get("is_from")})]
    if "query" in n and (inner := next(iter(n["query"]))) in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
        found.append((inner.removesuffix("Stmt"), {"table": relation(n["query"][inner]["relation"])}))
    return [*found, *_written(n)]


def _create_as(n: Node) -> list[Expected]:
    into = n["into"]
    target = into["rel"]
    data = not into.get("skipData")
    query = _query(n["query"]) if "SelectStmt" in n["query"] else {}
    if n["objtype"] == "OBJECT_MATVIEW":
        return _one(
            "CreateMaterializedView",
            view=relation(target),
            with_data=data,
            if_not_exists=bool(n.get("if_not_exists")),
            query=query,
        )
    return _one(
        "CreateTableAs",
        table=relation(target),
        with_data=data,
        if_not_exists=bool(n.get("if_not_exists")),
        persistence=_PERSISTENCE[target["relpersistence"]],
        columns=texts(into.get("colNames")),
        query=query,
    )


def _view(n: Node) -> list[Expected]:
    own = relation(n["view"])
    reads = tables_read(n["query"])
    fields: dict[str, Any] = {
        "view": own,
        "or_replace": bool(n.get("replace")),
        "temporary": n["view"]["relpersistence"] == "t",
    }
    if own not in reads:
        fields["query"] = {"relations": reads}
    return _one("CreateView", **fields)


def _truncate(n: Node) -> list[Expected]:
    relations = [r["RangeVar"] for r in n["relations"]]
    return _one(
        "Truncate",
        tables=[relation(r) for r in relations],
        only=[relation(r) for r in relations if not inherits(r)],
        restart_identity=bool(n.get("restart_seqs")),
        cascade=cascades(n),
    )


_LOCKS = (
    "",
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)


def _lock(n: Node) -> list[Expected]:
    relations = [r["RangeVar"] for r in n["relations"]]
    return _one(
        "LockTable",
        tables=[relation(r) for r in relations],
        only=[relation(r) for r in relations if not inherits(r)],
        mode=_LOCKS[n["mode"]],
        nowait=bool(n.get("nowait")),
    )


def _vacuum(n: Node) -> list[Expected]:
    tables = [relation(r["VacuumRelation"].get("relation")) for r in n.get("rels", [])]
    if not n.get("is_vacuumcmd"):
        return _one("Analyze", tables=tables)
    given = elements(n.get("options"))
    on = {name for name, argument in given.items() if is_on(argument)}
    return _one("Vacuum", tables=tables, full="full" in on, analyze="analyze" in on)


def _reindex(n: Node) -> list[Expected]:
    kind = n["kind"].removeprefix("REINDEX_OBJECT_")
    given = elements(n.get("params"))
    target = relation(n["relation"]) if "relation" in n else None
    concurrently = "concurrently" in given and is_on(given["concurrently"])
    return _one("Reindex", kind=kind, target=target, concurrently=concurrently, name=n.get("name") or None)


def _cluster(n: Node) -> list[Expected]:
    return _one("Cluster", table=relation(n.get("relation")), index=n.get("indexname"))


def _refresh(n: Node) -> list[Expected]:
    return _one(
        "RefreshMaterializedView",
        view=relation(n["relation"]),
        concurrently=bool(n.get("concurrent")),
        with_data=not n.get("skipData"),
    )


def _set(n: Node) -> list[Expected]:
    kind = n["kind"]
    if kind == "VAR_SET_MULTI":
        return _one("Harmless")
    name = (n.get("name") or "all").lower()
    fields: dict[str, Any] = {"setting": name, "local": bool(n.get("is_local"))}
    if kind == "VAR_SET_VALUE":
        fields["value"] = ", ".join(constant(a) or "" for a in n["args"])
    elif kind in ("VAR_RESET", "VAR_RESET_ALL", "VAR_SET_DEFAULT"):
        fields["value"] = None
    return _one("SetSetting", **fields)


def _transaction(n: Node) -> list[Expected]:
    kind = n["kind"].removeprefix("TRANS_STMT_")
    chain = bool(n.get("chain"))
    name = n.get("savepoint_name")
    match kind:
        case "BEGIN" | "START":
            return _one("Begin")
        case "COMMIT":
            return _one("Commit", chain=chain, prepared=False)
        case "PREPARE":
            return _one("Commit", prepared=True)
        case "ROLLBACK":
            return _one("Rollback", chain=chain, savepoint=None)
        case "ROLLBACK_TO":
            return _one("Rollback", savepoint=name)
        case "SAVEPOINT":
            return _one("Savepoint", name=name)
        case "RELEASE":
            return _one("ReleaseSavepoint", name=name)
    return _one("NoTransaction")


def _trigger(n: Node) -> list[Expected]:
    timing = n.get("timing", 0)
    bits = n.get("events", 0)
    events = {name for bit, name in ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE"), (32, "TRUNCATE")) if bits & bit}
    return _one(
        "CreateTrigger",
        trigger=n["trigname"],
        table=relation(n["relation"]),
        timing={2: "BEFORE", 64: "INSTEAD OF"}.get(timing, "AFTER"),
        event_set=sorted(events),
        for_each_row=bool(n.get("row")),
        constraint=bool(n.get("isconstraint")),
        or_replace=bool(n.get("replace")),
        function=joined(texts(n["funcname"])),
        columns=texts(n.get("columns")),
        from_table=relation(n.get("constrrel")),
        when=expression(n.get("whenClause")),
    )


def _function(n: Node) -> list[Expected]:
    given = elements(n.get("options"))
    fields: dict[str, Any] = {
        "function": joined(texts(n["funcname"])),
        "procedure": bool(n.get("is_procedure")),
        "or_replace": bool(n.get("replace")),
        "volatility": (constant(given.get("volatility")) or "volatile").upper(),
    }
    if "language" in given:
        fields["language"] = (constant(given["language"]) or "").lower()
    body = given.get("as")
    if body is not None:
        fields["body"] = constant(body["List"]["items"][0])
    modes = [p["FunctionParameter"]["mode"] for p in n.get("parameters", [])]
    fields["arguments"] = sum(mode not in ("FUNC_PARAM_TABLE", "FUNC_PARAM_OUT") for mode in modes)
    return _one("CreateFunction", **fields)


def _do(n: Node) -> list[Expected]:
    given = elements(n.get("args"))
    fields = {"body": constant(given.get("as"))}
    if "language" in given:
        fields["language"] = (constant(given["language"]) or "").lower()
    return _one("Do", **fields)


def _enum(n: Node) -> list[Expected]:
    name = joined(texts(n["typeName"]))
    if "oldVal" in n:
        return _one("RenameEnumValue", type=name, value=n["oldVal"], to=n.get("newVal", ""))
    neighbour = n.get("newValNeighbor")
    return _one(
        "AddEnumValue",
        type=name,
        value=n.get("newVal", ""),
        if_not_exists=bool(n.get("skipIfNewValExists")),
        before=neighbour if not n.get("newValIsAfter") else None,
        after=neighbour if n.get("newValIsAfter") else None,
    )


_DOMAIN_ACTIONS = {
    "N": "DROP NOT NULL",
    "O": "SET NOT NULL",
    "C": "ADD",
    "X": "DROP CONSTRAINT",
    "V": "VALIDATE CONSTRAINT",
}


def _alter_domain(n: Node) -> list[Expected]:
    fields: dict[str, Any] = {"domain": joined(texts(n["typeName"]))}
    letter = n.get("subtype", "T")
    if letter == "T":
        fields["action"] = "SET DEFAULT" if "def" in n else "DROP DEFAULT"
        fields["default"] = expression(n.get("def"))
    elif letter == "C":
        inner = n["def"]["Constraint"]
        fields["action"] = "ADD NOT NULL" if inner["contype"] == "CONSTR_NOTNULL" else "ADD CONSTRAINT"
        fields["constraint"] = inner.get("conname")
        if inner["contype"] == "CONSTR_CHECK":
            fields["check"] = {"not_valid": bool(inner.get("skip_validation"))}
    else:
        fields.update(action=_DOMAIN_ACTIONS[letter], constraint=n.get("name"), missing_ok=bool(n.get("missing_ok")))
    return _one("AlterDomain", **fields)


def _create_domain(n: Node) -> list[Expected]:
    found = [c["Constraint"] for c in n.get("constraints", [])]
    return _one(
        "CreateDomain",
        domain=joined(texts(n["domainname"])),
        type=data_type(n["typeName"]),
        not_null=any(c["contype"] == "CONSTR_NOTNULL" for c in found),
        checks=[constraint(c) for c in found if c["contype"] == "CONSTR_CHECK"],
    )


def _sequence(n: Node) -> list[Expected]:
    return _one(
        "CreateSequence",
        sequence=relation(n["sequence"]),
        if_not_exists=bool(n.get("if_not_exists")),
        temporary=n["sequence"]["relpersistence"] == "t",
    )


def _policy(n: Node) -> list[Expected]:
    return _one(
        "CreatePolicy",
        policy=n["policy_name"],
        table=relation(n["table"]),
        permissive=bool(n.get("permissive")),
        command=n["cmd_name"].upper(),
        using=expression(n.get("qual")),
        with_check=expression(n.get("with_check")),
        roles=[role(r["RoleSpec"]) for r in n.get("roles", [])] if _says_roles(n) else [],
    )


def _says_roles(n: Node) -> bool:
    found = n.get("roles", [])
    return not (len(found) == 1 and found[0]["RoleSpec"].get("location", -1) == -1)


def _grant(n: Node) -> list[Expected]:
    kind = n["objtype"].removeprefix("OBJECT_")
    fields: dict[str, Any] = {"revoke": not n.get("is_grant")}
    if n["targtype"] == "ACL_TARGET_ALL_IN_SCHEMA":
        fields["all_in_schema"] = texts(n["objects"])
        fields["kind"] = kind
    elif kind in ("TABLE", "SEQUENCE"):
        fields["relations"] = [relation(o["RangeVar"]) for o in n["objects"]]
        fields["kind"] = kind
    return _one("Grant", **fields)


def _comment(n: Node) -> list[Expected]:
    fields: dict[str, Any] = {"text": n.get("comment") if "comment" in n else None}
    if n["objtype"] == "OBJECT_TABLE":
        fields["relation"] = joined(texts(n["object"]["List"]["items"]))
    if n["objtype"] == "OBJECT_COLUMN":
        parts = texts(n["object"]["List"]["items"])
        fields.update(kind="COLUMN", name=parts[-1], relation=joined(parts[:-1]))
    if "comment" not in n:
        fields.pop("text")
    return _one("CommentOn", **fields)


def _explain(n: Node) -> list[Expected] | None:
    given = elements(n.get("options"))
    if "analyze" in given and is_on(given["analyze"]):
        return expected(n["query"])
    return _one("Harmless")


def _schema(n: Node) -> list[Expected] | None:
    if n.get("schemaElts"):
        return None
    fields: dict[str, Any] = {"if_not_exists": bool(n.get("if_not_exists"))}
    if "schemaname" in n:
        fields["schema"] = n["schemaname"]
    return _one("CreateSchema", **fields)


def _statistics(n: Node) -> list[Expected]:
    fields: dict[str, Any] = {"statistics": joined(texts(n["defnames"])) if "defnames" in n else None}
    if len(n["relations"]) == 1 and "RangeVar" in n["relations"][0]:
        fields["table"] = relation(n["relations"][0]["RangeVar"])
    return _one("CreateStatistics", **fields)


_READERS: dict[str, Callable[[Node], list[Expected] | None]] = {
    "AlterTableStmt": alter_table,
    "CreateStmt": create_table,
    "IndexStmt": _create_index,
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _set_schema,
    "AlterOwnerStmt": _owner,
    "AlterTableMoveAllStmt": _move_all,
    "SelectStmt": _select,
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "MergeStmt": _merge,
    "CopyStmt": _copy,
    "CreateTableAsStmt": _create_as,
    "ViewStmt": _view,
    "TruncateStmt": _truncate,
    "LockStmt": _lock,
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "ClusterStmt": _cluster,
    "RefreshMatViewStmt": _refresh,
    "VariableSetStmt": _set,
    "TransactionStmt": _transaction,
    "CreateTrigStmt": _trigger,
    "CreateFunctionStmt": _function,
    "DoStmt": _do,
    "AlterEnumStmt": _enum,
    "AlterDomainStmt": _alter_domain,
    "CreateDomainStmt": _create_domain,
    "CreateSeqStmt": _sequence,
    "AlterSeqStmt": lambda n: _one(
        "AlterSequence", sequence=relation(n["sequence"]), if_exists=bool(n.get("missing_ok"))
    ),
    "CreatePolicyStmt": _policy,
    "AlterPolicyStmt": lambda n: _one("AlterPolicy", policy=n["policy_name"], table=relation(n["table"])),
    "GrantStmt": _grant,
    "CommentStmt": _comment,
    "ExplainStmt": _explain,
    "CreateSchemaStmt": _schema,
    "DefineStmt": _always("Harmless"),
    "CreateEnumStmt": lambda n: _one("CreateEnum", type=joined(texts(n["typeName"])), labels=texts(n.get("vals"))),
    "CreateRangeStmt": lambda n: _one("CreateRange", type=joined(texts(n["typeName"]))),
    "CompositeTypeStmt": lambda n: _one(
        "CreateComposite",
        type=relation(n["typevar"]),
        attributes=[column(c["ColumnDef"]) for c in n.get("coldeflist", [])],
    ),
    "CreateExtensionStmt": lambda n: _one(
        "CreateExtension", extension=n["extname"], if_not_exists=bool(n.get("if_not_exists"))
    ),
    "CreatePLangStmt": _always("Harmless"),
    "CreatePublicationStmt": lambda n: _one("AlterPublication", publication=n["pubname"], action="CREATE"),
    "AlterPublicationStmt": lambda n: _one("AlterPublication", publication=n["pubname"]),
    "CreateStatsStmt": _statistics,
    "RuleStmt": lambda n: _one(
        "CreateRule",
        rule=n["rulename"],
        table=relation(n["relation"]),
        instead=bool(n.get("instead")),
        or_replace=bool(n.get("replace")),
    ),
    "CallStmt": lambda n: _one("CallFunction", function=joined(texts(n["funccall"]["funcname"]))),
    "CreateForeignTableStmt": lambda n: _one(
        "CreateForeignTable", table=relation(n["base"]["relation"]), server=n["servername"]
    ),
    "DeclareCursorStmt": lambda n: _one("Select", query=_query(n["query"])),
    "ExecuteStmt": _always("Unread"),
    "DropOwnedStmt": lambda n: _one("OwnedBy", action="DROP", cascade=cascades(n)),
    "ReassignOwnedStmt": _always("OwnedBy", action="REASSIGN"),
    "CreatedbStmt": _always("NoTransaction"),
    "DropdbStmt": _always("NoTransaction"),
    "AlterSystemStmt": _always("NoTransaction"),
}
