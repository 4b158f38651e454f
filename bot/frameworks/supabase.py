"""Supabase: `supabase/migrations/<14 digits>_<name>.sql`, sent together with no transaction block around it.

The CLI pipelines a file's statements from 2.115 on, which is one implicit transaction, like a string; before, it
opened a transaction for each file.
"""

import re

from bot.core.judging.framework import Example, KnownBy
from bot.core.judging.history import Fate, History, Outcome
from bot.frameworks.sql_files.bare import compose_bare, lay_out_one_string, unwrap_nothing
from bot.frameworks.sql_files.convention import Convention
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_digits

EXAMPLE = Example(
    path="supabase/migrations/20260516120000_add_events_kind.sql",
    text='alter table "public"."events" add column "kind" text;\n\nalter table "public"."events" add column "n" int;\n',
    outside="create index concurrently events_kind on public.events using btree (kind);\n",
)

_PATH = re.compile(r"(?:.*/)?supabase/migrations/\d+_[^/]*\.sql\Z", re.DOTALL)


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


HISTORY = History(
    known_by="Supabase knows a migration by the digits that its file's name begins with",
    same=Outcome(
        Fate.REFUSED,
        "The second of them cannot be recorded: its version is already in `supabase_migrations.schema_migrations`.",
    ),
    older=Outcome(
        Fate.REFUSED,
        "Where the newer one has run, `supabase db push` stops: it would be inserted before the last migration. Only "
        "with `--include-all` it applies it.",
    ),
    edited=Outcome(
        Fate.LOST, "Supabase never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.REFUSED,
        "Where it has run, `supabase db push` stops: the remote version is not found in the migrations' folder.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="supabase",
        title="Supabase",
        example=EXAMPLE,
        known_by=KnownBy.PATH,
        recognises=recognises,
        lay_out=lay_out_one_string,
        compose=compose_bare,
        unwrap=unwrap_nothing,
        history=HISTORY,
        units=by_digits,
    )
)
