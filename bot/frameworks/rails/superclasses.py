"""Superclasses that an application has for its migrations."""

import re
from collections.abc import Sequence

from bot.core.record import record
from bot.frameworks.ruby.library import MOST_FILES

_VERSION = re.compile(r"Migration\[(\d+\.\d+)\]")
_OUTSIDE = re.compile(
    r"\bdisable_ddl_transaction!|\bdisable_ddl_transaction\s*+=\s*+true|"
    r"\bdef\s++disable_ddl_transaction\s(?:(?!\bdef\b)[^#])*?\btrue\b"
)


@record
class Superclass:
    """What a migration inherits from a class of the application; `version` None where that is not written."""

    version: float | None
    outside: bool


def superclass_named(name: str, texts: Sequence[str]) -> Superclass | None:
    """The class of that name (its last part), where it is itself a migration."""
    last = name.rpartition("::")[2]
    pattern = re.compile(rf"^[ \t]*+class\s++(?:[\w:]+::)?{re.escape(last)}\s*<\s*(\S+)", re.MULTILINE)
    for text in texts[:MOST_FILES]:
        found = pattern.search(text)
        if found and "Migration" in found[1]:
            version = _VERSION.search(found[1])
            return Superclass(float(version[1]) if version else None, _OUTSIDE.search(text) is not None)
    return None
