"""Operators and conversions of values that have been read."""

from typing import LiteralString

from bot.core.effects.expressions import literals, resolution
from bot.core.effects.expressions.coercions import UNKNOWN, converts, is_stable_cast, spelled
from bot.core.effects.expressions.scope import Refusal
from bot.core.effects.expressions.words import TypedValue, Words
from bot.core.effects.functions.operators import is_built_in
from bot.core.language import named
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.language.types import Type

COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})


class Converting(Words):
    """Reads nothing by itself: it knows what values become."""

    def truth(self, value: TypedValue, what: LiteralString) -> TypedValue:
        if value.type not in (None, "bool", UNKNOWN) and "." not in value.type:
            shown = Given(resolution.shown(value.type))
            raise Refusal("42804", "argument of {} must be type boolean, not type {}", say(what), shown)
        self.assign(value, "bool", "")
        return TypedValue("bool")

    def collation(self, left: TypedValue) -> None:
        # Which collations a query names is not asked of a replica, so that none is called missing here.
        self.identifier()
        if self.eat("."):
            self.identifier()
        if left.type in ("int2", "int4", "int8", "numeric", "bool", "uuid", "date", "timestamp", "timestamptz"):
            raise Refusal("42804", "collations are not supported by type {}", Given(resolution.shown(left.type)))

    def operated(self, word: str, left: TypedValue, right: TypedValue) -> TypedValue:
        word = "<>" if word == "!=" else word
        if "record" in (left.type, right.type):
            return TypedValue("bool" if word in COMPARISONS else None)
        found = resolution.operator(self.database, word, left.type, right.type)
        if found is None:
            return TypedValue("bool" if word in COMPARISONS else None)
        if left.type != "-":
            self.check_literal(left, found.left)
        self.check_literal(right, found.right)
        if found.volatility != "i":
            self.meaning.volatile.append((word, found.volatility))
        result = found.result
        if result.startswith("any"):
            result = left.type or "" if left.type not in (UNKNOWN, "-") else right.type or ""
            return TypedValue(result if result.endswith("[]") == found.result.endswith("array") else None)
        return TypedValue(result)

    def check_literal(self, value: TypedValue, type: str | None) -> None:
        """Refuses an untyped literal that is no value of the type."""
        if value.type != UNKNOWN or value.literal is None or type is None:
            return
        if state := literals.refuses(self.database, type, value.literal):
            shown = Given(resolution.shown(type))
            raise Refusal(state, "invalid input syntax for type {}: {}", shown, Given(f'"{value.literal[:80]}"'))

    def assign(self, value: TypedValue, type: str | None, context: str = "a") -> bool | None:
        """Whether the value can be assigned to the type; refuses a literal that is no value of it."""
        self.check_literal(value, type)
        return converts(self.database, value.type, type, context or "i")

    def cast(self, value: TypedValue, type: Type) -> TypedValue:
        spelling = spelled(self.database, type)
        if spelling is None and self.sure:
            self.need_type(type)
        domain = self.database.domain(type) is not None
        self.check_literal(value, spelling)
        if not domain and converts(self.database, value.type, spelling, "e") is False:
            raise Refusal(
                "42846",
                "cannot cast type {} to {}",
                Given(resolution.shown(value.type)),
                Given(resolution.shown(spelling)),
            )
        if (value.type != UNKNOWN and is_stable_cast(value.type, spelling)) or (
            value.type == UNKNOWN and value.literal is not None and value.literal.strip().lower() in ("now", "today")
        ):
            self.meaning.volatile.append(("::", "s"))
        return TypedValue(spelling, name=value.name or type.name)

    def need_type(self, type: Type) -> None:
        name = Name(type.name, type.schema)
        known = (type.schema in (None, "pg_catalog") and is_built_in(type.name)) or type.schema == "information_schema"
        if (
            not known
            and self.database.find_type(type) is None
            and self.database.find(name) is None
            and not type.is_serial
        ):
            raise Refusal("42704", "type {} does not exist", named.type_called(name))
