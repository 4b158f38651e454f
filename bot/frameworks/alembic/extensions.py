"""Directives that alembic_utils and alembic-postgresql-enum add to `op`, as the SQL that those packages send.

Facts from alembic_utils 0.8 (`to_sql_statement_*`) and alembic-postgresql-enum 1.11 (`sync_enum_values`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.frameworks.alembic.columns import text_of
from bot.frameworks.python.values import Call
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import RUN_TIME, NotStatic, Value
from bot.sql import read_expression, read_script, read_statement

_DEFAULT = re.compile(r"(?<!\s)\s++default\s++[^,)]*+", re.IGNORECASE)
_ON = re.compile(r"\bON\s+(?:[\w\"]+\.)?(?=[\w\"])", re.IGNORECASE)


def extension_directive(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Sequence[Operations] | None:
    """The statements, None where no package known here has this directive. Raises NotStatic."""
    if name == "sync_enum_values":
        return list(_sync_enum_values(args, kwargs))
    made = _ENTITIES.get(name)
    if made is None:
        return None
    entity = args[0] if args else kwargs.get("entity", kwargs.get("target"))
    if not isinstance(entity, Call) or not entity.short.startswith("PG"):
        raise NotStatic(f"the argument of `{name}` is not in this file")
    cascade = " CASCADE" if kwargs.get("cascade") is True else ""
    sql = made(entity, cascade)
    if RUN_TIME in sql:
        raise NotStatic("a part of its definition is put together at run time")
    return [statement.operations for statement in read_script(sql).statements]


def _field(entity: Call, position: int, name: str) -> str:
    value = entity.args[position] if position < len(entity.args) else entity.kwargs.get(name)
    if isinstance(value, Call) and value.args:
        value = value.args[0]
    if not isinstance(value, str):
        raise NotStatic(f"the {name} of `{entity.short}` is computed at run time")
    return value.replace("\\:", ":")


def _create(entity: Call, _cascade: str = "") -> str:
    schema = quote(_field(entity, 0, "schema"))
    signature = _field(entity, 1, "signature") if entity.short != "PGGrantTable" else ""
    match entity.short:
        case "PGFunction":
            return f"CREATE FUNCTION {schema}.{signature} {_field(entity, 2, 'definition')}"
        case "PGTrigger":
            constraint = " CONSTRAINT" if entity.kwargs.get("is_constraint") is True else ""
            definition = _ON.sub(f"ON {schema}.", _field(entity, 2, "definition"), count=1)
            return f"CREATE{constraint} TRIGGER {quote(signature)} {definition}"
        case "PGView":
            return f"CREATE VIEW {schema}.{quote(signature)} AS {_field(entity, 2, 'definition')}"
        case "PGMaterializedView":
            definition = _field(entity, 2, "definition").rstrip().rstrip(";")
            data = "NO DATA" if entity.kwargs.get("with_data") is False else "DATA"
            return f"CREATE MATERIALIZED VIEW {schema}.{quote(signature)} AS {definition} WITH {data}"
        case "PGExtension":
            return f"CREATE EXTENSION {quote(signature)} WITH SCHEMA {schema}"
        case "PGPolicy":
            table = f"{schema}.{_field(entity, 3, 'on_entity').rpartition('.')[2]}"
            return f"CREATE POLICY {signature} ON {table} {_field(entity, 2, 'definition')}"
        case _:
            raise NotStatic(f"`{entity.short}` is not read")


def _drop(entity: Call, cascade: str) -> str:
    schema, signature = quote(_field(entity, 0, "schema")), _field(entity, 1, "signature")
    match entity.short:
        case "PGFunction":
            return f"DROP FUNCTION {schema}.{_DEFAULT.sub('', signature)}{cascade}"
        case "PGTrigger":
            on = entity.kwargs.get("on_entity", entity.args[3] if len(entity.args) > 3 else None)
            if not isinstance(on, str):
                raise NotStatic("the trigger's table is computed at run time")
            return f"DROP TRIGGER {quote(signature)} ON {schema}.{on.rpartition('.')[2]}{cascade}"
        case "PGView":
            return f"DROP VIEW {schema}.{quote(signature)}{cascade}"
        case "PGMaterializedView":
            return f"DROP MATERIALIZED VIEW {schema}.{quote(signature)}{cascade}"
        case "PGExtension":
            return f"DROP EXTENSION {quote(signature)}{cascade}"
        case "PGPolicy":
            return f"DROP POLICY {signature} ON {schema}.{_field(entity, 3, 'on_entity').rpartition('.')[2]}{cascade}"
        case _:
            raise NotStatic(f"`{entity.short}` is not read")


def _replace(entity: Call, cascade: str) -> str:
    made = _create(entity)
    if entity.short in ("PGFunction", "PGView"):
        return made.replace("CREATE ", "CREATE OR REPLACE ", 1)
    return f"{_drop(entity, cascade)};\n{made}"


_ENTITIES: Mapping[str, Callable[[Call, str], str]] = {
    "create_entity": _create,
    "drop_entity": _drop,
    "replace_entity": _replace,
}


def _sync_enum_values(args: Sequence[Value], kwargs: Mapping[str, Value]) -> Iterator[Operations]:
    """The type is created again and every column that has it is rewritten."""
    names = ("enum_schema", "enum_name", "new_values", "affected_columns", "enum_values_to_rename")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    schema, name = text_of(given.get("enum_schema"), "type's schema"), text_of(given.get("enum_name"), "type's name")
    labels, columns = given.get("new_values"), given.get("affected_columns")
    if not isinstance(labels, list | tuple) or not all(isinstance(one, str) for one in labels):
        raise NotStatic("the values of the type are computed at run time")
    if not isinstance(columns, list | tuple):
        raise NotStatic("the columns of the type are computed at run time")
    old = f"{name}_old"
    yield read_statement(f"ALTER TYPE {Name(name, schema)} RENAME TO {quote(old)}")
    yield (op.CreateEnum(Name(name, schema), tuple(labels)),)
    for column in columns:
        table, attribute, array = _reference(column, schema)
        using = f"{quote(attribute)}::text{array}::{Name(name, schema)}{array}"
        kind = Type(name, schema, dimensions=1 if array else 0)
        yield (op.AlterColumnType(table, attribute, kind, read_expression(using)),)
    yield (op.DropType((Name(old, schema),)),)


def _reference(column: Value, schema: str) -> tuple[Name, str, str]:
    """Table, column and "[]" for an array of the type."""
    match column:
        case Call(short="TableReference", args=args, kwargs=kwargs):
            given = {**dict(zip(("table_name", "column_name", "table_schema", "column_type"), args, strict=False))}
            given |= kwargs
            where = given.get("table_schema") or schema
            array = "[]" if getattr(given.get("column_type"), "short", "") == "ARRAY" else ""
            table = Name(text_of(given.get("table_name"), "table's name"), text_of(where, "schema"))
            return table, text_of(given.get("column_name"), "column's name"), array
        case [table, attribute, *rest]:
            array = "[]" if rest and getattr(rest[0], "short", "") == "ARRAY" else ""
            return Name(text_of(table, "table's name"), schema), text_of(attribute, "column's name"), array
        case _:
            raise NotStatic("the columns of the type are computed at run time")
