"""Active Record's schema statements for constraints."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import truncate
from bot.frameworks.rails.calls import SchemaCall
from bot.frameworks.rails.columns import flag, foreign_key_of, name_in, names_in
from bot.frameworks.rails.inflections import singularized
from bot.frameworks.rails.naming import check_name, exclusion_name, foreign_key_name, table_name, unique_name
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import NotStatic
from bot.sql import read_constraint, read_expression


def _add_foreign_key(given: SchemaCall) -> Iterator[Operations]:
    key = foreign_key_of(given.table, given.at(1, "referenced table"), given.options)
    yield (op.AddForeignKey(table_name(given.table), key),)


def _foreign_key_in(given: SchemaCall) -> str:
    """The name of the foreign key that the arguments mean."""
    name = given.options.get("name")
    if name is not None:
        return truncate(name_in(name, "foreign key's name"))
    column = given.options.get("column")
    if column is None:
        to = given.value(1) if given.value(1) is not None else given.options.get("to_table")
        column = f"{singularized(name_in(to, 'referenced table').rpartition('.')[2])}_id"
    return foreign_key_name(given.table, "_and_".join(names_in(column, "foreign key's column")))


def _remove_foreign_key(given: SchemaCall) -> Iterator[Operations]:
    yield (
        op.DropConstraint(table_name(given.table), _foreign_key_in(given), missing_ok=flag(given.options, "if_exists")),
    )


def _validate_foreign_key(given: SchemaCall) -> Iterator[Operations]:
    yield (op.ValidateConstraint(table_name(given.table), _foreign_key_in(given)),)


def _add_check(given: SchemaCall) -> Iterator[Operations]:
    expression = given.at(1, "condition")
    name = given.options.get("name")
    named = truncate(name_in(name, "constraint's name")) if name is not None else check_name(given.table, expression)
    not_valid = given.options.get("validate") is False
    yield (op.AddCheck(table_name(given.table), op.Check(read_expression(expression), named, not_valid=not_valid)),)


def _check_in(given: SchemaCall) -> str:
    name = given.options.get("name")
    if name is not None:
        return truncate(name_in(name, "constraint's name"))
    expression = given.value(1) if given.value(1) is not None else given.options.get("expression")
    return check_name(given.table, name_in(expression, "condition"))


def _remove_check(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropConstraint(table_name(given.table), _check_in(given), missing_ok=flag(given.options, "if_exists")),)


def _validate_check(given: SchemaCall) -> Iterator[Operations]:
    yield (op.ValidateConstraint(table_name(given.table), _check_in(given)),)


def _validate_constraint(given: SchemaCall) -> Iterator[Operations]:
    yield (op.ValidateConstraint(table_name(given.table), truncate(given.at(1, "constraint's name"))),)


def _add_unique(given: SchemaCall) -> Iterator[Operations]:
    options = given.options
    columns = names_in(given.value(1), "columns") if given.value(1) is not None else []
    name, index, deferrable = options.get("name"), options.get("using_index"), options.get("deferrable")
    named = truncate(name_in(name, "constraint's name")) if name is not None else unique_name(given.table, columns)
    yield (
        op.AddUnique(
            table_name(given.table),
            op.Unique(
                () if index is not None else tuple(truncate(column) for column in columns),
                named,
                nulls_not_distinct=flag(options, "nulls_not_distinct"),
                using_index=truncate(name_in(index, "index's name")) if index is not None else None,
                deferrable=bool(deferrable),
                initially_deferred=deferrable == "deferred",
            ),
        ),
    )


def _remove_unique(given: SchemaCall) -> Iterator[Operations]:
    name = given.options.get("name")
    columns = names_in(given.value(1), "columns") if given.value(1) is not None else []
    named = truncate(name_in(name, "constraint's name")) if name is not None else unique_name(given.table, columns)
    yield (op.DropConstraint(table_name(given.table), named),)


def _add_exclusion(given: SchemaCall) -> Iterator[Operations]:
    expression, options = given.at(1, "expression"), given.options
    where, using, deferrable = options.get("where"), options.get("using"), options.get("deferrable")
    parts = ["EXCLUDE", f"USING {using}" if isinstance(using, str) else "", f"({expression})"]
    parts += [f"WHERE ({where})"] if isinstance(where, str) else []
    constraint = read_constraint(" ".join(part for part in parts if part))
    if not isinstance(constraint, op.Exclusion):
        raise NotStatic("the expression of the exclusion constraint cannot be read")
    name = options.get("name")
    named = name_in(name, "constraint's name") if name is not None else exclusion_name(given.table, expression)
    constraint = replace(
        constraint, name=truncate(named), deferrable=bool(deferrable), initially_deferred=deferrable == "deferred"
    )
    yield (op.AddExclusion(table_name(given.table), constraint),)


def _remove_exclusion(given: SchemaCall) -> Iterator[Operations]:
    name, expression = given.options.get("name"), given.value(1)
    named = (
        truncate(name_in(name, "constraint's name"))
        if name is not None
        else exclusion_name(given.table, name_in(expression, "expression"))
    )
    yield (op.DropConstraint(table_name(given.table), named),)


def _change_foreign_key(given: SchemaCall) -> Iterator[Operations]:
    enforced = flag(given.options, "enforced")
    yield (op.AlterConstraint(table_name(given.table), _foreign_key_in(given), enforced=enforced),)


CONSTRAINT_STATEMENTS: Mapping[str, Callable[[SchemaCall], Iterator[Operations]]] = {
    "add_foreign_key": _add_foreign_key,
    "remove_foreign_key": _remove_foreign_key,
    "validate_foreign_key": _validate_foreign_key,
    "add_check_constraint": _add_check,
    "remove_check_constraint": _remove_check,
    "validate_check_constraint": _validate_check,
    "validate_constraint": _validate_constraint,
    "add_unique_constraint": _add_unique,
    "add_unique_key": _add_unique,
    "remove_unique_constraint": _remove_unique,
    "remove_unique_key": _remove_unique,
    "add_exclusion_constraint": _add_exclusion,
    "remove_exclusion_constraint": _remove_exclusion,
    "change_foreign_key": _change_foreign_key,
}
