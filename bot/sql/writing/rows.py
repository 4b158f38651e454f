"""Queries and changes of rows as SQL, where the operation keeps everything in them."""

import re

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.reading import read_statement
from bot.sql.writing.parts import Unwritable, Writers, parenthesised, unkept, words

# The qualifier of a column: not the schema of a function or of a cast's type.
_QUALIFIER = re.compile(r"(?<!::)(?<![\w$\"])(\w++|\"[^\"]*+\")\s*\.\s*(?:\w++|\"[^\"]*+\")(?!\s*[(.])")
_SUBQUERY = re.compile(r"\(\s*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_CONSTANT = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)


def select(operation: op.Select) -> str:
    return operation.query.text


def insert(operation: op.Insert) -> str:
    """INSERT of a query. Raises Unwritable for rows of constants."""
    query = operation.query
    if query is None or (operation.on_conflict is not None and not operation.conflict):
        raise unkept(operation)
    written = f"{insert_head(operation)}\n{query.text}" + (f"\n{operation.conflict}" if operation.conflict else "")
    (again,) = read_statement(written)[:1]
    if not isinstance(again, op.Insert) or again.query is None or set(again.query.relations) != set(query.relations):
        raise Unwritable("the WITH of the INSERT is not kept")
    return written


def insert_head(operation: op.Insert) -> str:
    """An INSERT up to where its query begins."""
    alias = f"AS {quote(operation.alias)}" if operation.alias else None
    overriding = f"OVERRIDING {operation.overriding} VALUE" if operation.overriding else None
    return words(f"INSERT INTO {operation.table}", alias, parenthesised(operation.columns), overriding)


def change_rows(change: op.Update | op.Delete) -> str:
    """The UPDATE or DELETE. Raises Unwritable where the operation does not keep all of it."""
    before, after = around_target(change)
    where = f" WHERE {change.where.text}" if change.where else ""
    single = f"{before}{target(change)}{after}{where}"
    if len(single) <= 100 and "\n" not in single:
        return single
    return f"{before}{target(change)}\n{after.strip()}\n{where.strip()}".replace("\n\n", "\n").rstrip()


def target(change: op.Update | op.Delete) -> str:
    """The table that is changed, as the statement names it."""
    alias = f"AS {quote(change.alias)}" if change.alias else None
    return words("ONLY" if change.only else None, str(change.table), alias)


def around_target(change: op.Update | op.Delete) -> tuple[str, str]:
    """What stands before the name of the table, and after it up to WHERE. Raises Unwritable."""
    if change.by_application:
        raise Unwritable("the application changes these rows, not SQL")
    if isinstance(change, op.Update) and not change.assignments:
        raise Unwritable("what the UPDATE assigns is not kept")
    verb = "UPDATE" if isinstance(change, op.Update) else "DELETE FROM"
    before = f"{words(change.queries, verb)} "
    if isinstance(change, op.Update):
        after = words(f" SET {change.assignments}", f"FROM {change.sources}" if change.sources else None)
    else:
        after = f" USING {change.sources}" if change.sources else ""
    where = f" WHERE {change.where.text}" if change.where else ""
    _reads_the_same(change, f"{before}{target(change)}{after}{where}")
    if change.alias is None and not change.sources:
        _knows_its_names(change)
    return before, after


def _reads_the_same(change: op.Update | op.Delete, written: str) -> None:
    """What an operation does not keep, such as a WITH that changes rows, reads other tables."""
    (again,) = read_statement(written)[:1]
    if not isinstance(again, op.Update | op.Delete) or set(again.reads) != set(change.reads):
        raise Unwritable("which other tables it reads, and how, is not kept")


def _knows_its_names(change: op.Update | op.Delete) -> None:
    """Where no alias is kept, nothing may use one."""
    assigned = change.assignments if isinstance(change, op.Update) else ""
    text = _CONSTANT.sub("''", f"{assigned} {change.where.text if change.where else ''}")
    if _SUBQUERY.search(text):
        return
    table = change.table
    known = {table.name, quote(table.name), table.schema, quote(table.schema or ""), "pg_catalog", '"pg_catalog"'}
    for qualifier in _QUALIFIER.findall(text):
        if qualifier not in known and not qualifier.isdigit():
            raise Unwritable(f"what {qualifier} refers to is not kept")


WRITERS: Writers = {
    op.Select: select,
    op.Insert: insert,
    op.Update: change_rows,
    op.Delete: change_rows,
}
