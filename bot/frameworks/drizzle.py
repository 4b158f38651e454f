"""drizzle: statements between `--> statement-breakpoint`, all pending files in one transaction."""

import json
import re
from collections.abc import Sequence

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import Fate, History, Outcome, Register, Unit
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import lay_out_whole
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Convention, Layout
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number, scope_of

EXAMPLE = Example(
    path="drizzle/0002_add_events_kind.sql",
    text=(
        'ALTER TABLE "events" ADD COLUMN "kind" text;--> statement-breakpoint\n'
        'ALTER TABLE "events" ADD COLUMN "source" text;'
    ),
    outside=(
        "COMMIT;--> statement-breakpoint\n"
        'CREATE INDEX CONCURRENTLY "events_kind_index" ON "events" USING btree ("kind");--> statement-breakpoint\n'
        "BEGIN;\n"
    ),
)

_BREAK = "--> statement-breakpoint"
_PATH = re.compile(r"(?=(?:.*/)?\d{4}_[^/]*\.sql\Z)(?:.*/)?drizzle/", re.DOTALL)
_WRAPPED = "drizzle runs all pending files in one transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and (_BREAK in text or bool(_PATH.match(path)))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    return lay_out_whole(source, wrapped=True, split=True, because=_WRAPPED)


def compose(body: Body, _like: Migration) -> str:
    """Outside the transaction by ending it first and opening another afterwards, since there is no option for it."""
    statements = body.up if body.transactional else ("COMMIT", *body.up, "BEGIN")
    return f"{_BREAK}\n".join(f"{statement};" for statement in statements) + "\n"


def unwrap(_text: str) -> CannotRunOutside:
    return CannotRunOutside(_WRAPPED, "A file of its own may begin with `COMMIT` and end with `BEGIN`.")


def registers(path: str) -> str:
    slug = path.rpartition("/")[2].removesuffix(".sql").partition("_")[2]
    command = f"`drizzle-kit generate --custom --name={slug}`"
    return (
        f"Drizzle applies only what is in `meta/_journal.json`: make this file by {command}, and put the text into it."
    )


def journal_of(path: str) -> str:
    return f"{path.rpartition('/')[0]}/meta/_journal.json"


def placed(path: str, journal: str, units: Sequence[Unit]) -> Sequence[Unit]:
    """The migration's entry in the journal: known by its index, and applied by its time (`readMigrationFiles`)."""
    tag = path.rpartition("/")[2].removesuffix(".sql")
    try:
        entries = json.loads(journal)["entries"]
        found = next((entry for entry in entries if entry["tag"] == tag), None)
        if found is not None:
            order = (int(found["when"]),)
            return (Unit(str(int(found["idx"])), scope_of(path), what="journal index", order=order),)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return units


HISTORY = History(
    known_by=(
        "Drizzle knows a migration by the time in `meta/_journal.json`, and applies what is later than the last that "
        "has run"
    ),
    same=Outcome(
        Fate.UNSURE,
        "Both have an entry of one index in `meta/_journal.json`, which Git can seldom merge. Where the later of "
        "them has run, the earlier never runs, and nothing says so.",
    ),
    older=Outcome(
        Fate.UNSURE,
        "Where one with a later time in the journal has run, this one never runs, and nothing says so.",
    ),
    edited=Outcome(
        Fate.LOST, "Drizzle never runs a migration again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(Fate.UNSURE, "Drizzle does not miss it where it has run; elsewhere it never runs."),
    mend="Delete it with its snapshot and its entry in the journal, take the base branch, and generate it again.",
    register=Register(
        journal_of,
        placed,
        Outcome(
            Fate.LOST,
            "Its time in the journal is earlier: where the newer one has run, this one never runs. Nothing says so.",
        ),
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="drizzle",
        title="Drizzle",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        history=HISTORY,
        units=by_number,
        between=_BREAK,
        registers=registers,
        marks=(_BREAK,),
        alone=False,
        whole_run=lambda _source, _files: True,
        leaves=True,
    )
)
