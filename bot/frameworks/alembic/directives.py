"""Every `op.` and `batch_op.` directive as the statements that Alembic sends for it, in Alembic's order."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.alembic.arguments import Arguments
from bot.frameworks.alembic.columns import (
    Extra,
    column_of,
    columns_of,
    constraint_of,
    foreign_key,
    identity_of,
    is_item,
    name_of,
    optional_text,
    text_of,
)
from bot.frameworks.alembic.core_statements import Tables
from bot.frameworks.alembic.expressions import default_of, sql_of
from bot.frameworks.alembic.indexes import create_index, drop_index, flag, index_of
from bot.frameworks.alembic.types import enum_labels, enum_name, is_enum, type_of
from bot.frameworks.python.values import Call
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic, Unknown, Value
from bot.sql import read_expression, read_index_element, read_statement

_LONGEST_NAME = 63


def directive(name: str, arguments: Arguments) -> Sequence[Operations] | None:
    """The statements, None where the directive is not one of Alembic's. Raises NotStatic."""
    made = _DIRECTIVES.get(name)
    return None if made is None else list(made(arguments))


def _create_table(given: Arguments) -> Iterator[Operations]:
    table = name_of(given.take(0, "table_name"), given.kwargs.get("schema"))
    items = [item for item in given.args[1:] if item is not None]
    unknown = next((item for item in items if not is_item(item)), None)
    if unknown is not None:
        raise NotStatic(unknown.reason if isinstance(unknown, Unknown) else "a part of the table is built at run time")
    columns_given = [item for item in items if item.short == "Column"]
    keys = [item for item in columns_given if item.kwargs.get("primary_key") is True]
    constraints = [constraint_of(item) for item in items if item.short not in ("Column", "Index")]
    only_key = _only_key(keys, constraints)
    made = [column_of(item, table, only_key=_names(item) == only_key) for item in columns_given]
    yield from dict.fromkeys(sent for item in columns_given for sent in _enum_types(item))
    extras = [(column, extra) for column, extra in made]
    table_constraints = [constraint for constraint in constraints if constraint is not None]
    if keys and not any(isinstance(constraint, op.PrimaryKey) for constraint in table_constraints):
        table_constraints.insert(0, op.PrimaryKey(tuple(_names(item) for item in keys)))
    table_constraints += [check for _, extra in extras for check in extra.checks]
    table_constraints.sort(key=lambda one: not isinstance(one, op.PrimaryKey))
    key_columns = {
        name for constraint in table_constraints if isinstance(constraint, op.PrimaryKey) for name in constraint.columns
    }
    table_constraints += [key for _, extra in extras for key in extra.foreign_keys]
    table_constraints += [op.Unique((column.name,)) for column, extra in extras if extra.unique and not extra.index]
    yield (
        op.CreateTable(
            table,
            columns=tuple(_keyed(column, key_columns) for column, _ in made),
            constraints=tuple(table_constraints),
            if_not_exists=given.kwargs.get("if_not_exists") is True,
            persistence=_persistence(given.kwargs.get("prefixes")),
        ),
    )
    yield from _column_indexes(table, extras)
    for item in items:
        if item.short == "Index":
            yield (index_of(item.args[0], table, item.args[1:], item.kwargs),)
    if isinstance(given.kwargs.get("comment"), str):
        yield (op.CommentOn("TABLE", str(table), table, _comment(given.kwargs["comment"])),)
    yield from _column_comments(table, extras)


def _only_key(keys: Sequence[Call], constraints: Sequence[object]) -> str | None:
    """The name of the table's single primary key column, None where there are several or none."""
    names = [_names(item) for item in keys]
    for constraint in constraints:
        if isinstance(constraint, op.PrimaryKey):
            names = list(constraint.columns)
    return names[0] if len(names) == 1 else None


def _names(item: Call) -> str:
    name = item.kwargs.get("name", item.args[0] if item.args else None)
    return truncate(name) if isinstance(name, str) else ""


