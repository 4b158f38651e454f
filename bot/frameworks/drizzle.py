"""drizzle: statements between `--> statement-breakpoint`, all pending files in one transaction."""

import re

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

_BREAK = "--> statement-breakpoint"
_PATH = re.compile(r"(?:.*/)?drizzle/(?:.*/)?\d{4}_[^/]*\.sql\Z", re.DOTALL)
_WRAPPED = "drizzle runs all pending files in one transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and (_BREAK in text or bool(_PATH.match(path)))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return Layout((Section(0, len(source.text), wrapped=True, split=True, because=_WRAPPED),), True)


def compose(body: Body, _like: str) -> str:
    """Outside the transaction by ending it first and opening another behind, as there is no option for it."""
    statements = body.up if body.transactional else ("COMMIT", *body.up, "BEGIN")
    return f"{_BREAK}\n".join(f"{statement};" for statement in statements) + "\n"


def unwrap(_text: str) -> Edit | None:
    """There is no marker for it."""
    return None


FRAMEWORK = SqlFiles(Convention("drizzle", recognises, lay_out, compose, unwrap, one_string=False, whole_run=True))
