"""Leaves rows of constants out of a long VALUES list: they need counting, not reading.

A seed of 100,000 rows in one INSERT would take seconds to split into tokens, and only the number of its rows is
ever needed. So one pattern finds the rows in the masked text before there are tokens, and blanks them.
"""

import re
from functools import lru_cache

from bot.core.record import record
from bot.sql.text.keywords import NOT_TYPES

LONG = 20_000
"""Characters; shorter statements are read whole."""

_WORDS = "null|true|false|default|current_timestamp"
_LITERAL = r"'[^']*' | -?[0-9]+(?:\.[0-9]+)?(?![0-9a-z_.])"
_VALUES = re.compile(r"\bvalues\s*(?=\()", re.IGNORECASE)
_NEXT_ROW = re.compile(r"\)\s*,\s*(?=\()")


@lru_cache(maxsize=1)
def _row() -> re.Pattern[str]:
    """A row of constants and of calls of constants, with the comma to the next row. Costly to compile."""
    name = rf"(?!(?:{'|'.join(sorted(NOT_TYPES)).lower()})\b)[a-z_][a-z0-9_]*"
    simple = rf"""
        (?: '[^']*' (?:\s*::\s*{name}(?:\[\])?(?![a-z0-9_$.(\[:]))? | {_LITERAL} | (?:{_WORDS})(?![a-z0-9_$.(:]) )
    """
    several = rf"{simple}(?:\s*,\s*{simple})*\s*"
    array = rf"array\[\s*{several}\](?:\s*::\s*{name}\[\])?(?![a-z0-9_$.(\[:])"
    constant = rf"(?: {simple} | {array} | {name}\(\s*(?:{several})?\)(?![a-z0-9_$.(:]) )"
    return re.compile(rf"\(\s*{constant}(?:\s*,\s*{constant})*\s*\)\s*,\s*(?=\()", re.VERBOSE | re.IGNORECASE)


@record
class Shortened:
    """The text with the rows blanked, and the offsets where they began."""

    text: str
    rows: list[int]


def blank_rows(masked: str) -> Shortened | None:
    """The masked text without the rows that need no reading; None where there are none."""
    values = _VALUES.search(masked)
    if values is None:
        return None
    a_row = _row()
    pieces: list[str] = []
    rows: list[int] = []
    done = 0
    at = values.end()
    while at >= 0:
        row = a_row.match(masked, at)
        if row is None:
            at = _after_row(masked, at)
            continue
        pieces += (masked[done : row.start()], " " * (row.end() - row.start()))
        rows.append(row.start())
        done = at = row.end()
    if not rows:
        return None
    pieces.append(masked[done:])
    return Shortened("".join(pieces), rows)


def _after_row(masked: str, at: int) -> int:
    """Where the next row may begin, -1 where none follows."""
    found = _NEXT_ROW.search(masked, at)
    return found.end() if found is not None else -1
