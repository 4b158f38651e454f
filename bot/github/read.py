"""Reads values from GitHub's JSON and ignores the rest; the error names the missing field, never a KeyError."""

from typing import Any

from bot.github.errors import Transient

Json = dict[str, Any]


def dig(data: Any, *path: str) -> Any:
    """The value under these keys, None if any of them is missing."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text(data: Any, *path: str) -> str:
    """A string that must be there."""
    found = dig(data, *path)
    if not isinstance(found, str):
        raise Transient(f"GitHub's answer lacks {'.'.join(path)}")
    return found


def number(data: Any, *path: str) -> int:
    """A whole number that must be there."""
    found = dig(data, *path)
    if not isinstance(found, int):
        raise Transient(f"GitHub's answer lacks {'.'.join(path)}")
    return found


def items(data: Any, *path: str) -> list[Json]:
    """The objects of a list that must be there."""
    found = dig(data, *path)
    if not isinstance(found, list):
        raise Transient(f"GitHub's answer lacks {'.'.join(path) or 'a list'}")
    return [each for each in found if isinstance(each, dict)]
