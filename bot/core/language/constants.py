"""Constants as they stand in SQL: of a bound, a CHECK, VALUES."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

Value = Decimal | datetime | str

# Text, compiled by `re` where the first condition is read: most checks read none, and it is the slowest to compile.
_TOKEN = (
    r"""(?xs)\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$]*|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+"""
    r"""|::|<=|>=|<>|!=|[-+*/<>=~!@\#%^&|`?]+|."""
)


@lru_cache(2048)
def constant(text: str, zone: tzinfo | None = None) -> Value | None:
    """The value of a constant as written in a bound or a CHECK; None where it is not a constant.

    A time without an offset is in `zone`, the session's, where that is known.
    """
    return constant_of(tokens_of(text), zone)


def are_comparable(one: Value, other: Value) -> bool:
    """Whether the two are values of one kind: a time with an offset and one without cannot be told apart or ordered."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return (one.tzinfo is None) is (other.tzinfo is None)
    return type(one) is type(other)


@lru_cache(64)
def zone_called(name: str) -> tzinfo | None:
    """The time zone that a setting of TimeZone names; None where it is not known here, as an abbreviation is not."""
    if name.lower() in ("utc", "gmt", "etc/utc", "etc/gmt", "zulu", "universal"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def tokens_of(text: str) -> list[str]:
    """Words, numbers, strings and signs of an expression, without the blanks."""
    return [token for token in re.findall(_TOKEN, text) if not token.isspace()]


def constant_of(tokens: list[str], zone: tzinfo | None = None) -> Value | None:
    """As `constant`, of tokens."""
    tokens = unwrapped(tokens)
    cast = ""
    while "::" in tokens and outside(tokens, position := len(tokens) - 1 - tokens[::-1].index("::")):
        cast = cast or " ".join(tokens[position + 1 :]).lower()
        tokens = unwrapped(tokens[:position])
    if len(tokens) >= 2 and tokens[-1].startswith("'") and re.match(r"[a-zA-Z]", tokens[0]):
        cast, tokens = " ".join(tokens[:-1]).lower(), tokens[-1:]
    sign = 1
    if len(tokens) == 2 and tokens[0] in ("-", "+"):
        sign, tokens = (-1 if tokens[0] == "-" else 1), tokens[1:]
    if len(tokens) != 1:
        return None
    token = tokens[0]
    if token.startswith("'"):
        value = _string(token[1:-1].replace("''", "'"), cast)
        return value.replace(tzinfo=zone) if isinstance(value, datetime) and value.tzinfo is None else value
    number = _number(token)
    return None if number is None else number.copy_negate() if sign < 0 else number


def _string(text: str, cast: str) -> Value:
    """A quoted constant; if it looks like a date it is read as a date, since it is only compared with other dates."""
    if cast.split("(")[0].strip() in ("integer", "int", "int4", "bigint", "int8", "smallint", "int2", "numeric"):
        number = _number(text)
        return text if number is None else number
    if re.match(r"\d{4}-\d\d-\d\d", text):
        try:
            return datetime.fromisoformat(text) if len(text) > 10 else _midnight(date.fromisoformat(text))
        except ValueError:
            return text
    return text


def _number(text: str) -> Decimal | None:
    """A number that can be compared with any other: not NaN."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def unwrapped(tokens: list[str]) -> list[str]:
    while len(tokens) >= 2 and tokens[0] == "(" and tokens[-1] == ")" and _closes_last(tokens):
        tokens = tokens[1:-1]
    return tokens


def _closes_last(tokens: list[str]) -> bool:
    depth = 0
    for position, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if depth == 0:
            return position == len(tokens) - 1
    return False


def outside(tokens: list[str], position: int) -> bool:
    """Whether the token is outside all parentheses, brackets and CASE."""
    depth = 0
    for token in tokens[:position]:
        depth += (token in ("(", "[") or token.lower() == "case") - (token in (")", "]") or token.lower() == "end")
    return depth == 0
