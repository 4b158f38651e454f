"""Which lines of a changed file can carry a comment: those that the diff shows on its right side."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONTEXT = 3
_HEADER = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_SLOW = 3_000
"""Lines above which two texts are not compared: what lies between their common ends counts as one change."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of the head's file, 1-based, both included; `first` > `last` where the hunk shows none."""

    first: int
    last: int


def hunks(patch: str) -> tuple[Hunk, ...]:
    """The hunks of a unified diff without file headers, as in the `patch` of a changed file."""
    return tuple(_parsed(patch))


def fits(shown: Sequence[Hunk], first: int, last: int) -> bool:
    """Whether a comment may span these lines: GitHub takes only lines of one hunk."""
    return first <= last and any(hunk.first <= first and last <= hunk.last for hunk in shown)


def nearest(shown: Sequence[Hunk], first: int, last: int) -> tuple[int, int] | None:
    """The part of these lines that a comment may span, the longest where several may; None where none is shown."""
    parts = [(max(first, hunk.first), min(last, hunk.last)) for hunk in shown]
    return max((part for part in parts if part[0] <= part[1]), key=lambda part: part[1] - part[0], default=None)


def compared(old: str, new: str) -> tuple[Hunk, ...]:
    """The hunks between two texts, for a file whose patch GitHub leaves out."""
    before, after = _lines(old), _lines(new)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old_middle, new_middle = before[start : len(before) - end], after[start : len(after) - end]
    if not old_middle and not new_middle:
        return ()
    changes = [(0, len(new_middle))]
    if len(old_middle) + len(new_middle) <= _SLOW:
        matcher = difflib.SequenceMatcher(None, old_middle, new_middle, autojunk=False)
        changes = [(j1, j2) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag != "equal"]
    return tuple(_joined([(start + j1, start + j2) for j1, j2 in changes], len(after)))


def _parsed(patch: str) -> Iterator[Hunk]:
    """Counts the lines themselves: a header that claims more than follows is not believed."""
    first, shown = 0, -1
    for line in patch.split("\n"):
        header = _HEADER.match(line)
        if header:
            if shown >= 0:
                yield Hunk(first, first + shown - 1)
            first, shown = int(header[1]), 0
        elif shown >= 0 and line[:1] in ("+", " "):
            shown += 1
    if shown >= 0:
        yield Hunk(first, first + shown - 1)


def _joined(changes: Sequence[tuple[int, int]], length: int) -> Iterator[Hunk]:
    """Changed spans of the new text, with their context, those that touch taken together."""
    first, last = 0, -1
    for start, end in changes:
        if last >= 0 and start - CONTEXT <= last:
            last = min(end + CONTEXT, length)
            continue
        if last >= 0:
            yield Hunk(first + 1, last)
        first, last = max(start - CONTEXT, 0), min(end + CONTEXT, length)
    if last >= 0:
        yield Hunk(first + 1, last)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))


def _lines(text: str) -> list[str]:
    """Lines with their ends, as git counts them: a newline ends one, nothing else does."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
