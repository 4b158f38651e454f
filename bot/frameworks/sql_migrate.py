"""sql-migrate: `-- +migrate Up` and `Down`, each statement sent separately, in a transaction unless `notransaction`.

Source: `sqlparse/sqlparse.go` of sql-migrate.
"""

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.annotations import annotations, compose_annotated, edit_at, lay_out_annotated
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Convention, Edit, Layout
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_file_name

EXAMPLE = Example(
    path="migrations/20260516120000-add_events_kind.sql",
    text=(
        "\n-- +migrate Up\nALTER TABLE events ADD COLUMN kind text;\n\n"
        "-- +migrate Down\nALTER TABLE events DROP COLUMN kind;\n"
    ),
    outside=(
        "\n-- +migrate Up notransaction\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n\n"
        "-- +migrate Down notransaction\nDROP INDEX CONCURRENTLY events_kind;\n"
    ),
)

_WRAPPED = "sql-migrate runs each file in a transaction"
_NO_UP = "sql-migrate applies nothing: the file has no `-- +migrate Up`"
_OPTION = " notransaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and any(mark.command in ("up", "down") for mark in annotations(text, "migrate"))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = annotations(source.text, "migrate")
    wrapped = not any(mark.command == "up" and "notransaction" in mark.options for mark in marks)
    return lay_out_annotated(source.text, marks, wrapped=wrapped, because=_WRAPPED, refusal=_NO_UP)


def compose(body: Body, _like: Migration) -> str:
    return compose_annotated("migrate", body, option="" if body.transactional else _OPTION)


def unwrap(text: str) -> Edit | CannotRunOutside:
    """`notransaction` after the up marker."""
    return edit_at(annotations(text, "migrate"), "up", after=_OPTION)


def unwrap_down(text: str) -> Edit | CannotRunOutside:
    """`notransaction` after the down marker."""
    return edit_at(annotations(text, "migrate"), "down", after=_OPTION)


HISTORY = History(
    known_by="sql-migrate knows a migration by the whole name of its file",
    same=FINE,
    older=FINE,
    edited=Outcome(
        Fate.LOST, "sql-migrate never runs a migration again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.REFUSED,
        "Where it has run, sql-migrate stops: it finds an unknown migration in the database. Only `IgnoreUnknown` "
        "lets it go on.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="sql-migrate",
        title="sql-migrate",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        unwrap_down=unwrap_down,
        history=HISTORY,
        units=by_file_name,
        marks=("+migrate",),
        alone=False,
    )
)
