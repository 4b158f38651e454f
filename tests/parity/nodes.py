"""Small readings of libpg_query's syntax tree, shared by the expectations."""

from collections.abc import Callable
from typing import Any

Node = dict[str, Any]

SYNTAX_CALLS = frozenset(
    """
    extract overlay position substring btrim ltrim rtrim normalize timezone pg_collation_for xmlexists is_normalized
    like_escape system_user similar_to_escape merge_action overlaps similar_escape
    """.split()
)
"""Functions with a syntax of the standard; the two sides name them differently, so neither counts them."""

_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "": "NO ACTION"}


def text(node: Node) -> str:
    return node["String"].get("sval", "") if "String" in node else "*"


def texts(nodes: list[Node] | None) -> list[str]:
    return [text(node) for node in nodes or []]


def joined(parts: list[str]) -> str:
    """schema.name of the last two parts."""
    return ".".join(parts[-2:])


def relation(node: Node | None) -> str | None:
    if not node:
        return None
    return joined([part for part in (node.get("schemaname"), node.get("relname")) if part])


def inherits(node: Node) -> bool:
    return bool(node.get("inh"))


def constant(node: Node | None) -> str | None:
    """The value of a constant, name or type as text; None for another node."""
    if node is None:
        return None
    kind, value = next(iter(node.items()))
    read = _CONSTANTS.get(kind)
    return read(value) if read is not None else None


def _literal(value: Node) -> str:
    """A_Const holds its value under the name of its kind."""
    if value.get("isnull"):
        return "null"
    for field, kind in (("sval", "String"), ("ival", "Integer"), ("fval", "Float"), ("boolval", "Boolean")):
        if field in value:
            return constant({kind: value[field]}) or ""
    return ""


def _boolean(value: Node) -> str:
    return "true" if value.get("boolval") else "false"


_CONSTANTS: dict[str, Callable[[Node], str | None]] = {
    "A_Const": _literal,
    "String": lambda value: value.get("sval", ""),
    "Integer": lambda value: str(value.get("ival", 0)),
    "Float": lambda value: value.get("fval", ""),
    "Boolean": _boolean,
    "TypeName": lambda value: ".".join(texts(value["names"])),
    "TypeCast": lambda value: constant(value["arg"]),
    "ColumnRef": lambda value: ".".join(texts(value["fields"])),
    "List": lambda value: ".".join(texts(value.get("items"))),
}


def data_type(node: Node | None) -> str | None:
    """A type as the comparison writes it: name(modifiers)[]."""
    if not node:
        return None
    names = texts(node["names"])
    if len(names) > 1 and names[-2] == "pg_catalog":
        names = names[-1:]
    name = joined(names)
    modifiers: list[str] = [] if name == "interval" else [_modifier(item) for item in node.get("typmods", [])]
    shown = name + (f"({','.join(modifiers)})" if modifiers else "")
    return shown + "[]" * len(node.get("arrayBounds", []))


def _modifier(node: Node) -> str:
    value = constant(node)
    return value.lower() if value is not None else "(...)"


def expression(node: Any) -> dict[str, Any] | None:
    """Calls, with their number of arguments, and columns of an expression."""
    if node is None:
        return None
    calls: list[str] = []
    columns: list[str] = []
    _collect(node, calls, columns)
    return {"calls": sorted(calls), "columns": sorted(columns)}


def _collect(node: Any, calls: list[str], columns: list[str]) -> None:
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            for kind, value in item.items():
                if kind == "FuncCall":
                    names = texts(value["funcname"])
                    if value.get("funcformat") != "COERCE_SQL_SYNTAX" and names[-1] not in SYNTAX_CALLS:
                        calls.append(f"{joined(names)}/{len(value.get('args', []))}")
                elif kind == "SQLValueFunction":
                    calls.append(value["op"].removeprefix("SVFOP_").removesuffix("_N").lower() + "/0")
                elif kind == "ColumnRef":
                    name = text(value["fields"][-1]) if "A_Star" not in value["fields"][-1] else None
                    if name is not None:
                        columns.append(name)
                waiting.append(value)


def action(letter: str | None) -> str:
    return _ACTIONS[letter or "a"]


def options(nodes: list[Node] | None) -> list[str]:
    """The names of options."""
    found = []
    for node in nodes or []:
        element = node["DefElem"]
        space = element.get("defnamespace")
        found.append(f"{space}.{element['defname']}" if space else element["defname"])
    return sorted(found)


def elements(nodes: list[Node] | None) -> dict[str, Node | None]:
    """Options by name."""
    return {node["DefElem"]["defname"]: node["DefElem"].get("arg") for node in nodes or []}


def is_on(argument: Node | None) -> bool:
    return argument is None or constant(argument) not in ("false", "off", "0", "no")


def cascades(node: Node) -> bool:
    return node.get("behavior") == "DROP_CASCADE"


def role(node: Node | None) -> str | None:
    if not node:
        return None
    kind = node.get("roletype", "")
    words = {
        "ROLESPEC_CURRENT_USER": "current_user",
        "ROLESPEC_SESSION_USER": "session_user",
        "ROLESPEC_CURRENT_ROLE": "current_role",
        "ROLESPEC_PUBLIC": "public",
    }
    return words.get(kind, node.get("rolename"))


def tables_read(node: Any) -> list[str]:
    """Relations that a query reads, common table expressions left out as their scope says."""
    found: set[str] = set()
    _tables(node, frozenset(), found)
    return sorted(found)


def _tables(node: Any, hidden: frozenset[str], found: set[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _tables(item, hidden, found)
        return
    if not isinstance(node, dict):
        return
    if "withClause" in node:
        hidden = _with(node["withClause"], hidden, found)
    for kind, value in node.items():
        if kind == "RangeVar":
            name = relation(value)
            if name is not None and not ("schemaname" not in value and name in hidden):
                found.add(name)
        elif kind not in ("withClause", "intoClause", "lockingClause"):
            _tables(value, hidden, found)


def _with(clause: Node, hidden: frozenset[str], found: set[str]) -> frozenset[str]:
    ctes = [item["CommonTableExpr"] for item in clause["ctes"]]
    if clause.get("recursive"):
        hidden |= {cte["ctename"] for cte in ctes}
    for cte in ctes:
        _tables(cte["ctequery"], hidden, found)
        hidden |= {cte["ctename"]}
    return hidden
