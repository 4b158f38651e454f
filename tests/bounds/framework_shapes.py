"""Shapes of each framework's files: many statements that have a rewrite, in one file or many; many files beside one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.judging.framework import SourceFile
from bot.review.clashes import Around
from tests.bounds.shape import Shape, review_files

_SQL = "ALTER TABLE t{i} ALTER COLUMN c SET NOT NULL;\n"


@dataclass(frozen=True)
class _Tool:
    """How a file of the tool is called and what is in it; `{n}` is its number, `{i}` a statement's."""

    path: str
    before: str = ""
    after: str = ""
    statement: str = _SQL
    nothing: str = "-- nothing\n"

    def file(self, number: int, statements: range) -> SourceFile:
        body = "".join(self.statement.replace("{i}", str(i)) for i in statements) or self.nothing
        text = f"{self.before}{body}{self.after}"
        return SourceFile(self._numbered(self.path, number), self._numbered(text, number))

    def _numbered(self, text: str, number: int) -> str:
        earlier = f"'{number - 1:06d}'" if number else "None"
        return text.replace("{n}", f"{number:06d}").replace("{before}", earlier)


_TOOLS = {
    "plain": _Tool("migrations/{n}_a.sql"),
    "dbmate": _Tool("db/migrations/20260101{n}_a.sql", "-- migrate:up\n", "-- migrate:down\nSELECT 1;\n"),
    "diesel": _Tool("migrations/2026-01-01-{n}_a/up.sql"),
    "drizzle": _Tool("drizzle/{n}_a.sql", statement=_SQL.rstrip() + "--> statement-breakpoint\n"),
    "flyway": _Tool("db/migration/V{n}__a.sql"),
    "golang-migrate": _Tool("migrations/{n}_a.up.sql"),
    "goose": _Tool("migrations/20260101{n}_a.sql", "-- +goose Up\n", "-- +goose Down\nSELECT 1;\n"),
    "liquibase": _Tool(
        "db/changelog/{n}.sql",
        "--liquibase formatted sql\n",
        statement="--changeset a:{n}-{i}\n" + _SQL,
        nothing="--changeset a:{n}\nSELECT 1;\n",
    ),
    "morph": _Tool("db/migrations/postgres/{n}_a.up.sql", "-- morph:nontransactional\n"),
    "play": _Tool("conf/evolutions/default/{n}.sql", "# --- !Ups\n", "# --- !Downs\nSELECT 1;\n"),
    "prisma": _Tool("prisma/migrations/20260101{n}_a/migration.sql"),
    "sqitch": _Tool("deploy/a{n}.sql", "-- Deploy a:a{n} to pg\nBEGIN;\n", "COMMIT;\n"),
    "sql-migrate": _Tool("migrations/20260101{n}-a.sql", "-- +migrate Up\n", "-- +migrate Down\nSELECT 1;\n"),
    "sqlx": _Tool("migrations/20260101{n}_a.sql", "-- no-transaction\n"),
    "supabase": _Tool("supabase/migrations/20260101{n}_a.sql"),
    "rails": _Tool(
        "db/migrate/20260101{n}_a.rb",
        "class A{n} < ActiveRecord::Migration[7.1]\n  def change\n",
        "  end\nend\n",
        "    change_column_null :t{i}, :c, false\n",
        "    # nothing\n",
    ),
    "alembic": _Tool(
        "migrations/versions/{n}_a.py",
        "from alembic import op\nrevision = '{n}'\ndown_revision = {before}\ndef upgrade():\n",
        "",
        "    op.alter_column('t{i}', 'c', nullable=False)\n",
        "    pass\n",
    ),
}
_BESIDE = 2048
"""So many files lie beside a single statement; sizes up to this are compared."""


def _one_file(tool: _Tool) -> Callable[[int], list[SourceFile]]:
    return lambda size: [tool.file(0, range(size))]


def _each_file(tool: _Tool) -> Callable[[int], list[SourceFile]]:
    return lambda size: [tool.file(number, range(number, number + 1)) for number in range(size)]


def _one_of_many(tool: _Tool) -> Callable[[int], list[SourceFile]]:
    return lambda size: [tool.file(number, range(not number)) for number in range(size)]


def _beside_old(tool: _Tool) -> Callable[[int], tuple[list[SourceFile], Around]]:
    def make(size: int) -> tuple[list[SourceFile], Around]:
        new = tool.file(size, range(1))
        old = [tool.file(number, range(1)) for number in range(size)]
        texts = {file.path: file.text for file in old[-40:]}
        return [new], Around(1, tuple(file.path for file in old), texts, whole=True)

    return make


def framework_shapes() -> Iterator[Shape]:
    for name, tool in _TOOLS.items():
        yield Shape(f"{name}: many rewrites in one file", _one_file(tool), review_files, most=4096)
        yield Shape(f"{name}: many files with a rewrite", _each_file(tool), review_files, start=32, most=_BESIDE)
        yield Shape(f"{name}: one statement among many files", _one_of_many(tool), review_files, start=32, most=_BESIDE)
        beside = _beside_old(tool)
        yield Shape(f"{name}: one file beside many", beside, lambda made: review_files(*made), start=32, most=_BESIDE)
