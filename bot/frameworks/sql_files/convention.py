"""What tells one tool for files of SQL from another: values and pure functions, no code of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from bot.core.judging.framework import Files, SourceFile, Want
from bot.core.language.migrations import Scope
from bot.core.record import record


@record
class Section:
    """A part of the file that the tool sends, by character offsets.

    `wrapped`: the tool opens a transaction around it; `split`: it sends each statement by itself, else all as
    one string. `because` completes "runs in a transaction: ...".
    """

    start: int
    end: int
    wrapped: bool
    split: bool
    because: str = ""
    scope: Scope = Scope.EXPLICIT


@record
class Refused:
    """A part that the tool refuses, or that nobody can read."""

    start: int
    end: int
    reason: str


@record
class Layout:
    """A file as its tool sees it; comments above the first section belong to it."""

    sections: tuple[Section, ...]
    transactional: bool | None
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    down: tuple[tuple[int, int], ...] = ()
    """The offsets of what undoes the file: never judged, kept in step with the up side."""


@record
class Edit:
    """Characters of a file and what replaces them."""

    start: int
    end: int
    text: str


@record
class Body:
    """What a new file holds: statements without semicolons, and those that undo them (None: cannot be undone)."""

    up: tuple[str, ...]
    down: tuple[str, ...] | None
    transactional: bool


@record
class Convention:
    """One tool's ways: pure functions of a file's path and text.

    `lay_out` is given `Files` for what the tool reads besides. `compose` is a whole file, beside one with the text
    given. `unwrap` is the edit that makes the tool run the file outside a transaction (an empty one where it does
    so by itself), None where no edit of the file can.
    """

    name: str
    recognises: Callable[[str, str], bool]
    lay_out: Callable[[SourceFile, Files], Layout]
    compose: Callable[[Body, str], str]
    unwrap: Callable[[str], Edit | None]
    wants: Callable[[Iterable[str]], Sequence[Want]] = lambda paths: ()
    one_string: bool = True
    """A file outside a transaction is sent as one string, so it holds exactly one statement."""
    psql: bool = False
    """The tool is psql, or may be: its own commands (`\\set`) are understood, not sent to the server."""
    by_name: bool = False
    """Files are applied in the order of their names as text, not of their versions as numbers."""
    whole_run: bool = False
    """One transaction holds all pending files, not each its own."""
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
