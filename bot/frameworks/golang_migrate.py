"""golang-migrate: `<version>_<name>.up.sql`, sent as one string with no transaction around it."""

import re

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import Fate, History, Outcome
from bot.frameworks.sql_files.bare import UNDONE_BESIDE, compose_bare, lay_out_one_string, unwrap_nothing
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number

EXAMPLE = Example(
    path="migrations/000002_add_events_kind.up.sql",
    text="ALTER TABLE events ADD COLUMN kind text;\n\nALTER TABLE events ADD COLUMN source text;\n",
    outside="CREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
)

_NAME = re.compile(r"\d+_.*\.up\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_NAME.match(path.rsplit("/", 1)[-1]))


HISTORY = History(
    known_by="golang-migrate knows a migration by the number that its file's name begins with",
    same=Outcome(Fate.REFUSED, "golang-migrate refuses to run at all: it finds a duplicate migration file."),
    older=Outcome(
        Fate.LOST,
        "golang-migrate keeps only the version that a database is at, and goes on from there: where the newer one has "
        "run, this one never runs, and nothing says so.",
    ),
    edited=Outcome(
        Fate.LOST, "golang-migrate never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.UNSURE, "golang-migrate stops where a database is at this version: it finds no migration for it."
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="golang-migrate",
        title="golang-migrate",
        example=EXAMPLE,
        known_by=KnownBy.PATH,
        recognises=recognises,
        lay_out=lay_out_one_string,
        compose=compose_bare,
        undo=UNDONE_BESIDE,
        unwrap=unwrap_nothing,
        unwrap_down=unwrap_nothing,
        history=HISTORY,
        units=by_number,
    )
)
