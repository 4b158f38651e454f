"""Reads a file of SQL: its statements and comments, with their places in the file."""

import re
from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.lines import LineTable
from bot.core.language.migrations import Lines
from bot.core.language.names import Name
from bot.core.record import record, replace
from bot.sql.reading import read_statement
from bot.sql.statements.plpgsql import inside
from bot.sql.statements.repeated import Repeated
from bot.sql.statements.verbs import complete
from bot.sql.text.cursor import Cursor
from bot.sql.text.splitter import Cut, LiteralKind, Piece, cut
from bot.sql.text.tokens import Unreadable, tokens_of
from bot.sql.text.unread import why


@record
class ReadStatement:
    """One statement of a script.

    `start` and `end` are character offsets in the text, from its first token to the end of its last, without the
    semicolon and without comments before it; `sql` is that text. `inside` is "DO" for the static statements in
    the body of a DO block; they follow the `Do` and have the offsets and lines of the file. Where EXECUTE runs
    a constant string, `sql` is that string and the offsets are those of the EXECUTE.
    """

    operations: tuple[op.Operation, ...]
    start: int
    end: int
    lines: Lines
    sql: str
    inside: str | None = None


@record
class Comment:
    """A comment with its dashes or slashes; `line` is the one it begins on, 1-based."""

    text: str
    start: int
    end: int
    line: int


@record
class Script:
    """`meta` are psql's own commands that need no judging (`\\set`, `\\echo`), COPY data not among them."""

    statements: tuple[ReadStatement, ...] = ()
    comments: tuple[Comment, ...] = ()
    meta: tuple[Comment, ...] = ()


def read_script(text: str) -> Script:
    """Everything in the text, in its order. Never raises; what cannot be read is an `Unread` with its reason."""
    pieces = cut(text)
    table = LineTable(text)
    statements: list[ReadStatement] = []
    repeated = Repeated()
    for piece in pieces.pieces:
        statements += _statement(pieces, piece, table, repeated)
    meta: list[Comment] = []
    for start, end in pieces.commands:
        comment = _comment(text, start, end, table)
        operation = _psql(comment.text)
        if operation is None:
            meta.append(comment)
        else:
            statements.append(ReadStatement((operation,), start, end, table.lines(start, end), comment.text))
    if pieces.commands:
        statements.sort(key=lambda statement: statement.start)
    comments = tuple(_comment(text, start, end, table) for start, end in pieces.comments)
    return Script(tuple(statements), comments, tuple(meta))


def _comment(text: str, start: int, end: int, table: LineTable) -> Comment:
    return Comment(text[start:end], start, end, table.line(start))


def _statement(pieces: Cut, piece: Piece, table: LineTable, repeated: Repeated) -> Iterator[ReadStatement]:
    start, end = piece.start, piece.end
    sql = pieces.text[start:end]
    header, known = repeated.look_up(pieces, piece)
    if known is None:
        operations = _operations(pieces, piece)
        repeated.learn(header, operations)
    else:
        operations = (known,)
    yield ReadStatement(operations, start, end, table.lines(start, end), sql)
    for operation in operations:
        if isinstance(operation, op.Do):
            yield from _inner(pieces, piece, operation, table)


def _operations(pieces: Cut, piece: Piece) -> tuple[op.Operation, ...]:
    try:
        if piece.trouble:
            raise Unreadable(piece.trouble)
        if piece.command.startswith("\\gexec"):
            raise Unreadable("builds SQL at run time: \\gexec runs the rows of this query")
        operations = complete(Cursor(pieces.text, tokens_of(pieces, piece.start, piece.end)))
    except Unreadable as problem:
        return (op.Unread(why(pieces.text[piece.start : piece.end], str(problem))),)
    except RecursionError:
        return (op.Unread("it is nested too deeply"),)
    except MemoryError:
        raise
    except Exception as error:
        return (op.Unread.of(error),)
    if piece.data is not None:
        return tuple(
            replace(operation, rows=piece.data) if isinstance(operation, op.Copy) else operation
            for operation in operations
        )
    return operations


def _inner(pieces: Cut, piece: Piece, do: op.Do, table: LineTable) -> Iterator[ReadStatement]:
    """The statements in the body of a DO block."""
    if do.language != "plpgsql":
        operation = op.Unread(f"the body of the DO block is written in {do.language}")
        lines = table.lines(piece.start, piece.end)
        yield ReadStatement((operation,), piece.start, piece.end, lines, do.body, "DO")
        return
    base = _body_offset(pieces, piece, do.body)
    for inner in inside(do.body):
        start, end = piece.start, piece.end
        if base is not None:
            start, end = base + inner.start, base + inner.end
        operations = read_statement(inner.sql) if inner.sql is not None else (op.Unread(inner.trouble),)
        sql = do.body[inner.start : inner.end] if inner.sql is None else inner.sql
        yield ReadStatement(operations, start, end, table.lines(start, end), sql, "DO")


def _body_offset(pieces: Cut, piece: Piece, body: str) -> int | None:
    """Where the body begins in the file, None where its quotes change its text."""
    for literal in pieces.literals_between(piece.start, piece.end):
        if literal.kind is LiteralKind.DOLLAR:
            inner = literal.start + literal.tag
        else:
            inner = pieces.text.index("'", literal.start) + 1
        if pieces.text.startswith(body, inner) and body:
            return inner
    return None


_COPY = re.compile(r"\\copy\s+(?P<table>[^\s(]+)\s*(?:\([^)]*\)\s*)?(?P<way>from|to)\b", re.IGNORECASE)


def _psql(command: str) -> op.Operation | None:
    """What a psql command means for the database, None where it means nothing."""
    word = command.split(None, 1)[0].lower() if command.split() else command
    if word in ("\\connect", "\\c"):
        return op.Unread(f"what follows runs in another database: {command[:60]}")
    if word in ("\\i", "\\ir", "\\include", "\\include_relative"):
        return op.Unread(f"runs another file: {command[:80]}")
    if word.startswith("\\!"):
        return op.Unread(f"runs a program: {command[:60]}")
    if word == "\\copy":
        found = _COPY.match(command)
        if found is None:
            return op.Unread(f"psql copies rows: {command[:60]}")
        schema, _, table = found["table"].rpartition(".")
        name = Name(table.strip('"'), schema.strip('"') or None)
        return op.Copy(name, to=found["way"].lower() == "to")
    return None
