"""Queries and changes of rows as SQL, where the operation keeps everything in them."""

import re

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.reading import read_query, read_statement
from bot.sql.writing.parts import Unwritable, Writers, parenthesised, unkept, words

# The qualifier of a column: not the schema of a function or of a cast's type.
_QUALIFIER = re.compile(r"(?<!::)(?<![\w$\"])(\w++|\"[^\"]*+\")\s*\.\s*(?:\w++|\"[^\"]*+\")(?!\s*[(.])")
_SUBQUERY = re.compile(r"\(\s*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)


def select(operation: op.Select) -> str:
    return operation.query.text


def insert(operation: op.Insert) -> str:
    """INSERT of a query. Raises Unwritable for rows of constants, and for what ON CONFLICT updates."""
    query = operation.query
    if query is None or operation.on_conflict not in (None, "NOTHING"):
        raise unkept(operation)
    if set(read_query(query.text).relations) != set(query.relations):
        raise Unwritable("the WITH of the INSERT is not kept")
    conflict = "\nON CONFLICT DO NOTHING" if operation.on_conflict else ""
    return f"{words(f'INSERT INTO {operation.table}', parenthesised(operation.columns))}\n{query.text}{conflict}"


def change_rows(change: op.Update | op.Delete, *conditions: str) -> str:
    """The UPDATE or DELETE, with further conditions. Raises Unwritable where WITH, FROM, USING or an alias is lost."""
    if change.by_application:
        raise Unwritable("the application changes these rows, not SQL")
    if isinstance(change, op.Update) and not change.assignments:
        raise Unwritable("what the UPDATE assigns is not kept")
    verb = words("UPDATE" if isinstance(change, op.Update) else "DELETE FROM", "ONLY" if change.only else None)
    where = [f"({change.where.text})" if conditions else change.where.text] if change.where else []
    written = _clauses(
        f"{verb} {change.table}",
        f"SET {change.assignments}" if isinstance(change, op.Update) else "",
        f"WHERE {' AND '.join([*where, *conditions])}" if where or conditions else "",
    )
    _reads_the_same(change, written)
    _knows_its_names(change)
    return written


def _reads_the_same(change: op.Update | op.Delete, written: str) -> None:
    """FROM, USING and WITH are not kept: without them other tables are read."""
    (again,) = read_statement(written)[:1]
    if not isinstance(again, op.Update | op.Delete) or set(again.reads) != set(change.reads):
        raise Unwritable("which other tables it reads, and how, is not kept")


def _knows_its_names(change: op.Update | op.Delete) -> None:
    """The table's alias is not kept, so nothing may use it."""
    assigned = change.assignments if isinstance(change, op.Update) else ""
    text = _CONSTANT.sub("''", f"{assigned} {change.where.text if change.where else ''}")
    if _SUBQUERY.search(text):
        return
    table = change.table
    known = {table.name, quote(table.name), table.schema, quote(table.schema or ""), "pg_catalog", '"pg_catalog"'}
    for qualifier in _QUALIFIER.findall(text):
        if qualifier not in known and not qualifier.isdigit():
            raise Unwritable(f"what {qualifier} refers to is not kept")


def _clauses(*clauses: str) -> str:
    """On one line where that is short, else one clause per line."""
    written = [clause for clause in clauses if clause]
    single = " ".join(written)
    return single if len(single) <= 100 and "\n" not in single else "\n".join(written)


WRITERS: Writers = {
    op.Select: select,
    op.Insert: insert,
    op.Update: change_rows,
    op.Delete: change_rows,
}
