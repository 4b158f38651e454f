"""Indexes created and dropped, with the options of SQLAlchemy's PostgreSQL dialect."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.alembic.arguments import Arguments
from bot.frameworks.alembic.columns import columns_of, optional_text, text_of
from bot.frameworks.alembic.expressions import sql_of
from bot.frameworks.python.values import Attribute, Call
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Unknown, Value
from bot.sql import read_expression, read_index_element


def create_index(given: Arguments) -> Iterator[Operations]:
    name = given.take(0, "index_name")
    table = given.target(1)
    columns = given.take(given.after_table(2), "columns")
    if not isinstance(columns, list | tuple):
        raise NotStatic("the columns of the index are computed at run time")
    yield (index_of(name, table, columns, given.kwargs),)


def index_of(name: Value, table: Name, columns: Sequence[Value], kwargs: Mapping[str, Value]) -> op.CreateIndex:
    classes = kwargs.get("postgresql_ops")
    elements = []
    for column in columns:
        text = quote(truncate(column)) if isinstance(column, str) else _expression_text(column)
        label = column if isinstance(column, str) else getattr(column, "short", "")
        operator_class = classes.get(label) if isinstance(classes, dict) else None
        elements.append(read_index_element(f"{text} {operator_class}" if isinstance(operator_class, str) else text))
    where, method = kwargs.get("postgresql_where"), kwargs.get("postgresql_using")
    include = kwargs.get("postgresql_include")
    return op.CreateIndex(
        optional_text(name, "index's name"),
        table,
        tuple(elements),
        unique=kwargs.get("unique") is True,
        concurrently=flag(kwargs, "postgresql_concurrently"),
        if_not_exists=kwargs.get("if_not_exists") is True,
        method=method.lower() if isinstance(method, str) else "btree",
        include=columns_of(include) if include is not None else (),
        nulls_not_distinct=kwargs.get("postgresql_nulls_not_distinct") is True,
        where=read_expression(sql_of(where)) if where is not None else None,
        options=_options(kwargs.get("postgresql_with")),
        tablespace=optional_text(kwargs.get("postgresql_tablespace"), "tablespace"),
    )


def flag(kwargs: Mapping[str, Value], name: str) -> bool:
    value = kwargs.get(name)
    if isinstance(value, Unknown):
        raise NotStatic(f"{name} is computed at run time")
    return value is True


def _options(value: Value) -> tuple[tuple[str, str | None], ...]:
    return tuple((str(key), str(item)) for key, item in value.items()) if isinstance(value, dict) else ()


_BARE = ("desc", "asc", "nullslast", "nulls_last", "nullsfirst", "nulls_first", "text", "literal_column")


def _expression_text(value: Value) -> str:
    """An expression of an index: functions bare, everything else in parentheses, as SQLAlchemy prints it."""
    text = sql_of(value)
    bare = isinstance(value, Call) and (value.short in _BARE or ".func." in value.name)
    return text if bare or isinstance(value, Attribute) or value.short == "column" else f"({text})"


def drop_index(given: Arguments) -> Iterator[Operations]:
    name = text_of(given.take(0, "index_name"), "index's name")
    schema = optional_text(given.schema if given.in_batch else given.kwargs.get("schema"), "schema")
    on = given.table if given.in_batch else given.take(1, "table_name")
    yield (
        op.DropIndex(
            (Name(name, schema),),
            concurrently=flag(given.kwargs, "postgresql_concurrently"),
            if_exists=given.kwargs.get("if_exists") is True,
            table=Name(truncate(on), schema) if isinstance(on, str) else None,
        ),
    )
