"""nandi: migrations in a language of their own, compiled to safe migrations of Active Record."""

import re
from dataclasses import replace

from bot.core.language import operations as op
from bot.core.language.names import truncate
from bot.frameworks.rails.calls import SchemaCall, SentPart, parts
from bot.frameworks.rails.naming import table_name
from bot.frameworks.rails.schema_statements import schema_statement

_CLASS = re.compile(r"^[ \t]*+class\s+[\w:]+\s*<\s*(?:::)?Nandi::Migration", re.MULTILINE)


def is_source(text: str) -> bool:
    """Whether nandi compiles the file."""
    return _CLASS.search(text) is not None


def nandi_call(method: str, given: SchemaCall) -> list[SentPart] | None:
    """What a call becomes: indexes concurrently, constraints NOT VALID; None where it means the same. Raises
    NotStatic."""
    match method:
        case "add_check_constraint":
            name, condition = given.at(1, "constraint's name"), given.at(2, "condition")
            options = {**given.options, "name": name}
            given = SchemaCall((given.args[0], condition), options, given.version)
        case "remove_not_null_constraint":
            return parts([(op.DropNotNull(table_name(given.table), truncate(given.at(1, "column's name"))),)])
        case "remove_index" if isinstance(given.value(1), dict):
            given = SchemaCall(given.args[:1], given.value(1), given.version)
        case "add_index" | "remove_index" | "add_foreign_key":
            pass
        case _:
            return None
    found = schema_statement(method, given) or ()
    return parts([tuple(_safe(operation) for operation in sent) for sent in found])


def _safe(operation: op.Operation) -> op.Operation:
    match operation:
        case op.CreateIndex() | op.DropIndex():
            return replace(operation, concurrently=True)
        case op.AddForeignKey(constraint=key):
            return replace(operation, constraint=replace(key, not_valid=True))
        case op.AddCheck(constraint=check):
            return replace(operation, constraint=replace(check, not_valid=True))
        case _:
            return operation
