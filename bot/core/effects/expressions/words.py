"""The words of a text, and what a reading of it finds: the lowest layer of the reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, LiteralString

from bot.core.effects.expressions.scope import Namespace, NotKnown
from bot.core.language.constants import tokens_of
from bot.core.language.types import ALIASES, Type
from bot.core.record import record
from bot.core.schema.database import Database

_LOOSE = frozenset("~!@#%^&|`?")


@dataclass(slots=True)
class Meaning:
    """What a whole expression uses: the functions and conversions that are not immutable, in words."""

    volatile: list[tuple[str, str]] = field(default_factory=list)
    """A function, operator or cast with its volatility: s or v."""


@record
class Standpoint:
    """Where an expression stands, and what it may not hold there; empty words where it may."""

    words: LiteralString = ""
    """As in "aggregate functions are not allowed in {}"."""
    subquery: LiteralString = ""
    """As in "cannot use subquery in {}"."""
    columns: bool = True


@record
class TypedValue:
    """`literal` is the text of an untyped string."""

    type: str | None
    literal: str | None = None
    name: str = ""
    """What a column of a query would be called."""


NOWHERE = Standpoint()


class Words:
    """One text; `query` reads a subquery at its first word."""

    def __init__(
        self,
        database: Database,
        tokens: list[str],
        scope: Namespace,
        place: Standpoint = NOWHERE,
        *,
        major: int,
        sure: bool,
        query: "Callable[[Any, Namespace], list[tuple[str, str | None]]] | None" = None,
        meaning: Meaning | None = None,
    ) -> None:
        self.database, self.scope, self.place, self.major = database, scope, place, major
        self.tokens, self.words = tokens, [token.lower() for token in tokens]
        self.at = 0
        self.depth = 0
        self.sure = sure
        """Whether a function that is not in the catalog does not exist."""
        self.query = query
        self.meaning = meaning or Meaning()
        self.aggregates = 0
        self.inside_aggregate = 0
        self.plain_columns: list[str] = []

    @property
    def word(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    @property
    def ahead(self) -> str:
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else ""

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.tokens)

    def eat(self, *words: str) -> bool:
        if tuple(self.words[self.at : self.at + len(words)]) != words:
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.eat(*words):
            raise NotKnown

    def take(self) -> str:
        if self.is_done:
            raise NotKnown
        self.at += 1
        return self.tokens[self.at - 1]

    def identifier(self) -> str:
        token = self.take()
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if not (token[0].isalpha() or token[0] == "_"):
            raise NotKnown
        return token.lower()

    def skip_parentheses(self) -> None:
        self.need("(")
        depth = 1
        while depth:
            token = self.take()
            depth += (token == "(") - (token == ")")

    def type_name(self) -> Type:
        """The type after `::` or AS."""
        word = self.identifier()
        schema = None
        if self.eat("."):
            schema, word = word, self.identifier()
        fields = ""
        two = f"{word} {self.word}"
        if schema is None and two in ("double precision", "character varying", "bit varying", "char varying"):
            self.at += 1
            word = two
        modifiers: list[str] = []
        if self.word == "(":
            self.at += 1
            while not self.eat(")"):
                token = self.take()
                modifiers += [token] if token != "," else []
        if (
            schema is None
            and word in ("time", "timestamp")
            and self.word in ("with", "without")
            and self.ahead == "time"
        ):
            word = f"{word} {self.word} time zone"
            self.at += 1
            self.need("time", "zone")
        while word == "interval" and self.word in ("year", "month", "day", "hour", "minute", "second", "to"):
            fields = f"{fields} {self.take().lower()}".strip()
        dimensions = 0
        while self.word == "[":
            self.at += 1
            while not self.eat("]"):
                self.take()
            dimensions = 1
        if self.eat("array"):
            dimensions = 1
        name = ALIASES.get(word, word) if schema is None else word
        return Type(name, schema, tuple(modifiers), dimensions, fields)

    def expression(self, least: int = 0) -> TypedValue:
        """The expression here, with operators that bind more tightly than `least`."""
        raise NotImplementedError

    def query_here(self) -> list[tuple[str, str | None]]:
        """The columns of the query here."""
        if self.query is None:
            raise NotKnown
        return self.query(self, Namespace(outer=self.scope, tables=self.scope.tables))


def tokens(text: str) -> list[str]:
    """The tokens of a text, operators cut as PostgreSQL's scanner cuts them. Raises NotKnown for others."""
    found: list[str] = []
    for token in tokens_of(text):
        if token in ("$", "\\") or token.startswith(("--", "/*")):
            raise NotKnown
        if len(token) > 1 and set(token) <= set("-+*/<>=~!@#%^&|`?") and token[-1] in "+-" and not set(token) & _LOOSE:
            head = token.rstrip("+-") or token[0]
            found += [head, *token[len(head) :]]
        else:
            found.append(token)
    return found
