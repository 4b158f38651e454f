"""Schema statements inverted, as `revert` runs them."""

from dataclasses import replace

from bot.frameworks.ruby.values import Call
from bot.frameworks.static.values import NotStatic

_PAIRS = (
    ("create_table", "drop_table"),
    ("create_join_table", "drop_join_table"),
    ("add_column", "remove_column"),
    ("add_columns", "remove_columns"),
    ("add_timestamps", "remove_timestamps"),
    ("add_index", "remove_index"),
    ("add_reference", "remove_reference"),
    ("add_belongs_to", "remove_belongs_to"),
    ("add_foreign_key", "remove_foreign_key"),
    ("add_check_constraint", "remove_check_constraint"),
    ("add_unique_constraint", "remove_unique_constraint"),
    ("add_exclusion_constraint", "remove_exclusion_constraint"),
    ("enable_extension", "disable_extension"),
    ("create_enum", "drop_enum"),
    ("create_schema", "drop_schema"),
)
_INVERSES = dict(_PAIRS) | {second: first for first, second in _PAIRS}


def inverted(call: Call) -> Call:
    """The call, without a block, that undoes a call. Raises NotStatic where Active Record refuses."""
    method, args, options = call.method, list(call.args), dict(call.options)
    if method in _INVERSES:
        if method == "drop_table":
            raise NotStatic("`drop_table` without a block cannot be reverted")
        if method == "remove_column" and len(args) < 3:
            raise NotStatic("`remove_column` without a type cannot be reverted")
        if method == "remove_index" and len(args) < 2 and "column" in options:
            args.append(options.pop("column"))
        return replace(call, method=_INVERSES[method], args=tuple(args), options=options)
    match method, args:
        case ("rename_table", [old, new]):
            return replace(call, args=(new, old))
        case (("rename_column" | "rename_index"), [table, old, new]):
            return replace(call, args=(table, new, old))
        case "change_column_null", [table, column, bool() as nullable, *_]:
            return replace(call, args=(table, column, not nullable))
        case "change_column_default", [table, column, *_] if "from" in options and "to" in options:
            return replace(call, args=(table, column), options={"from": options["to"], "to": options["from"]})
        case _:
            raise NotStatic(f"what reverts `{method}` is not known")