def _keyed(column: op.Column, keys: set[str]) -> op.Column:
    """SQLAlchemy also writes NOT NULL for a primary key column, wherever the key is declared."""
    if (
        column.name in keys
        and column.identity is None
        and not any(isinstance(one, op.NotNull) for one in column.constraints)
    ):
        return replace(column, constraints=(op.NotNull(column.name), *column.constraints))
    return column


def _persistence(prefixes: Value) -> str:
    words = " ".join(prefixes).upper() if isinstance(prefixes, list | tuple) else ""
    return "temporary" if "TEMP" in words else "unlogged" if "UNLOGGED" in words else "permanent"


def _enum_types(item: Call) -> Iterator[Operations]:
    """create_table creates the enum types of its columns; add_column does not."""
    for value in item.args:
        if not is_enum(value) or value.kwargs.get("create_type") is False:
            continue
        named, labels = enum_name(value), enum_labels(value)
        if named is not None and labels:
            yield (op.CreateEnum(Name(truncate(named[0]), named[1]), labels),)


def _column_indexes(table: Name, made: Sequence[tuple[op.Column, Extra]]) -> Iterator[Operations]:
    for column, extra in made:
        if extra.index:
            element = _element(column.name)
            name = _label(f"ix_{table.schema + '_' if table.schema else ''}{table.name}_{column.name}")
            yield (op.CreateIndex(name, table, (element,), unique=extra.unique),)


def _label(name: str) -> str:
    """A name generated by SQLAlchemy, shortened in its way where it exceeds PostgreSQL's 63 bytes."""
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 8]}_{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[-4:]}"


def _column_comments(table: Name, made: Sequence[tuple[op.Column, Extra]]) -> Iterator[Operations]:
    for column, extra in made:
        if extra.comment is not None:
            yield (op.CommentOn("COLUMN", column.name, table, extra.comment),)


def _element(column: str) -> op.IndexElement:
    return read_index_element(quote(column))


def _drop_table(given: Arguments) -> Iterator[Operations]:
    table = name_of(given.take(0, "table_name"), given.kwargs.get("schema"))
    yield (op.DropTable((table,), if_exists=given.kwargs.get("if_exists") is True),)


def _rename_table(given: Arguments) -> Iterator[Operations]:
    table = name_of(given.take(0, "old_table_name"), given.kwargs.get("schema"))
    yield (op.RenameRelation(table, text_of(given.take(1, "new_table_name"), "new name")),)


def _add_column(given: Arguments) -> Iterator[Operations]:
    table = given.target(0)
    value = given.take(given.after_table(1), "column")
    key = isinstance(value, Call) and value.kwargs.get("primary_key") is True
    column, extra = column_of(value, table, only_key=key)
    inline: list[op.Constraint] = []
    if key and given.kwargs.get("inline_primary_key") is True:
        inline.append(op.PrimaryKey((column.name,)))
    if given.kwargs.get("inline_references") is True and len(extra.foreign_keys) == 1:
        inline += extra.foreign_keys
        extra = replace(extra, foreign_keys=())
    column = replace(column, constraints=(*column.constraints, *inline)) if inline else column
    yield (op.AddColumn(table, column, if_not_exists=given.kwargs.get("if_not_exists") is True),)
    for constraint in extra.foreign_keys:
        yield (op.AddForeignKey(table, constraint),)
    if extra.unique and not extra.index:
        yield (op.AddUnique(table, op.Unique((column.name,))),)
    for check in extra.checks:
        yield (op.AddCheck(table, check),)
    yield from _column_indexes(table, [(column, extra)])
    yield from _column_comments(table, [(column, extra)])


def _drop_column(given: Arguments) -> Iterator[Operations]:
    column = text_of(given.take(given.after_table(1), "column_name"), "column's name")
    yield (op.DropColumn(given.target(0), column, missing_ok=given.kwargs.get("if_exists") is True),)


