"""`migsafe config check`: whether a repository's configuration can be read."""

from pathlib import Path
from typing import TextIO

from bot.cli.errors import CannotRun
from bot.review import config, config_paths
from bot.review.errors import ConfigError
from bot.rules import RULES


def check_configuration(named: Path | None, out: TextIO) -> int:
    """Prints what is wrong, each with its line, and returns the exit status: 0 valid, 1 not. Raises CannotRun."""
    path = named or _find(Path.cwd())
    if path is None:
        out.write("There is no configuration here: the defaults count.\n")
        return 0
    try:
        content = path.read_bytes()
    except OSError as missing:
        raise CannotRun(f"{path}: {(missing.strerror or 'cannot be read').lower()}") from missing
    try:
        config.read(content, source=path.name, rules=[rule.id for rule in RULES])
    except ConfigError as wrong:
        out.writelines(f"{path}:{problem.line}: {problem.message}\n" for problem in wrong.problems)
        return 1
    out.write(f"{path}: valid\n")
    return 0


def _find(here: Path) -> Path | None:
    """The configuration of the repository that this folder belongs to; outside one, of this folder."""
    folders = (here, *here.parents)
    root = next((folder for folder in folders if (folder / ".git").exists()), here)
    return next((root / path for path in config_paths.PATHS if (root / path).is_file()), None)
