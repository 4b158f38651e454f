"""Flyway: `V<version>__<name>.sql` and `R__<name>.sql`, each statement sent separately.

A file runs in a transaction unless Flyway sees a statement that must not, or the file's `.conf` says so. Which
statements it sees: `PostgreSQLParser.detectCanExecuteInTransaction` of Flyway; every other statement, SET too,
may run in a transaction, and a file that mixes the two is refused.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Example, Files, KnownBy, Side, SourceFile, Want
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import compose_bare, lay_out_whole, terminated, unwrap_nothing
from bot.frameworks.sql_files.convention import Body, Companion, Convention, Layout
from bot.frameworks.sql_files.files import SqlFiles
from bot.sql import read_script

EXAMPLE = Example(
    path="src/main/resources/db/migration/V2__add_events_kind.sql",
    text="ALTER TABLE events ADD COLUMN kind text;\n",
    outside="CREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
)

_NAME = re.compile(r"(?:V\d+(?:[._]\d+)*__|R__).*\.sql\Z", re.DOTALL)
_OUTSIDE = re.compile(r"(?mi)^[ \t]*executeInTransaction[ \t]*=[ \t]*false[ \t]*$")
_WRAPPED = "Flyway runs each file in a transaction"
_MIXED = (
    "Flyway refuses a file that mixes statements that must not run in a transaction with others, unless `mixed` is on"
)


def recognises(path: str, _text: str) -> bool:
    return bool(_NAME.match(path.rsplit("/", 1)[-1]))


def wants(paths: Iterable[str]) -> Sequence[Want]:
    return tuple(Want(f"{path}.conf", Side.HEAD) for path in paths)


def lay_out(source: SourceFile, files: Files) -> Layout:
    outside = _seen_outside(source.text)
    wrapped = not any(outside) and not _OUTSIDE.search(files.head.get(f"{source.path}.conf", ""))
    layout = lay_out_whole(source, wrapped=wrapped, split=True, because=_WRAPPED)
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
        wants=wants,
        companion=companion,
    )
)
