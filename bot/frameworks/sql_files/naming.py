"""The names of files of SQL: their versions, their order, and the names of further files."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count

from bot.core.record import record

_NUMBER = re.compile(r"\d+")
_SAME_NAME = ("migration.sql", "up.sql")
_FLYWAY = re.compile(r"(?P<prefix>[VUB])(?P<version>\d+(?:[._]\d+)*)(?P<separator>__)")
_REPEATABLE = re.compile(r"R__.*", re.DOTALL)
_DASHED = re.compile(r"(?P<version>\d{4}-\d{2}-\d{2}(?:-\d{1,6})?)(?P<separator>_)")
_NUMBERED = re.compile(r"(?P<version>\d+)(?P<separator>__|\.do\.|[_.-]|\Z)")
_SUFFIX = re.compile(r"(/(?:migration|up)\.sql|[.-]up\.sql|\.sql)\Z")
_PARTS = re.compile(r"[._]")


def version_of(path: str) -> str:
    """The digits a migration's name begins with; of its folder's where every file has the same name.

    `20260516_x.sql` is 20260516, `V1_2__x.sql` 1.2, `20260516_x/migration.sql` 20260516, `2026-05-16-120000_x/up.sql`
    20260516120000; else the bare name.
    """
    name = path.rsplit("/", 1)[-1]
    if name in _SAME_NAME and "/" in path:
        name = path.rsplit("/", 2)[-2]
    if flyway := _FLYWAY.match(name):
        return flyway["version"].replace("_", ".")
    if dashed := _DASHED.match(name):
        return dashed["version"].replace("-", "")
    digits = _NUMBER.match(name)
    return digits[0] if digits else name.removesuffix(".sql")


def by_version(path: str) -> tuple[tuple[int, ...], str]:
    """The order in which tools apply files: by version as numbers, then by name."""
    return tuple(int(part[:40]) for part in _NUMBER.findall(version_of(path))), path


def by_name(path: str) -> tuple[str, str]:
    """The file's name, then its whole path."""
    return path.rsplit("/", 1)[-1], path


@dataclass(slots=True)
class NextVersion:
    """Versions of further files: each later than `like`, than those `taken`, and than all before it."""

    like: str
    taken: Sequence[str]
    _found: str | None = field(default=None, init=False)

    def peek(self) -> str:
        if self._found is None:
            self._found = next_version(self.like, self.taken)
        return self._found

    def take(self, version: str) -> None:
        """`version` was used: the next is later. It is later than those taken, too, unless it got one digit more."""
        if len(version) == len(self.like):
            self.taken = ()
        self.like = version
        self._found = None


@dataclass(slots=True)
class Paths:
    """Paths for new files in the folder and form of `like`, each version later than all before.

    `first` is used once, for the first file, where it is given. `ending`: as for `file_form`. `taken` are paths that
    exist; it grows.
    """

    like: str
    versions: Sequence[str]
    first: str | None = None
    ending: str = ""
    taken: set[str] = field(default_factory=set)
    given: list[str] = field(default_factory=list, init=False)
    """The versions of the files that were taken."""
    _version: NextVersion = field(init=False)
    _numbers: dict[str, int] = field(default_factory=dict, init=False)
    """For each path the number that makes it free: none below it is."""

    def __post_init__(self) -> None:
        self.taken.add(self.like)
        self._version = NextVersion(file_form(self.like, self.ending).version, self.versions)

    def next(self, slug: str) -> str:
        """The path that the next migration would have; `take` it to get to the following path."""
        if self.first is not None:
            return self.first
        form, version = file_form(self.like, self.ending), self._version.peek()
        return self._free(lambda name: form.path(version, name), slug)

    def take(self, path: str) -> None:
        self.taken.add(path)
        if path == self.first:
            self.first = None
        else:
            version = file_form(path, self.ending).version
            self.given.append(version)
            self._version.take(version)

    def script(self, slug: str) -> str:
        """Beside the folder of migrations, not in it: a tool must not pick it up."""
        return script_path(f"{file_form(self.like).folder}/x", slug, self.taken)

    def _free(self, named: Callable[[str], str], slug: str) -> str:
        """The first path of this name that is free: `x`, `x_2`, `x_3`."""
        path = named(slug)
        number = self._numbers.get(path, 1)
        while (found := named(f"{slug}_{number}") if number > 1 else path) in self.taken:
            number += 1
        self._numbers[path] = number
        return found


