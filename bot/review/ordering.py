"""What else of the base branch decides in which order a tool applies migrations: its options, its register of them.

Options are fetched only where they matter: for a migration that comes before one which the base branch has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from bot.core.globs import matches
from bot.core.judging.beside import Standing, newest_units
from bot.core.judging.history import History, LateOption
from bot.core.language.migrations import Run
from bot.core.record import replace
from bot.frameworks import framework_named

_MOST_FILES = 20
_TESTS = ("test", "tests", "testdata", "examples")


def history_of(framework: str, options: Mapping[str, str], registers: Collection[str]) -> History:
    """The tool's history under the options in these files, by path; `registers` are those that are known."""
    history = framework_named(framework).history
    if history.option is not None:
        relevant = {path: text for path, text in options.items() if _may_set(history.option, path)}
        history = replace(history, older=history.option.outcome(history.older, relevant))
    if history.register is not None and registers:
        history = replace(history, older=history.register.older)
    return history


def option_files(run: Run, base_paths: Iterable[str], old_paths: Collection[str], every: Iterable[str]) -> list[str]:
    """The files, out of every one of the base branch, that may set what becomes of a late migration of the run."""
    late = _late(run, base_paths, old_paths)
    options = [
        (option, [one.path for one in run.migrations if one.framework == name])
        for name in late
        if (option := framework_named(name).history.option) is not None
    ]
    if not options:
        return []
    found = [path for path in every if any(_may_set(option, path) and _is_near(path, own) for option, own in options)]
    return sorted(found, key=lambda path: (-path.count("/"), path))[:_MOST_FILES]


def register_files(run: Run) -> list[str]:
    """Where the tools of the run keep their registers of these migrations."""
    registers = {name: framework_named(name).history.register for name in _frameworks(run)}
    found = [register.path_of(one.path) for one in run.migrations if (register := registers[one.framework]) is not None]
    return list(dict.fromkeys(found))


def _late(run: Run, base_paths: Iterable[str], old_paths: Collection[str]) -> list[str]:
    """The frameworks of which a new migration is older than the newest on the base branch, by the paths."""
    own = {one.path for one in run.migrations}
    there = [path for path in base_paths if path not in own]
    late: list[str] = []
    for name in _frameworks(run):
        framework = framework_named(name)
        if framework.history.option is None:
            continue
        newest = newest_units([Standing(path, name, unit) for path in there for unit in framework.units(path, None)])
        new = (one.path for one in run.migrations if one.framework == name and one.path not in old_paths)
        units = (unit for path in new for unit in framework.units(path, None))
        if any(
            unit.order is not None
            and (last := newest.get((name, unit.scope, unit.what))) is not None
            and (last.unit.order or ()) > unit.order
            for unit in units
        ):
            late.append(name)
    return late


def _frameworks(run: Run) -> list[str]:
    return list(dict.fromkeys(one.framework for one in run.migrations))


def _may_set(option: LateOption, path: str) -> bool:
    return any(matches(pattern, path) for pattern in option.files)


def _is_near(path: str, own: Sequence[str]) -> bool:
    """Whether the file is of the part of the repository that these migrations are in, and not of its tests."""
    folders = path.split("/")[:-1]
    if not {one.lower() for one in folders}.isdisjoint(_TESTS):
        return False
    if folders[:1] == [".github"]:
        return True
    root = folders[: folders.index("src")] if "src" in folders else folders
    if root and root[-1] in ("conf", "config", "scripts", "docker", "deploy", "cmd", "bin"):
        root = root[:-1]
    return not root or any(f"{one}".startswith(f"{'/'.join(root)}/") for one in own)
