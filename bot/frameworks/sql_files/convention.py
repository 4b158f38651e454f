"""What distinguishes a tool for files of SQL from the others: values and pure functions."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile, Want
from bot.core.judging.history import History
from bot.core.language.migrations import Migration, Scope
from bot.core.record import record
from bot.frameworks.sql_files.naming import ending_of
from bot.frameworks.sql_files.versions import Units


@record
class Section:
    """A part of the file that the tool sends, by character offsets.

    `wrapped`: the tool opens a transaction around it; `split`: it sends each statement separately, else all as
    one string. `because` completes "runs in a transaction: ...".
    """

    start: int
    end: int
    wrapped: bool = field(kw_only=True)
    split: bool = field(kw_only=True)
    because: str = ""
    scope: Scope = Scope.EXPLICIT


@record
class Refused:
    """A part that the tool refuses, or that cannot be read."""

    start: int
    end: int
    reason: str


@record
class Layout:
    """A file as its tool sees it; comments above the first section belong to that section."""

    sections: tuple[Section, ...]
    transactional: bool | None = field(kw_only=True)
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    down: tuple[tuple[int, int], ...] = ()
    """The offsets of the part that undoes the file: never judged, but kept in step with the up side."""


@record
class Edit:
    """Characters of a file and what replaces them."""

    start: int
    end: int
    text: str


NO_EDIT = Edit(0, 0, "")
"""Where the tool detects that a file must run outside a transaction."""


@record
class Body:
    """The content of a new file: statements without semicolons, and those that undo them (None: cannot be undone)."""

    path: str
    up: tuple[str, ...]
    down: tuple[str, ...] | None
    transactional: bool = field(kw_only=True)


@record
class Companion:
    """A file that must be beside a new file for the tool to run the new file as intended."""

    path: str
    text: str


@record
class CannotRunOutside:
    """The tool runs this file in a transaction, whatever its content.

    `because` is a clause for the author ("Play runs all pending evolutions in one transaction"), `instead` a sentence
    on what they can do with this tool, "" where the only way is to run the statement by hand.
    """

    because: str
    instead: str = ""


@record
class Undo:
    """Where a tool has what undoes a file in a file of its own.

    `path_of` is the path of that file, None where a file of this name has none; `compose` is its text, for a body that
    can be undone. `expected`: every file has one; else only where the author's has.
    """

    path_of: Callable[[str], str | None]
    compose: Callable[[Body, Migration], str]
    expected: bool = True


def _nothing_wanted(_paths: Iterable[str]) -> Sequence[Want]:
    return ()


def _no_companion(_body: Body, _like: Migration) -> Companion | None:
    return None


def _no_other_down(_text: str) -> CannotRunOutside:
    return CannotRunOutside("the down side of the file runs as the tool runs it")


@record
class Unescaped:
    """A text as the server gets it; after each of the offsets in `dropped` the file has one more character."""

    text: str
    dropped: tuple[int, ...] = ()

    def place(self, offset: int) -> int:
        """The place in the file of a character of the text."""
        return offset + bisect_left(self.dropped, offset)


def _nothing_to_do(_path: str) -> str:
    return ""


def _each_its_own(_source: SourceFile, _files: Files) -> bool:
    return False


def _as_it_stands(text: str) -> str:
    return text


@record
class Convention:
    """One tool's conventions: pure functions of a file's path and text. The tests run every tool through its `example`.

    `lay_out` gets `Files` for other files that the tool reads. `compose` is a whole file, beside one of the author's;
    `companion` is what must be beside it for the tool to run it in a transaction or outside one as the body says.
    `unwrap` is the edit that makes the tool run the author's file outside a transaction, `NO_EDIT` where it does so
    by itself. Both return `CannotRunOutside` where no text can do that; never a guess.
    """

    name: str
    title: str
    example: Example
    known_by: KnownBy
    recognises: Callable[[str, str], bool]
    lay_out: Callable[[SourceFile, Files], Layout]
    compose: Callable[[Body, Migration], str | CannotRunOutside]
    unwrap: Callable[[str], Edit | CannotRunOutside]
    history: History
    """How the tool knows which migrations have run."""
    units: Units
    """What it has one entry for."""
    wants: Callable[[Iterable[str]], Sequence[Want]] = _nothing_wanted
    companion: Callable[[Body, Migration], Companion | None] = _no_companion
    undo: Undo | None = None
    """Where what undoes a file is in a file of its own."""
    unwrap_down: Callable[[str], Edit | CannotRunOutside] = _no_other_down
    """As `unwrap`, for the down side of the author's file, or the file that is it."""
    undo_mark: str = ""
    """What begins each line of the down side, where that is comments of the tool."""
    unescape: Callable[[str], Unescaped] = Unescaped
    """A part of a file as the server gets it, where the tool itself replaces characters in it."""
    escape: Callable[[str], str] = _as_it_stands
    """A statement as it must be written so that the server gets it unchanged."""
    between: str = ""
    """What separates two statements besides the semicolon of the first, where the tool sends them one by one."""
    registers: Callable[[str], str] = _nothing_to_do
    """A sentence on what to do besides, so that the tool finds a new file; by its path."""
    marks: tuple[str, ...] = ()
    """Matches a line of comment that belongs to the tool: it is never removed with the statement below it."""
    alone: bool = field(default=True, kw_only=True)
    """A file outside a transaction holds exactly one statement: the tool sends one string, or refuses a mixture."""
    psql: bool = field(default=False, kw_only=True)
    """The tool is psql, or may be: its own commands (`\\set`) are interpreted, not sent to the server."""
    order: Callable[[str, Files], tuple[int, str]] | None = None
    """The order in which files are applied, where the tool has that in another file, by a file's path."""
    by_name: bool = field(default=False, kw_only=True)
    """Files are applied in the order of their names as text, not of their versions as numbers."""
    whole_run: Callable[[SourceFile, Files], bool] = field(default=_each_its_own, kw_only=True)
    """Whether a file runs in one transaction with all that are pending before it, instead of one of its own."""
    leaves: bool = field(default=False, kw_only=True)
    """Whether `compose` has a file that leaves that transaction: it ends it, and begins another."""

    @property
    def ending(self) -> str:
        """How the names of its files end, by its example's: further files end so, too."""
        return ending_of(self.example.path)
