"""dbmate: `-- migrate:up` and `-- migrate:down` in one file, each section sent as one string.

Source: `pkg/dbmate/migration.go` and `db.go` of dbmate 2. A file may hold several pairs of sections; each up section
has a transaction of its own unless it says `transaction:false`. Options and markers are case-sensitive.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import terminated
from bot.frameworks.sql_files.convention import (
    Body,
    CannotRunOutside,
    Convention,
    Edit,
    Layout,
    Refused,
    Section,
)
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_digits

EXAMPLE = Example(
    path="db/migrations/20260516120000_add_events_kind.sql",
    text=(
        "-- migrate:up\nALTER TABLE events ADD COLUMN kind text;\n\n"
        "-- migrate:down\nALTER TABLE events DROP COLUMN kind;\n"
    ),
    outside=(
        "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n\n"
        "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY events_kind;\n"
    ),
)

# Go's \s has no vertical tab, and its $ with (?m) matches only before \n.
_UP = re.compile(r"(?m)^--[\t\n\f\r ]*migrate:up([\t\n\f\r ]*$|[\t\n\f\r ]+[^\t\n\f\r ]+)")
_DOWN = re.compile(r"(?m)^--[\t\n\f\r ]*migrate:down([\t\n\f\r ]*$|[\t\n\f\r ]+[^\t\n\f\r ]+)")
_DIRECTIVE = re.compile(r"^--[\t\n\f\r ]*migrate:(up|down)")
_SKIPPED_FOLDERS = frozenset({"preconditions", "seeds", "seed"})
_BYTE_ORDER_MARK = "\ufeff"
_WRAPPED = "dbmate runs each file in a transaction"
_STATEMENT_BEFORE_UP = "dbmate refuses the file: a statement precedes the first `-- migrate:up`"
_NO_UP = "dbmate refuses the file: it has no `-- migrate:up`"


def recognises(path: str, text: str) -> bool:
    """A .sql file with one of dbmate's markers at the beginning of a line."""
    folders, _, name = path.rpartition("/")
    if not name.endswith(".sql") or not _SKIPPED_FOLDERS.isdisjoint(folders.split("/")):
        return False
    readable = _without_mark(text)
    return bool(_UP.search(readable) or _DOWN.search(readable))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    """The up sections, the down sections, and the parts that dbmate refuses. Never raises."""
    text = _without_mark(source.text)
    ups = [match.start() for match in _UP.finditer(text)]
    downs = [match.start() for match in _DOWN.finditer(text)]
    notes = tuple(_notes(source, ups, downs))
    if not ups:
        return Layout((), transactional=None, refused=(Refused(0, len(text), _NO_UP),), notes=notes)
    sections: list[Section] = []
    undone: list[tuple[int, int]] = []
    for start, end in zip(ups, [*ups[1:], len(text)], strict=True):
        below = bisect_right(downs, start)
        down = min(downs[below], end) if below < len(downs) else end
        wrapped = _options(text[start:down]).get("transaction") != "false"
        sections.append(Section(start, down, wrapped=wrapped, split=False, because=_WRAPPED))
        if down < end:
            undone.append((down, end))
    before = text[: ups[0]]
    refused = (Refused(*_trimmed(before), _STATEMENT_BEFORE_UP),) if _has_statements(before) else ()
    transactional = {section.wrapped for section in sections}
    return Layout(
        tuple(sections),
        transactional=transactional.pop() if len(transactional) == 1 else None,
        refused=refused,
        notes=notes,
        down=tuple(undone),
    )


def compose(body: Body, _like: Migration) -> str:
    """A file as `dbmate new` creates it, filled in."""
    option = "" if body.transactional else " transaction:false"
    return f"-- migrate:up{option}\n{terminated(body.up)}\n-- migrate:down{_down_option(body)}\n{_undone(body)}"


def unwrap(text: str) -> Edit | CannotRunOutside:
    """`transaction:false` on the one `-- migrate:up`."""
    return _unwrapped(text, _UP)


def unwrap_down(text: str) -> Edit | CannotRunOutside:
    """`transaction:false` on the one `-- migrate:down`: each side has an option of its own."""
    return _unwrapped(text, _DOWN)


def _unwrapped(text: str, side: re.Pattern[str]) -> Edit | CannotRunOutside:
    found = list(side.finditer(text))
    if len(found) != 1:
        return CannotRunOutside("the file has several sections, each with an option of its own")
    start = found[0].start()
    marker = text[start:].split("\n", 1)[0].rstrip("\r")
    if _options(marker).get("transaction", "true") != "true" or "migrate:" not in marker:
        return CannotRunOutside("its marker has another option for the transaction")
    kept = re.sub(r"(?<!\s)\s++transaction:\S*+", "", marker.rstrip())
    return Edit(start, start + len(marker), f"{kept} transaction:false")


def _without_mark(text: str) -> str:
    """A byte order mark as a line end, offsets kept: the author intends the marker after it, which dbmate misses."""
    return "\n" + text[1:] if text.startswith(_BYTE_ORDER_MARK) else text


def _notes(source: SourceFile, ups: list[int], downs: list[int]) -> Iterator[str]:
    if not source.path.rpartition("/")[2][:1].isdecimal():
        yield "dbmate applies only files whose names begin with digits, so not this one"
    if source.text.startswith(_BYTE_ORDER_MARK):
        yield "the file begins with a byte order mark, after which dbmate does not see `-- migrate:up`"
    if ups and not downs:
        yield "dbmate 2 refuses a file without `-- migrate:down`"
    if downs:
        yield "the down side was not judged"


def _options(section: str) -> dict[str, str]:
    """`transaction:false` and the like from the marker's line; like dbmate, ignores anything that is not a pair."""
    line = _DIRECTIVE.sub("", section.split("\n", 1)[0])
    pairs = (word.split(":") for word in line.split())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _has_statements(before: str) -> bool:
    """By lines, as dbmate looks: a block comment counts as a statement."""
    return any(line.strip() and not line.lstrip().startswith("--") for line in before.split("\n"))


def _trimmed(before: str) -> tuple[int, int]:
    return len(before) - len(before.lstrip()), len(before.rstrip())


def _down_option(body: Body) -> str:
    return "" if body.transactional or not body.down else " transaction:false"


def _undone(body: Body) -> str:
    if body.down is None:
        return "-- This cannot be undone: what it replaced is not kept.\n"
    if not body.down:
        return "-- There is nothing to undo.\n"
    return terminated(body.down)


HISTORY = History(
    known_by="dbmate knows a migration by the digits that its file's name begins with",
    same=Outcome(
        Fate.LOST,
        "Where one of them has run, the other counts as applied: it never runs, and nothing says so. Where both are "
        "new, the second fails: its version is already in `schema_migrations`.",
    ),
    older=FINE,
    edited=Outcome(
        Fate.LOST, "dbmate never runs a version again: databases that have run it keep what the old text made."
    ),
    deleted=Outcome(
        Fate.UNSURE,
        "dbmate does not miss it where it has run; elsewhere it never runs. `dbmate rollback` does not find what to "
        "undo.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="dbmate",
        title="dbmate",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        unwrap_down=unwrap_down,
        history=HISTORY,
        units=by_digits,
        marks=("migrate:",),
        by_name=True,
    )
)
