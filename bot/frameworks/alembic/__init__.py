"""Alembic: Python read statically, never imported or run.

It knows what `op`, `sa` and the extensions around them send, how Alembic orders revisions and opens transactions, and
how its calls are spelled. Absent on purpose: how Python is read, and how files become statements (the kits).
"""

from collections.abc import Sequence

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import FINE, Fate, History, Outcome, Unit
from bot.frameworks.code_files.framework import CodeFiles, Models, Parts

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


HISTORY = History(
    known_by="Alembic knows a migration by its `revision`, and the one before it by `down_revision`",
    same=Outcome(
        Fate.REFUSED,
        "Alembic warns that the revision is present more than once, and `alembic upgrade head` stops: multiple head "
        "revisions are present.",
    ),
    older=FINE,
    edited=Outcome(
        Fate.LOST, "Alembic never runs a revision again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.REFUSED, "Where a database is at it, or another revision builds on it, Alembic stops: it cannot locate it."
    ),
    by_text=True,
    mend="Give one of them a revision of its own: `alembic revision` makes one.",
)


def recognises(path: str, text: str) -> bool:
    """A Python file that names its revision and has an `upgrade`."""
    return (
        path.endswith(".py")
        and "def upgrade" in text
        and "revision" in text
        and ("alembic" in text or "down_revision" in text)
    )


def units(path: str, text: str | None) -> Sequence[Unit]:
    """The revision that the text names; none where only the path is known."""
    if text is None or not recognises(path, text):
        return ()
    from bot.frameworks.alembic.revisions import unit_of

    return unit_of(path, text)


def _parts() -> Parts:
    from bot.frameworks.alembic import models
    from bot.frameworks.alembic.environment import wanted
    from bot.frameworks.alembic.read import read_files
    from bot.frameworks.alembic.write import AlembicSpelling

    return Parts(read_files, AlembicSpelling, Models(models.wanted, models.evidence), wanted)


FRAMEWORK = CodeFiles("alembic", "Alembic", EXAMPLE, KnownBy.TEXT, recognises, _parts, HISTORY, units)
