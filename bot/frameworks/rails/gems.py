"""Helpers that gems add to migrations: online_migrations, pg_ha_migrations, nandi, scenic, fx and a few more."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.rails.calls import SchemaCall, SentPart, parts
from bot.frameworks.rails.columns import column_of, flag, name_in, names_in, reference_of
from bot.frameworks.rails.naming import check_name, index_name, table_name
from bot.frameworks.rails.schema_statements import schema_statement
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import Value
from bot.sql import read_expression

_LATER = frozenset(
    """enqueue_background_data_migration enqueue_background_migration enqueue_background_schema_migration
    ensure_background_data_migration_succeeded ensure_background_migration_succeeded
    ensure_background_schema_migration_succeeded remove_background_data_migration remove_background_migration
    remove_background_schema_migration add_index_in_background remove_index_in_background
    validate_foreign_key_in_background validate_constraint_in_background run_background_migration
    perform_action_on_relation_in_background set_lock_timeout set_statement_timeout irreversible_migration""".split()
)


def gem_call(method: str, given: SchemaCall) -> list[SentPart] | None:
    """The statements of a gem's helper, None where it is not one. Raises NotStatic."""
    if method in _LATER or method.endswith("_in_background"):
        return parts([(op.Harmless("work queued for later"),)])
    made = _HELPERS.get(method)
    return parts(made(given)) if made is not None else None


def _again(statement: str, given: SchemaCall, **options: Value) -> Iterator[Operations]:
    yield from schema_statement(statement, SchemaCall(given.args, {**given.options, **options}, given.version)) or ()


def _checked(given: SchemaCall, expression: str, name: str, *, validate: bool) -> Iterator[Operations]:
    table = table_name(given.table)
    yield (op.AddCheck(table, op.Check(read_expression(expression), name, not_valid=True)),)
    if validate:
        yield (op.ValidateConstraint(table, name),)


def _validates(given: SchemaCall) -> bool:
    return flag(given.options, "validate", default=True)


def _named(given: SchemaCall, kind: str) -> str:
    name = given.options.get("name")
    if name is not None:
        return truncate(name_in(name, "constraint's name"))
    return check_name(given.table, f"{given.at(1, 'column')}_{kind}")


def _add_text_limit(given: SchemaCall) -> Iterator[Operations]:
    column, limit = given.at(1, "column's name"), given.value(2)
    expression = f"char_length({quote(column)}) <= {limit if isinstance(limit, int) else 255}"
    yield from _checked(given, expression, _named(given, "max_length"), validate=_validates(given))


def _validate_text_limit(given: SchemaCall) -> Iterator[Operations]:
    yield (op.ValidateConstraint(table_name(given.table), _named(given, "max_length")),)


def _remove_text_limit(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropConstraint(table_name(given.table), _named(given, "max_length")),)


def _add_not_null(given: SchemaCall) -> Iterator[Operations]:
    expression = f"{quote(given.at(1, 'column'))} IS NOT NULL"
    yield from _checked(given, expression, _named(given, "not_null"), validate=_validates(given))


def _validate_not_null(given: SchemaCall) -> Iterator[Operations]:
    yield (op.ValidateConstraint(table_name(given.table), _named(given, "not_null")),)


def _remove_not_null(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropConstraint(table_name(given.table), _named(given, "not_null")),)


def _add_reference_concurrently(given: SchemaCall) -> Iterator[Operations]:
    """Columns, then the index concurrently, then the foreign key NOT VALID, then VALIDATE."""
    table, options = table_name(given.table), given.options
    name = given.at(1, "reference")
    made = reference_of(given.table, name, {"index": True, **options}, max(given.version, 5.1))
    for column in made.columns:
        yield (op.AddColumn(table, column),)
    if made.index is not None:
        yield from _concurrently(made.index)
    key = options.get("foreign_key")
    if made.foreign_key is not None:
        details = key if isinstance(key, dict) else {}
        given_key = {"column": f"{name}_id", **details, "validate": False}
        to = made.foreign_key.references
        yield from (
            schema_statement("add_foreign_key", SchemaCall((given.table, str(to)), given_key, given.version)) or ()
        )
        if details.get("validate") is not False and made.foreign_key.name is not None:
            yield (op.ValidateConstraint(table, made.foreign_key.name),)


def _concurrently(index: op.CreateIndex) -> Iterator[Operations]:
    yield (replace(index, concurrently=True),)


