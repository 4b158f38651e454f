"""A place in the tokens of a statement, and the methods that every production uses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from bot.core.language.names import Name
from bot.core.language.numbers import INT4, whole
from bot.core.language.types import Type
from bot.core.record import record
from bot.sql.text.keywords import KEYWORDS, NOT_COLUMNS, NOT_TYPES, RESERVED
from bot.sql.text.splitter import cut
from bot.sql.text.tokens import END, NUMBER, OPERATOR, PUNCTUATION, QUOTED, STRING, WORD, Tokens, Unreadable, tokens_of

T = TypeVar("T")

MAX_DEPTH = 100
"""Expressions and queries nested deeper than this are not read; nobody writes them by hand."""


@record
class QueryLevel:
    """One SELECT: its parts of the sources and of the columns that were found, those of the SELECTs in it included.

    `grouped` is the part of the columns in GROUP BY. `enclosed`: a query around it may have the columns that it names.
    """

    sources: range
    columns: range
    grouped: range
    enclosed: bool


@dataclass(slots=True)
class Found:
    """What expressions and queries mention, in the order of the text, with offsets in the statement."""

    columns: list[tuple[str, str | None, int, int]] = field(default_factory=list)
    calls: list[tuple[Name, int, int, int]] = field(default_factory=list)
    casts: list[tuple[Type, int, int]] = field(default_factory=list)
    relations: list[Name] = field(default_factory=list)
    locked: list[Name] = field(default_factory=list)
    """The relations that FOR UPDATE and its like lock, also in subqueries."""
    sources: list[tuple[str, Name | None]] = field(default_factory=list)
    """The items of FROM by the names used for them; None for what is no relation, or has other columns."""
    levels: list[QueryLevel] = field(default_factory=list)


@record
class Bookmark:
    """A place, and how much had been found up to there."""

    at: int
    columns: int
    calls: int
    casts: int
    relations: int
    locked: int


@dataclass(slots=True)
class Cursor:
    """Reads tokens forward. Its methods consume what they name, or raise Unreadable.

    `scopes` are the names of the common table expressions in force; `writes` collects the changes of data-modifying
    ones.
    """

    sql: str
    tokens: Tokens
    at: int = 0
    depth: int = 0
    found: Found = field(default_factory=Found)
    scopes: list[frozenset[str]] = field(default_factory=list)
    writes: list[object] = field(default_factory=list)
    closing: dict[int, int] | None = None
    enclosed: bool = False
    """Whether a query around what is read here may have the columns that it names."""

    @property
    def word(self) -> str:
        """The upper-case word or operator here; "" at a literal, a quoted name or the end."""
        return self.tokens.words[self.at]

    @property
    def kind(self) -> str:
        return self.tokens.kinds[self.at]

    @property
    def value(self) -> str:
        return self.tokens.values[self.at]

    def ahead(self, distance: int = 1) -> str:
        """The word this many tokens further on."""
        return self.tokens.words[self.at + distance]

    def is_at(self, *words: str) -> bool:
        here = self.tokens.words
        at = self.at
        for word in words:
            if here[at] != word:
                return False
            at += 1
        return True

    def is_at_any(self, *words: str) -> bool:
        return self.tokens.words[self.at] in words

    def eat(self, *words: str) -> bool:
        here = self.tokens.words
        at = self.at
        for word in words:
            if here[at] != word:
                return False
            at += 1
        self.at = at
        return True

    def eat_any(self, *words: str) -> str:
        """Which of the words is here, "" where none is."""
        word = self.tokens.words[self.at]
        if word and word in words:
            self.at += 1
            return word
        return ""

    def need(self, *words: str) -> None:
        if not self.eat(*words):
            self.fail()

    def need_any(self, *words: str) -> str:
        return self.eat_any(*words) or self.fail()

    def fail(self, because: str = "") -> NoReturn:
        raise Unreadable(because or self._unexpected())

    def _unexpected(self) -> str:
        if self.kind == END:
            return "PostgreSQL would not accept it: it ends too early"
        text = self.sql[self.tokens.starts[self.at] : self.tokens.ends[self.at]]
        return f'PostgreSQL would not accept it: syntax error at or near "{text[:60]}"'

    @property
    def is_done(self) -> bool:
        return self.kind == END

    def finish(self) -> None:
        """Nothing may follow."""
        if self.kind != END:
            self.fail()

    # Names

    @property
    def is_at_name(self) -> bool:
        """Whether a column or table name (ColId) is here."""
        kind = self.kind
        return kind == QUOTED or (kind == WORD and self.word not in NOT_COLUMNS)

    def name(self) -> str:
        """A column or table name: ColId."""
        kind = self.kind
        if kind != QUOTED and (kind != WORD or self.word in NOT_COLUMNS):
            self.fail()
        return self._take()

    def type_or_function_name(self) -> str:
        kind = self.kind
        if kind != QUOTED and (kind != WORD or self.word in NOT_TYPES):
            self.fail()
        return self._take()

    def plain_word(self) -> str:
        """Any word that is not reserved: NonReservedWord."""
        kind = self.kind
        if kind != QUOTED and (kind != WORD or self.word in RESERVED):
            self.fail()
        return self._take()

    def label(self) -> str:
        """Any word at all: ColLabel."""
        if self.kind != QUOTED and self.kind != WORD:
            self.fail()
        return self._take()

    def _take(self) -> str:
        value = self.tokens.values[self.at]
        self.at += 1
        return value

    def dotted(self) -> list[str]:
        """A name with all its parts between dots."""
        parts = [self.name()]
        while self.eat("."):
            parts.append(self.label())
        return parts

    def qualified(self) -> Name:
        """The name of a relation, type or the like; a database name before the schema is dropped."""
        parts = self.dotted()
        if len(parts) > 3:
            self.fail("a name has too many parts: " + ".".join(parts))
        return Name(parts[-1], parts[-2] if len(parts) > 1 else None)

    def function_name(self) -> Name:
        if self.ahead() != ".":
            return Name(self.type_or_function_name())
        return self.qualified()

    def relation(self) -> tuple[Name, bool]:
        """[ONLY] name [*]: the name, and whether ONLY is written."""
        if self.eat("ONLY"):
            if self.eat("("):
                name = self.qualified()
                self.need(")")
                return name, True
            return self.qualified(), True
        name = self.qualified()
        self.eat("*")
        return name, False

    def operator(self) -> str:
        """An operator with or without a schema: any_operator."""
        first = self.at
        while self.kind != OPERATOR:
            self.name()
            self.need(".")
        if self.word in PUNCTUATION or self.word == "::":
            self.fail()
        self.at += 1
        return self.text(first)

    def marked_operator(self) -> str:
        """An operator, also as OPERATOR(schema.+): qual_all_Op. Without the word and the parentheses."""
        if not self.eat("OPERATOR", "("):
            return self.operator()
        operator = self.operator()
        self.need(")")
        return operator

    def role(self) -> str:
        """A role: RoleSpec. CURRENT_USER and the like stay words."""
        if self.is_at_any("CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"):
            return self._take()
        if self.word in ("PUBLIC", "NONE"):
            if self.word == "NONE":
                self.fail()
            return self._take()
        return self.plain_word()

    # Literals

    def string(self) -> str:
        if self.kind != STRING:
            self.fail()
        return self._take()

    def integer(self) -> int:
        """An unsigned integer of 32 bits: gram.y's Iconst."""
        text = self.value
        if self.kind != NUMBER or not text.replace("_", "").isalnum() or _is_float(text):
            self.fail()
        value = whole(text, most=INT4)
        if value is None:
            self.fail("the number is too large")
        self.at += 1
        return value

    def signed(self) -> str:
        """A number with or without a sign: NumericOnly."""
        sign = self.eat_any("+", "-")
        if self.kind != NUMBER:
            self.fail()
        return ("-" if sign == "-" else "") + self._take()

    # Groups

    def listed(self, read: Callable[["Cursor"], T]) -> list[T]:
        """One or more items, with commas between them."""
        items = [read(self)]
        while self.eat(","):
            items.append(read(self))
        return items

    def in_parentheses(self, read: Callable[["Cursor"], T]) -> list[T]:
        self.need("(")
        items = self.listed(read)
        self.need(")")
        return items

    def names(self) -> tuple[str, ...]:
        """A list of column names in parentheses."""
        return tuple(self.in_parentheses(Cursor.name))

    def names_if_any(self) -> tuple[str, ...]:
        return self.names() if self.is_at("(") else ()

    def if_exists(self) -> bool:
        return self.eat("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        return self.eat("IF", "NOT", "EXISTS")

    def cascade(self) -> bool:
        """CASCADE or RESTRICT, if present."""
        return self.eat_any("CASCADE", "RESTRICT") == "CASCADE"

    def match_of(self, opening: int) -> int:
        """The token that closes the parenthesis at `opening`, -1 where none does."""
        if self.closing is None:
            self.closing = _closing(self.tokens.words)
        return self.closing.get(opening, -1)

    # Text

    def offset(self, at: int | None = None) -> int:
        """Where a token begins."""
        return self.tokens.starts[self.at if at is None else at]

    def text(self, first: int, last: int | None = None) -> str:
        """The text of the tokens from `first` up to, not including, `last` (here)."""
        stop = self.at if last is None else last
        if stop <= first:
            return ""
        return self.sql[self.tokens.starts[first] : self.tokens.ends[stop - 1]]

    def mark(self) -> Bookmark:
        found = self.found
        return Bookmark(
            self.at,
            len(found.columns),
            len(found.calls),
            len(found.casts),
            len(found.relations),
            len(found.locked),
        )

    def deeper(self) -> None:
        """Counts one level of nesting; raises Unreadable where it is too deep. The caller lowers `depth` again."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"it is nested more than {MAX_DEPTH} levels deep")


def cursor(sql: str) -> Cursor:
    """A cursor over one statement or a part of one. Raises Unreadable."""
    pieces = cut(sql, psql=False)
    if not pieces.pieces:
        raise Unreadable("it is empty")
    if len(pieces.pieces) > 1:
        raise Unreadable("it holds more than one statement")
    piece = pieces.pieces[0]
    if piece.trouble:
        raise Unreadable(piece.trouble)
    return Cursor(sql, tokens_of(pieces, piece.start, piece.end))


def is_keyword(word: str) -> bool:
    return word in KEYWORDS


def _is_float(text: str) -> bool:
    return text[:2].lower() not in ("0x", "0o", "0b") and not text.replace("_", "").isdigit()


def _closing(words: list[str]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for place, word in enumerate(words):
        if word == "(":
            opened.append(place)
        elif word == ")" and opened:
            pairs[opened.pop()] = place
    return pairs
