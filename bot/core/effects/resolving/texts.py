"""One text of a statement, read in its scope: its refusal is said, its type handed on."""

from collections.abc import Callable
from typing import LiteralString, TypeVar

from bot.core.effects.expressions.coercions import converts
from bot.core.effects.expressions.queries import Columns, columns_of, query
from bot.core.effects.expressions.reader import ExpressionReader
from bot.core.effects.expressions.scope import Namespace, NotKnown, Refusal, Source
from bot.core.effects.expressions.words import NOWHERE, Meaning, Standpoint, TypedValue, tokens
from bot.core.effects.resolving.asking import Asking
from bot.core.language.names import Name

T = TypeVar("T")
LONGEST = 20_000
"""Characters of a text that is read; a longer one holds data."""


class ReadText:
    """One text in a scope: read once, its refusal said."""

    def __init__(self, asking: Asking, scope: Namespace, place: Standpoint = NOWHERE) -> None:
        self.asking, self.scope, self.place = asking, scope, place
        self.meaning = Meaning()

    def reader(self, text: str) -> ExpressionReader:
        if len(text) > LONGEST:
            raise NotKnown
        asking = self.asking
        sure = asking.known and not asking.has_new_extension
        return ExpressionReader(
            asking.database,
            tokens(text),
            self.scope,
            self.place,
            major=asking.major,
            sure=sure,
            query=query,
            meaning=self.meaning,
        )

    def value(self, text: str) -> TypedValue | None:
        """Its type; None where it is not followed, or refused."""
        return self._whole(text, ExpressionReader.expression)

    def boolean(self, text: str, what: LiteralString) -> TypedValue | None:
        return self._whole(text, lambda reader: reader.boolean(what))

    def query(self, text: str) -> Columns | None:
        return self._whole(text, lambda reader: query(reader, self.scope))

    def assigned(self, value: TypedValue, type: str | None) -> bool:
        """Whether the value certainly cannot be assigned to a column of the type; refuses a bad literal."""
        try:
            self.reader("").check_literal(value, type)
        except Refusal as refused:
            self.refuse(refused)
            return False
        return value.type is not None and converts(self.asking.database, value.type, type, "a") is False

    def refuse(self, refused: Refusal) -> None:
        self.asking.fail(refused.sqlstate, refused.template, *refused.values)  # type: ignore[arg-type]

    def _whole(self, text: str, read: Callable[[ExpressionReader], T]) -> T | None:
        try:
            reader = self.reader(text)
            value = read(reader)
        except Refusal as refused:
            self.refuse(refused)
            return None
        except (NotKnown, RecursionError):
            return None
        return value if reader.is_done or reader.word in (";", "returning") else None


def scope_of(asking: Asking, table: Name, alias: str | None = None) -> Namespace:
    """The columns of one table."""
    return Namespace([Source(alias or table.name, columns_of(asking.database, table), table)])
