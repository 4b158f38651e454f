"""Flyway: `V<version>__<name>.sql` and `R__<name>.sql`, each statement sent by itself.

A file runs in a transaction unless Flyway sees a statement that must not, or the file's `.conf` says so.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Files, Side, SourceFile, Want
from bot.core.language import operations as op
from bot.frameworks.plain import compose
from bot.frameworks.sql_files.convention import Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles
from bot.sql import read_script

RANK = 1

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
    outside = [
        _runs_outside(statement.operations[0])
        for statement in read_script(source.text).statements
        if statement.inside is None
    ]
    wrapped = not any(outside) and not _OUTSIDE.search(files.head.get(f"{source.path}.conf", ""))
    notes = (_MIXED,) if any(outside) and not all(outside) else ()
    return Layout((Section(0, len(source.text), wrapped, split=True, because=_WRAPPED),), wrapped, notes=notes)


def unwrap(_text: str) -> Edit | None:
    """Nothing to edit: Flyway sees by itself that the statement must run outside."""
    return Edit(0, 0, "")


def _runs_outside(operation: op.Operation) -> bool:
    match operation:
        case op.CreateIndex(concurrently=True) | op.DropIndex(concurrently=True) | op.Reindex(concurrently=True):
            return True
        case op.DetachPartition(concurrently=True) | op.Vacuum() | op.NoTransaction():
            return True
        case _:
            return False


FRAMEWORK = SqlFiles(Convention("flyway", recognises, lay_out, compose, unwrap, wants, one_string=False))
