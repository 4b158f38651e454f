"""sql-migrate: `-- +migrate Up` and `Down`, each statement sent by itself, in a transaction unless `notransaction`.

Source: `sqlparse/sqlparse.go` of sql-migrate.
"""

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.annotations import annotations, compose_annotated, lay_out_annotated
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout
from bot.frameworks.sql_files.files import SqlFiles

_WRAPPED = "sql-migrate runs each file in a transaction"
_NO_UP = "sql-migrate applies nothing: the file has no `-- +migrate Up`"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and any(mark.command in ("up", "down") for mark in annotations(text, "migrate"))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = annotations(source.text, "migrate")
    wrapped = not any(mark.command == "up" and "notransaction" in mark.options for mark in marks)
    return lay_out_annotated(source.text, marks, wrapped, _WRAPPED, _NO_UP)


def compose(body: Body, _like: str) -> str:
    return compose_annotated("migrate", "", "" if body.transactional else " notransaction", body)


def unwrap(text: str) -> Edit | None:
    """`notransaction` behind the up marker."""
    ups = [mark for mark in annotations(text, "migrate") if mark.command == "up"]
    return Edit(ups[0].end, ups[0].end, " notransaction") if len(ups) == 1 else None


FRAMEWORK = SqlFiles(Convention("sql-migrate", recognises, lay_out, compose, unwrap, one_string=False))
