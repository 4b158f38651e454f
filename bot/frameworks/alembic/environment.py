"""The settings in env.py and alembic.ini: one transaction for all or one per migration, and the timeouts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from bot.core.judging.framework import Want
from bot.core.record import record

_PER_MIGRATION = re.compile(r"transaction_per_migration\s*=\s*(True|False)")
_SETTING = re.compile(
    r"\b(lock_timeout|statement_timeout|timezone|search_path|idle_in_transaction_session_timeout)"
    r"(?:\s*=\s*|\s+TO\s+|\\?[\"']\s*:\s*)\\?[\"']?([\w.,]+(?: ?(?:ms|s|min|h)\b)?)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"SET\s+(?:SESSION\s+|LOCAL\s+)?$|-c\s*$|[\"'{,(]\s*$|\s$", re.IGNORECASE)


@record
class Environment:
    """`transaction_per_migration` None: there was no env.py."""

    transaction_per_migration: bool | None = None
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def wanted(paths: Iterable[str]) -> list[Want]:
    """env.py of each script folder: versions may be one or more folders below it."""
    folders = {folder for path in paths for folder in _above(path)}
    return [Want(f"{folder}env.py") for folder in sorted(folders)]


def environment(path: str, files: Mapping[str, str]) -> Environment:
    """The settings in the nearest env.py above a migration. Never raises."""
    for folder in _above(path):
        name = f"{folder}env.py"
        if name in files:
            return _read(files[name], name)
    return Environment()


def _above(path: str) -> list[str]:
    """The folders above a file, nearest first, at most four, each with its slash; "" is the root."""
    parts = path.split("/")[:-1]
    folders = ["/".join(parts[:count]) + "/" for count in range(len(parts), 0, -1)][:4]
    return folders if len(parts) >= 4 else [*folders, ""]


def _read(text: str, name: str) -> Environment:
    code = "\n".join(
        line.split("#", 1)[0] if "'" not in line and '"' not in line else line for line in text.split("\n")
    )
    values = _PER_MIGRATION.findall(code)
    settings: dict[str, tuple[str, str]] = {}
    for found in _SETTING.finditer(code):
        before = code[max(0, found.start() - 12) : found.start()]
        if _SPOKEN.search(before):
            settings[found[1].lower()] = (found[2], name)
    return Environment("True" in values, settings)
