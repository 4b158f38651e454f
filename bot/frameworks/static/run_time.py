"""SQL with parts known only at run time: which of them are values, so that the statement is known without them."""

import re

from bot.core.language import operations as op
from bot.core.record import record
from bot.frameworks.static.values import RUN_TIME

LITERAL = "'x'"
"""The place of a value that is known only at run time."""
REASON = "a part of this SQL that is not a value is put together at run time"

_PIECE = re.compile(
    rf"""--[^\n]*
    | /\*.*?(?:\*/|\Z)
    | '(?:[^']|'')*(?:'|\Z)
    | "(?:[^"]|"")*(?:"|\Z)
    | {RUN_TIME}+
    | [^'"$/\-{RUN_TIME}]+""",
    re.VERBOSE | re.DOTALL,
)
_DOLLARS = re.compile(r"\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)", re.DOTALL)
_VALUES = re.compile(r"\bVALUES\s*$", re.IGNORECASE)
_SHOWN = repr(RUN_TIME).strip("'")
_IN = re.compile(r"\bIN\s*$", re.IGNORECASE)
_ADJOINING = re.compile(r"[\w$\".]")
_NOTHING = " ? ? "
"""No statement can be read with this in it."""


@record
class Filled:
    """A text without RUN_TIME, and the places of the replacements: as a value, or (`odd`) as part of something else."""

    text: str
    odd: bool = False
    marks: tuple[tuple[int, int], ...] = ()
    rows: tuple[int, ...] = ()
    """Where the rows of VALUES are assembled at run time, so that their number is not known."""

    def touches(self, start: int, end: int) -> bool:
        """Whether the text from `start` to `end` has a run-time part."""
        return any(first < end and last > start for first, last in self.marks)


def without_run_time(sql: str) -> str | None:
    """The text with a literal for each run-time part; None where one of them cannot be a value."""
    filled = fill(sql)
    return None if filled.odd else filled.text


def fill(sql: str) -> Filled:
    """The text with literals for run-time parts; a part that is not a value makes it unreadable."""
    if RUN_TIME not in sql:
        return Filled(sql)
    made: list[str] = []
    length = position = 0
    marks: list[tuple[int, int]] = []
    rows: list[int] = []
    odd = False
    while position < len(sql):
        piece = _DOLLARS.match(sql, position) if sql[position] == "$" else _PIECE.match(sql, position)
        text = piece[0] if piece is not None else sql[position]
        end = position + len(text)
        if RUN_TIME in text:
            before, after = sql[max(0, position - 40) : position], sql[end : end + 1]
            replaced = _replaced(text, before, after)
            odd = odd or replaced is None
            text = replaced if replaced is not None else _NOTHING
            marks.append((length, length + len(text)))
            rows += [length] if _VALUES.search(before) else []
        made.append(text)
        length += len(text)
        position = end
    return Filled("".join(made), odd, tuple(marks), tuple(rows))


def of_rows(operations: tuple[op.Operation, ...]) -> bool:
    """Whether these only read or change rows, so that an unknown value does not matter."""
    return all(isinstance(one, op.Insert | op.Update | op.Delete | op.Merge | op.Select) for one in operations)


def waits(operations: tuple[op.Operation, ...]) -> bool:
    """Whether the operations contain a run-time part."""
    return _SHOWN in repr(operations)


def _replaced(text: str, before: str, after: str) -> str | None:
    if text.startswith('"'):
        return None
    if not text.startswith(RUN_TIME):
        return text.replace(RUN_TIME, "x")
    if _ADJOINING.search(before[-1:]) or _ADJOINING.match(after):
        return None
    return f"({LITERAL})" if _IN.search(before) or _VALUES.search(before) else LITERAL
