"""Leaves rows of constants out of a long VALUES list: they need counting, not reading."""

import re
from dataclasses import dataclass

LONG = 20_000
"""Characters; shorter statements are read whole."""

_TYPES = "text|varchar|date|timestamp|timestamptz|time|interval|json|jsonb|uuid|numeric|bigint|integer|int|bytea"
_CALLS = "now|clock_timestamp|gen_random_uuid|uuid_generate_v4"
_CONSTANT = rf"""
    (?: '[^']*' (?:\s*::\s*(?:{_TYPES})(?:\[\])?(?![a-z0-9_$.(\[:]))? | -?[0-9]+(?:\.[0-9]+)?(?![0-9a-z_.])
      | (?:null|true|false|default|current_timestamp|(?:{_CALLS})\(\)) (?![a-z0-9_$.(:]) )
"""
_ROW = re.compile(rf"\(\s*{_CONSTANT}(?:\s*,\s*{_CONSTANT})*\s*\)\s*,\s*(?=\()", re.VERBOSE | re.IGNORECASE)
_VALUES = re.compile(r"\bvalues\s*(?=\()", re.IGNORECASE)
_NEXT_ROW = re.compile(r"\)\s*,\s*(?=\()")


@dataclass(frozen=True, slots=True)
class Shortened:
    """The text with blanks for the rows, which began at these offsets."""

    text: str
    rows: list[int]


def blank_rows(masked: str) -> Shortened | None:
    """The masked text without the rows it can do without; None where it has none."""
    values = _VALUES.search(masked)
    if values is None:
        return None
    pieces: list[str] = []
    rows: list[int] = []
    done = 0
    at = values.end()
    while at >= 0:
        row = _ROW.match(masked, at)
        if row is None:
            at = _behind_row(masked, at)
            continue
        pieces += (masked[done : row.start()], " " * (row.end() - row.start()))
        rows.append(row.start())
        done = at = row.end()
    if not rows:
        return None
    pieces.append(masked[done:])
    return Shortened("".join(pieces), rows)


def _behind_row(masked: str, at: int) -> int:
    """Where the next row may begin, -1 where none follows."""
    found = _NEXT_ROW.search(masked, at)
    return found.end() if found is not None else -1
