"""Play evolutions: `evolutions/<database>/<number>.sql`, from `!Ups` to `!Downs`, each statement sent separately.

Source: `EvolutionsApi.scala` and `Evolutions.scala` of Play 2 and 3. Marker lines begin with `#` or `--`. A single `;`
ends a statement anywhere, `;;` is a `;` of the statement. With `autocommit = true`, which is the default,
no transaction is opened; with `autocommit = false` in `application.conf` one holds all pending evolutions.
"""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Example, Files, KnownBy, Side, SourceFile, Want
from bot.core.judging.history import FINE, Fate, History, Outcome
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import in_transaction, terminated
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Convention, Layout, Refused, Section, Unescaped
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_number

EXAMPLE = Example(
    path="conf/evolutions/default/2.sql",
    text=(
        "# --- !Ups\n\nBEGIN;\n\nALTER TABLE events ADD COLUMN kind text;\n\nCOMMIT;\n\n"
        "# --- !Downs\n\nALTER TABLE events DROP COLUMN kind;\n"
    ),
    outside=(
        "-- !Ups\n\nCREATE INDEX CONCURRENTLY events_kind ON events (kind);\n\n"
        "-- !Downs\n\nDROP INDEX CONCURRENTLY events_kind;\n"
    ),
)

_MARKER = re.compile(r"(?m)^[ \t]*(?P<lead>(?:#|--)[^\n]*?)!(?P<side>Ups|Downs)[^\n]*$")
_PATH = re.compile(r"(?P<root>(?:.*/)?)evolutions/[^/]+/\d+\.sql\Z", re.DOTALL)
_AUTOCOMMIT_OFF = re.compile(r"""(?m)^[^#\n]*\bautocommit"?\s*+[=:]?\s*+"?false\b""")
_WRAPPED = "Play runs all pending evolutions in one transaction (`autocommit = false`)"
_INSTEAD = "Keep it in an evolution, too, with IF EXISTS or IF NOT EXISTS, for databases that are created from scratch."
_NO_UPS = "Play applies nothing: there is no `!Ups`"
_CUT = "Play ends a statement at every single `;`: within one, as in a function's body, write `;;`"


def recognises(path: str, text: str) -> bool:
    return bool(_PATH.match(path) and _MARKER.search(text))


def wants(paths: Iterable[str]) -> Sequence[Want]:
    return tuple(Want(_configuration(path), Side.HEAD) for path in paths)


def lay_out(source: SourceFile, files: Files) -> Layout:
    text, marks = source.text, list(_MARKER.finditer(source.text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = [(mark["side"], mark.end(), end) for mark, end in zip(marks, ends, strict=False)]
    wrapped = bool(_AUTOCOMMIT_OFF.search(files.head.get(_configuration(source.path), "")))
    ups = [(start, end) for side, start, end in parts if side == "Ups"]
    downs = tuple((start, end) for side, start, end in parts if side == "Downs")
    if not ups:
        return Layout((), transactional=None, refused=(Refused(0, len(text), _NO_UPS),))
    sections = tuple(Section(start, end, wrapped=wrapped, split=True, because=_WRAPPED) for start, end in ups)
    notes = ("the down side was not judged",) if downs else ()
    if any(re.search(r"\$\w*\$[^$]*?(?<!;);(?!;)", text[start:end]) for start, end in ups):
        notes = (*notes, _CUT)
    return Layout(sections, transactional=wrapped, notes=notes, down=downs)


def compose(body: Body, like: Migration) -> str | CannotRunOutside:
    """A file with the author's markers; with a transaction of its own where Play opens none."""
    if like.transactional and not body.transactional:
        return CannotRunOutside(_WRAPPED, _INSTEAD)
    own = body.transactional and not like.transactional
    lead = next((mark["lead"] for mark in _MARKER.finditer(like.text)), "-- ")
    done = in_transaction(body.up) if own else terminated(body.up)
    down = body.down or ()
    undone = in_transaction(down) if own and len(down) > 1 else terminated(down)
    return f"{lead}!Ups\n\n{done}\n{lead}!Downs\n\n{undone}"


def unwrap(_text: str) -> CannotRunOutside:
    return CannotRunOutside(_WRAPPED, _INSTEAD)


def unescape(text: str) -> Unescaped:
    doubled = [match.start() for match in re.finditer(";;", text)]
    return Unescaped(text.replace(";;", ";"), tuple(at - number for number, at in enumerate(doubled)))


def escape(statement: str) -> str:
    return statement.replace(";", ";;")


def _configuration(path: str) -> str:
    """`conf/application.conf` beside `conf/evolutions`."""
    match = _PATH.match(path)
    return f"{match['root'] if match else ''}application.conf"


HISTORY = History(
    known_by="Play knows a migration by its number, and compares what it holds",
    same=FINE,
    older=FINE,
    edited=Outcome(
        Fate.REFUSED,
        "Where it has run, Play wants to run the old `!Downs` and the new `!Ups`, and those of every later "
        "evolution; in production it does not start until somebody applies that.",
    ),
    deleted=Outcome(
        Fate.REFUSED, "Play stops at the first number that is missing: it undoes this evolution and all later ones."
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="play",
        title="Play evolutions",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        history=HISTORY,
        units=by_number,
        wants=wants,
        unescape=unescape,
        escape=escape,
        marks=("!Ups", "!Downs"),
        alone=False,
        whole_run=lambda _source, _files: True,
    )
)
