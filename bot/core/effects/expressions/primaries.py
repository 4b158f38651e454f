"""What stands between operators: columns, constants, calls, CASE, and the functions with a grammar of their own."""

from typing import LiteralString

from bot.core.effects.expressions import resolution
from bot.core.effects.expressions.calling import Calling
from bot.core.effects.expressions.coercions import UNKNOWN
from bot.core.effects.expressions.scope import NotKnown, Refusal
from bot.core.effects.expressions.words import TypedValue
from bot.core.language.messages import say
from bot.core.language.types import ALIASES, Type

_CONSTANTS = {
    "null": UNKNOWN, "true": "bool", "false": "bool", "current_date": "date", "current_timestamp": "timestamptz",
    "localtimestamp": "timestamp", "current_time": "timetz", "localtime": "time", "current_user": "name",
    "session_user": "name", "user": "name", "current_role": "name", "current_catalog": "name",
    "current_schema": "name", "system_user": "text",
}  # fmt: skip
_ENDS = frozenset(
    """
    and or not is in between like ilike similar as from where group having window order limit offset fetch for union
    intersect except on using then else when end asc desc nulls isnull notnull at collate over filter within escape
    returning overlaps symmetric
    """.split()
)


class Primary(Calling):
    """Reads operands."""

    def primary(self) -> TypedValue:
        token, word = self.tokens[self.at] if not self.is_done else "", self.word
        if not token:
            raise NotKnown
        if token[0].isdigit() or (token[0] == "." and len(token) > 1):
            self.at += 1
            return TypedValue(_number(token))
        if token.startswith("'"):
            self.at += 1
            return TypedValue(UNKNOWN, token[1:-1].replace("''", "'"))
        if word == "(":
            return self._parenthesis()
        if token[0] == '"' or token[0].isalpha() or token[0] == "_":
            return self.worded(word)
        raise NotKnown

    def _parenthesis(self) -> TypedValue:
        if self.begins_query(0):
            columns = self.in_query()
            return TypedValue(columns[0][1] if len(columns) == 1 else None, name=columns[0][0] if columns else "")
        self.need("(")
        first = self.expression()
        if not self.eat(","):
            self.need(")")
            return first
        while True:
            self.expression()
            if not self.eat(","):
                break
        self.need(")")
        return TypedValue("record")

    def begins_query(self, skipped: int) -> bool:
        at = self.at + skipped
        while at < len(self.words) and self.words[at] == "(":
            at += 1
        return (
            at > self.at + skipped and at < len(self.words) and self.words[at] in ("select", "with", "values", "table")
        )

    def in_query(self) -> list[tuple[str, str | None]]:
        self.need("(")
        columns = self.subquery()
        self.need(")")
        return columns

    def subquery(self) -> list[tuple[str, str | None]]:
        if self.place.subquery:
            raise Refusal("0A000", "cannot use subquery in {}", say(self.place.subquery))
        return self.query_here()

    def worded(self, word: str) -> TypedValue:
        if word in _CONSTANTS and self.ahead not in (".", "(") and not self.tokens[self.at].startswith('"'):
            self.at += 1
            if word.startswith(("current_", "local", "session", "user", "system")):
                self.meaning.volatile.append((word, "s"))
            return TypedValue(_CONSTANTS[word], name=word)
        if word in ("current_timestamp", "current_time", "localtime", "localtimestamp") and self.ahead == "(":
            self.at += 1
            self.skip_parentheses()
            self.meaning.volatile.append((word, "s"))
            return TypedValue(_CONSTANTS[word], name=word)
        if word in ("e", "b", "x", "n", "u") and self.ahead.startswith("'"):
            self.at += 2
            return TypedValue(UNKNOWN if word in ("e", "n") else None)
        special = {
            "case": self._case, "cast": self._cast_call, "exists": self._exists, "array": self._array,
            "row": self._row, "extract": self._extract, "position": self._separated, "substring": self._separated,
            "trim": self._separated, "coalesce": self._common, "greatest": self._common, "least": self._common,
            "nullif": self._common, "interval": self._interval,
        }  # fmt: skip
        if word in special and (self.ahead in ("(", "[") or word in ("case", "interval")):
            return special[word]()
        if word in _ENDS or word == "default":
            raise NotKnown
        return self.named()

    def named(self) -> TypedValue:
        parts = [self.identifier()]
        while self.word == "." and self.ahead not in ("*", ""):
            self.at += 1
            parts.append(self.identifier())
        if self.word == ".":
            raise NotKnown
        if self.word == "(":
            return self.called(parts)
        if self.word.startswith("'") and len(parts) == 1:
            return self._typed_literal(parts)
        if self.word in ("precision", "varying") and self.ahead.startswith("'"):
            raise NotKnown
        if not self.place.columns:
            raise Refusal("0A000", "cannot use column reference in DEFAULT expression")
        if len(parts) == 1:
            self.note_column(parts[0])
            return TypedValue(self.scope.column(parts[0]), name=parts[0])
        if len(parts) == 2:
            self.note_column(parts[1])
            return TypedValue(self.scope.qualified(parts[0], parts[1]), name=parts[1])
        return TypedValue(None, name=parts[-1])

    def note_column(self, name: str) -> None:
        if not self.inside_aggregate:
            self.plain_columns.append(name)

    def _typed_literal(self, parts: list[str]) -> TypedValue:
        text = self.take()[1:-1].replace("''", "'")
        return self.cast(TypedValue(UNKNOWN, text), Type(ALIASES.get(parts[0], parts[0])))

    def _interval(self) -> TypedValue:
        if self.ahead.startswith("'"):
            self.at += 2
            while self.word in ("year", "month", "day", "hour", "minute", "second", "to"):
                self.at += 1
            return TypedValue("interval", name="interval")
        return self.named()

    def _case(self) -> TypedValue:
        self.at += 1
        operand = None if self.word == "when" else self.expression()
        arms: list[TypedValue] = []
        while self.eat("when"):
            condition = self.expression()
            if operand is None:
                self.truth(condition, "CASE/WHEN")
            else:
                self.operated("=", operand, condition)
            self.need("then")
            arms.append(self.expression())
        if self.eat("else"):
            arms.insert(0, self.expression())
        self.need("end")
        return TypedValue(resolution.common(self.database, [arm.type for arm in arms], "CASE"), name="case")

    def _cast_call(self) -> TypedValue:
        self.at += 2
        value = self.expression()
        self.need("as")
        type = self.type_name()
        self.need(")")
        return self.cast(value, type)

    def _exists(self) -> TypedValue:
        self.at += 1
        self.in_query()
        return TypedValue("bool", name="exists")

    def _array(self) -> TypedValue:
        self.at += 1
        if self.word == "(":
            columns = self.in_query()
            element = columns[0][1] if columns else None
            return TypedValue(f"{element}[]" if element not in (None, UNKNOWN) else None, name="array")
        self.need("[")
        types: list[str | None] = []
        while not self.eat("]"):
            types.append(None if self.word == "[" else self.expression().type)
            if self.word == "[" or (types[-1] is None and self.word not in (",", "]")):
                raise NotKnown
            self.eat(",")
        element = resolution.common(self.database, types, "ARRAY") if types else None
        element = "text" if element == UNKNOWN else element
        return TypedValue(f"{element}[]" if element is not None else None, name="array")

    def _row(self) -> TypedValue:
        self.at += 1
        self.need("(")
        self.arguments()
        return TypedValue("record", name="row")

    def _extract(self) -> TypedValue:
        self.at += 2
        self.take()
        self.need("from")
        value = self.expression()
        self.need(")")
        if value.type == "timestamptz":
            self.meaning.volatile.append(("extract", "s"))
        return TypedValue("numeric" if self.major >= 14 else "float8", name="extract")

    def _separated(self) -> TypedValue:
        """position(a IN b), substring(a FROM b FOR c), trim(BOTH a FROM b)."""
        word = self.word
        self.at += 2
        first: TypedValue | None = None
        while not self.eat(")"):
            if self.word in ("both", "leading", "trailing", "from", "for", "in", "similar", "escape", ","):
                self.at += 1
            else:
                value = self.expression(6)
                first = first or value
        if word == "position":
            return TypedValue("int4", name=word)
        text = first is not None and first.type in ("text", "varchar", "bpchar", UNKNOWN)
        return TypedValue("text" if text else None, name="btrim" if word == "trim" else word)

    def _common(self) -> TypedValue:
        word = self.take().lower()
        self.need("(")
        arguments = self.arguments()
        if word == "nullif":
            if len(arguments) == 2:
                self.operated("=", arguments[0], arguments[1])
            return TypedValue(arguments[0].type if arguments else None, name=word)
        words: dict[str, LiteralString] = {"coalesce": "COALESCE", "greatest": "GREATEST", "least": "LEAST"}
        type = resolution.common(self.database, [one.type for one in arguments], words[word])
        for one in arguments:
            self.check_literal(one, type if type != UNKNOWN else None)
        return TypedValue(type, name=word)


def _number(token: str) -> str:
    try:
        value = int(token.replace("_", ""), 0)
    except ValueError:
        return "numeric"
    return "int4" if value < 2**31 else "int8" if value < 2**63 else "numeric"
