"""Migrations that are files of SQL: one framework for every tool, whose conventions are values."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.judging.findings import Step, Suggestion, WrittenFile
from bot.core.judging.framework import Example, Files, KnownBy, PlanSoFar, Rewritten, Side, Want
from bot.core.judging.history import History, Unit
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Lines, Migration, Run
from bot.core.record import record
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.reading import read_files
from bot.frameworks.sql_files.rewrites import rewrite
from bot.frameworks.sql_files.steps import write_files
from bot.frameworks.sql_files.suggestions import suggest_at

_OTHERS = frozenset(
    "mysql mariadb sqlite sqlite3 clickhouse mssql sqlserver oracle cassandra scylla bigquery snowflake duckdb tidb h2 "
    "hsqldb db2 spanner cockroach cockroachdb".split()
)


@record
class SqlFiles:
    """A `bot.core.judging.framework.Framework` for a tool whose migrations are files of SQL."""

    convention: Convention

    @property
    def name(self) -> str:
        return self.convention.name

    @property
    def title(self) -> str:
        return self.convention.title

    @property
    def known_by(self) -> KnownBy:
        return self.convention.known_by

    @property
    def example(self) -> Example:
        return self.convention.example

    @property
    def history(self) -> History:
        return self.convention.history

    def units(self, path: str, text: str | None) -> Sequence[Unit]:
        return () if _is_for_another_database(path) else self.convention.units(path, text)

    def recognises(self, path: str, text: str) -> bool:
        """Whether it is a migration of the tool, and not one for another database kept beside PostgreSQL's."""
        return self.convention.recognises(path, text) and not _is_for_another_database(path)

    def wants(self, paths: Iterable[str]) -> Sequence[Want]:
        """What the tool itself reads, and what undoes each file, where that is a file of its own."""
        paths, undo = list(paths), self.convention.undo
        undone = [undo.path_of(path) for path in paths] if undo is not None else []
        return (*self.convention.wants(paths), *(Want(path, Side.HEAD) for path in undone if path is not None))

    def read(self, files: Files) -> Run:
        return read_files(files, self.convention)

    def write(self, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> Sequence[WrittenFile]:
        return write_files(self.convention, steps, like, after)

    def suggestion(self, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
        return suggest_at(self.convention, step, like, lines)

    def rewritten_file(
        self, like: Migration, replacements: Mapping[int, Sequence[Step]], so_far: PlanSoFar
    ) -> Rewritten:
        return rewrite(self.convention, like, replacements, so_far)

    def wants_evidence(self, _run: Run) -> Sequence[Want]:
        """Nothing: a tool for files of SQL has no models."""
        return ()

    def evidence(self, _run: Run, _base: Mapping[str, str]) -> Evidence:
        """None."""
        return Evidence()


def _is_for_another_database(path: str) -> bool:
    """By a folder of that name, or a part of the file's (`x.mysql.up.sql`)."""
    folders, _, name = path.lower().rpartition("/")
    return not _OTHERS.isdisjoint([*folders.split("/"), *name.split(".")])
