"""Queries and changes of rows as SQL, where the operation keeps all that they say."""

import re

from bot.core.names import quote
from bot.core.operations import Delete, Insert, Operation, Select, Update
from bot.sql.literals import Unwritable, parenthesised, words

_QUALIFIER = re.compile(r"(\w+|\"[^\"]*\")\s*\.\s*[\w\"]")
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)


def write_rows(operation: Operation) -> str | None:
    """SELECT, INSERT, UPDATE and DELETE; None for what is none of these or cannot be written."""
    match operation:
        case Select(query=query):
            return query.text
        case Insert(table=table, columns=columns, query=query, on_conflict=None | "NOTHING") if query is not None:
            conflict = "\nON CONFLICT DO NOTHING" if operation.on_conflict else ""
            return f"{words(f'INSERT INTO {table}', parenthesised(columns))}\n{query.text}{conflict}"
        case Update() | Delete():
            return write_change(operation)
        case _:
            return None


def write_change(change: Update | Delete, *conditions: str) -> str:
    """The UPDATE or DELETE, with further conditions. Raises Unwritable where FROM, USING or an alias is lost."""
    _only_its_own_names(change)
    verb = words("UPDATE" if isinstance(change, Update) else "DELETE FROM", "ONLY" if change.only else None)
    where = [f"({change.where.text})" if conditions else change.where.text] if change.where else []
    return _clauses(
        f"{verb} {change.table}",
        f"SET {change.assignments}" if isinstance(change, Update) else "",
        f"WHERE {' AND '.join([*where, *conditions])}" if where or conditions else "",
    )


def _only_its_own_names(change: Update | Delete) -> None:
    """FROM, USING, WITH and the table's alias are not kept: what they name must not be needed."""
    if change.by_application:
        raise Unwritable("the application changes these rows, not SQL")
    if isinstance(change, Update) and not change.assignments:
        raise Unwritable("what the UPDATE assigns is not kept")
    assigned = change.assignments if isinstance(change, Update) else ""
    text = _CONSTANT.sub("''", f"{assigned} {change.where.text if change.where else ''}")
    for name in change.reads:
        if name != change.table and not re.search(rf"\b{re.escape(name.name)}\b", text):
            raise Unwritable(f"how it reads {name} is not kept")
    known = {change.table.name, quote(change.table.name), change.table.schema, quote(change.table.schema or "")}
    if re.search(r"\bFROM\b", text, re.IGNORECASE):
        return
    strange = [
        qualifier for qualifier in _QUALIFIER.findall(text) if qualifier not in known and not qualifier.isdigit()
    ]
    if strange:
        raise Unwritable(f"what {strange[0]} stands for is not kept")


def _clauses(*clauses: str) -> str:
    """On one line where that is short, else a clause a line."""
    said = [clause for clause in clauses if clause]
    single = " ".join(said)
    return single if len(single) <= 100 and "\n" not in single else "\n".join(said)
