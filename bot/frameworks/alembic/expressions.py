"""SQL inside Python: literal text, `sa.text`, functions, comparisons and operators, as the SQL they become."""

import re
from collections.abc import Mapping, Sequence

from bot.core.language.expression import Expression
from bot.core.language.names import quote
from bot.frameworks.python.values import Attribute, Call, plain
from bot.frameworks.static.run_time import LITERAL, without_run_time
from bot.frameworks.static.values import RUN_TIME, NotStatic, Unknown, Value
from bot.sql import read_expression

BIND = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)(?!:)")
_IN_BIND = re.compile(r"(\bIN\s*)$", re.IGNORECASE)

# Python's operators where SQL spells them otherwise.
_SIGNS = {"==": "=", "&": "AND", "|": "OR", "not": "NOT"}
_ORDERS = {
    "desc": "DESC",
    "asc": "ASC",
    "nullslast": "NULLS LAST",
    "nulls_last": "NULLS LAST",
    "nullsfirst": "NULLS FIRST",
    "nulls_first": "NULLS FIRST",
}
_COMPARISONS = {
    "is_": "IS",
    "is_not": "IS NOT",
    "isnot": "IS NOT",
    "like": "LIKE",
    "not_like": "NOT LIKE",
    "notlike": "NOT LIKE",
    "ilike": "ILIKE",
    "not_ilike": "NOT ILIKE",
    "notilike": "NOT ILIKE",
    "in_": "IN",
    "not_in": "NOT IN",
    "notin_": "NOT IN",
    "contains": "@>",
    "has_key": "?",
    "is_distinct_from": "IS DISTINCT FROM",
    "is_not_distinct_from": "IS NOT DISTINCT FROM",
    "isnot_distinct_from": "IS NOT DISTINCT FROM",
    "concat": "||",
    "regexp_match": "~",
}
_PASSED_ON = {"label", "self_group", "scalar_subquery", "as_scalar", "execution_options", "columns", "compile"}
_FACTORIES = {"text", "literal_column", "DDL", "TextClause"}
_NO_SQL = "an SQL expression built at run time"


def sql_of(value: Value, *, run_time: bool = False) -> str:
    """The SQL that a value becomes, text as it stands. Raises NotStatic.

    `run_time`: a value that waits for run time is a literal, as in a condition on rows; else it is refused.
    """
    match value:
        case str():
            return unbound(value)
        case Call(short="bindparams", on=on, kwargs=kwargs):
            return _bound(on, kwargs, run_time)
        case Call(short="label" | "execution_options" | "columns", on=on):
            return sql_of(on, run_time=run_time)
        case Call(short=short, args=(first, *_)) if short in _FACTORIES:
            return sql_of(first, run_time=run_time)
        case _:
            return _expression(value, run_time)


def _bound(value: Value, given: Mapping[str, Value], run_time: bool) -> str:
    """`text("... :name").bindparams(name=...)`, with the values that are known in their places."""
    literals = {
        name: literal(item) for name, item in given.items() if isinstance(item, str | int | float) and plain(item)
    }
    text = value.args[0] if isinstance(value, Call) and value.args else None
    if not isinstance(text, str) or not literals:
        return sql_of(value, run_time=run_time)
    return unbound(BIND.sub(lambda found: literals.get(found[1], found[0]), text))


def _expression(value: Value, run_time: bool) -> str:
    match value:
        case Call(short=short, args=(first, *_), on=None) if short in _FACTORIES:
            return sql_of(first, run_time=run_time)
        case Call(short="bindparam"):
            return LITERAL
        case Call(short="inline_literal" | "literal" | "quoted_name", args=(first, *_)):
            return _value(first, run_time)
        case Call(short="column" | "Column", args=(str() as name, *_)):
            return quote(name)
        case Call(short="cast" | "type_coerce", args=args, on=on):
            return _cast([*([on] if on is not None else []), *args], run_time)
        case Call(name=name, args=args) if name.startswith("operator."):
            return _operator(name.removeprefix("operator."), args, run_time)
        case Call(short=("and_" | "or_") as short, args=args):
            word = " AND " if short == "and_" else " OR "
            return word.join(f"({sql_of(part, run_time=run_time)})" for part in args) or "true"
        case Call(short="not_", args=(part,)):
            return f"NOT ({sql_of(part, run_time=run_time)})"
        case Call(short="between", on=on, args=(low, high)) if on is not None:
            return f"{_side(on, run_time)} BETWEEN {_value(low, run_time)} AND {_value(high, run_time)}"
        case Call(short="startswith" | "endswith", on=on) if on is not None:
            return f"{_side(on, run_time)} LIKE {LITERAL}"
        case Call(short=short, args=(other, *_), on=on) if short in _COMPARISONS and on is not None:
            return _compared(on, _COMPARISONS[short], other, run_time)
        case Call(short=short, args=(), on=on) if short in _ORDERS:
            return f"{_side(on, run_time)} {_ORDERS[short]}"
        case Call(short=short, args=(inner,), on=None) if short in _ORDERS:
            return f"{_side(inner, run_time)} {_ORDERS[short]}"
        case Call(short="true" | "false" | "null" as short):
            return short.upper() if short == "null" else short
        case Call(short=short, on=on) if short in _PASSED_ON and on is not None:
            return sql_of(on, run_time=run_time)
        case Call(name=name, args=args) if ".func." in f"{name}." or _is_function(value):
            parts = ", ".join(_value(argument, run_time) for argument in args)
            return f"{name.partition('.func.')[2] or value.short}({parts})"
        case Attribute(name="null" | "sqlalchemy.null") | None:
            return "NULL"
        case Attribute(of=of) if of is not None:
            return quote(value.short)
        case Attribute(name=name) if ".func." in name:
            return name.rpartition(".")[2]
        case bool() | int() | float():
            return literal(value)
        case Unknown(reason=reason):
            raise NotStatic(reason)
        case _:
            raise NotStatic(_NO_SQL)


