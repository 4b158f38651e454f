"""Alembic: Python read statically, never imported or run."""

from collections.abc import Iterable, Mapping, Sequence

from bot.core.judging.findings import Step, Suggestion, WrittenFile
from bot.core.judging.framework import Example, Files, Rewritten, Want
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Lines, Migration, Run

RANK = 0

_HEAD = '''"""add events kind

Revision ID: 4c1f5a2e9d03
Revises: 3b0e4d1c8f92
Create Date: 2026-05-16 12:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '4c1f5a2e9d03'
down_revision = '3b0e4d1c8f92'
branch_labels = None
depends_on = None


def upgrade():
'''

EXAMPLE = Example(
    path="migrations/versions/4c1f5a2e9d03_add_events_kind.py",
    text=(
        f"{_HEAD}    op.add_column('events', sa.Column('kind', sa.Text(), nullable=True))\n\n\n"
        "def downgrade():\n    op.drop_column('events', 'kind')\n"
    ),
    outside=(
        f"{_HEAD}    with op.get_context().autocommit_block():\n"
        "        op.create_index('events_kind', 'events', ['kind'], postgresql_concurrently=True)\n\n\n"
        "def downgrade():\n    with op.get_context().autocommit_block():\n"
        "        op.drop_index('events_kind', table_name='events', postgresql_concurrently=True)\n"
    ),
)


class Alembic:
    """The framework; see `bot.core.judging.framework.Framework`. Parsers load when a file is read."""

    name = "alembic"
    title = "Alembic"
    example = EXAMPLE

    def recognises(self, path: str, text: str) -> bool:
        """A Python file that names its revision and has an `upgrade`."""
        return (
            path.endswith(".py")
            and "def upgrade" in text
            and "revision" in text
            and ("alembic" in text or "down_revision" in text)
        )

    def wants(self, paths: Iterable[str]) -> Sequence[Want]:
        from bot.frameworks.alembic.environment import wanted

        return wanted(paths)

    def read(self, files: Files) -> Run:
        from bot.frameworks.alembic.read import read_files

        return read_files(files)

    def write(self, steps: Sequence[Step], like: Migration, after: Sequence[str]) -> Sequence[WrittenFile]:
        from bot.frameworks.alembic.write import write_files

        return write_files(steps, like, after)

    def suggestion(self, step: Step, like: Migration, lines: Lines) -> Suggestion | None:
        from bot.frameworks.alembic.write import suggest

        return suggest(step, like, lines)

    def rewritten_file(
        self, like: Migration, replacements: Mapping[int, Sequence[Step]], after: Sequence[str]
    ) -> Rewritten:
        from bot.frameworks.alembic.write import rewrite

        return rewrite(like, replacements, after)

    def wants_evidence(self, run: Run) -> Sequence[Want]:
        from bot.frameworks.alembic.models import wanted

        return wanted(run)

    def evidence(self, run: Run, base: Mapping[str, str]) -> Evidence:
        from bot.frameworks.alembic.models import evidence

        return evidence(run, base)


FRAMEWORK = Alembic()
