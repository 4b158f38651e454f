"""Where each framework records the versions it has applied: how to query it, and how to record a version by hand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.language.migrations import Migration
from bot.report.markdown import clean


@dataclass(frozen=True, slots=True)
class Ledger:
    """`applied` is a query with a row where the version is recorded, None where only the tool knows."""

    record: Callable[[Migration], str]
    applied: Callable[[Migration], str] | None = None


def applied(migration: Migration) -> str | None:
    """A query that returns a row where this migration is recorded as applied."""
    ledger = _LEDGERS.get(migration.framework)
    return ledger.applied(migration) if ledger is not None and ledger.applied is not None else None


def record(migration: Migration) -> str:
    """SQL that records the migration as applied, or a comment that says how else to do it."""
    ledger = _LEDGERS.get(migration.framework)
    if ledger is None:
        return "-- Where the tool that runs this file records its versions is not known: record this one there now."
    return ledger.record(migration)


def literal(text: str) -> str:
    """A string constant, with standard_conforming_strings on."""
    return "'" + clean(text).replace("'", "''") + "'"


def _versions(table: str, column: str) -> Ledger:
    """One row per version, which is the key."""
    return Ledger(
        lambda one: f"INSERT INTO {table} ({column}) VALUES ({literal(one.version)}) ON CONFLICT DO NOTHING;",
        lambda one: f"SELECT {column} FROM {table} WHERE {column} = {literal(one.version)};",
    )


def _by_tool(command: str) -> Ledger:
    """Only the tool itself can record it."""
    return Ledger(lambda one: f"-- Record it with the tool: {command.format(_word(_stem(one)), _word(one.version))}")


def _alembic(migration: Migration) -> str:
    """Only the heads are kept: the revision replaces the one it revises."""
    new = literal(migration.version)
    revises = _REVISES.search(migration.text)
    if revises is None:
        return f"-- Which revision it follows is not read here: alembic stamp {_word(migration.version)}"
    if revises[1]:
        return f"INSERT INTO alembic_version (version_num) VALUES ({new}) ON CONFLICT DO NOTHING;"
    return f"UPDATE alembic_version SET version_num = {new} WHERE version_num = {literal(revises[2])};"


def _golang_migrate(migration: Migration) -> str:
    """One row in all, which a failure leaves dirty."""
    row = f"({literal(migration.version)}, false)"
    return f"DELETE FROM schema_migrations;\nINSERT INTO schema_migrations (version, dirty) VALUES {row};"


def _goose(migration: Migration) -> str:
    return f"INSERT INTO goose_db_version (version_id, is_applied) VALUES ({literal(migration.version)}, true);"


def _sql_migrate(migration: Migration) -> str:
    name = literal(migration.path.rpartition("/")[2])
    return f"INSERT INTO gorp_migrations (id, applied_at) VALUES ({name}, now()) ON CONFLICT DO NOTHING;"


def _stem(migration: Migration) -> str:
    """The file's name without its extension; for Prisma, the folder's name."""
    folder, _, name = migration.path.rpartition("/")
    return folder.rpartition("/")[2] if name == "migration.sql" else name.removesuffix(".sql")


def _word(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text)


_REVISES = re.compile(r"""^down_revision\b[^=\n]*=\s*(?:(None)|["']([^"'\n]+)["'])\s*(?:#.*)?$""", re.MULTILINE)

# As each tool creates its table; dbmate's and Rails' have the same name and column.
_LEDGERS: Mapping[str, Ledger] = {
    "dbmate": _versions("schema_migrations", "version"),
    "rails": _versions("schema_migrations", "version"),
    "alembic": Ledger(
        _alembic, lambda one: f"SELECT version_num FROM alembic_version WHERE version_num = {literal(one.version)};"
    ),
    "golang-migrate": Ledger(
        _golang_migrate,
        lambda one: f"SELECT version FROM schema_migrations WHERE version = {literal(one.version)} AND NOT dirty;",
    ),
    "goose": Ledger(
        _goose, lambda one: f"SELECT version_id FROM goose_db_version WHERE version_id = {literal(one.version)};"
    ),
    "sql-migrate": Ledger(_sql_migrate),
    "prisma": _by_tool("prisma migrate resolve --applied {0}"),
    "supabase": _by_tool("supabase migration repair {1} --status applied"),
}
