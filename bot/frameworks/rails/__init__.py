"""Rails: Ruby read statically with tree-sitter, never run."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.core.judging.findings import Step, Suggestion, WrittenFile
from bot.core.judging.framework import Example, Files, Rewritten, Want
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Lines, Migration, Run

RANK = 0

EXAMPLE = Example(
    path="db/migrate/20260516120000_add_kind_to_events.rb",
    text=(
        "class AddKindToEvents < ActiveRecord::Migration[7.1]\n"
        "  def change\n    add_column :events, :kind, :text\n  end\nend\n"
    ),
    outside=(
        "class AddKindToEvents < ActiveRecord::Migration[7.1]\n  disable_ddl_transaction!\n\n"
        "  def change\n    add_index :events, :kind, algorithm: :concurrently\n  end\nend\n"
    ),
)

_CLASS = re.compile(r"^[ \t]*class[ \t]+[\w:]+[ \t]*<[ \t]*[\w:]*Migration\b", re.MULTILINE)
_ENTRY = re.compile(r"^[ \t]*(?:private[ \t]+)?def[ \t]+(?:self\.)?(?:up|change)\b", re.MULTILINE)


class Rails:
    """The framework; see `bot.core.judging.framework.Framework`. The grammar loads when a file is read."""

    name = "rails"
    title = "Rails"
    example = EXAMPLE

    def recognises(self, path: str, text: str) -> bool:
        """A Ruby file with a class that is a migration and says what it does."""
        return path.endswith(".rb") and bool(_CLASS.search(text)) and bool(_ENTRY.search(text))

    def wants(self, paths: Iterable[str]) -> Sequence[Want]:
        from bot.frameworks.rails.environment import wanted

        return wanted(paths)

    def read(self, files: Files) -> Run:
        from bot.frameworks.rails.read import read_files

        return read_files(files)

    def write(self, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> Sequence[WrittenFile]:
        from bot.frameworks.rails.write import write_files

        return write_files(steps, like, after)

    def suggestion(self, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
        from bot.frameworks.rails.write import suggest

        return suggest(step, like, lines)

    def rewritten_file(
        self, like: Migration, replacements: Mapping[int, Sequence[Step]], after: Sequence[str]
    ) -> Rewritten:
        from bot.frameworks.rails.write import rewrite

        return rewrite(like, replacements, after)

    def wants_evidence(self, run: Run) -> Sequence[Want]:
        from bot.frameworks.rails.models import wanted

        return wanted(run)

    def evidence(self, run: Run, base: Mapping[str, str]) -> Evidence:
        from bot.frameworks.rails.models import evidence

        return evidence(run, base)


FRAMEWORK = Rails()
