"""GitLab's helpers for migrations (Gitlab::Database::MigrationHelpers): what they send."""

import hashlib
from collections.abc import Callable, Mapping

from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.rails.calls import SchemaCall, SentPart, parts
from bot.frameworks.rails.columns import column_of, flag, name_in, names_in
from bot.frameworks.rails.naming import table_name
from bot.frameworks.rails.schema_statements import schema_statement
from bot.frameworks.static.values import NotStatic
from bot.sql import read_expression

_LATER = frozenset(
    """queue_batched_background_migration queue_background_migration_jobs_by_range_at_intervals bulk_migrate_async
    bulk_migrate_in migrate_in migrate_async finalize_background_migration finalize_batched_background_migration
    ensure_batched_background_migration_is_finished delete_batched_background_migration delete_queued_jobs
    delete_job_tracking prepare_async_index prepare_async_index_removal prepare_async_index_from_sql
    unprepare_async_index unprepare_async_index_by_name prepare_async_foreign_key_validation
    unprepare_async_foreign_key_validation prepare_async_check_constraint_validation
    unprepare_async_check_constraint_validation prepare_partitioned_async_index
    prepare_partitioned_async_foreign_key_validation track_record_deletions untrack_record_deletions
    track_record_deletions_override_table_name queue_background_migration_jobs""".split()
)


def gitlab_call(method: str, given: SchemaCall) -> list[SentPart] | None:
    """The statements of one of GitLab's helpers, None where it is not one. Raises NotStatic."""
    if method in _LATER:
        return parts([(op.Harmless("work queued for later"),)])
    made = _HELPERS.get(method)
    return made(given) if made is not None else None


def _add_concurrent_index(given: SchemaCall) -> list[SentPart]:
    options = {**given.options, "algorithm": "concurrently"}
    return parts(schema_statement("add_index", SchemaCall(given.args, options, given.version)) or ())


def _remove_concurrent_index(given: SchemaCall) -> list[SentPart]:
    options = {**given.options, "algorithm": "concurrently"}
    return parts(schema_statement("remove_index", SchemaCall(given.args, options, given.version)) or ())


def _remove_by_name(given: SchemaCall) -> list[SentPart]:
    options = {"algorithm": "concurrently", "name": given.options.get("name", given.value(1))}
    return parts(schema_statement("remove_index", SchemaCall(given.args[:1], options, given.version)) or ())


def _foreign_key_name(given: SchemaCall, columns: list[str]) -> str:
    name = given.options.get("name")
    if name is not None:
        return truncate(name_in(name, "foreign key's name"))
    return f"fk_{_digest(f'{given.table}_{chr(95).join(columns)}_fk')}"


def _add_foreign_key(given: SchemaCall) -> list[SentPart]:
    """NOT VALID in a transaction of its own, VALIDATE after it."""
    table, target, options = table_name(given.table), table_name(given.at(1, "referenced table")), given.options
    columns = names_in(options.get("column"), "foreign key's column")
    keys = names_in(options.get("target_column", "id"), "referenced column")
    action = options.get("on_delete", "cascade")
    actions = {"cascade": "CASCADE", "nullify": "SET NULL", "restrict": "RESTRICT", None: "NO ACTION"}
    if action not in (*actions, False):
        raise NotStatic("the foreign key's action is computed at run time")
    name = _foreign_key_name(given, columns)
    key = op.ForeignKey(tuple(columns), target, tuple(keys), name, actions.get(action, "NO ACTION"), not_valid=True)
    found = [SentPart((op.AddForeignKey(table, key),), together=True)]
    if flag(options, "reverse_lock_order"):
        lock = op.LockTable((target, table), LockMode.SHARE_ROW_EXCLUSIVE)
        found.insert(0, SentPart((lock,), together=True))
    if flag(options, "validate", default=True):
        found.append(SentPart((op.ValidateConstraint(table, name),)))
    return found


def _validate_foreign_key(given: SchemaCall) -> list[SentPart] | None:
    name = _foreign_key_name(given, names_in(given.value(1), "foreign key's column"))
    return parts([(op.ValidateConstraint(table_name(given.table), name),)])


def _remove_foreign_key_if_exists(given: SchemaCall) -> list[SentPart]:
    options = {**given.options, "if_exists": True}
    return parts(schema_statement("remove_foreign_key", SchemaCall(given.args, options, given.version)) or ())


def _checked(given: SchemaCall, expression: str, name: str, *, validate: bool) -> list[SentPart]:
    table = table_name(given.table)
    found = [SentPart((op.AddCheck(table, op.Check(read_expression(expression), name, not_valid=True)),))]
    return [*found, SentPart((op.ValidateConstraint(table, name),))] if validate else found


def _constraint(given: SchemaCall, column: str, kind: str) -> str:
    name = given.options.get("constraint_name")
    if name is not None:
        return truncate(name_in(name, "constraint's name"))
    return f"check_{_digest(f'{given.table}_{column}_check_{kind}')}"


def _add_not_null(given: SchemaCall) -> list[SentPart]:
    column = given.at(1, "column's name")
    name = _constraint(given, column, "not_null")
    return _checked(given, f"{quote(column)} IS NOT NULL", name, validate=flag(given.options, "validate", default=True))


