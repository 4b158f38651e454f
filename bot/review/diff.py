"""Which lines of a changed file can carry a comment: those that the diff shows on its right side."""

import re
from collections.abc import Iterator, Sequence

from bot.core.language.migrations import Lines
from bot.review.hub import ChangedFile

_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


def shown_lines(changed: Sequence[ChangedFile]) -> dict[str, tuple[Lines, ...]]:
    """The lines that the diff shows of each file, by path; a file without a patch shows none."""
    return {file.path: hunks(file.patch) for file in changed if file.patch is not None}


def hunks(patch: str) -> tuple[Lines, ...]:
    """The lines of the head's file in each hunk of a `patch` (a unified diff without file headers).

    `first` > `last` if a hunk shows none of them.
    """
    return tuple(_parsed(patch))


def fits(shown: Sequence[Lines], first: int, last: int) -> bool:
    """Whether a comment may span these lines: GitHub accepts only lines of one hunk."""
    return first <= last and any(hunk.first <= first and last <= hunk.last for hunk in shown)


def nearest(shown: Sequence[Lines], first: int, last: int) -> tuple[int, int] | None:
    """The part of these lines that a comment may span, the longest if there are several; None if none is shown."""
    parts = [(max(first, hunk.first), min(last, hunk.last)) for hunk in shown]
    return max((part for part in parts if part[0] <= part[1]), key=lambda part: part[1] - part[0], default=None)


def _parsed(patch: str) -> Iterator[Lines]:
    """Counts the lines themselves: a header that claims more than follows is not believed."""
    first, shown = 0, -1
    for line in patch.split("\n"):
        header = _HEADER.match(line)
        if header:
            if shown >= 0:
                yield Lines(first, first + shown - 1)
            first, shown = int(header[1]), 0
        elif shown >= 0 and line[:1] in ("+", " "):
            shown += 1
    if shown >= 0:
        yield Lines(first, first + shown - 1)
