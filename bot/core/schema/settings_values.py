"""Values of PostgreSQL's settings: durations with their units, lists of schemas, time zones.

The patterns give nothing back of what they took: somebody may write a value only to make them try again and again.
"""

import math
import re

from bot.core.language.numbers import whole

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(
    r"\s*+([+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?|0[xX][0-9a-fA-F]++)\s*+([a-zA-Z]*+)\s*+\Z", re.ASCII
)
_SCHEMA = re.compile(r'\s*+(?:"((?:[^"]|"")*+)"|([^,"]*+))\s*+(?:,|\Z)')
_UTC = frozenset({"utc", "gmt", "etc/utc", "etc/gmt", "zulu", "etc/zulu", "uct", "etc/uct", "universal", "greenwich"})


def in_seconds(value: str) -> float | None:
    """A timeout's value in seconds: milliseconds where no unit is given; None where it is no duration, or endless."""
    found = _DURATION.match(value)
    if found is None:
        return None
    number = whole(found[1]) if found[1][:2].lower() == "0x" else float(found[1])
    unit = _UNITS.get(found[2]) if found[2] else 1e-3
    if number is None or unit is None:
        return None
    return number * unit if math.isfinite(number * unit) else None


def schemas(value: str) -> tuple[str, ...]:
    """The schemas of a search_path; "$user" never counts: the schema is not known to exist."""
    found: list[str] = []
    position = 0
    while position < len(value):
        match = _SCHEMA.match(value, position)
        if match is None or match.end() == position:
            break
        position = match.end()
        name = match[1].replace('""', '"') if match[1] is not None else match[2].strip()
        if name and name != "$user":
            found.append(name)
    return tuple(dict.fromkeys(found))


def is_utc(zone: str | None) -> bool | None:
    """Whether timestamps with and without time zone are the same in it; None where the zone is not known."""
    if zone is None:
        return None
    plain = zone.strip().strip("'\"").lower()
    return plain in _UTC or re.fullmatch(r"(etc/)?gmt[+-]?0|[+-]?0+(:00)?", plain) is not None
