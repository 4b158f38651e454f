"""morph: one string a file, in a transaction unless `-- morph:nontransactional` is said."""

import re

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

_MARKER = re.compile(r"(?m)^[ \t]*--[ \t]*morph:")
_OUTSIDE = re.compile(r"(?m)^[ \t]*--[ \t]*morph:nontransactional\b")
_WRAPPED = "morph runs each file in a transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and not path.endswith(".down.sql") and bool(_MARKER.search(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    wrapped = not _OUTSIDE.search(source.text)
    return Layout((Section(0, len(source.text), wrapped, split=False, because=_WRAPPED),), wrapped)


def compose(body: Body, _like: str) -> str:
    sent = "\n".join(f"{statement};\n" for statement in body.up)
    return sent if body.transactional else f"-- morph:nontransactional\n{sent}"


def unwrap(text: str) -> Edit | None:
    return Edit(0, 0, "-- morph:nontransactional\n")


FRAMEWORK = SqlFiles(Convention("morph", recognises, lay_out, compose, unwrap))
