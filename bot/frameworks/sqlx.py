"""sqlx: one string per file, in a transaction unless its first line is `-- no-transaction`.

Without that line a file of sqlx looks like any other; it is then read as golang-migrate's or as plain SQL.
"""

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import compose_bare_down, down_path, lay_out_whole, terminated
from bot.frameworks.sql_files.convention import NO_EDIT, Body, Convention, Edit, Layout, Undo
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number

EXAMPLE = Example(
    path="migrations/20260516120000_add_events_kind.sql",
    text="-- Add migration script here\nALTER TABLE events ADD COLUMN kind text;\n",
    outside="-- no-transaction\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
    taken_for="plain",
)

_MARKER = "-- no-transaction"
_WRAPPED = "sqlx runs each file in a transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and not path.endswith(".down.sql") and text.startswith(_MARKER)


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return lay_out_whole(source, wrapped=not source.text.startswith(_MARKER), split=False, because=_WRAPPED)


def compose(body: Body, _like: Migration) -> str:
    return ("" if body.transactional else f"{_MARKER}\n") + terminated(body.up)


def compose_down(body: Body, like: Migration) -> str:
    return ("" if body.transactional or not body.down else f"{_MARKER}\n") + compose_bare_down(body, like)


def unwrap(text: str) -> Edit:
    return NO_EDIT if text.startswith(_MARKER) else Edit(0, 0, f"{_MARKER}\n")


HISTORY = History(
    known_by="sqlx knows a migration by the number that its file's name begins with",
    same=Outcome(
        Fate.REFUSED,
        "Where one of them has run, sqlx stops: it takes the other for a modified form of it. Where both are new, the "
        "second fails: its version is already in `_sqlx_migrations`.",
    ),
    older=FINE,
    edited=Outcome(
        Fate.REFUSED,
        "Where it has run, sqlx stops before anything is applied: the migration was previously applied but has been "
        "modified.",
    ),
    deleted=Outcome(
        Fate.REFUSED,
        "Where it has run, sqlx stops before anything is applied: the migration is missing. Only `ignore_missing` lets "
        "it go on.",
    ),
    text_counts=True,
)

FRAMEWORK = SqlFiles(
    Convention(
        name="sqlx",
        title="sqlx",
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
        marks=(_MARKER,),
    )
)
