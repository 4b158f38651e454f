"""Plain SQL files of an unknown tool: assumed to run in one transaction unless the file manages its own."""

import re
from functools import lru_cache

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import Fate, History, Outcome
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Scope
from bot.frameworks.sql_files.bare import compose_bare_down, down_path, in_transaction, terminated, unwrap_nothing
from bot.frameworks.sql_files.convention import Body, CannotRunOutside, Convention, Layout, Section, Undo
from bot.frameworks.sql_files.files import SqlFiles
from bot.frameworks.sql_files.versions import by_only_number
from bot.sql import read_script

EXAMPLE = Example(
    path="db/migrations/0002_add_events_kind.sql",
    text="ALTER TABLE events ADD COLUMN kind text;\n\nALTER TABLE events ADD COLUMN source text;\n",
    outside="CREATE INDEX CONCURRENTLY events_kind ON events (kind);\n",
)

_FOLDER = re.compile(r"migrat|\Adelta\Z|\Adeploy\Z", re.IGNORECASE)
_NAME = re.compile(r"(?:[VR]\d(?=[\w.]*__)|R__|\d{3,}+[_.-]).*\.sql\Z|.*\.up\.sql\Z|up\.sql\Z", re.DOTALL)
_NOT_A_MIGRATION = re.compile(
    r"(?:.*\.)?(?:down|undo|rollback|revert)\.sql\Z|\d+\.undo\.|U\d[\w.]*__|(?:structure|schema|seeds?|fixtures?|dump)\.sql\Z|.*[_-](?:down|rollback)\.sql\Z",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_FOLDERS = frozenset(
    "preconditions seeds seed fixtures testdata test tests verify revert down undo rollback rollbacks dumps".split()
)
_DO = re.compile(r"\A(\d+)\.do\.")
_BEGIN = re.compile(r"^[ \t]*(?:BEGIN|START[ \t]+TRANSACTION)\b[^;\n]*;", re.IGNORECASE | re.MULTILINE)
_ASSUMED = "not known which tool runs this file; assumed to run in one transaction"
_CONFIGURED = "the configuration says that each file runs in a transaction"


def recognises(path: str, _text: str) -> bool:
    """By its folder or its name; dumps, seeds and files that undo are not migrations."""
    folders, _, name = path.rpartition("/")
    parts = folders.split("/")
    if not name.endswith(".sql") or _NOT_A_MIGRATION.match(name):
        return False
    if any(part.lower() in _OTHER_FOLDERS for part in parts):
        return False
    return bool(_NAME.match(name)) or any(_FOLDER.search(part) for part in parts)


def lay_out(source: SourceFile, files: Files) -> Layout:
    """The whole file as one section. Never raises."""
    wrapped = files.transaction if files.transaction is not None else _assumed(source.text)
    scope = Scope.ASSUMED if files.transaction is None else Scope.EXPLICIT
    because = _ASSUMED if files.transaction is None else _CONFIGURED
    start = 1 if source.text.startswith("\ufeff") else 0
    section = Section(start, len(source.text), wrapped=wrapped, split=True, because=because, scope=scope)
    notes = (_ASSUMED,) if wrapped and files.transaction is None else ()
    return Layout((section,), transactional=files.transaction, notes=notes)


def compose(body: Body, like: Migration) -> str | CannotRunOutside:
    """Only the statements; in a transaction of the file's own where the author's file has one."""
    if not body.transactional and like.transactional:
        return CannotRunOutside(_CONFIGURED)
    return in_transaction(body.up) if body.transactional and _begins(like.text) else terminated(body.up)


def undone_in(path: str) -> str | None:
    """As most tools have it, or `002.undo.x.sql` for `002.do.x.sql`."""
    folder, slash, name = path.rpartition("/")
    undo = _DO.sub(r"\1.undo.", name)
    return f"{folder}{slash}{undo}" if undo != name else down_path(path)


@lru_cache(4)
def _begins(text: str) -> bool:
    return _BEGIN.search(text) is not None


def _assumed(text: str) -> bool:
    """A file with BEGIN is sent unchanged, and one statement needs no transaction."""
    statements = [statement for statement in read_script(text).statements if statement.inside is None]
    return len(statements) > 1 and not any(isinstance(each.operations[0], op.Begin) for each in statements)


HISTORY = History(
    known_by="These files are known to the tool that runs them by something that is not known here",
    same=Outcome(
        Fate.UNSURE,
        "It is not known which tool runs these files. Most know a migration by the number that its name begins with: "
        "then the second of them never runs, or the tool stops.",
    ),
    older=Outcome(Fate.RUNS),
    edited=Outcome(
        Fate.UNSURE,
        "It is not known which tool runs this file. Most never run a migration again, or stop at one that was changed.",
    ),
    deleted=Outcome(
        Fate.UNSURE,
        "It is not known which tool runs this file. Some do not miss it where it has run, others stop.",
    ),
)

FRAMEWORK = SqlFiles(
    Convention(
        name="plain",
        title="plain SQL",
        example=EXAMPLE,
        known_by=KnownBy.NOTHING,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap_nothing,
        history=HISTORY,
        units=by_only_number,
        undo=Undo(undone_in, compose_bare_down),
        unwrap_down=unwrap_nothing,
        marks=("disable-transaction",),
        psql=True,
    )
)
