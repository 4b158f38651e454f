"""Path patterns as repositories write them: `*` within a folder, `**` across folders, `?`, `{a,b}`."""

import re
from functools import lru_cache


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path fits the pattern; `db/**` fits everything below db, `**/x.sql` also `x.sql`."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_pieces(pattern.removeprefix("./"))), re.DOTALL)


def _pieces(pattern: str) -> list[str]:
    pieces: list[str] = []
    position, braces = 0, 0
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("**/", position):
            pieces.append("(?:.*/)?")
            position += 3
            continue
        if pattern.startswith("**", position):
            pieces.append(".*")
            position += 2
            continue
        if character == "*":
            pieces.append("[^/]*")
        elif character == "?":
            pieces.append("[^/]")
        elif character == "{" and "}" in pattern[position:]:
            pieces.append("(?:")
            braces += 1
        elif character == "}" and braces:
            pieces.append(")")
            braces -= 1
        elif character == "," and braces:
            pieces.append("|")
        else:
            pieces.append(re.escape(character))
        position += 1
    return pieces + [")"] * braces
