"""Active Record's schema statements as the statements that its PostgreSQL adapter sends, in its order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.rails.calls import SchemaCall
from bot.frameworks.rails.columns import (
    after_column,
    column_of,
    comment_on,
    default_of,
    flag,
    index_of,
    name_in,
    names_in,
    reference_of,
    set_default,
    timestamp_columns,
)
from bot.frameworks.rails.constraint_statements import CONSTRAINT_STATEMENTS
from bot.frameworks.rails.naming import foreign_key_name, index_name, join_table_name, table_name
from bot.frameworks.rails.types import type_of
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Value
from bot.sql import read_expression

__all__ = ["SchemaCall", "is_schema_statement", "schema_statement"]


def is_schema_statement(method: str) -> bool:
    """Whether Active Record has a schema statement of that name."""
    return method in _STATEMENTS


def schema_statement(method: str, given: SchemaCall) -> Sequence[Operations] | None:
    """The statements of one call, None where the method is not a schema statement. Raises NotStatic."""
    made = _STATEMENTS.get(method)
    return None if made is None else list(made(given))


def _add_column(given: SchemaCall) -> Iterator[Operations]:
    table, name = table_name(given.table), given.at(1, "column's name")
    column = column_of(name, given.value(2), given.options, given.version)
    yield (op.AddColumn(table, column, if_not_exists=flag(given.options, "if_not_exists")),)
    yield from comment_on(table, name, given.options)


def _add_columns(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    for one in given.args[1:]:
        column = column_of(name_in(one, "column's name"), given.options.get("type"), given.options, given.version)
        yield (op.AddColumn(table, column),)


def _remove_column(given: SchemaCall) -> Iterator[Operations]:
    column = truncate(given.at(1, "column's name"))
    yield (op.DropColumn(table_name(given.table), column, missing_ok=flag(given.options, "if_exists")),)


def _remove_columns(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    yield tuple(op.DropColumn(table, truncate(name_in(one, "column's name"))) for one in given.args[1:])


def _timestamps(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    yield tuple(op.AddColumn(table, column) for column in timestamp_columns(given.options, given.version))


def _remove_timestamps(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    yield (op.DropColumn(table, "updated_at"), op.DropColumn(table, "created_at"))


def _change_column(given: SchemaCall) -> Iterator[Operations]:
    """One ALTER TABLE: the type, then the default and NOT NULL where the options have them."""
    table, name = table_name(given.table), truncate(given.at(1, "column's name"))
    kind, spoken = _type_and_using(given.at(2, "new type"))
    target = type_of(kind, given.options, given.version)
    if target is None:
        raise NotStatic(f"the new type of {name} is not known")
    using, cast, collation = (given.options.get(option) for option in ("using", "cast_as", "collation"))
    expression = str(using) if isinstance(using, str) else spoken
    if expression is None and isinstance(cast, str):
        expression = f"CAST({quote(name)} AS {type_of(cast, {}, given.version) or cast})"
    actions: list[op.Operation] = [
        op.AlterColumnType(
            table,
            name,
            target,
            read_expression(expression) if expression else None,
            Name(collation) if isinstance(collation, str) else None,
        )
    ]
    before: list[Operations] = []
    if "default" in given.options:
        actions += set_default(table, name, given.options["default"], kind)
    if "null" in given.options:
        nullable, default = given.options["null"], given.options.get("default")
        if given.version < 5.2:
            before = _filled(table, name, nullable, default)
        actions.append(_nullability(table, name, nullable))
    if given.version >= 5.2:
        yield tuple(actions)
    else:
        yield from ((action,) for action in actions if not isinstance(action, op.SetNotNull | op.DropNotNull))
        yield from before
        yield from ((action,) for action in actions if isinstance(action, op.SetNotNull | op.DropNotNull))
    yield from comment_on(table, name, given.options)


def _type_and_using(kind: str) -> tuple[str, str | None]:
    """`"uuid USING id::uuid"`, as it was written before there was an option for it."""
    parts = re.split(r"\bUSING\b", kind, maxsplit=1, flags=re.IGNORECASE)
    return parts[0].strip(), parts[1].strip() if len(parts) > 1 else None


def _change_column_null(given: SchemaCall) -> Iterator[Operations]:
    """With a default, the rows that are NULL are updated first, in one statement."""
    table, name, nullable, default = (
        table_name(given.table),
        truncate(given.at(1, "column's name")),
        given.value(2),
        given.value(3),
    )
    change = _nullability(table, name, nullable)
    yield from _filled(table, name, nullable, default)
    yield (change,)


def _filled(table: Name, name: str, nullable: Value, default: Value) -> list[Operations]:
    """The UPDATE before SET NOT NULL where a default is given."""
    if nullable is not False or default is None:
        return []
    value = default_of(default)
    assigned = f"{quote(name)} = {value.text}" if value is not None else ""
    return [(op.Update(table, (name,), read_expression(f"{quote(name)} IS NULL"), assignments=assigned),)]


def _nullability(table: Name, name: str, nullable: Value) -> op.SetNotNull | op.DropNotNull:
    if not isinstance(nullable, bool):
        raise NotStatic(f"whether {name} is nullable is computed at run time")
    return op.DropNotNull(table, name) if nullable else op.SetNotNull(table, name)


def _change_column_default(given: SchemaCall) -> Iterator[Operations]:
    value = given.options["to"] if "to" in given.options else given.value(2)
    if value is None and given.options and "to" not in given.options:
        value = dict(given.options)
    yield set_default(table_name(given.table), truncate(given.at(1, "column's name")), value)


def _change_comment(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    comment = given.options["to"] if "to" in given.options else given.value(2)
    text = str(comment) if isinstance(comment, str) else None
    yield (op.CommentOn("COLUMN", truncate(given.at(1, "column's name")), table, text),)


def _change_table_comment(given: SchemaCall) -> Iterator[Operations]:
    table, comment = table_name(given.table), given.options["to"] if "to" in given.options else given.value(1)
    yield (op.CommentOn("TABLE", str(table), table, str(comment) if isinstance(comment, str) else None),)


def _rename_column(given: SchemaCall) -> Iterator[Operations]:
    names = truncate(given.at(1, "column's name")), truncate(given.at(2, "new name"))
    yield (op.RenameColumn(table_name(given.table), *names),)


def _rename_table(given: SchemaCall) -> Iterator[Operations]:
    """Active Record also renames the primary key's index and sequence, and indexes that it named, if they exist: each
    for a moment, under the lock that the rename of the table needs anyway; the file does not show which exist."""
    yield (op.RenameRelation(table_name(given.table), truncate(given.at(1, "new name").rpartition(".")[2])),)


def _rename_index(given: SchemaCall) -> Iterator[Operations]:
    index = Name(truncate(given.at(1, "index's name")), table_name(given.table).schema)
    yield (op.RenameRelation(index, truncate(given.at(2, "new name")), "INDEX"),)


def _add_index(given: SchemaCall) -> Iterator[Operations]:
    index = index_of(given.table, given.value(1), given.options, given.version)
    yield (index,)
    comment = given.options.get("comment")
    if isinstance(comment, str) and index.index is not None:
        name = Name(index.index, index.table.schema)
        yield (op.CommentOn("INDEX", str(name), None, str(comment)),)


def _remove_index(given: SchemaCall) -> Iterator[Operations]:
    table, options = given.table, given.options
    name = options.get("name")
    columns = given.value(1) if given.value(1) is not None else options.get("column")
    if name is None:
        name = index_name(table, names_in(columns, "index's columns"), given.version)
    qualified = table_name(name_in(name, "index's name"))
    index = Name(qualified.name, qualified.schema or table_name(table).schema)
    concurrently = str(options.get("algorithm") or "").lower() == "concurrently"
    yield (op.DropIndex((index,), concurrently, flag(options, "if_exists"), table=table_name(table)),)


def _add_reference(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    made = reference_of(given.table, given.at(1, "reference"), given.options, given.version)
    columns: list[Operations] = [
        (op.AddColumn(table, column, if_not_exists=flag(given.options, "if_not_exists")),) for column in made.columns
    ]
    yield from after_column(table, made, columns)


def _remove_reference(given: SchemaCall) -> Iterator[Operations]:
    table, name = table_name(given.table), given.at(1, "reference")
    key = given.options.get("foreign_key")
    if key:
        column = key.get("column", f"{name}_id") if isinstance(key, dict) else f"{name}_id"
        named = key.get("name") if isinstance(key, dict) else None
        constraint = named or foreign_key_name(given.table, name_in(column, "column"))
        yield (op.DropConstraint(table, truncate(name_in(constraint, "foreign key's name"))),)
    missing_ok = flag(given.options, "if_exists")
    yield (op.DropColumn(table, truncate(f"{name}_id"), missing_ok=missing_ok),)
    if given.options.get("polymorphic"):
        yield (op.DropColumn(table, truncate(f"{name}_type"), missing_ok=missing_ok),)


def _drop_table(given: SchemaCall) -> Iterator[Operations]:
    tables = [table_name(name_in(one, "table's name")) for one in given.args]
    cascade = given.options.get("force") == "cascade"
    if not tables:
        raise NotStatic("the table's name is missing")
    yield (op.DropTable(tuple(tables), flag(given.options, "if_exists"), cascade),)


def _drop_join_table(given: SchemaCall) -> Iterator[Operations]:
    name = given.options.get("table_name")
    table = name_in(name, "table's name") if name is not None else join_table_name(given.table, given.at(1, "table"))
    yield (
        op.DropTable((table_name(table),), flag(given.options, "if_exists"), given.options.get("force") == "cascade"),
    )


def _truncate_tables(given: SchemaCall) -> Iterator[Operations]:
    yield (op.Truncate(tuple(table_name(name_in(one, "table's name")) for one in given.args)),)


def _create_enum(given: SchemaCall) -> Iterator[Operations]:
    labels = given.value(1)
    yield (op.CreateEnum(table_name(given.at(0, "type's name")), tuple(names_in(labels, "labels"))),)


def _drop_enum(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropType((table_name(given.at(0, "type's name")),), if_exists=flag(given.options, "if_exists")),)


def _rename_enum(given: SchemaCall) -> Iterator[Operations]:
    to = given.options.get("to", given.value(1))
    yield (op.RenameObject("TYPE", table_name(given.at(0, "type's name")), name_in(to, "new name")),)


def _add_enum_value(given: SchemaCall) -> Iterator[Operations]:
    before, after = given.options.get("before"), given.options.get("after")
    yield (
        op.AddEnumValue(
            table_name(given.at(0, "type's name")),
            given.at(1, "value"),
            name_in(before, "value") if before is not None else None,
            name_in(after, "value") if after is not None else None,
            flag(given.options, "if_not_exists"),
        ),
    )


def _rename_enum_value(given: SchemaCall) -> Iterator[Operations]:
    old, new = given.options.get("from"), given.options.get("to")
    yield (op.RenameEnumValue(table_name(given.at(0, "type's name")), name_in(old, "value"), name_in(new, "value")),)


def _enable_extension(given: SchemaCall) -> Iterator[Operations]:
    yield (op.CreateExtension(given.at(0, "extension").rpartition(".")[2], if_not_exists=True),)


def _disable_extension(given: SchemaCall) -> Iterator[Operations]:
    cascade = given.version < 7.1 or given.options.get("force") == "cascade"
    yield (op.DropExtension((given.at(0, "extension").rpartition(".")[2],), if_exists=True, cascade=cascade),)


def _create_schema(given: SchemaCall) -> Iterator[Operations]:
    if given.options.get("force"):
        yield (op.DropSchema((given.at(0, "schema"),), if_exists=True, cascade=True),)
    yield (op.CreateSchema(given.at(0, "schema"), flag(given.options, "if_not_exists")),)


def _drop_schema(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropSchema((given.at(0, "schema"),), flag(given.options, "if_exists"), cascade=True),)


def _rename_schema(given: SchemaCall) -> Iterator[Operations]:
    yield (op.RenameObject("SCHEMA", Name(truncate(given.at(0, "schema"))), truncate(given.at(1, "new name"))),)


_STATEMENTS: Mapping[str, Callable[[SchemaCall], Iterator[Operations]]] = {
    **CONSTRAINT_STATEMENTS,
    "add_column": _add_column,
    "add_columns": _add_columns,
    "remove_column": _remove_column,
    "remove_columns": _remove_columns,
    "add_timestamps": _timestamps,
    "remove_timestamps": _remove_timestamps,
    "change_column": _change_column,
    "change_column_null": _change_column_null,
    "change_column_default": _change_column_default,
    "change_column_comment": _change_comment,
    "change_table_comment": _change_table_comment,
    "rename_column": _rename_column,
    "rename_table": _rename_table,
    "rename_index": _rename_index,
    "add_index": _add_index,
    "remove_index": _remove_index,
    "add_reference": _add_reference,
    "add_belongs_to": _add_reference,
    "remove_reference": _remove_reference,
    "remove_belongs_to": _remove_reference,
    "drop_table": _drop_table,
    "truncate_tables": _truncate_tables,
    "truncate": _truncate_tables,
    "create_enum": _create_enum,
    "drop_enum": _drop_enum,
    "rename_enum": _rename_enum,
    "add_enum_value": _add_enum_value,
    "rename_enum_value": _rename_enum_value,
    "enable_extension": _enable_extension,
    "disable_extension": _disable_extension,
    "create_schema": _create_schema,
    "drop_schema": _drop_schema,
    "rename_schema": _rename_schema,
    "drop_join_table": _drop_join_table,
}
