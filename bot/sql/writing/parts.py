"""The small parts that every written statement is made of: quoted text, lists, parameters.

How strings are quoted: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Any

from bot.core.language import operations as op
from bot.core.language.names import Name, quote

_BARE_VALUE = re.compile(r"[+-]?\d+(\.\d+)?\Z|[A-Za-z_][A-Za-z0-9_]*\Z|'([^']|'')*'\Z")


Writers = Mapping[type[op.Operation], Callable[[Any], str]]
"""The function that writes an operation, by the operation's class; it takes that class."""


class Unwritable(ValueError):
    """The operation does not keep everything in its statement; the message names what is missing."""


def unkept(operation: op.Operation) -> Unwritable:
    """The error for an operation that keeps less than its statement."""
    return Unwritable(f"{type(operation).__name__} does not keep what its statement says")


def quote_literal(text: str) -> str:
    """The text as a string constant, whatever standard_conforming_strings says."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def dollar_quote(body: str, tag: str = "") -> str:
    """The body between dollar quotes, with the first tag that does not end it early."""
    for candidate in chain([tag], (f"{tag or 'body'}_{number}" for number in count(1))):
        delimiter = f"${candidate}$"
        if (body + delimiter).index(delimiter) == len(body):
            return delimiter + body + delimiter
    raise AssertionError("there are more tags than places in a text")


def words(*parts: str | None) -> str:
    """The parts that are not empty, with a blank between them."""
    return " ".join(part for part in parts if part)


def role(name: str) -> str:
    """A role; PUBLIC, CURRENT_USER and the like are words, not names."""
    return name if name.upper() in ("PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER") else quote(name)


def names(parts: Iterable[Name]) -> str:
    return ", ".join(str(part) for part in parts)


def identifiers(parts: Iterable[str]) -> str:
    return ", ".join(quote(part) for part in parts)


def parenthesised(parts: Iterable[str]) -> str:
    """`(a, b)`, or nothing where there are none."""
    inner = identifiers(parts)
    return f"({inner})" if inner else ""


def parameters(options: Iterable[tuple[str, str | None]]) -> str:
    """`(fillfactor = 70, autovacuum_enabled)`: storage parameters and the like; no options give no parentheses."""
    inner = ", ".join(_parameter(name, value) for name, value in options)
    return f"({inner})" if inner else ""


def _parameter(name: str, value: str | None) -> str:
    label = ".".join(quote(part) for part in name.split("."))
    if value is None:
        return label
    return f"{label} = {value if _BARE_VALUE.match(value) else quote_literal(value)}"
