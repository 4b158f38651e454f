"""Prisma: `<14 digits>_<name>/migration.sql`, sent as one string with no transaction around it."""

import re

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.frameworks.sql_files.bare import compose_bare, lay_out_one_string, unwrap_nothing
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_folder

EXAMPLE = Example(
    path="prisma/migrations/20260516120000_add_events_kind/migration.sql",
    text=(
        '-- AlterTable\nALTER TABLE "Event" ADD COLUMN "kind" TEXT;\n\n'
        '-- CreateIndex\nCREATE INDEX "Event_kind_idx" ON "Event"("kind");\n'
    ),
    outside='-- CreateIndex\nCREATE INDEX CONCURRENTLY "Event_kind_idx" ON "Event"("kind");\n',
)

_PATH = re.compile(r"(?:.*/)?\d{6,}_[^/]*/migration\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


HISTORY = History(
    known_by="Prisma knows a migration by the name of its folder",
    same=FINE,
    older=FINE,
    edited=Outcome(
        Fate.LOST,
        "Where it has run, `prisma migrate deploy` warns that it was modified and does not run it again: these "
        "databases keep what the old text made. `prisma migrate dev` wants to reset the database.",
    ),
    deleted=Outcome(
        Fate.UNSURE,
        "`prisma migrate deploy` does not miss it where it has run; elsewhere it never runs. `prisma migrate dev` "
        "wants to reset the database.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="prisma",
        title="Prisma",
        example=EXAMPLE,
        known_by=KnownBy.PATH,
        recognises=recognises,
        lay_out=lay_out_one_string,
        compose=compose_bare,
        unwrap=unwrap_nothing,
        history=HISTORY,
        units=by_folder,
    )
)
