"""goose: `-- +goose Up` and `Down`, each statement sent separately, in a transaction unless it has `NO TRANSACTION`.

Source: `internal/sqlparser/parser.go` of goose 3. `NO TRANSACTION` counts anywhere in the file.
"""

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.annotations import annotations, compose_annotated, edit_at, lay_out_annotated
from bot.frameworks.sql_files.convention import NO_EDIT, Body, CannotRunOutside, Convention, Edit, Layout
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.order_options import ALLOW_MISSING
from bot.frameworks.sql_files.versions import by_number

EXAMPLE = Example(
    path="migrations/20260516120000_add_events_kind.sql",
    text=(
        "-- +goose Up\n-- +goose StatementBegin\nALTER TABLE events ADD COLUMN kind text;\n-- +goose StatementEnd\n\n"
        "-- +goose Down\n-- +goose StatementBegin\nALTER TABLE events DROP COLUMN kind;\n-- +goose StatementEnd\n"
    ),
    outside=(
        "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n\n"
        "-- +goose Down\nDROP INDEX CONCURRENTLY events_kind;\n"
    ),
)

_WRAPPED = "goose runs each file in a transaction"
_NO_UP = "goose refuses the file: it has no `-- +goose Up`"
_NO_TRANSACTION = "-- +goose NO TRANSACTION\n"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and any(mark.command in ("up", "down") for mark in annotations(text, "goose"))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = annotations(source.text, "goose")
    wrapped = not any(mark.command == "no" and mark.options == ("TRANSACTION",) for mark in marks)
    return lay_out_annotated(source.text, marks, wrapped=wrapped, because=_WRAPPED, refusal=_NO_UP)


def compose(body: Body, _like: Migration) -> str:
    return compose_annotated("goose", body, head="" if body.transactional else _NO_TRANSACTION)


def unwrap(text: str) -> Edit | CannotRunOutside:
    """`NO TRANSACTION` above the up marker."""
    return edit_at(annotations(text, "goose"), "up", above=_NO_TRANSACTION)


def unwrap_down(_text: str) -> Edit:
    """Nothing: `NO TRANSACTION` is for both sides."""
    return NO_EDIT


HISTORY = History(
    known_by="goose knows a migration by the number that its file's name begins with",
    same=Outcome(Fate.REFUSED, "goose refuses to run at all: it finds a duplicate version."),
    older=Outcome(
        Fate.REFUSED,
        "Where the newer one has run, `goose up` stops: it finds a missing migration before the current version. Only "
        "with `-allow-missing` it applies it.",
    ),
    edited=Outcome(
        Fate.LOST, "goose never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(Fate.UNSURE, "goose does not miss it where it has run; elsewhere it never runs."),
    option=ALLOW_MISSING,
)

FRAMEWORK = SqlFiles(
    Convention(
        name="goose",
        title="goose",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        unwrap_down=unwrap_down,
        history=HISTORY,
        units=by_number,
        marks=("+goose",),
        alone=False,
    )
)
