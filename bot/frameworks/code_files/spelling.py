"""How a framework writes operations in its language."""

from collections.abc import Sequence
from typing import Protocol

from bot.core.judging.findings import Step
from bot.core.judging.framework import PlanSoFar
from bot.core.language import operations as op
from bot.core.record import record
from bot.frameworks.sql_files.convention import Edit


@record
class CodeBody:
    """The content of a new file, as calls; `down` None: it cannot be undone."""

    slug: str
    up: tuple[str, ...]
    down: tuple[str, ...] | None
    transactional: bool
    opening: str = ""
    """What stands in the file before its functions: a model."""


@record
class WayBack:
    """A file whose way forth is the way back of another.

    `edited`: its calls stand at the same characters there, and may be changed. Else the tool itself reverts the calls
    of the way up.
    """

    text: str
    edited: bool


class FileNames(Protocol):
    """Names for new files, each later than all before it."""

    def written(self, body: CodeBody) -> tuple[str, str]:
        """Path and text of a file that holds the body."""
        ...

    def script(self, slug: str) -> str:
        """The path of a script that is run by hand, which no other file has."""
        ...


class Spelling(Protocol):
    """A framework's language, for the place of one of its files."""

    @property
    def nothing(self) -> str:
        """A line that does nothing, where the language needs one; else ""."""
        ...

    def calls(self, operations: Sequence[op.Operation], /) -> Sequence[str]:
        """One statement as calls, each perhaps of several lines, not indented. Raises Unwritable."""
        ...

    def batches(self, change: op.Update | op.Delete, where: str, key: str | None, /) -> CodeBody | None:
        """The change of the rows that the condition finds, in batches along a primary key of one column, outside a
        transaction; None where the language has nothing for it. `key` None: it is not known.
        """
        ...

    def apart(self, step: Step, /) -> Step:
        """The step as it runs in a file of its own: outside a transaction where it must not run in that of others."""
        ...

    def outside(self, calls: Sequence[str], /) -> Sequence[str] | None:
        """The calls so that they run outside a transaction in a file that has one, None where they cannot."""
        ...

    def way_back(self) -> WayBack | None:
        """The file so that its reader reads the way back, None where it has none."""
        ...

    def placed(self, calls: Sequence[str], start: int, undo: Sequence[str] | None, /) -> Sequence[str]:
        """The calls as they may be written at that character of the file. Raises Unwritable.

        `undo` is what undoes them, None where nothing that is known does: it is written where that place needs it.
        """
        ...

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        """The call that sends exactly the SQL at these characters, None where it sends more or does not exist."""
        ...

    def unwrap(self) -> Edit | None:
        """The edit that makes the whole file run outside a transaction, None where none can."""
        ...

    def paths(self, so_far: PlanSoFar, /, *, first: bool) -> FileNames:
        """Names beside the file, later than it and than what the plan holds; with `first`, the first takes its path."""
        ...
