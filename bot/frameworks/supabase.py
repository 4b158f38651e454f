"""Supabase: `supabase/migrations/<14 digits>_<name>.sql`, sent together with no transaction block around it.

The CLI pipelines a file's statements from 2.115 on, which like a string makes one implicit transaction; before, it
opened one for each file.
"""

import re

from bot.frameworks.golang_migrate import lay_out, unwrap
from bot.frameworks.plain import compose
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.files import SqlFiles

RANK = 1

_PATH = re.compile(r"(?:.*/)?supabase/migrations/\d+_[^/]*\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


FRAMEWORK = SqlFiles(Convention("supabase", recognises, lay_out, compose, unwrap))
