"""Which database the migrations are for, as far as the repository's own files show: drivers, locks, configuration."""

import re
from collections.abc import Iterable, Mapping

from bot.core.judging.framework import Want

# For each kind of file: what names a PostgreSQL driver, and what names another database's, with that database.
_DRIVERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Gemfile.lock": (
        r"^    (?:pg|activerecord-postgis-adapter|activerecord-cockroachdb-adapter) \(",
        {
            r"^    (?:mysql2|trilogy) \(": "MySQL",
            r"^    sqlite3 \(": "SQLite",
            r"^    activerecord-sqlserver": "SQL Server",
        },
    ),
    "package.json": (
        r'"(?:pg|postgres|@neondatabase/serverless|@prisma/adapter-pg|pg-promise|slonik|@vercel/postgres)"\s*:',
        {
            r'"(?:mysql2?|mariadb)"\s*:': "MySQL",
            r'"(?:better-sqlite3|sqlite3)"\s*:': "SQLite",
            r'"mssql"\s*:': "SQL Server",
        },
    ),
    "requirements.txt": (
        r"(?im)^[ \t]*+(?:psycopg|asyncpg|pg8000|aiopg|sqlalchemy\[postgres)",
        {
            r"(?im)^[ \t]*+(?:mysqlclient|pymysql|aiomysql|mysql-connector)": "MySQL",
            r"(?im)^[ \t]*+pyodbc": "SQL Server",
        },
    ),
    "pyproject.toml": (
        r"(?i)[\"'](?:psycopg|asyncpg|pg8000|aiopg)|^(?:psycopg\w*|asyncpg|pg8000)\s*=",
        {r"(?i)[\"'](?:mysqlclient|pymysql|aiomysql|mysql-connector)|^(?:mysqlclient|pymysql|aiomysql)\s*=": "MySQL"},
    ),
    "go.mod": (
        r"github\.com/(?:lib/pq|jackc/pg)",
        {r"github\.com/go-sql-driver/mysql": "MySQL", r"(?:mattn/go-sqlite3|modernc\.org/sqlite)": "SQLite"},
    ),
    "Cargo.toml": (r"(?i)postgres", {r"(?i)\bmysql\b": "MySQL", r"(?i)\bsqlite\b": "SQLite"}),
    "composer.json": (r"(?i)pgsql|postgres", {r"(?i)ext-(?:pdo_)?mysqli?": "MySQL"}),
}
_PROVIDER = re.compile(r'^[ \t]*+provider\s*+=\s*+"(\w+)"', re.MULTILINE)
_LOCK = "migration_lock.toml"


def wanted(paths: Iterable[str]) -> list[Want]:
    """The files that would show it: Prisma's lock and lists of drivers, in the migrations' folders and those above."""
    folders = {folder for path in paths for folder in _above(path)}
    names = [*_DRIVERS, _LOCK]
    return [Want(f"{folder}{name}") for folder in sorted(folders) for name in names]


def other_database(paths: Iterable[str], base: Mapping[str, str]) -> str | None:
    """Why these migrations are not for PostgreSQL; None if they are, may be, or nothing shows it.

    Another database's driver counts only if none of the files has a driver for PostgreSQL.
    """
    reasons = {_reason(path, base) for path in paths}
    return reasons.pop() if len(reasons) == 1 else None


def _reason(path: str, base: Mapping[str, str]) -> str | None:
    lock = next((base[name] for name in (f"{folder}{_LOCK}" for folder in _above(path)) if name in base), None)
    if lock is not None:
        provider = _PROVIDER.search(lock)
        if provider is not None:
            known = provider[1] in ("postgresql", "postgres", "cockroachdb")
            return None if known else f"{_LOCK} says {provider[1]}"
    found: str | None = None
    for folder in _above(path):
        for name, (ours, others) in _DRIVERS.items():
            text = base.get(f"{folder}{name}")
            if text is None:
                continue
            if re.search(ours, text, re.MULTILINE):
                return None
            database = next(
                (other for pattern, other in others.items() if re.search(pattern, text, re.MULTILINE)), None
            )
            if database is not None and found is None:
                found = f"{folder}{name} names a driver for {database}, and none for PostgreSQL"
    return found


def _above(path: str) -> list[str]:
    """The folders above a file, nearest first, each with its slash; "" is the root."""
    parts = path.split("/")[:-1]
    return [*("/".join(parts[:count]) + "/" for count in range(len(parts), 0, -1)), ""]
