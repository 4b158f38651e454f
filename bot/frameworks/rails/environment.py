"""How an application's migrations run, from its files: gems, timeouts, adapter."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import lru_cache

from bot.core.judging.framework import Want
from bot.core.record import record

_GEMS = (
    "strong_migrations",
    "online_migrations",
    "safe-pg-migrations",
    "pg_ha_migrations",
    "nandi",
    "zero_downtime_migrations",
    "activerecord-gitlab",
)
_INITIALIZERS = "config/initializers/{strong_migrations,online_migrations,safe_pg_migrations,pg_ha_migrations}.rb"
_CONFIGURED = ("safe_pg_migrations", "strong_migrations", "online_migrations", "pg_ha_migrations")
_HELPERS = (
    "lib/**/*migration*.rb",
    "lib/**/*migration*/**/*.rb",
    "app/**/*migration*.rb",
    "app/**/*migration*/**/*.rb",
    "lib/**/*schema_statement*.rb",
    "db/migrate/concerns/**/*.rb",
    "db/migrat*/**/*helper*.rb",
)
_DATABASE = "config/database.yml"
_LOCK = "Gemfile.lock"
_SPEC = re.compile(r"^ {4}([\w.-]+) \(([^)\n]*)\)", re.MULTILINE)
_ASSIGNED = re.compile(
    r"^[ \t]*(?:StrongMigrations|(?:OnlineMigrations\.|SafePgMigrations\.)?config)\.(\w+)[ \t]*=[ \t]*([^#\n]+)",
    re.MULTILINE,
)
_DURATION = re.compile(r"([\d_]+(?:\.\d+)?)(?:\.(seconds?|minutes?|hours?|days?))?$")
_VARIABLE = re.compile(
    r"^[ \t]++(lock_timeout|statement_timeout|idle_in_transaction_session_timeout):\s*[\"']?([\w.]+)", re.MULTILINE
)
_ADAPTER = re.compile(r"^[ \t]*+adapter:\s*+[\"']?([\w-]+)", re.MULTILINE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_POSTGRES = ("postgresql", "postgis", "postgresql_makara", "postgresql_proxy", "jdbcpostgresql")


@record
class Environment:
    """`settings` are in force before a migration's first statement; `safe_by_default` that of strong_migrations, for
    versions after `start_after`; `adapter` the database's where config/database.yml names only one kind."""

    gems: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    safe_by_default: bool = False
    auto_analyze: bool = False
    start_after: int = 0
    adapter: str | None = None

    @property
    def postgres(self) -> bool:
        return self.adapter is None or self.adapter in _POSTGRES


def application_of(path: str) -> str:
    """The folder of an application's `db`, "" or with its slash."""
    parts = path.split("/")[:-1]
    for position in range(len(parts) - 1, -1, -1):
        if parts[position] == "db":
            return "".join(f"{part}/" for part in parts[:position])
    return ""


def wanted(paths: Iterable[str]) -> list[Want]:
    """Gemfile.lock, initializers, the database's configuration and files that may define helpers for migrations."""
    found: dict[str, None] = {}
    for path in paths:
        root = application_of(path)
        for pattern in (_LOCK, _INITIALIZERS, _DATABASE, *_HELPERS):
            found[f"{root}{pattern}"] = None
        if root:
            found[_LOCK] = None
    return [Want(pattern) for pattern in found]


def environment(path: str, files: Mapping[str, str]) -> Environment:
    """The environment in the files beside a migration. Never raises."""
    root = application_of(path)
    names = [f"{root}config/initializers/{gem}.rb" for gem in _CONFIGURED]
    initializers = tuple((name, files[name]) for name in names if name in files)
    database = f"{root}{_DATABASE}"
    return _read(files.get(f"{root}{_LOCK}", files.get(_LOCK, "")), initializers, database, files.get(database, ""))


@lru_cache(maxsize=8)
def _read(lock: str, initializers: tuple[tuple[str, str], ...], database: str, text: str) -> Environment:
    gems = {name: version for name, version in _SPEC.findall(lock) if name in _GEMS}
    settings: dict[str, tuple[str, str]] = {}
    text = _without_comments(text)
    for name, value in _VARIABLE.findall(text):
        settings[name] = (_spoken(value), database)
    adapters = set(_ADAPTER.findall(text))
    configured: dict[str, str] = {}
    for name, initializer in initializers:
        own = {key: value.strip() for key, value in _ASSIGNED.findall(_without_comments(initializer))}
        for timeout in ("lock_timeout", "statement_timeout"):
            value = _timeout(own.get(timeout, ""))
            if value is not None and "safe_pg_migrations" not in name:
                settings[timeout] = (value, name)
        configured |= own
    if "safe-pg-migrations" in gems:
        patience = _timeout(configured.get("safe_timeout", "")) or "5s"
        settings |= dict.fromkeys(("lock_timeout", "statement_timeout"), (patience, "safe-pg-migrations"))
    digits = re.sub(r"\D", "", configured.get("start_after", ""))
    return Environment(
        gems=gems,
        settings=settings,
        safe_by_default=configured.get("safe_by_default") == "true",
        auto_analyze=configured.get("auto_analyze") == "true",
        start_after=int(digits[:20] or 0),
        adapter=adapters.pop() if len(adapters) == 1 else None,
    )


def helper_files(path: str, files: Mapping[str, str]) -> list[str]:
    """The texts of fetched Ruby files that may define what a migration calls."""
    root = application_of(path)
    return [
        text
        for name, text in sorted(files.items())
        if name.endswith(".rb") and name.startswith(root) and "/initializers/" not in name and "/models/" not in name
    ]


def _timeout(value: str) -> str | None:
    """`10.seconds` as PostgreSQL writes it."""
    found = _DURATION.match(value.strip())
    if found is None:
        return None
    number = float(found[1].replace("_", "") or "nan") * _SECONDS[(found[2] or "second").rstrip("s")]
    if not math.isfinite(number):
        return None
    return f"{number:g}s" if number == int(number) and number < 1_000_000 else f"{int(number * 1000)}ms"


def _spoken(value: str) -> str:
    return f"{value}ms" if value.isdigit() and value != "0" else value


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|[ \t])#.*$", "", text)
