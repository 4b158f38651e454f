"""sqitch: `deploy/<name>.sql`, run by psql: each statement separately, in the transaction that the file itself has."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from bot.core.judging.framework import Example, Files, KnownBy, Side, SourceFile, Want
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import compose_bare_down, in_transaction, lay_out_whole, terminated
from bot.frameworks.sql_files.convention import NO_EDIT, Body, Convention, Edit, Layout, Undo
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_file_name

EXAMPLE = Example(
    path="deploy/events_kind.sql",
    text=("-- Deploy shop:events_kind to pg\n\nBEGIN;\n\nALTER TABLE events ADD COLUMN kind text;\n\nCOMMIT;\n"),
    outside="-- Deploy shop:events_kind to pg\n\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
)

_PATH = re.compile(r"(?=(?:.*/)?[^/@]*\.sql\Z)(?:.*/)?deploy/(.*)\.sql\Z", re.DOTALL)
_LAST = 1 << 40
_HEADER = re.compile(r"(?mi)^--\s*Deploy\s+(?P<project>[^\s:]+:)?(?P<change>\S+)(?P<engine>[ \t]+to[ \t]+\S+)?")


def recognises(path: str, text: str) -> bool:
    """A deploy script that is not one of the frozen copies that `sqitch rework` leaves (`name@tag.sql`)."""
    return bool(_PATH.match(path) and _HEADER.search(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    layout = lay_out_whole(source, wrapped=False, split=True)
    return Layout(layout.sections, transactional=None)


def compose(body: Body, like: Migration) -> str:
    """A file as `sqitch add` creates it, filled in; the change is named as in its path."""
    named, header = _PATH.match(body.path), _HEADER.search(like.text)
    change = named[1] if named else body.path.rpartition("/")[2].removesuffix(".sql")
    project, engine = (header["project"] or "", header["engine"] or "") if header else ("", "")
    statements = in_transaction(body.up) if body.transactional else terminated(body.up)
    return f"-- Deploy {project}{change}{engine}\n\n{statements}"


def compose_down(body: Body, like: Migration) -> str:
    """The script under `revert/`, as `sqitch add` creates it, filled in."""
    head = compose(body, like).partition("\n")[0].replace("-- Deploy ", "-- Revert ", 1)
    head = re.sub(r" to (\S+)$", r" from \1", head)
    undone = body.down or ()
    return f"{head}\n\n{in_transaction(undone) if body.transactional and undone else compose_bare_down(body, like)}"


def revert_of(path: str) -> str | None:
    head, folder, name = f"/{path}".rpartition("/deploy/")
    return f"{head}/revert/{name}".removeprefix("/") if folder else None


def unwrap(_text: str) -> Edit:
    """Nothing to edit except BEGIN and COMMIT."""
    return NO_EDIT


def wants(paths: Iterable[str]) -> Sequence[Want]:
    return tuple(Want(path, Side.HEAD) for path in sorted({_plan_of(path) for path in paths}))


def order(path: str, files: Files) -> tuple[int, str]:
    """The place in `sqitch.plan`; what is not in it yet comes last, by its name."""
    named = _PATH.match(path)
    places = _places(files.head.get(_plan_of(path), ""))
    return places.get(named[1] if named else path, _LAST), path


@lru_cache(4)
def _places(plan: str) -> Mapping[str, int]:
    """Of each change; of one that was reworked, the last."""
    lines = (line.split() for line in plan.splitlines())
    changes = [words[0] for words in lines if words and not words[0].startswith(("%", "#", "@"))]
    return {change: place for place, change in enumerate(changes)}


def _plan_of(path: str) -> str:
    root = f"/{path}".rpartition("/deploy/")[0].removeprefix("/")
    return f"{root}/sqitch.plan" if root else "sqitch.plan"


def registers(path: str) -> str:
    named = _PATH.match(path)
    change = named[1] if named else path
    return (
        f"Sqitch deploys only what is in `sqitch.plan`: `sqitch add {change}` adds it, and leaves this file as it is."
    )


HISTORY = History(
    known_by="Sqitch knows a migration by its name in `sqitch.plan`",
    same=FINE,
    older=FINE,
    edited=Outcome(
        Fate.LOST,
        "Sqitch does not deploy a change again: databases that have it keep what the old script made. `sqitch rework` "
        "makes a new form of it.",
    ),
    deleted=Outcome(
        Fate.UNSURE, "Where `sqitch.plan` still names it, `sqitch deploy` does not find its script on a new database."
    ),
)


FRAMEWORK = SqlFiles(
    Convention(
        name="sqitch",
        title="Sqitch",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        history=HISTORY,
        units=by_file_name,
        registers=registers,
        wants=wants,
        order=order,
        undo=Undo(revert_of, compose_down),
        marks=("Deploy ",),
        alone=False,
        psql=True,
    )
)