def _is_function(value: Call) -> bool:
    """Whether it is called on a name `func` that was imported from SQLAlchemy."""
    return value.on is None and value.name.rpartition(".")[0].rpartition(".")[2] == "func"


def condition_of(conditions: Sequence[Value]) -> Expression | None:
    """What `.where(...)` and `.filter(...)` say, values of run time as literals; None without any condition."""
    if not conditions:
        return None
    try:
        texts = [sql_of(condition, run_time=True) for condition in conditions]
        whole = texts[0] if len(texts) == 1 else " AND ".join(f"({text})" for text in texts)
        plain = without_run_time(whole)
        if plain is not None:
            return read_expression(plain)
    except NotStatic:
        pass
    return Expression("(a condition built in Python)", understood=False)


def value_of(value: Value) -> str:
    """A value as it stands in SET or VALUES. Raises NotStatic where it waits for run time."""
    return _value(value, False)


def _side(value: Value, run_time: bool) -> str:
    """An operand: a value's literal, an expression in parentheses where it could fall apart."""
    if isinstance(value, Call) and value.name.startswith("operator."):
        return f"({_expression(value, run_time)})"
    return _value(value, run_time)


def _value(value: Value, run_time: bool) -> str:
    """What stands where a value is expected: a string is a literal there, not SQL."""
    if isinstance(value, str):
        if RUN_TIME in value and not run_time:
            raise NotStatic("a value computed at run time")
        return LITERAL if RUN_TIME in value else literal(value)
    try:
        return sql_of(value, run_time=run_time)
    except NotStatic:
        if run_time and not _reads_rows(value):
            return LITERAL
        raise


def _reads_rows(value: Value) -> bool:
    """Whether a subquery may hide in it."""
    while isinstance(value, Call):
        if value.short in ("select", "exists", "subquery", "query"):
            return True
        value = value.on
    return False


def _compared(left: Value, word: str, right: Value, run_time: bool) -> str:
    if word.endswith("IN"):
        if isinstance(right, list | tuple) and right:
            return f"{_side(left, run_time)} {word} ({', '.join(_value(item, run_time) for item in right)})"
        if isinstance(right, Call) and _reads_rows(right):
            raise NotStatic(_NO_SQL)
        return f"{_side(left, run_time)} {word} ({LITERAL})"
    return f"{_side(left, run_time)} {word} {_value(right, run_time)}"


def _operator(sign: str, sides: Sequence[Value], run_time: bool) -> str:
    sign = _SIGNS.get(sign, sign)
    if sign == "NOT":
        return f"NOT ({sql_of(sides[0], run_time=run_time)})"
    left, right = sides
    if sign in ("AND", "OR"):
        return f"({sql_of(left, run_time=run_time)}) {sign} ({sql_of(right, run_time=run_time)})"
    if right is None and sign in ("=", "!="):
        return f"{_side(left, run_time)} IS {'NOT ' if sign == '!=' else ''}NULL"
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        sign = "||"
    return f"{_side(left, run_time)} {sign} {_side(right, run_time)}"


def _cast(args: Sequence[Value], run_time: bool) -> str:
    from bot.frameworks.alembic.types import type_of

    target = type_of(args[1]) if len(args) > 1 else None
    if target is None:
        raise NotStatic("a cast to a type of the application's own")
    return f"CAST({_value(args[0], run_time)} AS {target})"


def default_of(value: Value) -> Expression | None:
    """A server default: text in quotes unless it says it is SQL; None where there is none. Raises NotStatic."""
    match value:
        case None | False:
            return None
        case str():
            return read_expression(literal(value))
        case Call(short="Computed" | "Identity" | "FetchedValue"):
            return None
        case Attribute(of=None) if value.short in ("FetchedValue", "Identity"):
            return None
        case Call(short="DefaultClause", args=(first, *_)):
            return default_of(first)
        case _:
            return read_expression(sql_of(value))


def literal(value: Value) -> str:
    """A Python value as an SQL literal. Raises NotStatic."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case Unknown(reason=reason):
            raise NotStatic(reason)
        case _:
            raise NotStatic("a value computed at run time")


def unbound(sql: str) -> str:
    """The text with bind parameters as literals of the same length where that can be, and escaped colons plain."""

    def one(found: re.Match[str]) -> str:
        many = _IN_BIND.search(sql, 0, found.start()) if "(" not in sql[found.start() - 2 : found.start()] else None
        name = "x" * max(0, len(found[0]) - (4 if many else 2))
        return f"('{name}')" if many else f"'{name}'"

    return BIND.sub(one, sql).replace("\\:", ":")
