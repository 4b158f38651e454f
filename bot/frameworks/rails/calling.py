"""What a call looks like before it is followed: its arguments, its SQL, what it is called on."""

from tree_sitter import Node

from bot.frameworks.rails.gems import gem_call
from bot.frameworks.rails.gitlab import gitlab_call
from bot.frameworks.rails.helpers import asks_for_postgres
from bot.frameworks.rails.parts import Part
from bot.frameworks.rails.schema_statements import Given
from bot.frameworks.ruby.evaluate import text_of
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
LOOPS = frozenset(
    """each each_with_index each_pair each_key each_value each_slice each_with_object times map collect flat_map
    each_entry reverse_each upto select reject sort_by inject reduce each_cons""".split()
)


def branches_taken(node: Node) -> list[Node]:
    """The branches of a `case`; of one on the adapter, those that PostgreSQL takes."""
    branches = [child for child in node.named_children if child.type in ("when", "else")]
    asked = [asks_for_postgres(text_of(child.child_by_field_name("pattern"))) for child in branches]
    return [
        child
        for child, holds in zip(branches, asked, strict=True)
        if holds is True or (holds is None and True not in asked)
    ]


def turns_of(receiver: Value, method: str, most: int) -> list[Value]:
    """What a loop over something known runs for."""
    if isinstance(receiver, int):
        return list(range(min(receiver, most)))
    if not isinstance(receiver, dict):
        return list(receiver)
    if method in ("each_key", "each_value"):
        return list(receiver if method == "each_key" else receiver.values())
    return [[key, value] for key, value in receiver.items()]


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


def helper_parts(method: str, given: Given) -> list[Part] | None:
    """The parts of a helper that some gem defines, None where none does. Raises NotStatic."""
    found = gem_call(method, given)
    return found if found is not None else gitlab_call(method, given)


def trailing(args: list[Value], options: dict[str, Value], method: str) -> tuple[list[Value], dict[str, Value]]:
    """A hash in braces at the end is options, but where it may be a default."""
    if options or not args or not isinstance(args[-1], dict) or "default" in method:
        return args, options
    return args[:-1], args[-1]


def symbol(node: Node) -> str | None:
    """The method of `each(&:destroy)`."""
    arguments = node.child_by_field_name("arguments")
    for child in arguments.named_children if arguments is not None else ():
        if child.type == "block_argument" and child.named_children and child.named_children[0].type == "simple_symbol":
            return text_of(child.named_children[0])[1:]
    return None


def is_connection(value: Value) -> bool:
    """`connection`, `ActiveRecord::Base.connection`, `User.connection`, `@connection`."""
    return isinstance(value, Call) and value.method in ("connection", "lease_connection", "base_connection")
