"""SQLAlchemy Core statements (`table.update().where(...)`, `insert(table)`) as row operations."""

from collections.abc import Sequence

from bot.core.expression import Expression
from bot.core.names import Name, truncate
from bot.core.operations import Delete, Insert, Operation, Select, Update
from bot.core.operations.queries import Query
from bot.frameworks.alembic.expressions import NotSql, sql_of
from bot.frameworks.alembic.values import Attribute, Construct, Value
from bot.sql import read_expression

Sent = tuple[Operation, ...]


def core_statement(value: Construct) -> Sequence[Sent] | None:
    """The statement that a chain of calls builds, None where it builds none."""
    chain = list(_chain(value))
    verb = chain[-1]
    table = _table_of(verb)
    if table is None:
        if any(link.short == "select" for link in chain):
            return [(Select(Query("", understood=False)),)]
        return None
    where = _where([link for link in chain if link.short in ("where", "filter")])
    match verb.short:
        case "update":
            return [(Update(table, columns=_assigned(chain), where=where),)]
        case "delete":
            return [(Delete(table, where=where),)]
        case "insert":
            return [(Insert(table, columns=_assigned(chain), rows=_rows(chain)),)]
        case "select":
            return [(Select(Query("", (table,), where=where)),)]
        case _:
            return None


def table_name(value: Value) -> Name | None:
    """The name of a `sa.table(...)` or `sa.Table(...)`."""
    match value:
        case Construct(short="table" | "Table", args=(str() as name, *_), kwargs=kwargs):
            schema = kwargs.get("schema")
            return Name(truncate(name), schema if isinstance(schema, str) else None)
        case _:
            return None


def _chain(value: Construct) -> list[Construct]:
    """The calls from the last to the one that begins the statement."""
    links = [value]
    while isinstance(links[-1].on, Construct) and table_name(links[-1].on) is None:
        links.append(links[-1].on)
    return links


def _table_of(verb: Construct) -> Name | None:
    on_table = table_name(verb.on)
    if on_table is not None:
        return on_table
    return next((name for item in verb.args if (name := table_name(item)) is not None), None)


def _where(links: Sequence[Construct]) -> Expression | None:
    conditions = [item for link in reversed(links) for item in link.args]
    if not conditions:
        return None
    try:
        return read_expression(" AND ".join(f"({sql_of(condition)})" for condition in conditions))
    except NotSql:
        return Expression("(a condition built in Python)", understood=False)


def _assigned(chain: Sequence[Construct]) -> tuple[str, ...]:
    columns: list[str] = []
    for link in chain:
        if link.short != "values":
            continue
        columns += [name for name in link.kwargs if name != "**"]
        for item in link.args:
            first = item[0] if isinstance(item, list | tuple) and item else item
            if isinstance(first, dict):
                columns += [key.short if isinstance(key, Attribute) else str(key) for key in first]
    return tuple(dict.fromkeys(columns))


def _rows(chain: Sequence[Construct]) -> int | None:
    for link in chain:
        if link.short == "values":
            many = link.args[0] if link.args and isinstance(link.args[0], list | tuple) else None
            return len(many) if many is not None else 1
        if link.short == "from_select":
            return None
    return 1
