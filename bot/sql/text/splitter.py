"""Finds the statements, comments, literals and psql commands of a script, in the same way as psql.

Everything is an offset into the text given. The same pass blanks what could confuse a tokenizer: `masked` has
the length of the text, with comments as blanks and every literal as a plain one.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import Enum

from bot.core.record import record


class LiteralKind(Enum):
    PLAIN = "'...'"
    ESCAPE = "E'...'"
    UNICODE = "U&'...'"
    BITS = "B'...', X'...'"
    NATIONAL = "N'...'"
    DOLLAR = "$$...$$"
    IDENTIFIER = '"..."'
    UNICODE_IDENTIFIER = 'U&"..."'


@record
class Literal:
    """A quoted string or identifier, its prefix and quotes included."""

    kind: LiteralKind
    start: int
    end: int
    tag: int = 0
    """Length of the opening delimiter of a dollar quote."""


@record
class Piece:
    """A statement, from its first token to the end of its last.

    `command` is the psql command that ended it, "" for a semicolon; `trouble` says why it is incomplete.
    `data` counts the lines of COPY data after it.
    """

    start: int
    end: int
    command: str = ""
    trouble: str = ""
    data: int | None = None


@dataclass(slots=True)
class Cut:
    """The result: pieces, comments and psql commands (start, end) in the order of the text."""

    text: str
    masked: str = ""
    pieces: list[Piece] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    commands: list[tuple[int, int]] = field(default_factory=list)
    literals: dict[int, Literal] = field(default_factory=dict)
    _order: list[int] = field(default_factory=list)

    def literals_between(self, start: int, end: int) -> list[Literal]:
        """Those of a statement; needed only where it has a body to read."""
        if len(self._order) != len(self.literals):
            self._order = list(self.literals)
        first, last = bisect_left(self._order, start), bisect_left(self._order, end)
        return [self.literals[at] for at in self._order[first:last]]


# All patterns match ASCII only: any other character may be in a name, so it counts as a letter.
_INTERESTING = re.compile(
    r"""
    (?P<blank>[ \t\n\r\f\v]+)
  | (?P<line>--[^\n\r]*)
  | (?P<block>/\*)
  | (?P<quoted>(?:[eEbBxXnN]|[uU]&)?')
  | (?P<identifier>(?:[uU]&)?")
  | (?P<word>[A-Za-z_][A-Za-z0-9_$]*)
  | (?P<number>[0-9][0-9A-Za-z_.]*)
  | (?P<dollar>\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)
  | (?P<mark>[();\\$])
  | (?P<other>[^ \t\n\r\f\vA-Za-z0-9_'"();\\$/-]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
# Possessive: a quote that is never closed must neither end early nor be tried repeatedly.
_PLAIN_END = re.compile(r"[^']*+(?:''[^']*+)*+'")
_ESCAPE_END = re.compile(r"[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'", re.DOTALL)
_IDENTIFIER_END = re.compile(r'[^"]*+(?:""[^"]*+)*+"')
_CONTINUES = re.compile(r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'")
_BLOCK_MARK = re.compile(r"/\*|\*/")
_ATOMIC = re.compile(r"\s+atomic\b", re.IGNORECASE)
_COPY_STDIN = re.compile(r"copy\b.*\bfrom\s+(?:stdin|stdout)\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)
_KINDS = {
    "'": LiteralKind.PLAIN,
    "E": LiteralKind.ESCAPE,
    "U": LiteralKind.UNICODE,
    "B": LiteralKind.BITS,
    "X": LiteralKind.BITS,
    "N": LiteralKind.NATIONAL,
}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def cut(text: str, *, psql: bool = True) -> Cut:
    """Cuts a script into statements. `psql` False: a backslash does not begin a command (the body of a function)."""
    return _Splitter(text, psql=psql).run()


def contents(text: str, literal: Literal) -> str:
    """What stands within the single quotes of a literal, as it is written; 'one' <newline> 'two' is one string."""
    ends = _ESCAPE_END if literal.kind is LiteralKind.ESCAPE else _PLAIN_END
    parts, at = list[str](), text.index("'", literal.start) + 1
    while (found := ends.match(text, at, literal.end)) is not None:
        parts.append(text[at : found.end() - 1])
        if (more := _CONTINUES.match(text, found.end(), literal.end)) is None:
            break
        at = more.end()
    return "".join(parts)


class _Splitter:
    """The state of one pass over the text."""

    __slots__ = (
        "_at",
        "_atomic",
        "_cut",
        "_depth",
        "_end",
        "_end_of_mask",
        "_first",
        "_flat",
        "_inner",
        "_mask",
        "_may_hold_data",
        "_plain",
        "_psql",
        "_text",
        "_words",
    )

    def __init__(self, text: str, *, psql: bool) -> None:
        self._text = text
        self._plain = text if text.isascii() else _NOT_ASCII.sub("a", text)
        self._psql = psql
        self._cut = Cut(text)
        self._mask: list[str] = []
        self._end_of_mask = 0
        self._at = 1 if text.startswith("\ufeff") else 0
        self._first: int | None = None
        self._end = 0
        self._depth = 0
        self._atomic = 0
        self._words: list[str] = []
        self._inner: tuple[int, int, int, int, int] | None = None
        self._flat = False
        self._may_hold_data = True

    def run(self) -> Cut:
        if self._at:
            self._blank(0, 1)
        self._pass()
        while self._recover():
            self._pass()
        self._flush()
        self._mask.append(self._plain[self._end_of_mask :])
        self._cut.masked = "".join(self._mask)
        return self._cut

    def _pass(self) -> None:
        text, size = self._plain, len(self._plain)
        match_at = _INTERESTING.match
        while self._at < size:
            found = match_at(text, self._at)
            if found is None:  # pragma: no cover - the last alternative takes any character
                break
            start, self._at = self._at, found.end()
            kind = found.lastgroup
            if kind == "blank":
                continue
            if kind == "line":
                self._comment(start)
            elif kind == "block":
                self._block_comment(start)
            elif kind == "mark" and text[start] in ";\\":
                self._separator(start)
            else:
                if self._first is None:
                    self._first = start
                if kind != "other" and kind != "number":
                    self._token(kind or "", start)
                self._end = self._at

    def _token(self, kind: str, start: int) -> None:
        text = self._text
        if kind == "word":
            self._word(text[start : self._at])
        elif kind == "quoted":
            self._quoted(start)
        elif kind == "identifier":
            self._identifier(start)
        elif kind == "dollar":
            self._dollar(start)
        elif kind == "mark":
            if text[start] == "$":
                self._replace(start, self._at, "@")
            else:
                self._depth = self._depth + 1 if text[start] == "(" else max(0, self._depth - 1)

    def _word(self, word: str) -> None:
        folded = word.lower()
        if len(self._words) < 4:
            self._words.append(folded)
        if self._depth or self._words[0] != "create" or not {"function", "procedure"} & set(self._words[1:4]):
            return
        if self._atomic == 0:
            if folded == "begin" and _ATOMIC.match(self._text, self._at):
                self._atomic = 1
        elif folded == "case":
            self._atomic += 1
        elif folded == "end":
            self._atomic -= 1

    def _quoted(self, start: int) -> None:
        kind = _KINDS[self._text[start].upper()]
        ends = _ESCAPE_END if kind is LiteralKind.ESCAPE else _PLAIN_END
        found = ends.match(self._plain, self._at)
        while found is not None:
            self._at = found.end()
            more = _CONTINUES.match(self._plain, self._at)
            if more is None:
                break
            found = ends.match(self._plain, more.end())
        if found is None:
            self._unterminated(start, "a quoted string")
            return
        self._literal(Literal(kind, start, self._at), "'")

    def _identifier(self, start: int) -> None:
        found = _IDENTIFIER_END.match(self._plain, self._at)
        if found is None:
            self._unterminated(start, "a quoted identifier")
            return
        self._at = found.end()
        unicode = self._text[start] != '"'
        kind = LiteralKind.UNICODE_IDENTIFIER if unicode else LiteralKind.IDENTIFIER
        self._literal(Literal(kind, start, self._at), '"')

    def _dollar(self, start: int) -> None:
        tag = self._text[start : self._at]
        end = self._text.find(tag, self._at)
        if end < 0:
            self._unterminated(start, f"a string quoted with {tag}")
            return
        self._at = end + len(tag)
        self._literal(Literal(LiteralKind.DOLLAR, start, self._at, len(tag)), "'")

    def _literal(self, literal: Literal, quote: str) -> None:
        self._cut.literals[literal.start] = literal
        inner = literal.end - literal.start - 2
        self._replace(literal.start, literal.end, quote + "x" * inner + quote)

    def _unterminated(self, start: int, what: str) -> None:
        self._at = len(self._text)
        self._replace(start, self._at, " " * (self._at - start))
        self._end = self._at
        self._flush(trouble=f"{what} is not closed")

    def _comment(self, start: int) -> None:
        self._cut.comments.append((start, self._at))
        self._blank(start, self._at)

    def _block_comment(self, start: int) -> None:
        depth = 1
        while depth:
            found = _BLOCK_MARK.search(self._text, self._at)
            if found is None:
                self._at = len(self._text)
                self._comment(start)
                self._first = start if self._first is None else self._first
                self._end = self._at
                self._flush(trouble="a comment is not closed")
                return
            self._at = found.end()
            depth += 1 if found.group() == "/*" else -1
        self._comment(start)

    def _separator(self, start: int) -> None:
        if self._text[start] == ";":
            if (self._depth or self._atomic) and not self._flat:
                cut = self._cut
                if self._inner is None:
                    marks = len(self._mask), self._end_of_mask, len(cut.comments), len(cut.commands)
                    self._inner = (start, *marks)
                self._end = self._at
                return
            first = self._first
            self._flush()
            if self._psql and first is not None:
                self._skip_copy_data(first, start)
        elif not self._psql:
            if self._first is None:
                self._first = start
            self._end = self._at
        elif self._text.startswith("\\;", start):
            self._at = start + 2
            self._blank(start, self._at)
            self._flush()
        else:
            self._command(start)

    def _recover(self) -> bool:
        """At the end of the text: a parenthesis that was never closed must spoil only its own statement.

        Goes back to the first semicolon inside it, once; from there on every semicolon ends a statement.
        """
        if self._first is None or self._inner is None or not (self._depth or self._atomic):
            return False
        self._at, masks, self._end_of_mask, comments, commands = self._inner
        self._end = self._at
        del self._mask[masks:], self._cut.comments[comments:], self._cut.commands[commands:]
        self._cut.literals = {at: literal for at, literal in self._cut.literals.items() if at < self._at}
        self._flat = True
        self._flush(trouble="a parenthesis is not closed" if self._depth else "BEGIN ATOMIC has no END")
        return True

    def _command(self, start: int) -> None:
        end = self._text.find("\n", start)
        self._at = len(self._text) if end < 0 else end
        stop = start + len(self._text[start : self._at].rstrip())
        self._cut.commands.append((start, stop))
        self._blank(start, self._at)
        self._flush(command=self._text[start:stop])

    def _skip_copy_data(self, first: int, end: int) -> None:
        if not _COPY_STDIN.match(self._text, first, end):
            return
        line = self._text.find("\n", end)
        closing = _COPY_END.search(self._text, line + 1) if line >= 0 and self._may_hold_data else None
        if closing is None:
            # Nothing further down has data either: look only once.
            self._may_hold_data = False
            return
        self._at = closing.end()
        self._blank(line, self._at)
        piece = self._cut.pieces.pop()
        rows = self._text.count("\n", line + 1, closing.start())
        self._cut.pieces.append(Piece(piece.start, piece.end, data=rows))

    def _flush(self, command: str = "", trouble: str = "") -> None:
        if self._first is not None:
            self._cut.pieces.append(Piece(self._first, self._end, command, trouble))
        self._first = None
        self._depth = self._atomic = 0
        self._words = []
        self._inner = None

    def _blank(self, start: int, end: int) -> None:
        self._replace(start, end, " " * (end - start))

    def _replace(self, start: int, end: int, by: str) -> None:
        self._mask.append(self._plain[self._end_of_mask : start])
        self._mask.append(by)
        self._end_of_mask = end
