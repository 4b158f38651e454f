"""Schema statements turned round, as `revert` runs them."""

from collections.abc import Mapping, Sequence

from bot.frameworks.static.values import NotStatic, Value

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
_UNTOUCHED = ("execute", "say", "reversible")


def inverted(
    method: str, args: Sequence[Value], options: Mapping[str, Value], *, block: bool
) -> tuple[str, list[Value], dict[str, Value]]:
    """The call that undoes a call. Raises NotStatic where Active Record refuses."""
    given, named = list(args), dict(options)
    if method in _INVERSES:
        if method == "drop_table" and not block:
            raise NotStatic("`drop_table` without a block cannot be reverted")
        if method == "remove_column" and len(given) < 3:
            raise NotStatic("`remove_column` without a type cannot be reverted")
        if method == "remove_index" and len(given) < 2 and "column" in named:
            given.append(named.pop("column"))
        return _INVERSES[method], given, named
    match method, given:
        case ("rename_table", [old, new]):
            return method, [new, old], named
        case (("rename_column" | "rename_index"), [table, old, new]):
            return method, [table, new, old], named
        case "change_column_null", [table, column, bool() as nullable, *_]:
            return method, [table, column, not nullable], named
        case "change_column_default", [table, column, *_] if "from" in named and "to" in named:
            return method, [table, column], {"from": named["to"], "to": named["from"]}
        case _:
            raise NotStatic(f"what reverts `{method}` is not known")
