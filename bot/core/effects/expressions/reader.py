"""Expressions, read by precedence: the type of each, and PostgreSQL's refusal where it has one."""

from typing import LiteralString

from bot.core.effects.expressions.coercions import UNKNOWN
from bot.core.effects.expressions.converting import COMPARISONS
from bot.core.effects.expressions.primaries import Primary
from bot.core.effects.expressions.scope import NotKnown, Refusal
from bot.core.effects.expressions.words import TypedValue

_DEEPEST = 60


class ExpressionReader(Primary):
    """Reads whole expressions."""

    def expression(self, least: int = 0) -> TypedValue:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotKnown
        left = self._prefix()
        while (found := self._infix(left, least)) is not None:
            left = found
        self.depth -= 1
        return left

    def boolean(self, what: LiteralString) -> TypedValue:
        """An expression that must be a truth."""
        return self.truth(self.expression(), what)

    def _prefix(self) -> TypedValue:
        word = self.word
        if word == "not":
            self.at += 1
            return self.truth(self.expression(3), "NOT")
        if word in ("-", "+") or (word and set(word) <= set("-+*/<>=~!@#%^&|`?") and word not in COMPARISONS):
            self.at += 1
            value = self.expression(13 if word in ("-", "+") else 7)
            if word in ("-", "+") and value.type == UNKNOWN:
                return TypedValue(None)
            return self.operated(word, TypedValue("-"), value)
        return self._postfix(self.primary())

    def _postfix(self, value: TypedValue) -> TypedValue:
        while True:
            if self.eat("::"):
                value = self.cast(value, self.type_name())
            elif self.word == "[":
                self.at += 1
                slices = False
                while not self.eat("]"):
                    if self.eat(":"):
                        slices = True
                    elif self.word not in ("]", ""):
                        self.expression()
                    else:
                        raise NotKnown
                array = value.type is not None and value.type.endswith("[]")
                value = TypedValue(value.type if slices else value.type[:-2] if array and value.type else None)
            elif self.word == "." and self.ahead:
                self.at += 2
                value = TypedValue(None)
            else:
                return value

    def _infix(self, left: TypedValue, least: int) -> TypedValue | None:
        word = self.word
        if word == "or" and least < 1:
            return self._both(left, 1, "OR")
        if word == "and" and least < 2:
            return self._both(left, 2, "AND")
        if word in ("is", "isnull", "notnull") and least < 4:
            return self._is(left)
        if word in COMPARISONS and least < 5:
            self.at += 1
            return self._compared(word, left, 5)
        if least < 6 and (word in ("between", "in", "like", "ilike", "similar", "overlaps") or self._is_negated()):
            return self._ranged(left)
        if word == "collate" and least < 12:
            self.at += 1
            self.collation(left)
            return left
        if word == "at" and least < 11:
            return self._at(left)
        level = {"+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "^": 10}.get(word, 7)
        if word and word not in COMPARISONS and set(word) <= set("-+*/<>=~!@#%^&|`?") and least < level:
            self.at += 1
            return self._compared(word, left, level)
        if word == "operator" and self.ahead == "(":
            raise NotKnown
        return None

    def _is_negated(self) -> bool:
        return self.word == "not" and self.ahead in ("between", "in", "like", "ilike", "similar")

    def _both(self, left: TypedValue, level: int, what: LiteralString) -> TypedValue:
        self.truth(left, what)
        self.at += 1
        self.truth(self.expression(level), what)
        return TypedValue("bool")

    def _is(self, left: TypedValue) -> TypedValue:
        if self.take().lower() != "is":
            return TypedValue("bool")
        self.eat("not")
        if self.eat("distinct", "from"):
            self.operated("=", left, self.expression(5))
        elif self.word in ("true", "false", "unknown"):
            self.at += 1
            self.truth(left, "IS TRUE")
        elif not self.eat("null"):
            while self.word in ("document", "normalized", "json", "value", "scalar", "array", "object", "nfc", "nfd"):
                self.at += 1
        return TypedValue("bool")

    def _compared(self, word: str, left: TypedValue, level: int) -> TypedValue:
        if self.word in ("any", "some", "all") and self.ahead == "(":
            self.at += 1
            return self._any(word, left)
        return self.operated(word, left, self.expression(level))

    def _any(self, word: str, left: TypedValue) -> TypedValue:
        if self.begins_query(1):
            self.at += 1
            columns = self.subquery()
            self.need(")")
            self.operated(word, left, TypedValue(columns[0][1] if columns else None))
            return TypedValue("bool")
        self.need("(")
        array = self.expression()
        self.need(")")
        if array.type is not None and array.type.endswith("[]"):
            self.operated(word, left, TypedValue(array.type[:-2]))
        return TypedValue("bool")

    def _ranged(self, left: TypedValue) -> TypedValue:
        self.eat("not")
        word = self.take().lower()
        if word == "between":
            self.eat("symmetric") or self.eat("asymmetric")
            self.operated(">=", left, self.expression(6))
            self.need("and")
            self.operated("<=", left, self.expression(6))
        elif word == "in":
            if self.begins_query(0):
                columns = self.in_query()
                if left.type is not None and len(columns) > 1 and left.type != "record":
                    raise Refusal("42601", "subquery has too many columns")
                self.operated("=", left, TypedValue(columns[0][1] if columns else None))
                return TypedValue("bool")
            self.need("(")
            while True:
                self.operated("=", left, self.expression())
                if not self.eat(","):
                    break
            self.need(")")
        elif word == "overlaps":
            self.expression(6)
        else:
            self.eat("to")
            right = self.expression(6)
            if self.eat("escape"):
                self.expression(6)
            if word != "similar":
                self.operated("~~" if word == "like" else "~~*", left, right)
        return TypedValue("bool")

    def _at(self, left: TypedValue) -> TypedValue:
        self.at += 1
        if self.eat("local"):
            return TypedValue(None)
        self.need("time", "zone")
        self.expression(11)
        turned = {"timestamptz": "timestamp", "timestamp": "timestamptz", "timetz": "timetz", "date": "timestamp"}
        return TypedValue(turned.get(left.type or ""))
