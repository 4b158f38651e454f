"""Compares the reader with PostgreSQL's parser."""

import dataclasses
import re
from enum import Enum
from typing import Any

import postgast
from google.protobuf.json_format import MessageToDict

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.sql import read_statement
from bot.sql.text.splitter import cut
from tests.parity.expected import Expected, expected
from tests.parity.nodes import SYNTAX_CALLS


def parse(sql: str) -> list[dict[str, Any]] | None:
    """PostgreSQL's syntax trees of the text, None where it rejects it."""
    try:
        found = postgast.parse(sql)
    except postgast.PgQueryError:
        # libpg_query trips over comments where PostgreSQL does not (WITH /* */ TIME ZONE).
        blank = _without_comments(sql)
        if blank == sql:
            return None
        try:
            found = postgast.parse(blank)
        except postgast.PgQueryError:
            return None
    return [item["stmt"] for item in MessageToDict(found).get("stmts", [])]


def _without_comments(sql: str) -> str:
    for start, end in reversed(cut(sql, psql=False).comments):
        sql = sql[:start] + " " + sql[end:]
    return sql


def disagreement(sql: str) -> str:
    """How the reader differs from PostgreSQL on one statement, "" where it does not."""
    trees = parse(sql)
    operations = read_statement(sql)
    return difference(trees, operations)


def difference(trees: list[dict[str, Any]] | None, operations: tuple[op.Operation, ...]) -> str:
    unread = [operation.reason for operation in operations if isinstance(operation, op.Unread)]
    if trees is None or len(trees) != 1:
        return "" if unread else f"PostgreSQL rejects it, read as {[type(o).__name__ for o in operations]}"
    wanted = expected(trees[0])
    if wanted is None:
        return f"unread: {unread[0]}" if unread else ""
    if unread and wanted[0][0] != "Unread":
        return f"unread: {unread[0]}"
    return _differs(wanted, operations)


def _differs(wanted: list[Expected], operations: tuple[op.Operation, ...]) -> str:
    if len(wanted) != len(operations):
        return f"{len(wanted)} operations wanted, {len(operations)} read"
    if len(wanted) > 1 and wanted[0][0] in ("Insert", "Update", "Delete", "Merge", "Select | SetSetting"):
        operations = (operations[0], *sorted(operations[1:], key=_order))
    for (kind, fields), operation in zip(wanted, operations, strict=True):
        if type(operation).__name__ not in kind.split(" | "):
            return f"{kind} wanted, {type(operation).__name__} read"
        if kind == "Select | SetSetting" and type(operation).__name__ == "SetSetting":
            continue
        found = _fields(fields, plain(operation), type(operation).__name__)
        if found:
            return found
    return ""


def _order(operation: op.Operation) -> str:
    return str((type(operation).__name__, {"table": plain(operation).get("table")}))


def _fields(wanted: Any, found: Any, where: str) -> str:
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            return f"{where}: {wanted!r:.80} wanted, {found!r:.80} read"
        for key, value in wanted.items():
            if key not in found:
                return f"{where}.{key} is missing"
            inner = _fields(value, found[key], f"{where}.{key}")
            if inner:
                return inner
        return ""
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for item, other in zip(wanted, found, strict=True):
            inner = _fields(item, other, f"{where}[]")
            if inner:
                return inner
        return ""
    return "" if wanted == found else f"{where}: {wanted!r:.80} wanted, {found!r:.80} read"


def plain(value: Any) -> Any:
    """An operation as dictionaries, lists and texts, with the few fields that only the comparison has."""
    match value:
        case Name():
            return value.name if value.schema is None else f"{value.schema}.{value.name}"
        case Type():
            return _type(value)
        case Expression():
            return _expression(value)
        case Enum():
            return value.value
        case tuple():
            return [plain(item) for item in value]
    return _fields_of(value) if dataclasses.is_dataclass(value) else value


def _fields_of(value: Any) -> dict[str, Any]:
    fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    fields["class"] = type(value).__name__
    if "options" in fields and isinstance(fields["options"], list):
        fields["option_names"] = sorted(name for name, _ in fields["options"])
    if "events" in fields:
        fields["event_set"] = sorted(fields["events"])
    if "stored" in fields:
        fields["really_stored"] = fields["stored"] is True
    if "lower" in fields:
        fields["value_count"], fields["lower_count"] = len(fields["values"]), len(fields["lower"])
    if "relations" in fields:
        fields["relations"] = sorted(set(fields["relations"])) if "text" in fields else fields["relations"]
    return fields


def _type(value: Type) -> str:
    name = value.name if value.schema is None else f"{value.schema}.{value.name}"
    given: list[str] = [] if name == "interval" else [_modifier(part) for part in value.modifiers]
    return name + (f"({','.join(given)})" if given else "") + "[]" * value.dimensions


def _modifier(text: str) -> str:
    return text.lower().strip("\"'") if re.fullmatch(r"[\w.'\"-]+", text) else "(...)"


def _expression(value: Expression) -> dict[str, Any]:
    calls = [
        f"{plain(call.function)}/{call.arguments}" for call in value.calls if call.function.name not in SYNTAX_CALLS
    ]
    return {"calls": sorted(calls), "columns": sorted(reference.column for reference in value.columns)}
