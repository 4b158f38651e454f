"""What SQLAlchemy models on the base branch show: a column still mapped, no longer mapped, or deferred."""

import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Run
from bot.frameworks.alembic import FRAMEWORK

HEAD = """
from alembic import op
import sqlalchemy as sa

revision = "a"
down_revision = None


def upgrade():
"""


def run(*lines: str) -> Run:
    text = HEAD + "".join(f"    {line}\n" for line in lines)
    return FRAMEWORK.read(Files(changed=[SourceFile("migrations/versions/a_x.py", text)]))


def asked(models: str, line: str = 'op.drop_column("users", "plan")') -> Evidence:
    return FRAMEWORK.evidence(run(line), {"app/models.py": models})


MAPPED = {
    "a column": "class User(Base):\n    __tablename__ = 'users'\n    plan = Column(String)\n",
    "flask": "class Users(db.Model):\n\n    plan = db.Column(db.String)\n",
    "annotated": "class User(Base):\n    __tablename__ = 'users'\n    plan: Mapped[str]\n",
    "mapped_column": "class User(Base):\n    __tablename__ = 'users'\n    plan: Mapped[str] = mapped_column(Text)\n",
    "another attribute": "class User(Base):\n    __tablename__ = 'users'\n    tariff = Column('plan', String)\n",
    "a table": "users = Table('users', metadata,\n\n    Column('plan', String))\n",
    "sqlmodel": "class Users(SQLModel, table=True):\n\n    plan: str | None = Field(default=None)\n",
    "a mixin": "class Paying:\n\n    plan = Column(String)\nclass User(Paying, Base):\n    __tablename__ = 'users'\n",
}
GONE = {
    "no attribute": "class User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
    "deferred": "class User(Base):\n    __tablename__ = 'users'\n    plan = deferred(Column(String))\n",
    "deferred=True": "class User(Base):\n    __tablename__ = 'users'\n    plan = mapped_column(Text, deferred=True)\n",
    "a relationship": "class User(Base):\n    __tablename__ = 'users'\n    plan: Mapped[Plan] = relationship()\n",
}
UNKNOWN = {
    "no model": "class Other(Base):\n    __tablename__ = 'others'\n    plan = Column(String)\n",
    "a base elsewhere": "class User(Paying):\n    __tablename__ = 'users'\n    id = Column(Integer)\n",
    "no Python": "class User(Base:\n    Column(",
}


@pytest.mark.parametrize("models", MAPPED.values(), ids=MAPPED)
def test_a_column_that_is_mapped_is_in_use(models: str) -> None:
    evidence = asked(models)
    assert evidence.references == {("users", "plan"): ("app/models.py line 3",)}
    assert not evidence.ignored_columns


@pytest.mark.parametrize("models", GONE.values(), ids=GONE)
def test_a_column_that_no_model_maps_or_all_defer_is_let_go(models: str) -> None:
    evidence = asked(models)
    assert set(evidence.ignored_columns) == {("users", "plan")}
    assert evidence.ignored_columns["users", "plan"].startswith("app/models.py line ")
    assert not evidence.references


@pytest.mark.parametrize("models", UNKNOWN.values(), ids=UNKNOWN)
def test_without_a_whole_model_nothing_is_said(models: str) -> None:
    evidence = asked(models)
    assert not evidence.ignored_columns
    assert not evidence.references


@pytest.mark.parametrize("line", ['op.drop_table("users")', 'op.rename_table("users", "people")'])
def test_a_mapped_table_is_in_use(line: str) -> None:
    assert asked(MAPPED["a column"], line).references == {("users", None): ("app/models.py line 1",)}


def test_models_are_wanted_only_where_something_is_removed() -> None:
    assert not FRAMEWORK.wants_evidence(run('op.add_column("t", sa.Column("a", sa.Integer()))'))
    assert FRAMEWORK.wants_evidence(run('op.alter_column("t", "a", new_column_name="b")'))
