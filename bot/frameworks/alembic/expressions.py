"""SQL inside Python: literal text, `sa.text`, functions, comparisons and operators, as the SQL they become."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.language.expression import Expression
from bot.core.language.names import quote
from bot.frameworks.python.values import Attribute, Call, plain
from bot.frameworks.static.run_time import LITERAL, without_run_time
from bot.frameworks.static.values import RUN_TIME, NotStatic, Unknown, Value
from bot.sql import read_expression

BIND = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)(?!:)")
_IN_BIND = re.compile(r"(\bIN\s*)$", re.IGNORECASE)

# Python's operators where SQL spells them differently.
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
    """The SQL that a value becomes, text verbatim. Raises NotStatic.

    `run_time`: a value known only at run time becomes a literal, as in a condition on rows; else it is refused.
    """
    return _Spelling(run_time=run_time).sql(value)


def value_of(value: Value) -> str:
    """A value as written in SET or VALUES. Raises NotStatic where it is known only at run time."""
    return _Spelling(run_time=False).value(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelling:
    """Values as SQL; `run_time` as in `sql_of`."""

    run_time: bool

    def sql(self, value: Value) -> str:
        """Text verbatim, everything else as an expression."""
        match value:
            case str():
                return unbound(value)
            case Call(short="bindparams", on=on, kwargs=kwargs):
                return self._bound(on, kwargs)
            case Call(short="label" | "execution_options" | "columns", on=on):
                return self.sql(on)
            case Call(short=short, args=(first, *_)) if short in _FACTORIES:
                return self.sql(first)
            case Call():
                return self._call(value)
            case _:
                return self._plain(value)

    def value(self, value: Value) -> str:
        """An argument where a value is expected: a string is a literal there, not SQL."""
        if isinstance(value, str):
            if RUN_TIME in value and not self.run_time:
                raise NotStatic("a value computed at run time")
            return LITERAL if RUN_TIME in value else literal(value)
        try:
            return self.sql(value)
        except NotStatic:
            if self.run_time and not _reads_rows(value):
                return LITERAL
            raise

    def _bound(self, value: Value, given: Mapping[str, Value]) -> str:
        """`text("... :name").bindparams(name=...)`, with the values that are known in their places."""
        literals = {
            name: literal(item) for name, item in given.items() if isinstance(item, str | int | float) and plain(item)
        }
        text = value.args[0] if isinstance(value, Call) and value.args else None
        if not isinstance(text, str) or not literals:
            return self.sql(value)
        return unbound(BIND.sub(lambda found: literals.get(found[1], found[0]), text))

    def _call(self, call: Call) -> str:
        """The result of a function of SQLAlchemy, or of a method of its expressions."""
        for spell in (self._factory, self._combined, self._method, self._function):
            text = spell(call)
            if text is not None:
                return text
        raise NotStatic(_NO_SQL)

    def _factory(self, call: Call) -> str | None:
        """A value or a name of its own."""
        match call:
            case Call(short="bindparam"):
                return LITERAL
            case Call(short="inline_literal" | "literal" | "quoted_name", args=(first, *_)):
                return self.value(first)
            case Call(short="column" | "Column", args=(str() as name, *_)):
                return quote(name)
            case Call(short="cast" | "type_coerce", args=args, on=on):
                return self._cast([*([on] if on is not None else []), *args])
            case _:
                return None

    def _combined(self, call: Call) -> str | None:
        """Conditions and operators."""
        match call:
            case Call(name=name, args=args) if name.startswith("operator."):
                return self._operator(name.removeprefix("operator."), args)
            case Call(short=("and_" | "or_") as short, args=args):
                word = " AND " if short == "and_" else " OR "
                return word.join(f"({self.sql(part)})" for part in args) or "true"
            case Call(short="not_", args=(part,)):
                return f"NOT ({self.sql(part)})"
            case _:
                return None

    def _method(self, call: Call) -> str | None:
        """A method of an expression that becomes an operator or a suffix in SQL."""
        match call:
            case Call(short="between", on=on, args=(low, high)) if on is not None:
                return f"{self._side(on)} BETWEEN {self.value(low)} AND {self.value(high)}"
            case Call(short="startswith" | "endswith", on=on) if on is not None:
                return f"{self._side(on)} LIKE {LITERAL}"
            case Call(short=short, args=(other, *_), on=on) if short in _COMPARISONS and on is not None:
                return self._compared(on, _COMPARISONS[short], other)
            case Call(short=short, args=(), on=on) if short in _ORDERS:
                return f"{self._side(on)} {_ORDERS[short]}"
            case Call(short=short, args=(inner,), on=None) if short in _ORDERS:
                return f"{self._side(inner)} {_ORDERS[short]}"
            case _:
                return None

    def _function(self, call: Call) -> str | None:
        """A constant, a function of SQL, or a call that only passes an expression on."""
        match call:
            case Call(short="true" | "false" | "null" as short):
                return short.upper() if short == "null" else short
            case Call(short=short, on=on) if short in _PASSED_ON and on is not None:
                return self.sql(on)
            case Call(name=name, args=args) if ".func." in f"{name}." or _is_function(call):
                parts = ", ".join(self.value(argument) for argument in args)
                return f"{name.partition('.func.')[2] or call.short}({parts})"
            case _:
                return None

    def _plain(self, value: Value) -> str:
        """Anything that is not a call: a column, NULL, a number."""
        match value:
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

    def _side(self, value: Value) -> str:
        """An operand: a value's literal, an expression in parentheses where precedence requires them."""
        if isinstance(value, Call) and value.name.startswith("operator."):
            return f"({self._call(value)})"
        return self.value(value)

    def _compared(self, left: Value, word: str, right: Value) -> str:
        if not word.endswith("IN"):
            return f"{self._side(left)} {word} {self.value(right)}"
        if isinstance(right, list | tuple) and right:
            return f"{self._side(left)} {word} ({', '.join(self.value(item) for item in right)})"
        if isinstance(right, Call) and _reads_rows(right):
            raise NotStatic(_NO_SQL)
        return f"{self._side(left)} {word} ({LITERAL})"

    def _operator(self, sign: str, sides: Sequence[Value]) -> str:
        sign = _SIGNS.get(sign, sign)
        if sign == "NOT":
            return f"NOT ({self.sql(sides[0])})"
        left, right = sides
        if sign in ("AND", "OR"):
            return f"({self.sql(left)}) {sign} ({self.sql(right)})"
        if right is None and sign in ("=", "!="):
            return f"{self._side(left)} IS {'NOT ' if sign == '!=' else ''}NULL"
        if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
            sign = "||"
        return f"{self._side(left)} {sign} {self._side(right)}"

    def _cast(self, args: Sequence[Value]) -> str:
        from bot.frameworks.alembic.types import type_of

        target = type_of(args[1]) if len(args) > 1 else None
        if target is None:
            raise NotStatic("a cast to a type of the application's own")
        return f"CAST({self.value(args[0])} AS {target})"


def _is_function(value: Call) -> bool:
    """Whether it is called on a name `func` that was imported from SQLAlchemy."""
    return value.on is None and value.name.rpartition(".")[0].rpartition(".")[2] == "func"


def _reads_rows(value: Value) -> bool:
    """Whether it may contain a subquery."""
    while isinstance(value, Call):
        if value.short in ("select", "exists", "subquery", "query"):
            return True
        value = value.on
    return False


def condition_of(conditions: Sequence[Value]) -> Expression | None:
    """The conditions of `.where(...)` and `.filter(...)`, run-time values as literals; None without a condition."""
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


def default_of(value: Value) -> Expression | None:
    """A server default: text in quotes unless it is marked as SQL; None where there is none. Raises NotStatic."""
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
    """The text with bind parameters as literals, of the same length where possible, and escaped colons plain."""

    def one(found: re.Match[str]) -> str:
        many = _IN_BIND.search(sql, 0, found.start()) if "(" not in sql[found.start() - 2 : found.start()] else None
        name = "x" * max(0, len(found[0]) - (4 if many else 2))
        return f"('{name}')" if many else f"'{name}'"

    return BIND.sub(one, sql).replace("\\:", ":")
