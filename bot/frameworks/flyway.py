"""Flyway: `V<version>__<name>.sql` and `R__<name>.sql`, each statement sent separately.

A file runs in a transaction unless Flyway sees a statement that must not, or the file's `.conf` says so. Which
statements it sees: `PostgreSQLParser.detectCanExecuteInTransaction` of Flyway; every other statement, SET too,
may run in a transaction, and a file that mixes the two is refused.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Example, Files, KnownBy, Side, SourceFile, Want
from bot.core.judging.history import Fate, History, Outcome, Unit
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import compose_bare, compose_bare_down, lay_out_whole, terminated, unwrap_nothing
from bot.frameworks.sql_files.convention import Body, Companion, Convention, Layout, Undo
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.order_options import OUT_OF_ORDER, uncommented
from bot.frameworks.sql_files.versions import scope_of
from bot.sql import read_script

EXAMPLE = Example(
    path="src/main/resources/db/migration/V2__add_events_kind.sql",
    text="ALTER TABLE events ADD COLUMN kind text;\n",
    outside="CREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
)

_NAME = re.compile(r"(?:V\d+(?:[._]\d+)*__|R__).*\.sql\Z", re.DOTALL)
_VERSION = re.compile(r"V(\d{1,40}(?:[._]\d{1,40}){0,20})__.*\.sql\Z", re.DOTALL)
_OUTSIDE = re.compile(r"(?mi)^[ \t]*executeInTransaction[ \t]*=[ \t]*false[ \t]*$")
_CONFIGURATIONS = (
    "flyway.toml",
    "flyway.conf",
    "application.yml",
    "application.yaml",
    "application.properties",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)
_GROUP = re.compile(
    r"(?i)(?<![\w-])(?:flyway_)?group[\"']?(?:[ \t]*+[=:>(][ \t]*+|[ \t]++)[\"']?(?P<value>true|false)\b"
)
_WRAPPED = "Flyway runs each file in a transaction"
_GROUPED = "Flyway runs all pending files in one transaction (`group`)"
_MIXED = (
    "Flyway refuses a file that mixes statements that must not run in a transaction with others, unless `mixed` is on"
)


def recognises(path: str, _text: str) -> bool:
    return bool(_NAME.match(path.rsplit("/", 1)[-1]))


def wants(paths: Iterable[str]) -> Sequence[Want]:
    """Each file's own configuration, and what says how the application's Flyway runs them."""
    paths = list(paths)
    folders = {folder for path in paths for folder in _above(path)}
    configured = [Want(f"{folder}{name}") for folder in sorted(folders) for name in _CONFIGURATIONS]
    return (*(Want(f"{path}.conf", Side.HEAD) for path in paths), *configured)


def _above(path: str) -> list[str]:
    """The folders above a file, nearest first, each with its slash; "" is the root."""
    parts = path.split("/")[:-1]
    return [*("/".join(parts[:count]) + "/" for count in range(len(parts), 0, -1)), ""]


def in_a_group(source: SourceFile, files: Files) -> bool:
    """Whether Flyway runs it in one transaction with all that are pending: `group`, in the nearest configuration."""
    found = (files.base.get(f"{folder}{name}") for folder in _above(source.path) for name in _CONFIGURATIONS)
    values = (_groups(text) for text in found if text is not None)
    return next((value for value in values if value is not None), False) and _runs_wrapped(source, files)


def _groups(text: str) -> bool | None:
    """What a configuration sets `group` to, None where it does not."""
    if "flyway" not in text.lower():
        return None
    found = [found["value"].lower() == "true" for line in uncommented(text) for found in _GROUP.finditer(line)]
    return any(found) if found else None


def _runs_wrapped(source: SourceFile, files: Files) -> bool:
    configured = files.head.get(f"{source.path}.conf", "")
    return not any(_seen_outside(source.text)) and not _OUTSIDE.search(configured)


def lay_out(source: SourceFile, files: Files) -> Layout:
    outside = _seen_outside(source.text)
    wrapped = _runs_wrapped(source, files)
    because = _GROUPED if in_a_group(source, files) else _WRAPPED
    layout = lay_out_whole(source, wrapped=wrapped, split=True, because=because)
    notes = (_MIXED,) if any(outside) and not all(outside) else ()
    return Layout(layout.sections, transactional=wrapped, notes=notes)


def companion(body: Body, like: Migration) -> Companion | None:
    """The file's configuration, where Flyway does not see how to run it, or the author's configuration differs."""
    if body.transactional:
        configured = body.path == like.path and not like.transactional and not any(_seen_outside(like.text))
        return Companion(f"{body.path}.conf", "executeInTransaction=true\n") if configured else None
    if all(_seen_outside(terminated(body.up))):
        return None
    return Companion(f"{body.path}.conf", "executeInTransaction=false\n")


def undo_of(path: str) -> str | None:
    """`U2__x.sql` beside `V2__x.sql`, which only some editions of Flyway have."""
    name = path.rpartition("/")[2]
    return f"{path.removesuffix(name)}U{name[1:]}" if name.startswith("V") else None


def _seen_outside(text: str) -> list[bool]:
    """For each statement, whether Flyway sees that it must not run in a transaction."""
    statements = read_script(text).statements
    return [_must_run_outside(statement.operations[0]) for statement in statements if statement.inside is None]


def _must_run_outside(operation: op.Operation) -> bool:
    match operation:
        case op.CreateIndex(concurrently=True) | op.DropIndex(concurrently=True) | op.Vacuum() | op.NoTransaction():
            return True
        case op.Reindex(kind=kind):
            return kind in ("SCHEMA", "DATABASE", "SYSTEM")
        case _:
            return False


HISTORY = History(
    known_by="Flyway knows a migration by the version between `V` and `__` in its file's name",
    same=Outcome(Fate.REFUSED, "Flyway refuses to run at all: it finds more than one migration with this version."),
    older=Outcome(
        Fate.REFUSED,
        "Where the newer one has run, Flyway stops: it resolves a migration that was not applied. Only with "
        "`outOfOrder` it applies it.",
    ),
    edited=Outcome(
        Fate.REFUSED, "Where it has run, Flyway stops before anything is applied: the checksum does not match."
    ),
    deleted=Outcome(
        Fate.REFUSED,
        "Where it has run, Flyway stops before anything is applied: an applied migration is not resolved locally.",
    ),
    text_counts=True,
    option=OUT_OF_ORDER,
)


def units(path: str, _text: str | None) -> Sequence[Unit]:
    """`V1.10__x.sql` is 1.10, which is not 1.1; `V1.0` is 1, as Flyway compares them. `R__x.sql` runs at each "
    "change."""
    name = path.rpartition("/")[2]
    if name.startswith("R__") and name.endswith(".sql"):
        return (Unit(name.removesuffix(".sql"), scope_of(path), what="name", repeatable=True),)
    if not (version := _VERSION.match(name)):
        return ()
    numbers = [int(part) for part in re.split(r"[._]", version[1])]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return (Unit(".".join(map(str, numbers)), scope_of(path), order=tuple(numbers)),)


FRAMEWORK = SqlFiles(
    Convention(
        name="flyway",
        title="Flyway",
        example=EXAMPLE,
        known_by=KnownBy.PATH,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose_bare,
        unwrap=unwrap_nothing,
        history=HISTORY,
        units=units,
        wants=wants,
        companion=companion,
        whole_run=in_a_group,
        undo=Undo(undo_of, compose_bare_down, expected=False),
        unwrap_down=unwrap_nothing,
    )
)
