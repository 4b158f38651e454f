"""What a tool for files of SQL has one entry for: by number, by digits, or by name."""

import re
from collections.abc import Callable, Sequence

from bot.core.judging.history import Unit
from bot.frameworks.sql_files.naming import version_of

_SAME_NAME = ("migration.sql", "up.sql")
_DOWN = (".down.sql", "/down.sql")
_NOT_DIGITS = re.compile(r"\D")

Units = Callable[[str, str | None], Sequence[Unit]]
"""The units of a file, by its path and, where it is known, its text; none where it is not a migration."""


def by_number(path: str, _text: str | None) -> Sequence[Unit]:
    """The number that the name begins with, so that `07` is `7`."""
    version = _digits(path)
    return (Unit(str(int(version)), scope_of(path), order=(int(version),)),) if version else ()


def by_digits(path: str, _text: str | None) -> Sequence[Unit]:
    """The digits that the name begins with, compared as text."""
    version = _digits(path)
    return (Unit(version, scope_of(path), order=(version,)),) if version else ()


def by_folder(path: str, _text: str | None) -> Sequence[Unit]:
    """The name of the folder that holds the file, applied in the order of these names."""
    folder, _, name = path.rpartition("/")
    if name not in _SAME_NAME or not folder:
        return ()
    named = folder.rpartition("/")[2]
    return (Unit(named, scope_of(path), what="name", order=(named,)),)


def by_file_name(path: str, _text: str | None) -> Sequence[Unit]:
    """The whole name of the file."""
    name = path.rpartition("/")[2]
    return (Unit(name, scope_of(path), what="name"),) if is_up(path) else ()


def scope_of(path: str) -> str:
    """The folder that the tool reads: above the migration's own, where each has one."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[0] if name in _SAME_NAME and folder else folder


def is_up(path: str) -> bool:
    """Whether a file of SQL, by its name, does something rather than undoes it."""
    return path.endswith(".sql") and not f"/{path}".endswith(_DOWN)


def _digits(path: str) -> str:
    version = version_of(path) if is_up(path) else ""
    return "" if _NOT_DIGITS.search(version) else version[:40]
