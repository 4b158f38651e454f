"""Path patterns as repositories write them: `*` within a folder, `**` across folders, `?`, `{a,b}`."""

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]++")
_BRACES = re.compile(r"\{([^{}]*+)\}")
_WITHIN = re.compile(r"(?<=[^/])\*\*/")
"""Two stars and a slash that do not begin a folder: nothing, or two stars and then this very slash."""
_NOTHING = "\0"
_FOLDERS, _ANYTHING, _SEGMENTS = "(?:.*?/)??", ".*?", "(?:[^/]*+/)*?"
"""What `**/`, `**` and a `**` before a `*` leap over."""
_MOST_ALTERNATIVES = 256


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path fits the pattern; `db/**` fits everything below db, `**/x.sql` also `x.sql`.

    Of a pattern with braces the first 256 alternatives count.
    """
    return any(one.match(path) is not None for one in _compiled(pattern))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Sequence[re.Pattern[str]]:
    return [re.compile(_regex(one), re.DOTALL) for one in _alternatives(pattern.removeprefix("./"))]


def _alternatives(pattern: str) -> list[str]:
    waiting, found = [pattern], list[str]()
    while waiting and len(found) < _MOST_ALTERNATIVES:
        first = waiting.pop()
        if (braces := _BRACES.search(first)) is not None:
            place, options = braces, list(dict.fromkeys(braces[1].split(",")))
        elif (stars := _WITHIN.search(first)) is not None:
            place, options = stars, ["", f"**{_NOTHING}/"]
        else:
            found.append(first)
            continue
        waiting += (first[: place.start()] + option + first[place.end() :] for option in reversed(options))
    return found


def _regex(pattern: str) -> str:
    """What stands between two `**` is looked for at the first place where it fits, and so is what follows a `*`.

    A later place would leave less for the rest, so nothing is tried twice, however long the path is.
    """
    runs: list[tuple[str, list[str]]] = [("", [""])]
    for token in _TOKEN.findall(pattern):
        if token in ("**", "**/"):
            runs.append((_FOLDERS if token == "**/" else _ANYTHING, [""]))
        elif token == "*":
            runs[-1][1].append("")
        else:
            runs[-1][1][-1] += "[^/]" if token == "?" else re.escape(token.replace(_NOTHING, ""))
    (_, first), *between = map(_by_segment, runs)
    if not between:
        return _last(first)
    *between, (jump, last) = between
    return _run(first) + "".join(f"(?>{before}{_run(parts)})" for before, parts in between) + jump + _last(last)


def _by_segment(run: tuple[str, list[str]]) -> tuple[str, list[str]]:
    """After `**`, a part that a `*` follows is looked for once a segment of the path: what does not follow its first
    place there follows no later one."""
    jump, parts = run
    return (_SEGMENTS, ["", *parts]) if jump == _ANYTHING and len(parts) > 1 else run


def _run(parts: Sequence[str]) -> str:
    first, *others = parts
    return first + "".join(f"(?>[^/]*?{part})" for part in others)


def _last(parts: Sequence[str]) -> str:
    """Up to the end of the path."""
    *before, last = parts
    return f"{_run(before)}[^/]*{last}\\Z" if before else f"{last}\\Z"
