"""Data types: every spelling PostgreSQL accepts, as the canonical `Type` of the core.

Manual: https://www.postgresql.org/docs/current/datatype.html
"""

from bot.core.language.types import Type
from bot.sql.text.cursor import Cursor
from bot.sql.text.keywords import NOT_TYPES
from bot.sql.text.tokens import NUMBER, QUOTED, STRING

_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_RANGES = {
    "YEAR": ("MONTH",),
    "DAY": ("HOUR", "MINUTE", "SECOND"),
    "HOUR": ("MINUTE", "SECOND"),
    "MINUTE": ("SECOND",),
}
_ONE_WORD = {
    "INT": "int4",
    "INTEGER": "int4",
    "SMALLINT": "int2",
    "BIGINT": "int8",
    "REAL": "float4",
    "BOOLEAN": "bool",
    "JSON": "json",
}
_CHARACTERS = ("CHARACTER", "CHAR", "VARCHAR", "NATIONAL", "NCHAR")
KEYWORD_TYPES = frozenset((*_ONE_WORD, *_CHARACTERS, "FLOAT", "DECIMAL", "DEC", "NUMERIC", "BIT", "TIME", "TIMESTAMP"))
"""Words with a production of their own (column names by category); DOUBLE PRECISION and INTERVAL are separate."""


def data_type(c: Cursor) -> Type:
    """A type: Typename without SETOF."""
    return _dimensions(c, simple_type(c))


def returned_type(c: Cursor) -> str:
    """The type of a result (SETOF and %TYPE allowed), as text."""
    first = c.at
    parameter_type(c)
    return c.text(first)


def parameter_type(c: Cursor) -> str:
    """The type of a parameter (SETOF and %TYPE allowed) by its name in pg_type: `int4`, `s.mood[]`; %TYPE as text."""
    first = c.at
    c.eat("SETOF")
    if c.word not in KEYWORD_TYPES and (c.kind == QUOTED or c.word not in NOT_TYPES) and _is_percent_type(c):
        return c.text(first)
    found = data_type(c)
    schema = "" if found.schema in (None, "pg_catalog") else f"{found.schema}."
    return f"{schema}{found.name}{'[]' if found.dimensions else ''}"


def _is_percent_type(c: Cursor) -> bool:
    start = c.at
    if c.ahead() != ".":
        return False
    c.type_or_function_name()
    while c.eat("."):
        c.label()
    if c.eat("%", "TYPE"):
        return True
    c.at = start
    return False


def simple_type(c: Cursor) -> Type:
    """A type without array bounds."""
    word = c.word if c.ahead() != "." else ""
    if word in KEYWORD_TYPES:
        return constant_type(c)
    if word == "INTERVAL":
        c.at += 1
        return interval(c)
    if word == "DOUBLE" and c.eat("DOUBLE", "PRECISION"):
        return Type("float8")
    return _named(c)


def constant_type(c: Cursor) -> Type:
    """A type with its own key words: numbers, characters, bits, times, json."""
    word = c.word
    c.at += 1
    if word in _ONE_WORD:
        return Type(_ONE_WORD[word])
    if word in ("DECIMAL", "DEC", "NUMERIC"):
        return Type("numeric", modifiers=modifiers(c))
    if word == "FLOAT":
        return _float(c)
    if word == "BIT":
        varying = c.eat("VARYING")
        given = modifiers(c)
        return Type("varbit" if varying else "bit", modifiers=given or (() if varying else ("1",)))
    if word in ("TIME", "TIMESTAMP"):
        return _time(c, word)
    return _character(c, word)


def interval(c: Cursor) -> Type:
    """What follows INTERVAL: a precision, or fields with or without one."""
    if c.is_at("("):
        return Type("interval", modifiers=_precision(c))
    fields, given = interval_fields(c)
    return Type("interval", modifiers=given, fields=fields)


def interval_fields(c: Cursor) -> tuple[str, tuple[str, ...]]:
    """`day to second(3)` and the like, "" where there is no field."""
    first = c.eat_any(*_FIELDS)
    if not first:
        return "", ()
    last = c.need_any(*_RANGES.get(first, ())) if c.is_at("TO") and c.eat("TO") else ""
    given = _precision(c) if (last or first) == "SECOND" and c.is_at("(") else ()
    return f"{first} to {last}".lower() if last else first.lower(), given


def modifiers(c: Cursor) -> tuple[str, ...]:
    """The texts in the parentheses after a type, if present."""
    if not c.eat("("):
        return ()
    given = c.listed(_modifier)
    c.need(")")
    return tuple(given)


def _modifier(c: Cursor) -> str:
    """The text of a constant or name.

    gram.y takes any expression (expr_list), but PostgreSQL refuses others later: "type modifiers must be simple
    constants or identifiers" (typenameTypeMod in parse_type.c). So types need no expressions, and stay outside
    their circle.
    """
    first = c.at
    _constant_or_name(c)
    return "".join(c.text(first).split())


def _constant_or_name(c: Cursor) -> None:
    if c.eat("("):
        _constant_or_name(c)
        c.need(")")
    elif c.kind == STRING:
        c.string()
    elif c.kind == NUMBER or c.is_at_any("+", "-"):
        c.signed()
    else:
        # As in geometry(Point, 4326). The parser treats it as a column, so it is noted as one.
        start = c.at
        name = c.name()
        c.found.columns.append((name, None, c.offset(start), c.tokens.ends[start]))


def _precision(c: Cursor) -> tuple[str, ...]:
    c.need("(")
    given = c.integer()
    c.need(")")
    return (str(given),)


def _float(c: Cursor) -> Type:
    if not c.is_at("("):
        return Type("float8")
    bits = int(_precision(c)[0])
    if not 1 <= bits <= 53:
        c.fail("the precision of float lies between 1 and 53")
    return Type("float4" if bits <= 24 else "float8")


def _time(c: Cursor, word: str) -> Type:
    given = _precision(c) if c.is_at("(") else ()
    name = word.lower()
    # WITH before TIME is a token of its own (WITH_LA, WITHOUT_LA), so no other WITH is lost here.
    if c.eat("WITH", "TIME", "ZONE"):
        return Type(name + "tz", modifiers=given)
    c.eat("WITHOUT", "TIME", "ZONE")
    return Type(name, modifiers=given)


def _character(c: Cursor, word: str) -> Type:
    if word == "NATIONAL":
        c.need_any("CHARACTER", "CHAR")
    varying = word == "VARCHAR" or c.eat("VARYING")
    given = (str(_precision(c)[0]),) if c.is_at("(") else ()
    return Type("varchar" if varying else "bpchar", modifiers=given or (() if varying else ("1",)))


def _named(c: Cursor) -> Type:
    parts = [c.type_or_function_name()]
    while c.eat("."):
        parts.append(c.label())
    given = modifiers(c)
    schema = parts[-2] if len(parts) > 1 else None
    if schema == "pg_catalog":
        schema = None
    return Type(parts[-1], schema, given)


def _dimensions(c: Cursor, element: Type) -> Type:
    count = 0
    if c.eat("ARRAY"):
        count = 1
        if c.eat("["):
            c.integer()
            c.need("]")
    else:
        while c.eat("["):
            if c.kind == NUMBER:
                c.integer()
            c.need("]")
            count += 1
    return Type(element.name, element.schema, element.modifiers, count, element.fields) if count else element