def script_path(like: str, slug: str, taken: set[str]) -> str:
    """The path of a script beside the folder of the migration `like`, which none that is `taken` has; it joins them."""
    above = like.rpartition("/")[0].rpartition("/")[0]
    folder = f"{above}/scripts" if above else "scripts"
    numbered = (f"{folder}/{slug}_{number}.sql" for number in count(2))
    path = next(path for path in chain((f"{folder}/{slug}.sql",), numbered) if path not in taken)
    taken.add(path)
    return path


@record
class FileForm:
    """A migration's path in its parts: `db/migrations`, `V`, `7`, `__`, `.up.sql`.

    Without a `separator` after a version, a name is the version alone. `dashed`: its version is written as a date.
    """

    folder: str
    prefix: str
    version: str
    separator: str
    suffix: str
    dashed: bool = field(default=False, kw_only=True)

    def path(self, version: str, slug: str) -> str:
        date = re.match(r"(\d{4})(\d{2})(\d{2})(\d*)", version) if self.dashed else None
        written = "-".join(part for part in date.groups() if part) if date else version
        named = "" if version and not self.separator else slug
        name = f"{self.prefix}{written}{self.separator}{named}{self.suffix}"
        return f"{self.folder}/{name}" if self.folder else name


def ending_of(path: str) -> str:
    """What follows the first dot of a tool's example: `.sql`, `.up.sql`."""
    _, dot, ending = path.rpartition("/")[2].partition(".")
    return dot + ending


def file_form(path: str, own: str = "") -> FileForm:
    """The parts of a path; `own`: an ending of the tool's, beside those that are common."""
    suffix = _SUFFIX.search(path)
    ending = suffix[0] if suffix else ".sql"
    if own and path.endswith(own) and len(own) > len(ending):
        ending = own
    stem = path.removesuffix(ending)
    folder, _, name = stem.rpartition("/")
    if match := _FLYWAY.match(name):
        return FileForm(folder, match["prefix"], match["version"], match["separator"], ending)
    if _REPEATABLE.match(name):  # applied in the order of their names: `R__x_2_slug` comes after `R__x`
        return FileForm(folder, f"{name}_", "1", "_", ending)
    if match := _DASHED.match(name):
        version = match["version"].replace("-", "")
        return FileForm(folder, "", version, match["separator"], ending, dashed=True)
    if match := _NUMBERED.match(name):
        return FileForm(folder, "", match["version"], match["separator"], ending)
    if digits := _NUMBER.match(name):
        return FileForm(folder, "", digits[0], "_", ending)
    # Without a version, what comes after `x` by its name: `x_2_slug`.
    return FileForm(folder, f"{name}_", "1", "_", ending) if name else FileForm(folder, "", "", "", ending)


def next_version(like: str, taken: Sequence[str]) -> str:
    """Later than `like` and than every version of its form: one second later for a timestamp, else one higher."""
    if not like:
        return ""
    if not like.isdecimal():
        return _next_part(like, taken)
    width = len(like)
    latest = max([like, *(version for version in taken if version.isdecimal() and len(version) == width)])
    return _a_second_on(latest) if width == 14 else f"{int(latest) + 1:0{width}d}"


def _a_second_on(version: str) -> str:
    try:
        return (datetime.strptime(version, "%Y%m%d%H%M%S") + timedelta(seconds=1)).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError):
        return f"{int(version) + 1:014d}"


def _next_part(like: str, taken: Sequence[str]) -> str:
    """In a version with parts (`1_2`, `1.2`) the last part counts up past its siblings."""
    parts = _PARTS.split(like)
    siblings = [_PARTS.split(version) for version in taken]
    last = max([int(parts[-1]), *(int(other[-1]) for other in siblings if other[:-1] == parts[:-1])])
    return f"{like[: -len(parts[-1])]}{last + 1:0{len(parts[-1])}d}"
