"""Prisma: `<14 digits>_<name>/migration.sql`, sent as one string with no transaction around it."""

import re

from bot.frameworks.golang_migrate import lay_out, unwrap
from bot.frameworks.plain import compose
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.files import SqlFiles

RANK = 1

_PATH = re.compile(r"(?:.*/)?\d{6,}_[^/]*/migration\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


FRAMEWORK = SqlFiles(Convention("prisma", recognises, lay_out, compose, unwrap))
