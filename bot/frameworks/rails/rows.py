"""Rows changed through models in a migration: which table, and how."""

from collections.abc import Mapping

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, truncate
from bot.frameworks.rails.columns import literal
from bot.frameworks.rails.inflections import table_of_class
from bot.frameworks.rails.naming import table_name
from bot.frameworks.ruby.values import Call, Constant
from bot.frameworks.static.values import NotStatic, Value
from bot.sql import read_expression

UPDATES = frozenset(
    """update_all update update! save save! update_column update_columns update_attribute update_attributes
    update_attributes! touch touch_all increment! decrement! toggle! update_counters increment_counter
    decrement_counter reset_counters update_each""".split()
)
DELETES = frozenset("delete_all destroy_all delete destroy destroy! delete_by destroy_by".split())
INSERTS = frozenset(
    """insert_all insert_all! upsert_all upsert insert insert! create create! import import! find_or_create_by
    find_or_create_by! first_or_create first_or_create! create_or_find_by create_or_find_by! bulk_insert
    bulk_import!""".split()
)
ITERATIONS = frozenset("find_each find_in_batches in_batches each_batch each all_in_batches find_each_row".split())
_SET_BASED = frozenset({"update_all", "delete_all", "touch_all"})
_BATCHES = frozenset({"in_batches", "each_batch", "find_in_batches", "in_batches_of"})
_OTHER_CONSTANTS = frozenset(
    """Rails ActiveRecord::Base ActiveRecord Time Date DateTime ENV Set Logger File Dir Rake Kernel Process YAML JSON
    SecureRandom Digest Parallel Benchmark ActiveSupport Gitlab Sidekiq Arel Math String Array Hash Integer Float
    Flipper Redis""".split()
)


def row_change(call: Call, models: Mapping[str, str]) -> op.Operation | None:
    """The row operation of a call on a model, None where it has none or is not on a model."""
    verb = call.method
    if verb not in UPDATES | DELETES | INSERTS:
        return None
    table = table_of(call, models)
    if table is None:
        return None
    links = _links(call)
    batched = any(link.method in _BATCHES for link in links)
    where = _where(links) if verb in _SET_BASED else None
    by_application = verb not in _SET_BASED
    if verb in INSERTS:
        rows = call.args[0] if call.args else None
        return op.Insert(table, rows=len(rows) if isinstance(rows, list) else None)
    if verb in DELETES:
        return op.Delete(table, where, batched=batched, by_application=by_application)
    columns, assignments = _assigned(call)
    return op.Update(table, columns, where, assignments=assignments, batched=batched, by_application=by_application)


def symbol_change(call: Call, symbol: str | None, models: Mapping[str, str]) -> op.Operation | None:
    """The row operation of `rows.each(&:destroy)`, None where the symbol names none."""
    if symbol is None:
        return None
    return row_change(Call(symbol, receiver=call), models)


def table_of(value: Value, models: Mapping[str, str]) -> Name | None:
    """The table of the model that a chain of calls begins with, None where it begins with none."""
    current = value
    while isinstance(current, Call) and current.receiver is not None:
        current = current.receiver
    if not isinstance(current, Constant):
        return None
    if current.name in _OTHER_CONSTANTS or current.name.split("::")[0] in _OTHER_CONSTANTS:
        return None
    last = current.name.rpartition("::")[2]
    if last.isupper():
        return None
    return table_name(models.get(last) or table_of_class(last))


def is_iteration(call: Call, models: Mapping[str, str]) -> bool:
    """Whether its block runs for rows of a model."""
    return call.method in ITERATIONS and table_of(call, models) is not None


def _links(call: Call) -> list[Call]:
    links = [call]
    while isinstance(links[-1].receiver, Call):
        links.append(links[-1].receiver)
    return links


def _where(links: list[Call]) -> Expression | None:
    """The conditions of the chain as SQL, as far as they are literals; None without conditions."""
    parts: list[str] = []
    for link in reversed(links):
        if link.method not in ("where", "not", "rewhere"):
            continue
        if not link.args and not link.options:
            continue
        try:
            parts += _conditions(link)
        except NotStatic:
            return Expression("(a condition built in Ruby)", understood=False)
    return read_expression(" AND ".join(parts)) if parts else None


def _conditions(link: Call) -> list[str]:
    negated = link.method == "not"
    found = [f"({link.args[0]})"] if link.args and isinstance(link.args[0], str) and "?" not in link.args[0] else []
    if link.args and not found:
        raise NotStatic("a condition built in Ruby")
    conditions = link.options
    for column, value in conditions.items():
        match value:
            case None:
                found.append(f"{column} IS {'NOT ' if negated else ''}NULL")
            case list() if value:
                items = ", ".join(literal(item) for item in value)
                found.append(f"{column} {'NOT ' if negated else ''}IN ({items})")
            case bool() | int() | float() | str():
                found.append(f"{column} {'<>' if negated else '='} {literal(value)}")
            case _:
                raise NotStatic("a condition built in Ruby")
    return found


def _assigned(call: Call) -> tuple[tuple[str, ...], str]:
    """The assigned columns, and the assignments as SQL where they are literals."""
    if call.args and isinstance(call.args[0], str) and call.method == "update_all":
        return (), str(call.args[0])
    columns = tuple(truncate(column) for column in call.options if column != "**")
    if call.method in ("update_column", "update_attribute") and call.args and isinstance(call.args[0], str):
        columns = (truncate(str(call.args[0])),)
    try:
        return columns, ", ".join(f"{column} = {literal(value)}" for column, value in call.options.items())
    except NotStatic:
        return columns, ""
