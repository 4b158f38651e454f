"""Untyped literals as input of a type: what its input function certainly refuses.

Sources: the input functions: numutils.c, bool.c, uuid.c, datetime.c, json.c, arrayfuncs.c, enum.c.
"""

import json
import re
from datetime import date

from bot.core.effects.expressions.coercions import kind_of
from bot.core.language.names import Name
from bot.core.schema.catalog import TypeKind
from bot.core.schema.database import Database

_INTEGERS = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
_MOST_DIGITS = 100
"""More than any whole number has: one so long is too large without being computed."""
_WHOLE = re.compile(r"\s*[+-]?(?:[0-9](?:_?[0-9])*|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)\s*")
_NUMBER = re.compile(
    r"\s*[+-]?(?:(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan|0[xXoObB][0-9a-fA-F_]+)\s*",
    re.IGNORECASE,
)
_UUID = re.compile(r"\{?(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}\}?", re.IGNORECASE)
_TRUTHS = ("true", "false", "yes", "no", "on", "off", "1", "0")
_DATE = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?\s*")
_WORD = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_SPECIAL = frozenset("epoch infinity today tomorrow yesterday now allballs".split())


def refuses(database: Database, type: str, text: str) -> str:
    """The SQLSTATE with which the type's input function refuses the text, "" where it may take it."""
    if type in _INTEGERS:
        if not _WHOLE.fullmatch(text):
            return "22P02"
        digits = text.strip().replace("_", "")
        plain = digits.lstrip("+-").isdigit()
        limit = _INTEGERS[type]
        return "22003" if plain and (len(digits) > _MOST_DIGITS or not -limit <= int(digits) < limit) else ""
    if type in ("numeric", "float4", "float8"):
        return "" if _NUMBER.fullmatch(text) else "22P02"
    if type == "bool":
        word = text.strip().lower()
        return "" if word and any(one.startswith(word) for one in _TRUTHS) and word != "o" else "22P02"
    if type == "uuid":
        return "" if _UUID.fullmatch(text) else "22P02"
    if type in ("json", "jsonb"):
        return _json(text)
    if type in ("date", "timestamp", "timestamptz"):
        return _date(text)
    if type.endswith("[]"):
        stripped = text.strip()
        return (
            "" if (stripped.startswith("{") and stripped.endswith("}")) or re.match(r"\[-?\d+:", stripped) else "22P02"
        )
    if kind_of(database, type) is TypeKind.ENUM:
        schema, _, name = type.rpartition(".")
        return "" if text in database.types[Name(name, schema)].labels else "22P02"
    return ""


def _json(text: str) -> str:
    if re.search(r"\bNaN\b|\bInfinity\b", text):
        return "22P02"
    try:
        json.loads(text, parse_int=len, parse_float=len)
    except RecursionError:
        return ""
    except ValueError:
        return "22P02"
    return ""


def _date(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        word = text.strip().lower().removeprefix("-")
        return "22007" if _WORD.fullmatch(word) and word not in _SPECIAL and not _is_month(word) else ""
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return "22008" if int(found[1]) > 0 else ""
    return ""


def _is_month(word: str) -> bool:
    return word[:3] in "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun".split()
