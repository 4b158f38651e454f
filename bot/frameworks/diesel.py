"""diesel: `<version>_<name>/up.sql` as one string, in a transaction unless `metadata.toml` beside it says otherwise."""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Example, Files, KnownBy, Side, SourceFile, Want
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import UNDONE_BESIDE, compose_bare, lay_out_whole
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Companion, Convention, Layout
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_folder_version

EXAMPLE = Example(
    path="migrations/2026-05-16-120000_add_events_kind/up.sql",
    text="-- Your SQL goes here\nALTER TABLE events ADD COLUMN kind text;\n",
    outside="-- Your SQL goes here\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
    beside={"migrations/2026-05-16-120000_add_events_kind/metadata.toml": "run_in_transaction = false\n"},
)

_PATH = re.compile(r"(?:.*/)?\d{4}[^/_]*+_[^/]*+/up\.sql\Z", re.DOTALL)
_WRAPPED = "diesel runs each migration in a transaction"


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


def wants(paths: Iterable[str]) -> Sequence[Want]:
    return tuple(Want(_metadata(path), Side.HEAD) for path in paths)


def lay_out(source: SourceFile, files: Files) -> Layout:
    wrapped = _runs_in_transaction(files.head.get(_metadata(source.path), ""))
    return lay_out_whole(source, wrapped=wrapped, split=False, because=_WRAPPED)


def companion(body: Body, like: Migration) -> Companion | None:
    """The migration's metadata, where it must run outside a transaction or the author's metadata says so."""
    if body.transactional and (like.transactional or body.path != like.path):
        return None
    return Companion(_metadata(body.path), f"run_in_transaction = {'true' if body.transactional else 'false'}\n")


def unwrap(_text: str) -> CannotRunOutside:
    return CannotRunOutside(_WRAPPED, "`run_in_transaction = false` is in `metadata.toml` beside the file.")


def _metadata(path: str) -> str:
    return f"{path.removesuffix('up.sql')}metadata.toml"


def _runs_in_transaction(metadata: str) -> bool:
    import tomllib

    try:
        return tomllib.loads(metadata).get("run_in_transaction", True) is not False
    except (tomllib.TOMLDecodeError, UnicodeError, RecursionError):
        return True


HISTORY = History(
    known_by="Diesel knows a migration by the part of its folder's name before the first `_`",
    same=Outcome(
        Fate.LOST, "Diesel runs only one of them: the other counts as the same migration, and nothing says so."
    ),
    older=FINE,
    edited=Outcome(
        Fate.LOST, "Diesel never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.UNSURE,
        "Diesel does not miss it where it has run; elsewhere it never runs. `diesel migration revert` does not find "
        "it.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="diesel",
        title="Diesel",
        example=EXAMPLE,
        known_by=KnownBy.PATH,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose_bare,
        undo=UNDONE_BESIDE,
        unwrap=unwrap,
        history=HISTORY,
        units=by_folder_version,
        wants=wants,
        companion=companion,
    )
)
