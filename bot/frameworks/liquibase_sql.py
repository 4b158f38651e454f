"""Liquibase's formatted SQL: change sets between `--changeset` lines, each in a transaction of its own."""

import re

from bot.core.judging.framework import Example, Files, KnownBy, SourceFile
from bot.core.language.migrations import Migration
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
_OUTSIDE = re.compile(r"\brunInTransaction\s*:\s*\"?false", re.IGNORECASE)
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
    return Layout(sections, transactional=wrapped.pop() if len(wrapped) == 1 else None)


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
        marks=("changeset ", "liquibase "),
        alone=False,
    )
)
