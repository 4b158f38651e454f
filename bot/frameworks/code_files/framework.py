"""Migrations that are code: one framework for every tool, whose conventions are values."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.core.judging.findings import Step, Suggestion, WrittenFile
from bot.core.judging.framework import Example, Files, KnownBy, PlanSoFar, Rewritten, Want
from bot.core.judging.history import History, Unit
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Lines, Migration, Run
from bot.core.record import record
from bot.frameworks.code_files.rewrites import Reader, rewrite, suggest
from bot.frameworks.code_files.spelling import Spelling
from bot.frameworks.code_files.writing import write_files


@record
class Models:
    """What an application's models show: which files to fetch for a run, and what they say about it.

    `wanted` is empty where the run removes nothing that a model may name; `evidence` never raises.
    """

    wanted: Callable[[Run], Sequence[Want]] = lambda _run: ()
    evidence: Callable[[Run, Mapping[str, str]], Evidence] = lambda _run, _files: Evidence()


@record
class Parts:
    """The parts that know the framework's language: its reader, its spelling for a file, its models.

    `wanted` are further files that are needed to read migrations with these paths.
    """

    read: Reader
    spelling: Callable[[Migration], Spelling]
    models: Models = Models()
    wanted: Callable[[Iterable[str]], Sequence[Want]] = lambda _paths: ()


@record
class CodeFiles:
    """A `bot.core.judging.framework.Framework` for a tool whose migrations are code.

    `parts` imports what it returns, so that parsers load only when there is something to read.
    """

    name: str
    title: str
    example: Example
    known_by: KnownBy
    recognises: Callable[[str, str], bool]
    parts: Callable[[], Parts]
    history: History
    units: Callable[[str, str | None], Sequence[Unit]]

    def wants(self, paths: Iterable[str]) -> Sequence[Want]:
        return self.parts().wanted(paths)

    def read(self, files: Files) -> Run:
        return self.parts().read(files)

    def write(self, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> Sequence[WrittenFile]:
        return write_files(self.parts().spelling(like), steps, after)

    def suggestion(self, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
        parts = self.parts()
        return suggest(parts.spelling(like), parts.read, step, like, lines)

    def rewritten_file(
        self, like: Migration, replacements: Mapping[int, Sequence[Step]], so_far: PlanSoFar
    ) -> Rewritten:
        parts = self.parts()
        return rewrite(parts.spelling(like), parts.read, like, replacements, so_far)

    def wants_evidence(self, run: Run) -> Sequence[Want]:
        return self.parts().models.wanted(run)

    def evidence(self, run: Run, base: Mapping[str, str]) -> Evidence:
        return self.parts().models.evidence(run, base)
