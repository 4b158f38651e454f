"""Writes Alembic migrations: files as `alembic revision` names them, each based on the one before."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.judging.findings import Step
from bot.core.judging.framework import Files, PlanSoFar, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Statement
from bot.frameworks.alembic.batches import in_batches
from bot.frameworks.alembic.imports import Imports, call_around, imports_of, renamed
from bot.frameworks.alembic.read import read_files
from bot.frameworks.alembic.spell import calls, executed, python_string
from bot.frameworks.code_files.spelling import CodeBody, WayBack
from bot.frameworks.sql_files.convention import Edit
from bot.frameworks.sql_files.naming import script_path
from bot.frameworks.sql_files.steps import with_line_ends
from bot.sql import Unwritable

_REVISION = re.compile(r"^(down_revision\s*(?::[^=\n]+)?=\s*)(.+)$", re.MULTILINE)
_UPGRADE, _DOWNGRADE = (re.compile(rf"^def {name}(?=\s*\()", re.MULTILINE) for name in ("upgrade", "downgrade"))
_SLUG_LENGTH = 40


@dataclass(frozen=True, slots=True)
class AlembicSpelling:
    """See `bot.frameworks.code_files.spelling.Spelling`."""

    like: Migration

    @property
    def nothing(self) -> str:
        return "pass"

    def calls(self, operations: Sequence[op.Operation]) -> Sequence[str]:
        return calls(operations)

    def batches(self, change: op.Update | op.Delete, where: str, key: str | None) -> CodeBody | None:
        return in_batches(change, where, key)

    def apart(self, step: Step) -> Step:
        """Outside a transaction where it must leave that of the files before it: by default, Alembic runs all in one.

        The lock of what declared a constraint would be kept while it is validated. Several operations stay in it,
        where one without the other would be half a change.
        """
        validates = any(isinstance(operation, op.ValidateConstraint) for operation in step.operations)
        # Done in part, they can be done again.
        repeatable = all(isinstance(operation, op.ValidateConstraint | op.Analyze) for operation in step.operations)
        leaves = (step.apart or validates) and (repeatable or len(step.operations) == 1)
        return replace(step, transactional=False) if self.like.joins and leaves else step

    def outside(self, calls: Sequence[str]) -> Sequence[str] | None:
        """In an autocommit block, which first commits what ran before it in the transaction."""
        return (f"with op.get_context().autocommit_block():\n{_shifted(calls)}",)

    def way_back(self) -> WayBack | None:
        """`downgrade()` under the name of `upgrade()`, at the same characters."""
        text = self.like.text
        if not _DOWNGRADE.search(text) or "globals()" in text:
            return None
        return WayBack(_DOWNGRADE.sub("def   upgrade", _UPGRADE.sub("def upgrad_", text)), edited=True)

    def placed(self, calls: Sequence[str], _start: int, _undo: Sequence[str] | None) -> Sequence[str]:
        imports = imports_of(self.like.text)
        return [_placed(call, imports) for call in calls]

    def around(self, start: int, end: int) -> tuple[int, int] | None:
        return call_around(self.like.text, start, end)

    def unwrap(self) -> Edit | None:
        return None

    def paths(self, so_far: PlanSoFar, *, first: bool) -> "_Paths":
        return _Paths(self.like, so_far, so_far.versions[-1] if so_far.versions else self.like.version, first)


def _placed(call: str, imports: Imports) -> str:
    """A call with the file's own names; as SQL where the file lacks an import that it needs. Raises Unwritable."""
    try:
        return renamed(call, imports)
    except Unwritable:
        if not call.startswith("op."):
            raise
    sent = statements_of(call)
    return "\n".join(renamed(executed(one.sql), imports) for one in sent)


def statements_of(call: str) -> tuple[Statement, ...]:
    """What a call sends, read like any migration."""
    body = "\n".join(f"    {line}" for line in call.split("\n"))
    text = f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "x"\n\n\ndef upgrade():\n{body}\n'
    return read_files(Files(changed=[SourceFile("x.py", text)])).migrations[0].statements


@dataclass(slots=True)
class _Paths:
    like: Migration
    so_far: PlanSoFar
    previous: str
    first: bool

    def written(self, body: CodeBody) -> tuple[str, str]:
        if self.first:
            self.first = False
            down = _REVISION.search(self.like.text)
            return self.like.path, self._text(body, self.like.version, down[2].strip() if down else "None")
        revision = hashlib.sha256(f"{self.previous}\0{body.slug}".encode()).hexdigest()[:12]
        down = python_string(self.previous)
        self.previous = revision
        self.so_far.versions.append(revision)
        return self._path(revision, body.slug), self._text(body, revision, down)

    def script(self, slug: str) -> str:
        return script_path(self.like.path, slug, self.so_far.paths)

    def _path(self, revision: str, slug: str) -> str:
        """Named like the author's file: with its revision where the name has it."""
        folder, _, name = self.like.path.rpartition("/")
        lead = name.partition(self.like.version)[0] if self.like.version in name else ""
        lead = lead if re.fullmatch(r"[\d_\-]*", lead) else ""
        made = f"{lead}{revision}_{slug[:_SLUG_LENGTH].rstrip('_')}.py"
        return f"{folder}/{made}" if folder else made

    def _text(self, body: CodeBody, revision: str, down: str) -> str:
        outside = not body.transactional
        up = _block(body.up, outside=outside)
        if body.down is None:
            back = '    raise NotImplementedError("what it replaced is not kept")'
        else:
            back = _block(body.down, outside=outside)
        title = body.slug.replace("_", " ")
        text = (
            f'"""{title}"""\n\n{body.opening}import sqlalchemy as sa\nfrom alembic import op\n\n'
            f"revision = {python_string(revision)}\ndown_revision = {down}\n"
            "branch_labels = None\ndepends_on = None\n\n\n"
            f"def upgrade() -> None:\n{up}\n\n\ndef downgrade() -> None:\n{back}\n"
        )
        if "sa." not in f"{up}{back}":
            text = text.replace("import sqlalchemy as sa\n", "")
        elif "sa.dialects.postgresql" in text:
            text = text.replace("sa.dialects.postgresql", "postgresql")
            text = text.replace(
                "from alembic import op\n", "from alembic import op\nfrom sqlalchemy.dialects import postgresql\n"
            )
        return with_line_ends(text, self.like.text)


def _block(calls: Sequence[str], *, outside: bool) -> str:
    if not calls:
        return "    pass"
    body = _shifted(calls)
    if not outside:
        return body
    deeper = "\n".join(f"    {line}" if line else line for line in body.split("\n"))
    return f"    with op.get_context().autocommit_block():\n{deeper}"


def _shifted(calls: Sequence[str]) -> str:
    return "\n".join(f"    {line}" if line else line for call in calls for line in call.split("\n"))
