"""Rails: Ruby read statically with tree-sitter, never run.

It knows what Active Record's migration methods and the gems around them send, what they name things, and how their
calls are spelled. Absent on purpose: how Ruby is read, and how files become statements (the kits).
"""

import re
from collections.abc import Sequence

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import FINE, Fate, History, Outcome, Unit
from bot.frameworks.code_files.framework import CodeFiles, Models, Parts

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

HISTORY = History(
    known_by="Rails knows a migration by the number that its file's name begins with",
    same=Outcome(Fate.REFUSED, "Rails refuses to run any migration: several have one version, or one name."),
    older=FINE,
    edited=Outcome(
        Fate.LOST, "Rails never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.RUNS, "Rails shows `NO FILE` where it has run; elsewhere it never runs, and a rollback does not find it."
    ),
)

_NAME = re.compile(r"([0-9]{1,40})_([_a-z0-9]*)(?:\.[_a-z0-9]*)?\.rb\Z")
_CLASS = re.compile(r"^\ufeff?[ \t]*class[ \t]+[\w:]+[ \t]*<[ \t]*[\w:]*Migration\b", re.MULTILINE)
_ENTRY = re.compile(r"^[ \t]*(?:private[ \t]+)?def[ \t]+(?:self\.)?(?:up|change)\b", re.MULTILINE)


def recognises(path: str, text: str) -> bool:
    """A Ruby file with a class that is a migration and has `up` or `change`."""
    return path.endswith(".rb") and bool(_CLASS.search(text)) and bool(_ENTRY.search(text))


def units(path: str, _text: str | None) -> Sequence[Unit]:
    """By version, and by the name of the class, of which Rails allows no two either."""
    folder, _, name = path.rpartition("/")
    if not (found := _NAME.match(name)):
        return ()
    number = int(found[1])
    return Unit(str(number), folder, order=(number,)), Unit(found[2], folder, what="name")


def _parts() -> Parts:
    from bot.frameworks.rails import models
    from bot.frameworks.rails.environment import wanted
    from bot.frameworks.rails.read import read_files
    from bot.frameworks.rails.write import RailsSpelling

    return Parts(read_files, RailsSpelling, Models(models.wanted, models.evidence), wanted)


FRAMEWORK = CodeFiles("rails", "Rails", EXAMPLE, KnownBy.TEXT, recognises, _parts, HISTORY, units)
