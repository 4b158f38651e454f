"""The `.env` file that setup writes and serve reads: NAME=value lines, readable by its owner only."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"\s*+(?:export\s++)?(?P<name>[A-Za-z_][A-Za-z0-9_]*+)\s*+=(?P<value>.*+)")


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables in the file, none if it does not exist; skips comments and lines of another form."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = (_LINE.fullmatch(line) for line in lines if not line.lstrip().startswith("#"))
    return {match["name"]: _unquoted(match["value"].strip()) for match in found if match}


def write_dotenv(path: Path, values: Mapping[str, str]) -> None:
    """Sets these names in the file, keeps its other lines, replaces it whole with mode 0600; raises OSError."""
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    lines = [line for line in kept if not ((match := _LINE.fullmatch(line)) and match["name"] in values)]
    lines += [f"{name}={value}" for name, value in values.items()]
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    beside.replace(path)


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
