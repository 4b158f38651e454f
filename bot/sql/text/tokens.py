"""Tokens of one statement: sqlglot's PostgreSQL tokenizer, corrected where PostgreSQL's own scanner differs.

The tokenizer sees the splitter's masked text (no comments, every literal a plain one), so nothing confuses
it; words it joins (`PRIMARY KEY`) are separated, and operators and numbers are cut as PostgreSQL cuts them.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.core.language.names import NAMEDATALEN, truncate
from bot.sql.text.long_values import LONG, blank_rows
from bot.sql.text.splitter import Cut, Literal, LiteralKind, contents

WORD, QUOTED, STRING, BITS, NUMBER, OPERATOR, PARAMETER, BAD, END = "wqsbno$?e"
"""Kinds of tokens; punctuation is an OPERATOR, too."""

PUNCTUATION = frozenset(("(", ")", "[", "]", ",", ".", ";", ":", "..", ":=", "=>"))
"""Tokens of the kind OPERATOR that are not operators."""

LOOKAHEAD = 8
"""The lists end with this many END tokens, so that looking ahead needs no bounds check."""


class Unreadable(ValueError):
    """PostgreSQL would not accept the text; the message says where it fails."""


@dataclass(slots=True)
class Tokens:
    """Parallel lists. `words`: upper-case word or the operator itself, "" for anything quoted and for numbers;
    `values`: the folded name, the string's value or the number's text; `starts`, `ends`: offsets in the text."""

    words: list[str]
    values: list[str]
    kinds: list[str]
    starts: list[int]
    ends: list[int]
    rows_left_out: list[int] = field(default_factory=list)
    """Offsets of rows of constants in a long VALUES that are not among the tokens."""

    def add(self, word: str, value: str, kind: str, start: int, end: int) -> None:
        self.words.append(word)
        self.values.append(value)
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)


class _Tokenizer(Protocol):
    def tokenize(self, sql: str) -> list[Any]: ...


class _Own(threading.local):
    """A tokenizer keeps the state of its run, so every thread has its own."""

    tokenizer: _Tokenizer | None = None


_own = _Own()


def _tokenizer() -> _Tokenizer:
    """sqlglot is imported at first use: it takes longer than everything else here."""
    if _own.tokenizer is None:
        from sqlglot.dialects.postgres import Postgres

        # With its commands, the tokenizer would swallow what follows REINDEX, LOCK, DO and the like.
        quiet = type("Tokenizer", (Postgres.Tokenizer,), {"COMMANDS": set()})
        _own.tokenizer = quiet(dialect=Postgres())
    return _own.tokenizer


_NUMBER = re.compile(
    r"""
    0[xX](?:_?[0-9A-Fa-f])+ | 0[oO](?:_?[0-7])+ | 0[bB](?:_?[01])+
  | (?: [0-9](?:_?[0-9])* (?:\.(?!\.)(?:[0-9](?:_?[0-9])*)?)? | \.[0-9](?:_?[0-9])* ) (?:[eE][+-]?[0-9](?:_?[0-9])*)?
    """,
    re.VERBOSE,
)
_WORD_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_JUNK = re.compile(r"[A-Za-z0-9_]+")
_WORD_GOES_ON = re.compile(r"[A-Za-z0-9_$]*")
_OPERATOR = re.compile(r"[~!@#^&|`?+\-*/%<>=]+")
_MAY_END_IN_SIGN = re.compile(r"[~!@#^&|`?%]")
_NOT_SQL = re.compile(r"[^\t\n\x0b\x0c\r -~]|[{}\\]")
_DIGITS = re.compile(r"[0-9]+")


def tokens_of(cut: Cut, start: int, end: int) -> Tokens:
    """The tokens between two offsets. Raises Unreadable for what no PostgreSQL statement contains."""
    masked = cut.masked[start:end]
    strange = _NOT_SQL.search(masked)
    if strange is not None:
        raise Unreadable(_strange(strange.group()))
    left_out = blank_rows(masked) if end - start > LONG else None
    found = Tokens([], [], [], [], [])
    if left_out is not None:
        masked, found.rows_left_out = left_out.text, [start + row for row in left_out.rows]
    _fill(cut, masked, start, found)
    if "UESCAPE" in found.words:
        found = _with_escape_sign(cut, found)
    for _ in range(LOOKAHEAD):
        found.add("", "", END, end, end)
    return found


def _fill(cut: Cut, masked: str, base: int, found: Tokens) -> None:
    """Every token of the masked text. Most are words, punctuation and plain strings: they are handled here."""
    text, literals = cut.text, cut.literals
    words, values, kinds = found.words.append, found.values.append, found.kinds.append
    starts, ends = found.starts.append, found.ends.append
    at = -1
    for token in _scan(masked):
        first, last = token.start, token.end + 1
        if first < at:
            continue
        char = masked[first]
        if char in _LETTERS:
            start, end = base + first, base + last
            word = text[start:end]
            if word.isascii() and word.isidentifier():
                words(word.upper())
                values(word.lower()[:63])
                kinds(WORD)
                starts(start)
                ends(end)
                at = last
                continue
        elif char in _SINGLES:
            words(char)
            values(char)
            kinds(OPERATOR)
            starts(base + first)
            ends(base + first + 1)
            at = first + 1
            continue
        elif char == "'":
            start, end = base + first, base + last
            literal = literals.get(start)
            if literal is not None and literal.kind is LiteralKind.PLAIN and "'" not in text[start + 1 : end - 1]:
                words("")
                values(text[start + 1 : end - 1])
                kinds(STRING)
                starts(start)
                ends(end)
                at = last
                continue
        at = _token(cut, masked, base, first, last, found)


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_SINGLES = frozenset("()[],;")


def _with_escape_sign(cut: Cut, found: Tokens) -> Tokens:
    """U&'...' UESCAPE 'x' is one token."""
    better = Tokens([], [], [], [], [], found.rows_left_out)
    at = 0
    while at < len(found.words):
        start, end = found.starts[at], found.ends[at]
        literal = cut.literals.get(start)
        sign = found.values[at + 2] if found.words[at + 1 : at + 2] == ["UESCAPE"] and at + 2 < len(found.words) else ""
        if literal is not None and literal.kind in _UNICODE_KINDS and len(sign) == 1:
            kind = QUOTED if literal.kind is LiteralKind.UNICODE_IDENTIFIER else STRING
            raw = cut.text[start + 3 : end - 1]
            value = unescape_unicode(raw, sign)
            good = _unicode_is_sound(raw, sign) and sign.isascii() and not _NO_SIGN.match(sign)
            better.add("", _cut(value), kind if good else BAD, start, found.ends[at + 2])
            at += 3
            continue
        better.add(found.words[at], found.values[at], found.kinds[at], start, end)
        at += 1
    return better


_UNICODE_KINDS = (LiteralKind.UNICODE, LiteralKind.UNICODE_IDENTIFIER)


def _scan(masked: str) -> list[Any]:
    try:
        return _tokenizer().tokenize(masked)
    except Exception as problem:
        raise Unreadable("its words cannot be told apart") from problem


def _token(cut: Cut, masked: str, base: int, first: int, last: int, found: Tokens) -> int:
    """Adds the token at `first`; returns the offset after it."""
    char = masked[first]
    start = base + first
    if char.isalpha() or char == "_":
        return _words(cut, masked, base, first, last, found)
    if char in "'\"":
        literal = cut.literals.get(start)
        if literal is not None:
            _literal(cut.text, literal, found)
            return literal.end - base
    elif char == "@" and cut.text[start] == "$":
        digits = _DIGITS.match(masked, first + 1)
        stop = digits.end() if digits is not None else first + 1
        good = digits is not None and len(digits.group().lstrip("0")) < 11 and int(digits.group()) < 2**31
        found.add("", cut.text[start : base + stop], PARAMETER if good else BAD, start, base + stop)
        return stop
    elif char.isdigit() or (char == "." and masked[first + 1 : first + 2].isdigit()):
        return _number(masked, base, first, found)
    elif char in "()[],;.:":
        size = 2 if masked[first : first + 2] in ("::", "..", ":=") else 1
        text = masked[first : first + size]
        found.add(text, text, OPERATOR, start, start + size)
        return first + size
    elif (run := _OPERATOR.match(masked, first)) is not None:
        # A parameter's sign is masked by one that operators have: `=$1` is an operator and a parameter.
        text = _operator(cut.text[start : start + len(run.group())].split("$")[0])
        kind = OPERATOR if len(text) < NAMEDATALEN else BAD
        found.add("<>" if text == "!=" else text, text, kind, start, start + len(text))
        return first + len(text)
    found.add("", masked[first:last], BAD, start, base + last)
    return last


def _words(cut: Cut, masked: str, base: int, first: int, last: int, found: Tokens) -> int:
    """Words of one token; it may be followed by more of the last word (`a$b` is cut in two)."""
    at = first
    while at < last:
        part = _WORD_PART.match(masked, at)
        if part is None:
            at += 1
            continue
        more = _WORD_GOES_ON.match(masked, part.end())
        at = more.end() if more is not None else part.end()
        start, end = base + part.start(), base + at
        text = cut.text[start:end]
        found.add(_upper(text), fold(text), WORD, start, end)
    return at


def _number(masked: str, base: int, first: int, found: Tokens) -> int:
    match = _NUMBER.match(masked, first)
    stop = match.end() if match is not None else first + 1
    junk = _JUNK.match(masked, stop)
    end = junk.end() if junk is not None else stop
    found.add("", masked[first:end], BAD if junk is not None or match is None else NUMBER, base + first, base + end)
    return end


def _operator(run: str) -> str:
    """The operator at the start of a run of operator characters, by the rules of PostgreSQL's scanner."""
    if len(run) > 1 and run[-1] in "+-" and not _MAY_END_IN_SIGN.search(run):
        run = run.rstrip("+-") or run[0]
    return run


