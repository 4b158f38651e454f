"""What a migration framework must be able to do, and the files it receives and returns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from bot.core.judging.findings import Step, Suggestion, WrittenFile
from bot.core.judging.history import History, Unit
from bot.core.judging.order import Unfinished
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Lines, Migration, Run
from bot.core.record import record


class Side(Enum):
    """Which commit a file is read at."""

    BASE = "base"
    HEAD = "head"


@record
class Want:
    """A further file that a framework needs: an exact path, or a glob (`**`, `*`), from one side."""

    pattern: str
    side: Side = Side.BASE


@record
class SourceFile:
    """A file as fetched. `text` is decoded as UTF-8 with surrogateescape, line ends and BOM untouched."""

    path: str
    text: str


@record
class Files:
    """The files a framework reads: the changed migration files, and further files it wanted."""

    changed: Sequence[SourceFile]
    base: Mapping[str, str] = field(default_factory=dict)
    """path -> text at the base commit, for wanted files that exist."""
    head: Mapping[str, str] = field(default_factory=dict)
    transaction: bool | None = None
    """`transaction:` of the repository's configuration: whether an unknown tool wraps each file in one."""


@record
class Rewritten:
    """A migration with the rewrites of its statements; keys are indexes in `Migration.statements`.

    `text` is the author's file with every suggestion applied and every moved statement removed, None where
    nothing is left of it. `suggestions` holds those statements whose first step can take their place in the
    file; `files` all further files of every rewritten statement, in deploy order over the whole mapping (the
    author's own path among them only where `text` is None). `transactional` is how the tool runs `text`; `note`
    says what its author has to see to besides, "" for nothing.
    """

    text: str | None
    suggestions: Mapping[int, Suggestion] = field(default_factory=dict)
    files: Mapping[int, tuple[WrittenFile, ...]] = field(default_factory=dict)
    transactional: bool | None = None
    note: str = ""


@dataclass(slots=True)
class PlanSoFar:
    """What the plan of a run holds before a file of it; each file that is planned adds its own.

    `paths` are those of files that exist or are written already, `versions` those that are taken, the latest last.
    """

    unfinished: Unfinished = field(default_factory=Unfinished)
    paths: set[str] = field(default_factory=set)
    versions: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, versions: Iterable[str] = (), paths: Collection[str] = ()) -> "PlanSoFar":
        return cls(paths=set(paths), versions=list(versions))


class KnownBy(Enum):
    """How a framework's files are recognised; a file that several recognise belongs to the first of these kinds."""

    TEXT = 1
    PATH = 2
    NOTHING = 3
    """All other files: plain SQL."""


@record
class Example:
    """A migration file as the tool's generator writes it, filled in: every framework is tested by its own.

    `text` runs in a transaction. `outside` is a file of the same path that does not, None where the tool has no such
    file; `beside` holds what must be beside `outside` at the head for that (path -> text). `taken_for` names the
    framework that a file like `text` is read as where nothing in it or in its path says that it is this tool's.
    """

    path: str
    text: str
    outside: str | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    taken_for: str = ""


class Framework(Protocol):
    """One module of `bot.frameworks`; instances hold no state."""

    @property
    def name(self) -> str:
        """Its name in configuration, reports and JSON: `sql-migrate`."""
        ...

    @property
    def title(self) -> str:
        """Its name as its authors write it."""
        ...

    @property
    def known_by(self) -> KnownBy:
        """Two frameworks of the same kind must not recognise each other's files."""
        ...

    @property
    def example(self) -> Example:
        """A framework in the folder needs only this to be tested."""
        ...

    @property
    def history(self) -> History:
        """How it knows which migrations have run, and what it does where that goes wrong."""
        ...

    def units(self, path: str, text: str | None) -> Sequence[Unit]:
        """What it has one entry for in this file, in the order of the file; none where the file is no migration.

        `text` None: only the path is known, of a file in a folder of its migrations. A tool whose keys are in the
        text then says none. Never raises.
        """
        ...

    def recognises(self, path: str, text: str) -> bool:
        """Whether this file is a migration of the framework (its up side, or up and down in one file)."""
        ...

    def wants(self, paths: Iterable[str]) -> Sequence[Want]:
        """Further files needed to read these migrations exactly."""
        ...

    def read(self, files: Files) -> Run:
        """All changed files as one deploy, in the tool's order. Never raises: what cannot be read is `Unread`."""
        ...

    def write(self, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> Sequence[WrittenFile]:
        """The steps as complete files in the framework's own form, named as its generator would.

        `like` is the migration they replace: the first file takes its path, the others versions later than it
        and than `after` (versions that exist). A `script` step becomes a script the author runs, a `deploy`
        step has no file of its own.
        """
        ...

    def suggestion(self, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
        """Whole lines of `like`, at least `lines`, and what replaces them so that the file does `step` instead of
        the statement there; None where replacing lines would make the file worse or cannot express it.

        It may cover further lines: those up to a marker that must change, too.
        """
        ...

    def rewritten_file(
        self, like: Migration, replacements: Mapping[int, Sequence[Step]], so_far: PlanSoFar
    ) -> Rewritten:
        """The author's file with all its rewrites, consistent with each other, after what the plan holds already."""
        ...

    def wants_evidence(self, run: Run) -> Sequence[Want]:
        """Files of the base branch that show what running code uses of what the run drops, renames or retypes:
        models. Empty where the run does none of that, or the framework has no models."""
        ...

    def evidence(self, run: Run, base: Mapping[str, str]) -> Evidence:
        """The evidence in those files; keys are as in `Evidence`. Never raises."""
        ...
