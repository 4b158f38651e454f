"""How each framework's cases are written as files, and which tool applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Protocol

from tests.rewrites.case import Case
from tests.rewrites.code_tools import ActiveRecord, Alembic
from tests.rewrites.tools import Dbmate, Tool


class Language(Protocol):
    """A framework of the cases."""

    @property
    def tool(self) -> Tool: ...

    @property
    def beside(self) -> Mapping[str, str]:
        """What the repository has besides migrations, path to text."""
        ...

    def source(self, case: Case) -> tuple[str, str]:
        """The author's file: its path and its text."""
        ...

    def given(self, case: Case) -> "Language":
        """With what the author of this case has beside the file: what undoes it, where that is a file of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """Files of dbmate."""

    tool: Dbmate
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        return sql_source(case)

    def given(self, case: Case) -> "Sql":  # noqa: ARG002
        return self


def sql_source(case: Case) -> tuple[str, str]:
    """A file of dbmate's: its path and its text."""
    option = " transaction:false" if case.outside else ""
    down = f"{case.down}\n" if case.down else ""
    text = f"-- migrate:up{option}\n{case.up}\n\n-- migrate:down{option}\n{down}"
    return "db/migrations/20260101000001_change.sql", text.replace("\n", "\r\n") if case.carriage else text


_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
target_metadata = None


def run_migrations_online() -> None:
    connectable = engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
"""

_REVISION = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a1b2c3d4e5f6"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
{up}


def downgrade():
{down}
"""


@dataclass(frozen=True, slots=True)
class Python:
    """Revisions of Alembic."""

    tool: Alembic = field(default_factory=Alembic)
    beside: Mapping[str, str] = field(default_factory=lambda: {"alembic/env.py": _ENVIRONMENT})

    def source(self, case: Case) -> tuple[str, str]:
        up, down = (indent(body, "    ") for body in (case.up, case.down or "pass"))
        return "alembic/versions/a1b2c3d4e5f6_change.py", _REVISION.format(up=up, down=down)

    def given(self, case: Case) -> "Python":  # noqa: ARG002
        return self


@dataclass(frozen=True, slots=True)
class Ruby:
    """Migrations of Rails: the body of `change`, or whole methods."""

    tool: ActiveRecord
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        body = case.up if "def " in case.up else f"def change\n{indent(case.up, '  ')}\nend"
        text = f"class ChangeShop < ActiveRecord::Migration[6.1]\n{indent(body, '  ')}\nend\n"
        return "db/migrate/20260101000001_change_shop.rb", text

    def given(self, case: Case) -> "Ruby":  # noqa: ARG002
        return self


@dataclass(frozen=True, slots=True)
class Annotated:
    """Files of sql-migrate."""

    tool: Tool
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        return "migrations/20260101000001-change.sql", f"-- +migrate Up\n{case.up}\n\n-- +migrate Down\n{case.down}\n"

    def given(self, case: Case) -> "Annotated":  # noqa: ARG002
        return self


@dataclass(frozen=True, slots=True)
class Scripts:
    """Sqitch's scripts: what undoes one is in a file of its own."""

    tool: Tool
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        return "deploy/change.sql", f"-- Deploy shop:change to pg\n\nBEGIN;\n\n{case.up}\n\nCOMMIT;\n"

    def given(self, case: Case) -> "Scripts":
        undone = f"-- Revert shop:change from pg\n\nBEGIN;\n\n{case.down}\n\nCOMMIT;\n"
        return replace(self, beside={"revert/change.sql": undone})


@dataclass(frozen=True, slots=True)
class UpOnly:
    """Files of Drizzle or Supabase: nothing undoes them."""

    tool: Tool
    path: str
    between: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def source(self, case: Case) -> tuple[str, str]:
        statements = case.up.replace(";\n", f";{self.between}\n")
        return self.path, f"{statements}\n"

    def given(self, case: Case) -> "UpOnly":  # noqa: ARG002
        return self