def _literal(text: str, literal: Literal, found: Tokens) -> None:
    start, end = literal.start, literal.end
    match literal.kind:
        case LiteralKind.IDENTIFIER:
            name = text[start + 1 : end - 1].replace('""', '"')
            found.add("", _cut(name), QUOTED if name else BAD, start, end)
        case LiteralKind.UNICODE_IDENTIFIER:
            name = unescape_unicode(text[start + 3 : end - 1].replace('""', '"'))
            good = name and not _SURROGATE.search(name) and _unicode_is_sound(text[start:end])
            found.add("", _cut(name), QUOTED if good else BAD, start, end)
        case LiteralKind.BITS:
            digits = "01" if text[start] in "bB" else "0123456789abcdefABCDEF"
            good = not set(text[start + 2 : end - 1]) - set(digits) or "\n" in text[start:end]
            found.add("", text[start:end], BITS if good else BAD, start, end)
        case LiteralKind.NATIONAL:
            found.add("NCHAR", "nchar", WORD, start, start + 1)
            found.add("", string_value(text, literal), STRING, start + 1, end)
        case LiteralKind.UNICODE:
            value = string_value(text, literal)
            good = _unicode_is_sound(text[start:end]) and not _SURROGATE.search(value)
            found.add("", value, STRING if good else BAD, start, end)
        case LiteralKind.ESCAPE:
            value = string_value(text, literal)
            good = not _BROKEN_ESCAPE.search(text, start, end) and not _SURROGATE.search(value)
            found.add("", value, STRING if good else BAD, start, end)
        case _:
            found.add("", string_value(text, literal), STRING, start, end)