def _update_in_batches(given: SchemaCall) -> Iterator[Operations]:
    column = truncate(given.at(1, "column's name"))
    yield (op.Update(table_name(given.table), (column,), batched=True, by_application=True),)


def _update_columns_in_batches(given: SchemaCall) -> Iterator[Operations]:
    pairs = given.value(1)
    columns = tuple(truncate(str(pair[0])) for pair in pairs if isinstance(pair, list) and pair) if pairs else ()
    yield (op.Update(table_name(given.table), columns, batched=True, by_application=True),)


def _add_column_with_default(given: SchemaCall) -> Iterator[Operations]:
    column = column_of(given.at(1, "column's name"), given.value(2), given.options, given.version)
    yield (op.AddColumn(table_name(given.table), column),)


def _swap_column_names(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    one, other = truncate(given.at(1, "column's name")), truncate(given.at(2, "column's name"))
    yield (op.RenameColumn(table, one, f"{one}_tmp"),)
    yield (op.RenameColumn(table, other, one),)
    yield (op.RenameColumn(table, f"{one}_tmp", other),)


def _rename_with_view(given: SchemaCall) -> Iterator[Operations]:
    """The table gets another name, and a view with both column names gets the table's name."""
    table = table_name(given.table)
    hidden = truncate(f"{table.name}_column_rename")
    yield (op.RenameRelation(table, hidden),)
    yield (op.CreateView(table, op.Query("", (Name(hidden, table.schema),), understood=False)),)


def _finish_rename_with_view(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(given.table)
    hidden = Name(truncate(f"{table.name}_column_rename"), table.schema)
    yield (op.DropView((table,)),)
    yield (op.RenameRelation(hidden, table.name),)
    if len(given.args) > 2:
        old, new = truncate(given.at(1, "column's name")), truncate(given.at(2, "new name"))
        yield (op.RenameColumn(table, old, new),)


def _rename_table_with_view(given: SchemaCall) -> Iterator[Operations]:
    table, to = table_name(given.table), truncate(given.at(1, "new name"))
    yield (op.RenameRelation(table, to),)
    yield (op.CreateView(table, op.Query("", (Name(to, table.schema),), understood=False)),)


def _drop_renaming_view(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropView((table_name(given.table),)),)


def _change_type_begins(given: SchemaCall) -> Iterator[Operations]:
    table, column = table_name(given.table), truncate(given.at(1, "column's name"))
    new = truncate(f"{column}_for_type_change")
    yield (op.AddColumn(table, column_of(new, given.value(2), given.options, given.version)),)
    trigger = f"trigger_{new}"
    yield (op.CreateTrigger(trigger, table, "BEFORE", ("INSERT", "UPDATE"), Name(trigger), for_each_row=True),)


def _change_type_fills(given: SchemaCall) -> Iterator[Operations]:
    column = truncate(f"{given.at(1, 'column')}_for_type_change")
    yield (op.Update(table_name(given.table), (column,), batched=True, by_application=True),)


def _change_type_ends(given: SchemaCall) -> Iterator[Operations]:
    table, column = table_name(given.table), truncate(given.at(1, "column's name"))
    new = truncate(f"{column}_for_type_change")
    yield (op.RenameColumn(table, column, f"{column}_tmp"),)
    yield (op.RenameColumn(table, new, column),)
    yield (op.RenameColumn(table, f"{column}_tmp", new),)


def _change_type_cleans(given: SchemaCall) -> Iterator[Operations]:
    table, column = table_name(given.table), truncate(given.at(1, "column's name"))
    new = truncate(f"{column}_for_type_change")
    yield (op.DropTrigger(f"trigger_{new}", table, if_exists=True),)
    yield (op.DropColumn(table, new),)


def _make_nullable(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropNotNull(table_name(given.table), truncate(given.at(1, "column's name"))),)


def _make_not_nullable(given: SchemaCall) -> Iterator[Operations]:
    yield (op.SetNotNull(table_name(given.table), truncate(given.at(1, "column's name"))),)


def _safe_make_not_nullable(given: SchemaCall) -> Iterator[Operations]:
    table, column = table_name(given.table), given.at(1, "column's name")
    name = f"tmp_not_null_constraint_{hashlib.sha256(column.encode('utf-8', 'surrogateescape')).hexdigest()[:7]}"
    yield from _checked(given, f"{quote(truncate(column))} IS NOT NULL", name, validate=True)
    yield (op.SetNotNull(table, truncate(column)),)
    yield (op.DropConstraint(table, name),)


def _not_nullable_from_check(given: SchemaCall) -> Iterator[Operations]:
    table, column = table_name(given.table), truncate(given.at(1, "column's name"))
    yield (op.SetNotNull(table, column),)
    if flag(given.options, "drop_constraint", default=True):
        name = name_in(given.options.get("constraint_name"), "constraint's name")
        yield (op.DropConstraint(table, truncate(name)),)


def _remove_constraint(given: SchemaCall) -> Iterator[Operations]:
    name = name_in(given.options.get("name", given.value(1)), "constraint's name")
    yield (op.DropConstraint(table_name(given.table), truncate(name)),)


def _rename_constraint(given: SchemaCall) -> Iterator[Operations]:
    old, new = name_in(given.options.get("from"), "constraint's name"), name_in(given.options.get("to"), "new name")
    yield (op.RenameConstraint(table_name(given.table), truncate(old), truncate(new)),)


def _enum_type(given: SchemaCall) -> Iterator[Operations]:
    labels = given.value(1)
    yield (op.CreateEnum(table_name(given.at(0, "type's name")), tuple(names_in(labels or [], "labels"))),)


def _enum_value(given: SchemaCall) -> Iterator[Operations]:
    yield (op.AddEnumValue(table_name(given.at(0, "type's name")), given.at(1, "value")),)


def _rename_enum_value(given: SchemaCall) -> Iterator[Operations]:
    yield (op.RenameEnumValue(table_name(given.at(0, "type's name")), given.at(1, "value"), given.at(2, "value")),)


def _partitioned_index(given: SchemaCall) -> Iterator[Operations]:
    """The index ON ONLY the parent; those of the partitions, whose names the file does not have, concurrently."""
    table = table_name(given.table)
    for sent in schema_statement("add_index", given) or ():
        for operation in sent:
            if isinstance(operation, op.CreateIndex):
                yield (replace(operation, only=True),)
                name = index_name(f"{given.table}_default", names_in(given.value(1), "columns"), given.version)
                if operation.index is not None:
                    yield (op.AttachIndexPartition(Name(operation.index, table.schema), Name(truncate(name))),)


def _memory(given: SchemaCall) -> Iterator[Operations]:
    yield (op.SetSetting("maintenance_work_mem", f"{given.value(0)} GB"),)


def _analyze(given: SchemaCall) -> Iterator[Operations]:
    yield (op.Analyze((table_name(given.table),)),)


def _view(given: SchemaCall) -> Operations:
    name = table_name(given.at(0, "view's name"))
    query = op.Query("", understood=False)
    if given.options.get("materialized"):
        return (op.CreateMaterializedView(name, query),)
    return (op.CreateView(name, query),)


def _create_view(given: SchemaCall) -> Iterator[Operations]:
    yield _view(given)


def _drop_view(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropView((table_name(given.at(0, "view's name")),), bool(given.options.get("materialized"))),)


def _update_view(given: SchemaCall) -> Iterator[Operations]:
    yield from _drop_view(given)
    yield _view(given)


def _replace_view(given: SchemaCall) -> Iterator[Operations]:
    yield (op.CreateView(table_name(given.at(0, "view's name")), op.Query("", understood=False), or_replace=True),)


def _refresh_view(given: SchemaCall) -> Iterator[Operations]:
    yield (op.RefreshMaterializedView(table_name(given.at(0, "view's name")), flag(given.options, "concurrently")),)


def _create_function(given: SchemaCall) -> Iterator[Operations]:
    yield (op.CreateFunction(table_name(given.at(0, "function's name")), or_replace=True),)


def _drop_function(given: SchemaCall) -> Iterator[Operations]:
    yield (op.DropFunction((table_name(given.at(0, "function's name")),)),)


def _create_trigger(given: SchemaCall) -> Iterator[Operations]:
    name = truncate(given.at(0, "trigger's name"))
    table = table_name(name_in(given.options.get("on", given.value(1)), "table's name"))
    yield (op.CreateTrigger(name, table, "AFTER", ("INSERT", "UPDATE"), Name(name)),)


def _drop_trigger(given: SchemaCall) -> Iterator[Operations]:
    table = table_name(name_in(given.options.get("on", given.value(1)), "table's name"))
    yield (op.DropTrigger(truncate(given.at(0, "trigger's name")), table),)


def _attachment(given: SchemaCall) -> Iterator[Operations]:
    """paperclip: four columns for each file."""
    table = table_name(given.table)
    for one in given.args[1:]:
        name = name_in(one, "attachment")
        for suffix, kind in (("file_name", "string"), ("content_type", "string"), ("file_size", "bigint")):
            yield (op.AddColumn(table, column_of(f"{name}_{suffix}", kind, {}, given.version)),)
        yield (op.AddColumn(table, column_of(f"{name}_updated_at", "datetime", {}, given.version)),)


def _monetize(given: SchemaCall) -> Iterator[Operations]:
    """money-rails: cents, and the currency beside it."""
    table, name = table_name(given.table), given.at(1, "column's name")
    cents = column_of(f"{name}_cents", "integer", {"null": False, "default": 0}, given.version)
    currency = column_of(f"{name}_currency", "string", {"null": False, "default": "USD"}, given.version)
    yield (op.AddColumn(table, cents),)
    yield (op.AddColumn(table, currency),)


_HELPERS: Mapping[str, Callable[[SchemaCall], Iterator[Operations]]] = {
    "add_text_limit_constraint": _add_text_limit,
    "validate_text_limit_constraint": _validate_text_limit,
    "remove_text_limit_constraint": _remove_text_limit,
    "add_not_null_constraint": _add_not_null,
    "validate_not_null_constraint": _validate_not_null,
    "remove_not_null_constraint": _remove_not_null,
    "add_reference_concurrently": _add_reference_concurrently,
    "update_column_in_batches": _update_in_batches,
    "update_columns_in_batches": _update_columns_in_batches,
    "add_column_with_default": _add_column_with_default,
    "swap_column_names": _swap_column_names,
    "initialize_column_rename": _rename_with_view,
    "initialize_columns_rename": _rename_with_view,
    "finalize_column_rename": _finish_rename_with_view,
    "revert_initialize_column_rename": _finish_rename_with_view,
    "initialize_table_rename": _rename_table_with_view,
    "finalize_table_rename": _drop_renaming_view,
    "initialize_column_type_change": _change_type_begins,
    "backfill_column_for_type_change": _change_type_fills,
    "finalize_column_type_change": _change_type_ends,
    "cleanup_column_type_change": _change_type_cleans,
    "safe_make_column_nullable": _make_nullable,
    "safe_make_column_not_nullable": _safe_make_not_nullable,
    "unsafe_make_column_not_nullable": _make_not_nullable,
    "safe_make_column_not_nullable_from_check_constraint": _not_nullable_from_check,
    "unsafe_remove_constraint": _remove_constraint,
    "safe_remove_constraint": _remove_constraint,
    "drop_constraint": _remove_constraint,
    "safe_rename_constraint": _rename_constraint,
    "safe_create_enum_type": _enum_type,
    "safe_add_enum_value": _enum_value,
    "unsafe_rename_enum_value": _rename_enum_value,
    "safe_add_concurrent_index": lambda given: _again("add_index", given, algorithm="concurrently"),
    "safe_remove_concurrent_index": lambda given: _again("remove_index", given, algorithm="concurrently"),
    "safe_add_index_on_empty_table": lambda given: _again("add_index", given),
    "safe_add_unvalidated_check_constraint": lambda given: _again("add_check_constraint", given, validate=False),
    "safe_add_foreign_key": lambda given: _again("add_foreign_key", given, validate=False),
    "safe_add_unvalidated_foreign_key": lambda given: _again("add_foreign_key", given, validate=False),
    "safe_add_concurrent_partitioned_index": _partitioned_index,
    "safe_set_maintenance_work_mem_gb": _memory,
    "safe_analyze_table": _analyze,
    "create_view": _create_view,
    "drop_view": _drop_view,
    "update_view": _update_view,
    "replace_view": _replace_view,
    "refresh_materialized_view": _refresh_view,
    "create_function": _create_function,
    "update_function": _create_function,
    "drop_function": _drop_function,
    "create_trigger": _create_trigger,
    "update_trigger": _create_trigger,
    "drop_trigger": _drop_trigger,
    "add_attachment": _attachment,
    "add_monetize": _monetize,
    "add_money": _monetize,
}
