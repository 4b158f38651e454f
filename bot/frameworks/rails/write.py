"""Writes Rails migrations: files as `rails generate migration` names them, calls in the author's place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.judging.findings import Step
from bot.core.judging.framework import PlanSoFar
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks.code_files.spelling import CodeBody, WayBack
from bot.frameworks.rails.batches import in_batches
from bot.frameworks.rails.placing import call_around, reversible
from bot.frameworks.rails.spell import calls
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.naming import NextVersion, script_path
from bot.frameworks.sql_files.steps import with_line_ends

_SUPERCLASS = re.compile(r"class\s+[\w:]+\s*<\s*((?:ActiveRecord::|Gitlab::Database::)?\w*Migration(?:\[[\d.]+\])?)")
_CLASS_LINE = re.compile(r"^([ \t]*)class\s+[\w:]+\s*<[^\n]*Migration[^\n]*\n", re.MULTILINE)
_NAME = re.compile(r"(?:\A|/)\d+_(\w+)\.rb\Z")
_UP, _DOWN, _CHANGE = (re.compile(rf"(\bdef\s+(?:self\.)?){name}\b(?![?!=])") for name in ("up", "down", "change"))
_LAST_END = re.compile(r"^end\s*\Z", re.MULTILINE)
_DEFAULT = "ActiveRecord::Migration[7.1]"


@dataclass(frozen=True, slots=True)
class RailsSpelling:
    """See `bot.frameworks.code_files.spelling.Spelling`; the superclass in the file has the version."""

    like: Migration

    @property
    def version(self) -> float:
        found = re.search(r"Migration\[(\d+\.\d+)\]", self.like.text)
        return float(found[1]) if found else 4.2

    @property
    def nothing(self) -> str:
        """A method without a line is fine."""
        return ""

    def calls(self, operations: Sequence[op.Operation]) -> Sequence[str]:
        return calls(operations, self.version)

    def batches(self, change: op.Update | op.Delete, where: str, key: str | None) -> CodeBody | None:
        return in_batches(change, where, key)

    def apart(self, step: Step) -> Step:
        """Each file has a transaction of its own."""
        return step

    def outside(self, _calls: Sequence[str]) -> Sequence[str] | None:
        return None

    def way_back(self) -> WayBack | None:
        """`down` under the name of `up`, at the same characters; or what Active Record reverts `change` to."""
        text = self.like.text
        if _DOWN.search(text):
            return WayBack(_DOWN.sub(r"\1up  ", _UP.sub(r"\1u_", text)), edited=True)
        if not _CHANGE.search(text) or not (last := _LAST_END.search(text)):
            return None
        reverted = "def up\n  revert { chang_ }\nend\n"
        return WayBack(
            _CHANGE.sub(r"\1chang_", f"{text[: last.start()]}{reverted}{text[last.start() :]}"), edited=False
        )

    def placed(self, calls: Sequence[str], start: int, undo: Sequence[str] | None) -> Sequence[str]:
        return reversible(calls, undo, self.like.text, start, self.version)

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        return call_around(self.like.text, start, end)

    def unwrap(self) -> Edit | None:
        """`disable_ddl_transaction!` as the first line of the class."""
        found = _CLASS_LINE.search(self.like.text)
        if found is None or "disable_ddl_transaction!" in self.like.text:
            return None
        return Edit(found.end(), found.end(), f"{found[1]}  disable_ddl_transaction!\n\n")

    def paths(self, so_far: PlanSoFar, *, first: bool) -> "_Paths":
        superclass = _SUPERCLASS.search(self.like.text)
        like = self.like
        return _Paths(
            like,
            superclass[1] if superclass else _DEFAULT,
            so_far,
            NextVersion(like.version, so_far.versions),
            like.path if first else None,
            {found[1]: 2 for path in so_far.paths if (found := _NAME.search(path))},
        )


@dataclass(slots=True)
class _Paths:
    like: Migration
    superclass: str
    so_far: PlanSoFar
    versions: NextVersion
    first: str | None = None
    used: dict[str, int] = field(default_factory=dict)
    """Names that are taken, each with the number to try next."""

    def written(self, body: CodeBody) -> tuple[str, str]:
        if self.first is not None:
            path, self.first = self.first, None
            declared = re.search(r"class\s+([\w:]+)\s*<", self.like.text)
            name = declared[1] if declared else _camelised(body.slug)
        else:
            version = self.versions.peek()
            self.versions.take(version)
            self.so_far.versions.append(version)
            folder = self.like.path.rpartition("/")[0]
            slug = self._unused(body.slug)
            name = _camelised(slug)
            path = f"{folder}/{version}_{slug}.rb" if folder else f"{version}_{slug}.rb"
            self.so_far.paths.add(path)
        return path, with_line_ends(_composed(name, self.superclass, body), self.like.text)

    def script(self, slug: str) -> str:
        return script_path(self.like.path, slug, self.so_far.paths)

    def _unused(self, slug: str) -> str:
        """Rails refuses two migrations with the same name."""
        slug = re.sub(r"[^a-z0-9_]", "_", slug.lower())
        slug = slug if slug[:1].isalpha() else f"migrate_{slug}"
        number, made = self.used.get(slug, 2), slug
        while made in self.used:
            made, number = f"{slug}_{number}", number + 1
        self.used[slug] = number
        self.used.setdefault(made, 2)
        return made


def _composed(name: str, superclass: str, body: CodeBody) -> str:
    parts = [f"class {name} < {superclass}"]
    if not body.transactional:
        parts += ["  disable_ddl_transaction!", ""]
    if body.opening:
        parts += [f"  {line}" if line else line for line in body.opening.split("\n")] + [""]
    parts += ["  def up", *_shifted(body.up), "  end", "", "  def down"]
    parts += _shifted(body.down) if body.down is not None else ["    raise ActiveRecord::IrreversibleMigration"]
    return "\n".join([*parts, "  end", "end", ""])


def _shifted(calls: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else line for call in calls for line in call.split("\n")]


def _camelised(slug: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in slug.split("_") if part)