def string_value(text: str, literal: Literal) -> str:
    """The value of the string literal."""
    start, end = literal.start, literal.end
    if literal.kind is LiteralKind.DOLLAR:
        return text[start + literal.tag : end - literal.tag]
    inner = text[text.index("'", start) + 1 : end - 1]
    if "'" in inner:
        inner = contents(text, literal).replace("''", "'")
    if literal.kind is LiteralKind.ESCAPE and "\\" in inner:
        return _paired(_ESCAPES.sub(_unescape, inner))
    if literal.kind is LiteralKind.UNICODE:
        return unescape_unicode(inner)
    return inner


_ESCAPES = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_BROKEN_ESCAPE = re.compile(
    r"(?<!\\)(?:\\\\)*\\(?:u(?![0-9A-Fa-f]{4})|U(?!00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}))", re.DOTALL
)
_CONTROL = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NO_SIGN = re.compile(r"[0-9A-Fa-f+'\"\s]")
_SURROGATE = re.compile("[\ud800-\udbff]|[\udc00-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UNICODE = re.compile(r"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|(\\))")


def _unescape(found: re.Match[str]) -> str:
    octal, short, four, eight, plain = found.groups()
    if plain is not None:
        return _CONTROL.get(plain, plain)
    code = int(octal, 8) & 0xFF if octal else int(short or four or eight, 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _unicode_is_sound(literal: str, sign: str = "\\") -> bool:
    """Whether every escape sign in U&'...' begins an escape."""
    return sign not in _escapes(sign).sub("", literal)


def _escapes(sign: str) -> re.Pattern[str]:
    return _UNICODE if sign == "\\" else re.compile(_UNICODE.pattern.replace(r"\\", re.escape(sign)))


def unescape_unicode(text: str, escape: str = "\\") -> str:
    r"""The value of U&"d\0061ta"."""

    def character(found: re.Match[str]) -> str:
        four, six, itself = found.groups()
        code = int(four or six, 16) if four or six else 0
        return itself or (chr(code) if code < 0x110000 else "\ufffd")

    return _paired(_escapes(escape).sub(character, text))


def _paired(text: str) -> str:
    return _PAIR.sub(lambda pair: _joined(pair.group()), text) if _SURROGATE.search(text) else text


def _joined(pair: str) -> str:
    """The character that two surrogates encode."""
    return pair.encode("utf-16", "surrogatepass").decode("utf-16")


def fold(word: str) -> str:
    """An unquoted name as PostgreSQL stores it: ASCII letters lowered, cut to 63 bytes."""
    if word.isascii():
        return word.lower()[:63]
    return _cut(word.translate(_LOWER))


def _cut(name: str) -> str:
    try:
        return truncate(name)
    except UnicodeError:
        # A lone surrogate, which no decoded file holds.
        return name


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def _upper(word: str) -> str:
    return word.upper() if word.isascii() else word.translate(_UPPER)


def _strange(char: str) -> str:
    if char == "\x00":
        return "it contains a NUL byte"
    return f"the character {char!r} has no place in SQL"