def _add_text_limit(given: SchemaCall) -> list[SentPart]:
    column, limit = given.at(1, "column's name"), given.value(2)
    name = _constraint(given, column, "max_length")
    expression = f"char_length({quote(column)}) <= {limit if isinstance(limit, int) else 255}"
    return _checked(given, expression, name, validate=flag(given.options, "validate", default=True))


def _add_check(given: SchemaCall) -> list[SentPart] | None:
    if len(given.args) < 3:
        return None
    name = truncate(given.at(2, "constraint's name"))
    return _checked(given, given.at(1, "condition"), name, validate=flag(given.options, "validate", default=True))


def _validates(kind: str) -> Callable[[SchemaCall], list[SentPart]]:
    def made(given: SchemaCall) -> list[SentPart]:
        name = _constraint(given, given.at(1, "column's name"), kind)
        return parts([(op.ValidateConstraint(table_name(given.table), name),)])

    return made


def _removes(kind: str) -> Callable[[SchemaCall], list[SentPart]]:
    def made(given: SchemaCall) -> list[SentPart]:
        name = _constraint(given, given.at(1, "column's name"), kind)
        return parts([(op.DropConstraint(table_name(given.table), name, missing_ok=True),)])

    return made


def _validate_check(given: SchemaCall) -> list[SentPart] | None:
    if len(given.args) < 2:
        return None
    return parts([(op.ValidateConstraint(table_name(given.table), truncate(given.at(1, "constraint's name"))),)])


def _remove_check(given: SchemaCall) -> list[SentPart] | None:
    if len(given.args) < 2 or given.options or " " in given.at(1, "constraint's name"):
        return None
    name = truncate(given.at(1, "constraint's name"))
    return parts([(op.DropConstraint(table_name(given.table), name, missing_ok=True),)])


def _update_in_batches(given: SchemaCall) -> list[SentPart]:
    column = truncate(given.at(1, "column's name"))
    return parts([(op.Update(table_name(given.table), (column,), batched=True, by_application=True),)])


def _add_column_with_default(given: SchemaCall) -> list[SentPart]:
    options = {key: value for key, value in given.options.items() if key in ("default", "limit", "precision", "scale")}
    options["null"] = flag(given.options, "allow_null", default=flag(given.options, "null", default=True))
    column = column_of(given.at(1, "column's name"), given.value(2), options, given.version)
    return parts([(op.AddColumn(table_name(given.table), column),)])


def _rename_column(given: SchemaCall) -> list[SentPart]:
    """A second column, kept equal by a trigger and filled in batches."""
    table = table_name(given.table)
    old, new = truncate(given.at(1, "column's name")), truncate(given.at(2, "new name"))
    trigger = f"trigger_{_digest(f'{given.table}{old}{new}')}"
    kept = op.CreateTrigger(trigger, table, "BEFORE", ("INSERT", "UPDATE"), Name(trigger), for_each_row=True)
    filled = op.Update(table, (new,), batched=True, by_application=True)
    return parts([(op.AddColumn(table, op.Column(new, None)),), (kept,), (filled,)])


def _cleanup_rename(given: SchemaCall) -> list[SentPart]:
    table = table_name(given.table)
    old, new = truncate(given.at(1, "column's name")), truncate(given.at(2, "new name"))
    trigger = f"trigger_{_digest(f'{given.table}{old}{new}')}"
    return parts([(op.DropTrigger(trigger, table, if_exists=True),), (op.DropColumn(table, old),)])


def _swap_columns(given: SchemaCall) -> list[SentPart]:
    table = table_name(given.table)
    one, other = truncate(given.at(1, "column's name")), truncate(given.at(2, "column's name"))
    spare = f"temp_name_for_{one}"
    renames = [
        op.RenameColumn(table, one, spare),
        op.RenameColumn(table, other, one),
        op.RenameColumn(table, spare, other),
    ]
    return [SentPart((rename,), together=True) for rename in renames]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]


_HELPERS: Mapping[str, Callable[[SchemaCall], list[SentPart] | None]] = {
    "add_concurrent_index": _add_concurrent_index,
    "remove_concurrent_index": _remove_concurrent_index,
    "remove_concurrent_index_by_name": _remove_by_name,
    "add_concurrent_foreign_key": _add_foreign_key,
    "remove_foreign_key_if_exists": _remove_foreign_key_if_exists,
    "remove_foreign_key_without_error": _remove_foreign_key_if_exists,
    "add_not_null_constraint": _add_not_null,
    "validate_not_null_constraint": _validates("not_null"),
    "remove_not_null_constraint": _removes("not_null"),
    "add_text_limit": _add_text_limit,
    "validate_text_limit": _validates("max_length"),
    "remove_text_limit": _removes("max_length"),
    "add_check_constraint": _add_check,
    "validate_check_constraint": _validate_check,
    "remove_check_constraint": _remove_check,
    "update_column_in_batches": _update_in_batches,
    "add_column_with_default": _add_column_with_default,
    "rename_column_concurrently": _rename_column,
    "change_column_type_concurrently": _rename_column,
    "cleanup_concurrent_column_rename": _cleanup_rename,
    "swap_columns": _swap_columns,
}


def gitlab_only(method: str, given: SchemaCall) -> list[SentPart] | None:
    """Helpers whose name means something else in Active Record. Raises NotStatic."""
    if method == "validate_foreign_key" and len(given.args) > 1:
        return _validate_foreign_key(given)
    return None
