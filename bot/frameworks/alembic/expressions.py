"""SQL inside Python: literal text, `sa.text`, functions and comparisons, as the SQL they become."""

import re

from bot.core.expression import Expression
from bot.core.names import quote
from bot.frameworks.alembic.values import Attribute, Construct, Unknown, Value
from bot.sql import read_expression

BIND = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)(?!:)")


class NotSql(Exception):
    """It cannot be told which SQL this becomes; the message is the reason for the author."""


def sql_of(value: Value) -> str:
    """The SQL that a value becomes. Raises NotSql."""
    match value:
        case str():
            return unbound(value)
        case Construct(short="text" | "literal_column" | "DDL", args=(first, *_)):
            return sql_of(first)
        case Construct(short="bindparams" | "execution_options" | "columns", on=on):
            return sql_of(on)
        case Construct(short="inline_literal" | "literal", args=(first, *_)):
            return literal(first)
        case Construct(short="column" | "Column", args=(str() as name, *_)):
            return quote(name)
        case Construct(short="cast", args=(inner, to, *_)):
            from bot.frameworks.alembic.types import type_of

            target = type_of(to)
            if target is None:
                raise NotSql("a cast to a type of the application's own")
            return f"CAST({sql_of(inner)} AS {target})"
        case Construct(name=name, args=args) if name.startswith("sqlalchemy.") and ".func." in f"{name}.":
            return f"{name.rpartition('.')[2]}({', '.join(sql_of(argument) for argument in args)})"
        case Construct(short=short, args=(), on=on) if short in (
            "desc",
            "asc",
            "nullslast",
            "nulls_last",
            "nullsfirst",
        ):
            return f"{sql_of(on)} {_ORDERS[short]}"
        case Construct(short=("desc" | "asc") as short, args=(inner,)):
            return f"{sql_of(inner)} {short.upper()}"
        case Attribute(name="null") | Construct(short="null") | None:
            return "NULL"
        case Construct(short=("true" | "false") as short):
            return short
        case Attribute(name=name, of=of) if of is not None:
            return quote(name)
        case Unknown(reason=reason):
            raise NotSql(reason)
        case bool() | int() | float():
            return literal(value)
        case _:
            raise NotSql("an SQL expression built at run time")


_ORDERS = {
    "desc": "DESC",
    "asc": "ASC",
    "nullslast": "NULLS LAST",
    "nulls_last": "NULLS LAST",
    "nullsfirst": "NULLS FIRST",
}


def default_of(value: Value) -> Expression | None:
    """A server default: text in quotes unless it says it is SQL; None where there is none. Raises NotSql."""
    match value:
        case None | False:
            return None
        case str():
            return read_expression(literal(value))
        case Construct(short="Computed" | "Identity" | "FetchedValue") | Attribute():
            return None
        case Construct(short="DefaultClause", args=(first, *_)):
            return default_of(first)
        case _:
            return read_expression(sql_of(value))


def literal(value: Value) -> str:
    """A Python value as an SQL literal. Raises NotSql."""
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
            raise NotSql(reason)
        case _:
            raise NotSql("a value computed at run time")


def unbound(sql: str) -> str:
    """The text with bind parameters as literals of the same length, and escaped colons plain, same length too."""
    return BIND.sub(lambda found: "'" + "x" * (len(found[0]) - 2) + "'", sql).replace("\\:", " :")
