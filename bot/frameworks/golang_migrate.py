"""golang-migrate: `<version>_<name>.up.sql`, sent as one string with no transaction around it."""

import re

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.plain import compose
from bot.frameworks.sql_files.convention import Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

RANK = 1

_NAME = re.compile(r"\d+_.*\.up\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_NAME.match(path.rsplit("/", 1)[-1]))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return Layout((Section(0, len(source.text), wrapped=False, split=False),), False)


def unwrap(_text: str) -> Edit | None:
    """Nothing to edit: a file with one statement runs it alone."""
    return Edit(0, 0, "")


FRAMEWORK = SqlFiles(Convention("golang-migrate", recognises, lay_out, compose, unwrap))
