"""sqitch: `deploy/<name>.sql`, run by psql: each statement by itself, in the transaction that the file writes down."""

import re

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

_PATH = re.compile(r"(?:.*/)?deploy/(?:.*/)?[^/@]*\.sql\Z", re.DOTALL)
_HEADER = re.compile(r"(?mi)^--\s*Deploy\s+\S+")


def recognises(path: str, text: str) -> bool:
    """A deploy script that is not one of the frozen copies that `sqitch rework` leaves (`name@tag.sql`)."""
    return bool(_PATH.match(path) and _HEADER.search(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return Layout((Section(0, len(source.text), wrapped=False, split=True),), None)


def compose(body: Body, _like: str) -> str:
    sent = "\n".join(f"{statement};\n" for statement in body.up)
    return f"BEGIN;\n\n{sent}\nCOMMIT;\n" if body.transactional else sent


def unwrap(_text: str) -> Edit | None:
    """Nothing to edit beside BEGIN and COMMIT."""
    return Edit(0, 0, "")


FRAMEWORK = SqlFiles(Convention("sqitch", recognises, lay_out, compose, unwrap, one_string=False, psql=True))
