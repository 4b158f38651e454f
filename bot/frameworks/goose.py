"""goose: `-- +goose Up` and `Down`, each statement sent by itself, in a transaction unless `NO TRANSACTION` is said.

Source: `internal/sqlparser/parser.go` of goose 3. `NO TRANSACTION` counts wherever it stands.
"""

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.annotations import annotations, compose_annotated, lay_out_annotated
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout
from bot.frameworks.sql_files.files import SqlFiles

_WRAPPED = "goose runs each file in a transaction"
_NO_UP = "goose refuses the file: it has no `-- +goose Up`"
_NO_TRANSACTION = "-- +goose NO TRANSACTION\n"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and any(mark.command in ("up", "down") for mark in annotations(text, "goose"))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = annotations(source.text, "goose")
    wrapped = not any(mark.command == "no" and mark.options == ("TRANSACTION",) for mark in marks)
    return lay_out_annotated(source.text, marks, wrapped, _WRAPPED, _NO_UP)


def compose(body: Body, _like: str) -> str:
    return compose_annotated("goose", "" if body.transactional else _NO_TRANSACTION, "", body)


def unwrap(text: str) -> Edit | None:
    """`NO TRANSACTION` above the up marker."""
    ups = [mark for mark in annotations(text, "goose") if mark.command == "up"]
    return Edit(ups[0].start, ups[0].start, _NO_TRANSACTION) if len(ups) == 1 else None


FRAMEWORK = SqlFiles(Convention("goose", recognises, lay_out, compose, unwrap, one_string=False))
