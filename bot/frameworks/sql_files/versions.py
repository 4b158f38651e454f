"""What a tool for files of SQL has one entry for: by number, by digits, or by name."""

import re
from collections.abc import Callable, Sequence

from bot.core.judging.history import Unit

_SAME_NAME = ("migration.sql", "up.sql")
_DOWN = (".down.sql", "-down.sql", "/down.sql")
_DIGITS = re.compile(r"\d{1,40}")
_NUMBER = re.compile(r"(\d{1,40})(?:_|\.(?:up\.)?sql\Z)")
_ONLY_NUMBER = re.compile(r"(\d{1,40})(?:[_-](?!\d)|\.(?:up\.)?sql\Z)")

Units = Callable[[str, str | None], Sequence[Unit]]
"""The units of a file, by its path and, where it is known, its text; none where it is not a migration."""


def by_number(path: str, _text: str | None) -> Sequence[Unit]:
    """The number before the first `_`, so that `07_x.sql` is `7`."""
    return _numbered(path, _NUMBER)


def by_only_number(path: str, _text: str | None) -> Sequence[Unit]:
    """The same, but where it may be the beginning of a date (`2026_05_16_x.sql`) or of `1.0.1`, nothing is known."""
    return _numbered(path, _ONLY_NUMBER)


def by_digits(path: str, _text: str | None) -> Sequence[Unit]:
    """All digits that the name begins with, compared as text."""
    found = _DIGITS.match(path.rpartition("/")[2]) if is_up(path) else None
    return (Unit(found[0], scope_of(path), order=(found[0],)),) if found else ()


def by_folder_version(path: str, _text: str | None) -> Sequence[Unit]:
    """What the folder's name has before its first `_`, without dashes."""
    folder, _, name = path.rpartition("/")
    version = folder.rpartition("/")[2].partition("_")[0].replace("-", "")
    if name not in _SAME_NAME or not version:
        return ()
    return (Unit(version, scope_of(path), order=(version,)),)


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


def _numbered(path: str, form: re.Pattern[str]) -> Sequence[Unit]:
    found = form.match(path.rpartition("/")[2]) if is_up(path) else None
    return (Unit(str(int(found[1])), scope_of(path), order=(int(found[1]),)),) if found else ()
