"""A file of SQL as its tool applies it: statements, transactions, allows."""

import re
from collections.abc import Iterator
from itertools import count

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.lines import LineTable
from bot.core.language.migrations import Migration, Run, Statement, Transaction
from bot.core.record import record
from bot.frameworks.sql_files.convention import Convention, Refused, Section
from bot.frameworks.statements.allow import CommentLines, blank_lines, read_allows
from bot.frameworks.statements.transactions import Sending, number_transactions
from bot.sql import ReadStatement, Script, read_script

_NUMBER = re.compile(r"\d+")
_FLYWAY = re.compile(r"[VUB](\d+(?:[._]\d+)*)__")
_SAME_NAME = ("migration.sql", "up.sql")


def read_files(files: Files, convention: Convention) -> Run:
    """All changed files as one deploy, in the tool's order. Never raises."""
    numbers = count(1)
    transactions: dict[int, Transaction] = {}
    migrations: list[Migration] = []
    carried: Transaction | None = None
    order = name_of if convention.by_name else sort_key
    for position, source in enumerate(sorted(files.changed, key=lambda source: order(source.path))):
        join = convention.whole_run and position > 0
        read = read_file(source, files, convention, numbers, (carried,) if join else ())
        migrations.append(read.migration)
        transactions.update({one.number: one for one in read.transactions})
        carried = read.open
    return Run(tuple(migrations), transactions)


@record
class ReadFile:
    """A migration with the transactions its statements run in, and the one still open behind it."""

    migration: Migration
    transactions: tuple[Transaction, ...]
    open: Transaction | None


def read_file(
    source: SourceFile,
    files: Files,
    convention: Convention,
    numbers: Iterator[int],
    joined: tuple[Transaction | None, ...] = (),
) -> ReadFile:
    """One file as its tool applies it. Never raises.

    `joined` holds what the file before left open, where one transaction of the tool's spans the files.
    """
    layout = convention.lay_out(source, files)
    sent = convention.unescape(source.text)
    table = LineTable(source.text)
    statements: list[Statement] = [_refused(source, table, part) for part in layout.refused]
    transactions: list[Transaction] = []
    comments: list[CommentLines] = []
    notes = list(layout.notes)
    last: Transaction | None = None
    if layout.sections:
        comments += _comments(table, 0, read_script(source.text[: layout.sections[0].start]))
    for section in layout.sections:
        script = read_script(sent[section.start : section.end])
        sending = Sending(joined[0] if joined else _wrapper(section, numbers), section.split)
        numbered = number_transactions(script.statements, sending, numbers)
        last = numbered.open
        transactions += numbered.transactions
        comments += _comments(table, section.start, script)
        notes += () if convention.psql else _psql_notes(table, section.start, script, convention.name)
        statements += [
            _statement(source, table, section.start, read, number)
            for read, number in zip(script.statements, numbered.numbers, strict=True)
        ]
    statements.sort(key=lambda statement: (statement.start, statement.inside is not None))
    migration = Migration(
        path=source.path,
        framework=convention.name,
        version=version_of(source.path),
        transactional=layout.transactional,
        statements=tuple(statements),
        text=source.text,
        allows=read_allows(comments, statements, blank_lines(source.text)),
        notes=tuple(notes),
    )
    return ReadFile(migration, tuple(transactions), last)


def _wrapper(section: Section, numbers: Iterator[int]) -> Transaction | None:
    return Transaction(next(numbers), section.scope, section.because) if section.wrapped else None


def version_of(path: str) -> str:
    """The digits a migration's name begins with; of its folder's where the file is always called the same.

    `20260516_x.sql` is 20260516, `V1_2__x.sql` 1.2, `20260516_x/migration.sql` 20260516; else the bare name.
    """
    name = path.rsplit("/", 1)[-1]
    if name in _SAME_NAME and "/" in path:
        name = path.rsplit("/", 2)[-2]
    flyway = _FLYWAY.match(name)
    if flyway:
        return flyway[1].replace("_", ".")
    digits = _NUMBER.match(name)
    return digits[0] if digits else name.removesuffix(".sql")


def sort_key(path: str) -> tuple[tuple[int, ...], str]:
    """The order in which tools apply files: by version as numbers, then by name."""
    return tuple(int(part[:40]) for part in _NUMBER.findall(version_of(path))), path


def name_of(path: str) -> tuple[str, str]:
    """The file's name, then its whole path."""
    return path.rsplit("/", 1)[-1], path


def _psql_notes(table: LineTable, offset: int, script: Script, tool: str) -> list[str]:
    return [
        f"line {table.lines(offset + meta.start, offset + meta.end).first} is a command of psql; {tool} sends it to "
        "the server, which refuses it"
        for meta in script.meta
    ]


def _refused(source: SourceFile, table: LineTable, part: Refused) -> Statement:
    text = source.text[part.start : part.end]
    return Statement(
        path=source.path,
        lines=table.lines(part.start, part.end),
        operations=(op.Unread(part.reason),),
        sql=text,
        start=part.start,
        end=part.end,
        source=text,
    )


def _statement(source: SourceFile, table: LineTable, offset: int, read: ReadStatement, number: int | None) -> Statement:
    start, end = offset + read.start, offset + read.end
    return Statement(
        path=source.path,
        lines=table.lines(start, end),
        operations=read.operations,
        sql=read.sql,
        start=start,
        end=end,
        source=source.text[start:end],
        transaction=number,
        inside=read.inside,
    )


def _comments(table: LineTable, offset: int, script: Script) -> list[CommentLines]:
    return [
        CommentLines(comment.text, table.lines(offset + comment.start, offset + comment.end))
        for comment in script.comments
    ]
