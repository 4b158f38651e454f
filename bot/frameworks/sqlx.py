"""sqlx with `-- no-transaction` on the first line: the file is one string outside a transaction of the tool's.

Without that line a file of sqlx looks like any other; it is then read as golang-migrate's or as plain SQL.
"""

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

_MARKER = "-- no-transaction"
_WRAPPED = "sqlx runs each file in a transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and not path.endswith(".down.sql") and text.startswith(_MARKER)


def lay_out(source: SourceFile, _files: Files) -> Layout:
    wrapped = not source.text.startswith(_MARKER)
    section = Section(0, len(source.text), wrapped, split=False, because=_WRAPPED)
    return Layout((section,), wrapped)


def compose(body: Body, _like: str) -> str:
    sent = "\n".join(f"{statement};\n" for statement in body.up)
    return sent if body.transactional else f"{_MARKER}\n{sent}"


def unwrap(text: str) -> Edit | None:
    return Edit(0, 0, "" if text.startswith(_MARKER) else f"{_MARKER}\n")


FRAMEWORK = SqlFiles(Convention("sqlx", recognises, lay_out, compose, unwrap))
