"""Places in a Python file: from the parser's lines and UTF-8 columns to characters, and into string literals."""

import ast
import io
import re
import tokenize

from bot.core.language.lines import LineTable
from bot.core.language.migrations import Lines
from bot.core.record import record
from bot.frameworks.statements.allow import CommentLines

_LINE_END = re.compile(r"\r\n?|\n")
"""Line ends of Python's parser: also a carriage return alone, which ends a line nowhere else."""
_OPENING = re.compile(r"(?i)(?:r|u)?('''|\"\"\"|'|\")")


@record
class Places:
    """A text with the offsets at which the lines of Python's parser begin, and its lines as other tools count them."""

    text: str
    starts: tuple[int, ...]
    table: LineTable

    @classmethod
    def of(cls, text: str) -> "Places":
        starts = (0, *(end.end() for end in _LINE_END.finditer(text)))
        return cls(text, starts, LineTable(text))

    def offset(self, line: int, column: int) -> int:
        """The character at a line of the parser's (1-based) and a column in UTF-8 bytes."""
        start = self.starts[min(line, len(self.starts)) - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        within = self.text[start:end].encode("utf-8", "surrogatepass")[:column]
        return start + len(within.decode("utf-8", "surrogatepass"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        last, last_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)
        return self.offset(line, column), self.offset(last or line, last_column or column)

    def lines(self, start: int, end: int) -> Lines:
        """The lines of these characters."""
        return self.table.lines(start, end)

    def inside(self, literal: ast.Constant, value: str) -> int | None:
        """Where the text of a string literal begins, None where escapes or joined literals shift it."""
        start, end = self.span(literal)
        opening = _OPENING.match(self.text, start)
        if opening is None or not isinstance(literal.value, str):
            return None
        begin = opening.end()
        return begin if self.text[begin : end - len(opening[1])] == value else None


def comments_in(text: str) -> list[CommentLines]:
    """Every comment with its lines; none where the file cannot be tokenised."""
    found: list[CommentLines] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append(CommentLines(token.string, Lines(token.start[0], token.end[0])))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return found
    return found
