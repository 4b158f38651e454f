"""A change of many rows in a revision of Alembic."""

import io
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from bot.core.judging.findings import Step, StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.alembic import FRAMEWORK
from bot.sql import read_script

ENV = """
from alembic import context

context.configure(dialect_name="postgresql", literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
"""
AUTHOR = """from alembic import op

revision = "1a2b3c4d5e6f"
down_revision = None


def upgrade():
    op.execute("SELECT 1")
"""


def test_where_alembic_only_writes_sql_the_batches_say_that_they_need_a_connection(tmp_path: Path) -> None:
    like = FRAMEWORK.read(Files(changed=[SourceFile("versions/1a2b3c4d5e6f_x.py", AUTHOR)])).migrations[0]
    (change,) = read_script("UPDATE notes SET done = false WHERE done IS NULL").statements
    (written,) = FRAMEWORK.write([Step(StepKind.SCRIPT, change.operations, key=("id",))], like, [])
    assert written.path is not None
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / written.path).write_text(written.text)
    config = Config(output_buffer=io.StringIO())
    config.set_main_option("script_location", str(tmp_path))
    config.set_main_option("path_separator", "os")
    with pytest.raises(RuntimeError, match="run this revision with a connection"):
        command.upgrade(config, "head", sql=True)