def _alter_column(given: Arguments) -> Iterator[Operations]:
    """In the order that Alembic sends it: type, nullable, server default, comment, new name."""
    table = given.target(0)
    column = text_of(given.take(given.after_table(1), "column_name"), "column's name")
    kwargs = given.kwargs
    nullable, new_type = kwargs.get("nullable"), kwargs.get("type_")
    if isinstance(nullable, Unknown):
        raise NotStatic(f"whether {column} is nullable is computed at run time")
    if new_type is not None:
        target = type_of(new_type)
        if target is None:
            raise NotStatic(f"the new type of {column} is the application's own")
        using = kwargs.get("postgresql_using")
        yield (
            op.AlterColumnType(table, column, target, read_expression(sql_of(using)) if using is not None else None),
        )
    if isinstance(nullable, bool):
        yield (op.DropNotNull(table, column) if nullable else op.SetNotNull(table, column),)
    default = kwargs.get("server_default", False)
    if default is not False:
        yield from _default(table, column, default, kwargs.get("existing_server_default"))
    if kwargs.get("comment", False) is not False:
        yield (op.CommentOn("COLUMN", column, table, _comment(kwargs["comment"])),)
    new_name = optional_text(kwargs.get("new_column_name", kwargs.get("name")), "new name")
    if new_name is not None:
        yield (op.RenameColumn(table, column, new_name),)


def _default(table: Name, column: str, default: Value, existing: Value) -> Iterator[Operations]:
    match default:
        case Call(short="Identity"):
            identity = identity_of(default)
            if isinstance(existing, Call) and existing.short == "Identity":
                yield (op.SetIdentity(table, column, f"SET GENERATED {'ALWAYS' if identity.always else 'BY DEFAULT'}"),)
            else:
                yield (op.AddIdentity(table, column, identity),)
        case None if isinstance(existing, Call) and existing.short == "Identity":
            yield (op.DropIdentity(table, column),)
        case None:
            yield (op.DropDefault(table, column),)
        case _:
            made = default_of(default)
            yield (op.SetDefault(table, column, made) if made is not None else op.DropDefault(table, column),)


def _create_unique(given: Arguments) -> Iterator[Operations]:
    table = given.target(1)
    columns = columns_of(given.take(given.after_table(2), "columns"))
    yield (
        op.AddUnique(
            table,
            op.Unique(
                columns,
                optional_text(given.take(0, "constraint_name"), "constraint's name"),
                nulls_not_distinct=given.kwargs.get("postgresql_nulls_not_distinct") is True,
                deferrable=given.kwargs.get("deferrable") is True,
                initially_deferred=str(given.kwargs.get("initially") or "").upper() == "DEFERRED",
            ),
        ),
    )


def _create_check(given: Arguments) -> Iterator[Operations]:
    name = optional_text(given.take(0, "constraint_name"), "constraint's name")
    condition = read_expression(sql_of(given.take(given.after_table(2), "condition", "sqltext")))
    check = op.Check(condition, name, not_valid=flag(given.kwargs, "postgresql_not_valid"))
    yield (op.AddCheck(given.target(1), check),)


def _create_primary_key(given: Arguments) -> Iterator[Operations]:
    name = optional_text(given.take(0, "constraint_name"), "constraint's name")
    columns = columns_of(given.take(given.after_table(2), "columns", "cols"))
    yield (op.AddPrimaryKey(given.target(1), op.PrimaryKey(columns, name)),)


def _create_foreign_key(given: Arguments) -> Iterator[Operations]:
    kwargs = given.kwargs
    name = optional_text(given.take(0, "constraint_name"), "constraint's name")
    schema = given.schema if given.in_batch else kwargs.get("source_schema")
    table = name_of(given.table if given.in_batch else given.take(1, "source_table"), schema)
    referent = text_of(given.take(given.after_table(2), "referent_table"), "referenced table")
    local = columns_of(given.take(given.after_table(3), "local_cols"))
    remote = columns_of(given.take(given.after_table(4), "remote_cols"))
    referent_schema = optional_text(kwargs.get("referent_schema"), "schema")
    made = foreign_key(local, [f"x.{column}" for column in remote], kwargs, name)
    target = replace(made, references=Name(referent, referent_schema))
    yield (op.AddForeignKey(table, target),)


def _create_exclude(given: Arguments) -> Iterator[Operations]:
    args = given.args[1:] if given.in_batch else given.args[2:]
    named = {**given.kwargs, "name": given.take(0, "constraint_name")}
    made = constraint_of(Call("sqlalchemy.dialects.postgresql.ExcludeConstraint", tuple(args), named))
    if isinstance(made, op.Exclusion):
        yield (op.AddExclusion(given.target(1), made),)


