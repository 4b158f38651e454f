"""Liquibase's formatted SQL: change sets between `--changeset` lines, each in a transaction of its own."""

import re
from collections.abc import Sequence

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.judging.history import FINE, Fate, History, Outcome, Unit
from bot.core.language.lines import lines_of
from bot.core.language.migrations import Migration
from bot.frameworks.sql_files.bare import unwrap_nothing
from bot.frameworks.sql_files.convention import (
    Body,
    CannotRunOutside,
    Convention,
    Edit,
    Layout,
    Refused,
    Section,
)
from bot.frameworks.sql_files.down_side import end_of_line
from bot.frameworks.sql_files.files import SqlFiles

EXAMPLE = Example(
    path="db/changelog/0002-add-events-kind.sql",
    text=(
        "--liquibase formatted sql\n\n--changeset ada:2\nALTER TABLE events ADD COLUMN kind text;\n"
        "--rollback ALTER TABLE events DROP COLUMN kind;\n"
    ),
    outside=(
        "--liquibase formatted sql\n\n--changeset ada:2 runInTransaction:false\n"
        "CREATE INDEX CONCURRENTLY events_kind ON events (kind);\n"
        "--rollback DROP INDEX CONCURRENTLY events_kind;\n"
    ),
)

_HEADER = re.compile(r"\A\ufeff?\s*--\s*liquibase formatted sql", re.IGNORECASE)
_CHANGE_SET = re.compile(r"(?mi)^[ \t]*--[ \t]*changeset[ \t]+[^\r\n]*")
_NAMED = re.compile(r"changeset[ \t]+([^:\s]+:[^\s]+)", re.IGNORECASE)
_AT_EACH_CHANGE = re.compile(r"\b(?:runOnChange|runAlways)\s*:\s*\"?true|\bvalidCheckSum\b", re.IGNORECASE)
_OUTSIDE = re.compile(r"\brunInTransaction\s*:\s*\"?false", re.IGNORECASE)
_ROLLBACK = re.compile(r"(?mi)^[ \t]*--[ \t]*rollback[ \t]+(?!(?:empty|not required|changesetid)\b)(?=\S)")
_UNSPLIT = re.compile(r"\bsplitStatements\s*:\s*\"?false", re.IGNORECASE)
_NOTHING = "Liquibase applies nothing: there is no `--changeset`"
_WRAPPED = "Liquibase runs each change set in a transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and bool(_HEADER.match(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = list(_CHANGE_SET.finditer(source.text))
    if not marks:
        return Layout((), transactional=None, refused=(Refused(0, len(source.text), _NOTHING),))
    ends = [*(mark.start() for mark in marks[1:]), len(source.text)]
    sections = tuple(
        Section(
            mark.start(),
            end,
            wrapped=not _OUTSIDE.search(mark[0]),
            split=not _UNSPLIT.search(mark[0]),
            because=_WRAPPED,
        )
        for mark, end in zip(marks, ends, strict=True)
    )
    wrapped = {section.wrapped for section in sections}
    undone = tuple((found.end(), end_of_line(source.text, found.end())) for found in _ROLLBACK.finditer(source.text))
    return Layout(sections, transactional=wrapped.pop() if len(wrapped) == 1 else None, down=undone)


def compose(body: Body, like: Migration) -> str:
    """A file with one change set; the author fills in its author and name."""
    option = "" if body.transactional else " runInTransaction:false"
    author = re.search(r"(?mi)^[ \t]*--[ \t]*changeset[ \t]+([^:\s]+):", like.text)
    done = "".join(f"{statement};\n" for statement in body.up)
    undone = "".join(f"--rollback {' '.join(statement.split())};\n" for statement in body.down or ())
    return f"--liquibase formatted sql\n\n--changeset {author[1] if author else 'author'}:1{option}\n{done}{undone}"


def unwrap(text: str) -> Edit | CannotRunOutside:
    """`runInTransaction:false` after the only change set."""
    marks = list(_CHANGE_SET.finditer(text))
    if len(marks) != 1:
        return CannotRunOutside("the file has several change sets, each with an option of its own")
    return Edit(marks[0].end(), marks[0].end(), " runInTransaction:false")


def registers(_path: str) -> str:
    return "Include it in the changelog that includes the file before it, unless that has `includeAll`."


HISTORY = History(
    known_by="Liquibase knows a migration by a change set's author, id and file",
    same=Outcome(Fate.REFUSED, "Liquibase refuses to run at all: two change sets have one identifier."),
    older=FINE,
    edited=Outcome(
        Fate.REFUSED,
        "Where it has run, Liquibase stops before anything is applied: the checksum does not match. `runOnChange:true` "
        "or a `validCheckSum` says that the change is meant.",
    ),
    deleted=Outcome(Fate.UNSURE, "Liquibase does not miss it where it has run; elsewhere it never runs."),
    mend="Give one of them another id.",
)


def units(path: str, text: str | None) -> Sequence[Unit]:
    """One for each change set; its file is a part of what Liquibase knows it by."""
    if text is None:
        return ()
    lines = lines_of(text)
    marks = list(_CHANGE_SET.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return tuple(
        Unit(
            named[1],
            path,
            what="change set",
            repeatable=bool(_AT_EACH_CHANGE.search(mark[0])),
            first=lines.line(mark.start()),
            last=lines.lines(mark.start(), end).last,
        )
        for mark, end in zip(marks, ends, strict=False)
        if (named := _NAMED.search(mark[0]))
    )


FRAMEWORK = SqlFiles(
    Convention(
        name="liquibase",
        title="Liquibase's formatted SQL",
        example=EXAMPLE,
        known_by=KnownBy.TEXT,
        recognises=recognises,
        lay_out=lay_out,
        compose=compose,
        unwrap=unwrap,
        unwrap_down=unwrap_nothing,
        undo_mark="--rollback ",
        history=HISTORY,
        units=units,
        registers=registers,
        marks=("changeset ", "liquibase "),
        alone=False,
    )
)
