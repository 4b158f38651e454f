"""morph: one string per file, in a transaction unless it has `-- morph:nontransactional`.

Without that line a file of morph looks like one of golang-migrate, and is read as one.
"""

import re

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import compose_bare_down, down_path, lay_out_whole, terminated
from bot.frameworks.sql_files.convention import NO_EDIT, Body, Convention, Edit, Layout, Undo
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number

EXAMPLE = Example(
    path="db/migrations/postgres/000002_add_events_kind.up.sql",
    text="ALTER TABLE events ADD COLUMN kind text;\n",
    outside="-- morph:nontransactional\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
    taken_for="golang-migrate",
)

_MARKER = re.compile(r"(?m)^[ \t]*--[ \t]*morph:")
_OUTSIDE = re.compile(r"(?m)^[ \t]*--[ \t]*morph:nontransactional\b")
_WRAPPED = "morph runs each file in a transaction"
_NONTRANSACTIONAL = "-- morph:nontransactional\n"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and not path.endswith(".down.sql") and bool(_MARKER.search(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return lay_out_whole(source, wrapped=not _OUTSIDE.search(source.text), split=False, because=_WRAPPED)


def compose(body: Body, _like: Migration) -> str:
    return ("" if body.transactional else _NONTRANSACTIONAL) + terminated(body.up)


def compose_down(body: Body, like: Migration) -> str:
    return ("" if body.transactional or not body.down else _NONTRANSACTIONAL) + compose_bare_down(body, like)


def unwrap(text: str) -> Edit:
    return NO_EDIT if _OUTSIDE.search(text) else Edit(0, 0, _NONTRANSACTIONAL)


HISTORY = History(
    known_by="morph knows a migration by the whole name of its file, and keeps one row for each number",
    same=Outcome(Fate.REFUSED, "The second of them fails: its number is already in `db_migrations`."),
    older=FINE,
    edited=Outcome(
        Fate.LOST, "morph never runs a migration again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.UNSURE,
        "morph stops where a database has run more migrations than there are files; else it does not miss it.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="morph",
        title="morph",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        unwrap_down=unwrap,
        undo=Undo(down_path, compose_down),
        history=HISTORY,
        units=by_number,
        marks=("morph:",),
    )
)
