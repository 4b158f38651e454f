"""Liquibase's formatted SQL: change sets between `--changeset` lines, each in a transaction of its own."""

import re

from bot.core.judging.framework import Files, SourceFile
from bot.frameworks.sql_files.convention import Body, Convention, Edit, Layout, Refused, Section
from bot.frameworks.sql_files.files import SqlFiles

_HEADER = re.compile(r"\A\ufeff?\s*--\s*liquibase formatted sql", re.IGNORECASE)
_CHANGE_SET = re.compile(r"(?mi)^[ \t]*--[ \t]*changeset[ \t]+[^\r\n]*")
_OUTSIDE = re.compile(r"\brunInTransaction\s*:\s*\"?false", re.IGNORECASE)
_UNSPLIT = re.compile(r"\bsplitStatements\s*:\s*\"?false", re.IGNORECASE)
_WRAPPED = "Liquibase runs each change set in a transaction"


def recognises(path: str, text: str) -> bool:
    return path.endswith(".sql") and bool(_HEADER.match(text))


def lay_out(source: SourceFile, _files: Files) -> Layout:
    marks = list(_CHANGE_SET.finditer(source.text))
    if not marks:
        return Layout((), None, (Refused(0, len(source.text), "Liquibase applies nothing: there is no `--changeset`"),))
    ends = [*(mark.start() for mark in marks[1:]), len(source.text)]
    sections = tuple(
        Section(mark.start(), end, not _OUTSIDE.search(mark[0]), not _UNSPLIT.search(mark[0]), _WRAPPED)
        for mark, end in zip(marks, ends, strict=True)
    )
    wrapped = {section.wrapped for section in sections}
    return Layout(sections, wrapped.pop() if len(wrapped) == 1 else None)


def compose(body: Body, like: str) -> str:
    """A file with one change set; who wrote it and its name are the author's to fill in."""
    option = "" if body.transactional else " runInTransaction:false"
    author = re.search(r"(?mi)^[ \t]*--[ \t]*changeset[ \t]+([^:\s]+):", like)
    done = "".join(f"{statement};\n" for statement in body.up)
    undone = "".join(f"--rollback {' '.join(statement.split())};\n" for statement in body.down or ())
    return f"--liquibase formatted sql\n\n--changeset {author[1] if author else 'author'}:1{option}\n{done}{undone}"


def unwrap(text: str) -> Edit | None:
    """`runInTransaction:false` behind the only change set."""
    marks = list(_CHANGE_SET.finditer(text))
    return Edit(marks[0].end(), marks[0].end(), " runInTransaction:false") if len(marks) == 1 else None


FRAMEWORK = SqlFiles(Convention("liquibase", recognises, lay_out, compose, unwrap, one_string=False))
