"""A file of SQL as its tool applies it: statements, transactions, allows."""

from typing import Any

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.lines import LineTable
from bot.core.language.migrations import DownFile, Migration, Run
from bot.frameworks.sql_files.convention import Convention, Section, Unescaped
from bot.frameworks.sql_files.naming import by_name, by_version, version_of
from bot.frameworks.statements.allow import CommentLines, blank_lines, read_allows
from bot.frameworks.statements.sending import Sender, Sent
from bot.frameworks.statements.transactions import Transactions, Wrapper
from bot.sql import Script, read_script


def read_files(files: Files, convention: Convention) -> Run:
    """All changed files as one deploy, in the tool's order. Never raises."""
    transactions = Transactions()
    sources = sorted(files.changed, key=lambda source: _place(source.path, files, convention))
    migrations = [
        read_file(source, files, convention, transactions, follows=position > 0)
        for position, source in enumerate(sources)
    ]
    return Run(tuple(migrations), transactions.used)


def read_file(
    source: SourceFile, files: Files, convention: Convention, transactions: Transactions, *, follows: bool = False
) -> Migration:
    """One file as its tool applies it. Never raises.

    `follows`: it comes after another one, whose transaction it may run in.
    """
    layout = convention.lay_out(source, files)
    joins = convention.whole_run(source, files)
    sender = Sender.of(source, transactions)
    statements = [sender.unsent(part.start, part.end, part.reason) for part in layout.refused]
    comments: list[CommentLines] = []
    notes = list(layout.notes)
    if layout.sections:
        comments += _comments(sender.lines, 0, read_script(source.text[: layout.sections[0].start]))
    for section in layout.sections:
        sent = convention.unescape(source.text[section.start : section.end])
        script = read_script(sent.text)
        if not (joins and follows):
            transactions.wrap(Wrapper(section.because, section.scope) if section.wrapped else None)
        statements += sender.send(_sent(section, sent, script))
        comments += _comments(sender.lines, section.start, script)
        notes += () if convention.psql else _psql_notes(sender.lines, section.start, script, convention.name)
    statements.sort(key=lambda statement: (statement.start, statement.inside is not None))
    return Migration(
        path=source.path,
        framework=convention.name,
        version=version_of(source.path),
        transactional=layout.transactional,
        statements=tuple(statements),
        text=source.text,
        allows=read_allows(comments, statements, blank_lines(source.text)),
        notes=tuple(notes),
        down=_down_file(source, files, convention),
        joins=joins and layout.transactional is True,
    )


def _place(path: str, files: Files, convention: Convention) -> tuple[Any, str]:
    if convention.order is not None:
        return convention.order(path, files)
    return by_name(path) if convention.by_name else by_version(path)


def _down_file(source: SourceFile, files: Files, convention: Convention) -> DownFile | None:
    path = convention.undo.path_of(source.path) if convention.undo is not None else None
    text = files.head.get(path) if path is not None else None
    return DownFile(path, text) if path is not None and text is not None else None


def _sent(section: Section, sent: Unescaped, script: Script) -> Sent:
    def place(character: int) -> int:
        return section.start + sent.place(character)

    return Sent(section.start, section.end, script.statements, place, split=section.split)


def _psql_notes(table: LineTable, offset: int, script: Script, tool: str) -> list[str]:
    return [
        f"line {table.lines(offset + meta.start, offset + meta.end).first} is a command of psql; {tool} sends it to "
        "the server, which refuses it"
        for meta in script.meta
    ]


def _comments(table: LineTable, offset: int, script: Script) -> list[CommentLines]:
    return [
        CommentLines(comment.text, table.lines(offset + comment.start, offset + comment.end))
        for comment in script.comments
    ]