def _drop_constraint(given: Arguments) -> Iterator[Operations]:
    name = text_of(given.take(0, "constraint_name"), "constraint's name")
    yield (op.DropConstraint(given.target(1), name, missing_ok=given.kwargs.get("if_exists") is True),)


def _table_comment(given: Arguments) -> Iterator[Operations]:
    table = given.target(0)
    yield (op.CommentOn("TABLE", str(table), table, _comment(given.take(given.after_table(1), "comment"))),)


def _drop_table_comment(given: Arguments) -> Iterator[Operations]:
    table = given.target(0)
    yield (op.CommentOn("TABLE", str(table), table, None),)


def _comment(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def bulk_insert(given: Arguments, tables: Tables) -> Sequence[Operations]:
    """Rows are inserted with one INSERT in the driver's batches, or one for each row. Raises NotStatic."""
    table, rows = given.take(0, "table"), given.take(1, "rows")
    name = tables.named(table)
    if name is None:
        raise NotStatic("the table of bulk_insert is not known")
    count = len(rows) if isinstance(rows, list | tuple) and all(known_row(row) for row in rows) else None
    columns = tuple(rows[0]) if count and isinstance(rows[0], dict) else ()
    return [] if count == 0 else [(op.Insert(name, tuple(str(column) for column in columns), rows=count),)]


def known_row(row: Value) -> bool:
    return not isinstance(row, Unknown) or row.reason != "a list built at run time"


def schema_statement(value: Call) -> Sequence[Operations]:
    """`op.execute(CreateSequence(Sequence("x")))` and the like. Raises NotStatic."""
    item = value.args[0] if value.args else value.kwargs.get("element", value.kwargs.get("name"))
    inner = item.args[0] if isinstance(item, Call) and item.args else item
    schema = item.kwargs.get("schema") if isinstance(item, Call) else None
    name = Name(text_of(inner, "name"), optional_text(schema, "schema"))
    optional = value.kwargs.get("if_not_exists") is True or value.kwargs.get("if_exists") is True
    match value.short:
        case "CreateSequence":
            return [read_statement(f"CREATE SEQUENCE {'IF NOT EXISTS ' if optional else ''}{name}")]
        case "DropSequence":
            return [read_statement(f"DROP SEQUENCE {'IF EXISTS ' if optional else ''}{name}")]
        case "CreateSchema":
            return [read_statement(f"CREATE SCHEMA {'IF NOT EXISTS ' if optional else ''}{name}")]
        case "DropSchema":
            cascade = " CASCADE" if value.kwargs.get("cascade") is True else ""
            return [read_statement(f"DROP SCHEMA {'IF EXISTS ' if optional else ''}{name}{cascade}")]
        case _:
            raise NotStatic(f"`{value.short}` takes a constraint that is not in this call")


def create_enum(value: Call) -> Sequence[Operations]:
    """`sa.Enum(...).create(bind)`. Raises NotStatic."""
    named, labels = enum_name(value), enum_labels(value)
    if named is None or labels is None:
        raise NotStatic("an enum type is built at run time")
    return [(op.CreateEnum(Name(truncate(named[0]), named[1]), labels),)]


def drop_enum(value: Call, *, if_exists: bool) -> Sequence[Operations]:
    """`sa.Enum(...).drop(bind)`. Raises NotStatic."""
    named = enum_name(value)
    if named is None:
        raise NotStatic("an enum type is built at run time")
    return [(op.DropType((Name(truncate(named[0]), named[1]),), if_exists=if_exists),)]


_DIRECTIVES: Mapping[str, Callable[[Arguments], Iterator[Operations]]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "create_index": create_index,
    "drop_index": drop_index,
    "create_unique_constraint": _create_unique,
    "create_check_constraint": _create_check,
    "create_primary_key": _create_primary_key,
    "create_foreign_key": _create_foreign_key,
    "create_exclude_constraint": _create_exclude,
    "drop_constraint": _drop_constraint,
    "create_table_comment": _table_comment,
    "drop_table_comment": _drop_table_comment,
}
