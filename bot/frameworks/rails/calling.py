"""The parts of a call before it is followed: its arguments, its SQL, its receiver."""

from dataclasses import replace

from tree_sitter import Node

from bot.frameworks.rails.calls import SchemaCall, SentPart
from bot.frameworks.rails.gems import gem_call
from bot.frameworks.rails.gitlab import gitlab_call
from bot.frameworks.ruby.syntax import text_of
from bot.frameworks.ruby.values import Call
from bot.frameworks.static.values import NotStatic, Template, Unknown, Value

TABLES = frozenset("create_table drop_table create_join_table drop_join_table change_table".split())
PREFIXED_TABLES = {
    **{f"{prefix}_{name}": name for prefix in ("safe", "unsafe", "raw") for name in TABLES},
    "safe_create_partitioned_table": "create_table",
    "create_table_with_constraints": "create_table",
    "create_or_replace_table": "create_table",
}
ACTIVE_RECORD = frozenset("execute create_table change_table reversible revert transaction say".split())
EXECUTES = frozenset(
    """execute exec_query exec_update exec_delete exec_insert select_all select_value select_values select_rows
    safe_execute unsafe_execute execute_unsafe raw_execute exec_batch update_sql insert_sql""".split()
)
SENDS = frozenset("update delete insert".split())


def sql_of(value: Value) -> str | Template:
    """The SQL that is sent. Raises NotStatic."""
    match value:
        case Call(method="sanitize_sql_array" | "sanitize_sql" | "sanitize_sql_for_conditions", args=(inner, *_)):
            return sql_of(inner)
        case [str() as sql, *_]:
            return Template(tuple(sql.split("?")), ("?",) * sql.count("?"))
        case str() | Template():
            return value
        case Unknown(reason=reason):
            raise NotStatic(f"builds SQL at run time: {reason}")
        case _:
            raise NotStatic("builds SQL at run time")


def helper_parts(method: str, given: SchemaCall) -> list[SentPart] | None:
    """The parts of a helper that a gem defines, None where none does. Raises NotStatic."""
    found = gem_call(method, given)
    return found if found is not None else gitlab_call(method, given)


def trailing(call: Call) -> Call:
    """A hash in braces at the end is options, except where it may be a default."""
    if call.options or not call.args or not isinstance(call.args[-1], dict) or "default" in call.method:
        return call
    return replace(call, args=call.args[:-1], options=call.args[-1])


def symbol(node: Node | None) -> str | None:
    """The method of `each(&:destroy)`."""
    arguments = node.child_by_field_name("arguments") if node is not None else None
    for child in arguments.named_children if arguments is not None else ():
        if child.type == "block_argument" and child.named_children and child.named_children[0].type == "simple_symbol":
            return text_of(child.named_children[0])[1:]
    return None


def is_connection(value: Value) -> bool:
    """`connection`, `ActiveRecord::Base.connection`, `User.connection`, `@connection`."""
    return isinstance(value, Call) and value.method in ("connection", "lease_connection", "base_connection")
