"""A Python file that is followed: its syntax, its places, and what it sends."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.core.language import operations as op
from bot.frameworks.python.places import Places
from bot.frameworks.statements.outbox import Outbox
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.run_time import REASON, Filled, fill, of_rows
from bot.frameworks.static.values import Names
from bot.sql import ReadStatement, read_script


class NotPython(ValueError):
    """The file cannot be parsed; the message says where and why."""


_MOST_PARTS = 2_000
_TOKEN = re.compile(
    r"""\#[^\n]*+
    | (?P<prefix>\w*+)
      (?: \"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3})?+
        | '{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3})?+
        | "(?:[^"\\\n]|\\.)*+"?+
        | '(?:[^'\\\n]|\\.)*+'?+ )
    | \w++
    | [^\w\#"']++""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str) -> ast.Module:
    """The syntax tree of a file. Raises NotPython."""
    # Python 3.11 looks for the place of each part of an f-string from its beginning.
    if text.count("{") > _MOST_PARTS and any(map(_has_many_parts, _TOKEN.finditer(text))):
        raise NotPython(f"it has an f-string of more than {_MOST_PARTS:,} parts")
    try:
        return ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as wrong:
        raise NotPython(f"line {wrong.lineno or 1}: {wrong.msg}") from wrong
    except (ValueError, RecursionError, MemoryError) as wrong:
        raise NotPython("it cannot be parsed") from wrong


def _has_many_parts(token: re.Match[str]) -> bool:
    return (token["prefix"] or "").lower() in ("f", "rf", "fr") and token[0].count("{") > _MOST_PARTS


@dataclass(slots=True)
class PythonFile:
    """Adds what the file sends to `outbox`, at the place of the node that sends it."""

    places: Places
    outbox: Outbox = field(default_factory=Outbox)

    @classmethod
    def of(cls, text: str) -> "PythonFile":
        return cls(Places.of(text))

    def send(self, node: ast.AST, operations: Operations) -> None:
        """A statement that a call becomes."""
        self.outbox.statement(self.places.span(node), operations)

    def unread(self, node: ast.AST, reason: str) -> None:
        """Something that may send unknown statements."""
        self.outbox.unread(self.places.span(node), reason)

    def send_text(self, node: ast.AST, sql: str, argument: ast.expr | None, names: Names) -> None:
        """A string of SQL, of which parts may be known only at run time.

        Its statements are at their own lines where `argument` leads to a single literal that is sent unchanged.
        """
        filled = fill(sql)
        literal = _literal(argument, names)
        read = [replace(each, operations=_settled(each, filled)) for each in read_script(filled.text).statements]
        self.outbox.text(self.places.span(node), read, self._place(literal, filled.text))

    def _place(self, literal: ast.Constant | None, sql: str) -> Callable[[int], int] | None:
        """From a place in the sent text to the place in the file, None where the author did not write that text.

        A placeholder may be shorter or longer than what the author wrote for the value; it never adds lines.
        """
        text = literal.value if literal is not None else None
        begin = self.places.inside(literal, text) if literal is not None and isinstance(text, str) else None
        if begin is None or not isinstance(text, str) or text.count("\n") != sql.count("\n"):
            return None
        if len(text) == len(sql):
            return lambda place: begin + place
        written, sent = text.split("\n"), sql.split("\n")
        if any(bool(one.strip()) != bool(other.strip()) for one, other in zip(written, sent, strict=True)):
            return None

        def place_in_file(place: int) -> int:
            before = sql.count("\n", 0, place)
            column = place - (sql.rfind("\n", 0, place) + 1)
            at = sum(len(line) + 1 for line in written[:before])
            line = written[before]
            return begin + at + (len(line) if column >= len(sent[before]) else min(column, len(line)))

        return place_in_file


def _settled(statement: ReadStatement, filled: Filled) -> Operations:
    """What the statement does, where its run-time parts cannot change that."""
    if not filled.touches(statement.start, statement.end):
        return statement.operations
    if not of_rows(statement.operations):
        return (op.Unread(REASON),)
    if any(statement.start <= place < statement.end for place in filled.rows):
        return tuple(replace(one, rows=None) if isinstance(one, op.Insert) else one for one in statement.operations)
    return statement.operations


def _literal(node: ast.expr | None, names: Names) -> ast.Constant | None:
    """The single string literal behind an argument, through calls around it, names, and methods that keep its lines."""
    for _ in range(6):
        match node:
            case ast.Constant(value=str()):
                return node
            case ast.Call(args=[first, *_]):
                node = first
            case ast.Name(id=name):
                node = names.source(name)
            case _:
                return None
    return None
