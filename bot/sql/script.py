"""A file of SQL, read: its statements and comments, with their places in the file."""

from dataclasses import dataclass

from bot.core.migrations import Lines
from bot.core.operations import Operation, Unread


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """One statement of a script.

    `start` and `end` are character offsets in the text, from its first token to behind its last, without the
    semicolon and without comments before it; `sql` is that text. `inside` is "DO" for the static statements in
    the body of a DO block; they follow the `Do` and have the offsets and lines of the file.
    """

    operations: tuple[Operation, ...]
    start: int
    end: int
    lines: Lines
    sql: str
    inside: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its dashes or slashes; `line` is the one it begins on, 1-based."""

    text: str
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """`meta` are psql's own commands that need no judging (`\\set`, `\\echo`), COPY data not among them."""

    statements: tuple[ReadStatement, ...] = ()
    comments: tuple[Comment, ...] = ()
    meta: tuple[Comment, ...] = ()


def read_script(text: str) -> Script:
    """Everything in the text, in its order. Never raises; what cannot be read is an `Unread` with its reason."""
    lines = Lines(1, text.count("\n") + 1)
    return Script((ReadStatement((Unread("the reader is not there yet"),), 0, len(text), lines, text),))
