"""Which line of a text a character is on; everything that reads migrations counts lines this way."""

import re
from bisect import bisect_right
from functools import lru_cache

from bot.core.language.migrations import Lines

_NEWLINE = re.compile(r"\n")


class LineTable:
    """Where the lines of a text begin.

    A line ends with `\\n`, that of `\\r\\n` included, and with nothing else. Git, GitHub, PostgreSQL and the parsers of
    Python and Ruby count the same way. `str.splitlines` also ends a line at form feeds, U+2028 and seven others.
    """

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(newline.end() for newline in _NEWLINE.finditer(text))]

    def line(self, offset: int) -> int:
        """The line of a character, 1-based."""
        return bisect_right(self._starts, offset)

    def lines(self, start: int, end: int) -> Lines:
        """The lines of the characters from `start` to before `end`."""
        return Lines(self.line(start), self.line(max(start, end - 1)))


@lru_cache(maxsize=1)
def lines_of(text: str) -> LineTable:
    """The table of the current file, cached because it is needed again and again."""
    return LineTable(text)
