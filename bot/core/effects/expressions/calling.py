"""Calls of functions: their arguments, which function is meant, and what may not be called where."""

from collections.abc import Sequence

from bot.core.effects.expressions import resolution
from bot.core.effects.expressions.coercions import UNKNOWN
from bot.core.effects.expressions.converting import Converting
from bot.core.effects.expressions.scope import NotKnown, Refusal
from bot.core.effects.expressions.words import TypedValue
from bot.core.effects.functions.builtin_functions import FUNCTIONS
from bot.core.effects.functions.operators import Signature, is_built_in
from bot.core.effects.functions.operators import functions as built_in
from bot.core.language import named
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.schema.qualify import resolve_function

_SPECIAL = frozenset(
    """
    xmlelement xmlforest xmlparse xmlpi xmlroot xmlserialize xmlexists xmlconcat json json_object json_array
    json_objectagg json_arrayagg json_exists json_query json_value json_scalar json_serialize json_table treat
    normalize grouping merge_action overlay collation
    """.split()
)


class Calling(Converting):
    """Reads what follows the name of a function."""

    def arguments(self) -> list[TypedValue]:
        found: list[TypedValue] = []
        while not self.eat(")"):
            found.append(self.expression())
            if not self.eat(",") and self.word != ")":
                raise NotKnown
        return found

    def called(self, parts: list[str]) -> TypedValue:
        name = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
        if name.name in _SPECIAL and name.schema is None:
            self.skip_parentheses()
            self._after_call()
            return TypedValue(None, name=name.name)
        found = [*self._overloads(name)]
        aggregate = bool(found) and all(one.kind == "a" for one in found)
        self.need("(")
        self.inside_aggregate += aggregate
        given, named_arguments = self._call_arguments()
        self.inside_aggregate -= aggregate
        windowed = self._after_call()
        if aggregate and not windowed:
            self._aggregate()
        if windowed and self.place.words:
            raise Refusal("42P20", "window functions are not allowed in {}", say(self.place.words))
        if found and all(one.set for one in found) and self.place.words:
            raise Refusal("0A000", "set-returning functions are not allowed in {}", say(self.place.words))
        if named_arguments:
            return TypedValue(None, name=name.name)
        return self._resolved(name, found, given)

    def _aggregate(self) -> None:
        self.aggregates += 1
        if self.place.words and self.scope.outer is None:
            raise Refusal("42803", "aggregate functions are not allowed in {}", say(self.place.words))

    def _call_arguments(self) -> tuple[list[TypedValue], bool]:
        given: list[TypedValue] = []
        named_arguments = False
        if self.eat("*"):
            self.need(")")
            return given, named_arguments
        self.eat("distinct") or self.eat("all")
        while not self.eat(")"):
            if self.eat("variadic"):
                named_arguments = True
            if self.ahead in ("=>", ":="):
                self.at += 2
                named_arguments = True
            given.append(self.expression())
            if self.eat("order", "by"):
                self._sort_keys()
            if not self.eat(",") and self.word != ")":
                raise NotKnown
        return given, named_arguments

    def _sort_keys(self) -> None:
        while True:
            self.expression()
            self.eat("asc") or self.eat("desc")
            if self.eat("nulls"):
                self.take()
            if not self.eat(","):
                return

    def _after_call(self) -> bool:
        """WITHIN GROUP, FILTER and OVER; returns whether it is a window function's call."""
        if self.eat("within", "group"):
            self.skip_parentheses()
        if self.eat("filter"):
            self.skip_parentheses()
        if not self.eat("over"):
            return False
        if self.word == "(":
            self.skip_parentheses()
        else:
            self.take()
        return True

    def _overloads(self, name: Name) -> Sequence[Signature]:
        qualified = resolve_function(self.database, name) if name.schema is None else name
        kinds = {"FUNCTION": "f", "PROCEDURE": "p", "AGGREGATE": "a"}
        own = [
            Signature(
                one.types if one.types is not None else ("any",) * one.arguments,
                (one.returns if one.returns and not one.returns_set else "record"),
                # The body of an SQL function takes its place before PostgreSQL asks for immutable functions.
                "i" if one.language == "sql" else one.volatility[0].lower(),
                kinds[one.kind],
                one.returns_set,
                one.defaults,
                one.variadic,
            )
            for one in self.database.functions_named(qualified)
        ]
        shared = built_in().get(name.name, ()) if name.schema in (None, "pg_catalog") else ()
        return [*own, *shared]

    def _resolved(self, name: Name, found: Sequence[Signature], given: list[TypedValue]) -> TypedValue:
        types = [one.type for one in given]
        if name.schema in (None, "pg_catalog") and (
            _covers(name.name, len(given), self.major)
            and not any(resolution.expanded(one, len(given)) is not None for one in found)
        ):
            return TypedValue(None, name=name.name)
        chosen, viable = resolution.call(self.database, found, types)
        if not viable:
            self._missing(name, found, types)
            return TypedValue(None, name=name.name)
        kinds = {one.volatility for one in ([chosen] if chosen is not None else viable)}
        if "i" not in kinds:
            self.meaning.volatile.append((name.name, "v" if kinds == {"v"} else "s"))
        if chosen is None:
            results = {one.result for one in viable}
            type = next(iter(results)) if len(results) == 1 else None
            return TypedValue(
                type if type is not None and not type.startswith(("any", "record")) else None, name=name.name
            )
        wanted = resolution.expanded(chosen, len(given)) or ()
        for one, type in zip(given, wanted, strict=False):
            self._check_argument(one, type)
        return TypedValue(resolution.result(chosen, types), name=name.name)

    def _check_argument(self, value: TypedValue, type: str) -> None:
        if type == "regclass" and value.literal is not None and value.type == UNKNOWN:
            _check_relation(self, value.literal)
        elif type == "regconfig" and value.literal is not None and value.type == UNKNOWN:
            schema, _, plain = value.literal.rpartition(".")
            listed = "TEXT SEARCH CONFIGURATION" in self.database.base.listed and self.sure
            wanted = Name(plain, schema or None)
            if listed and self.database.object("TEXT SEARCH CONFIGURATION", wanted) is None:
                raise Refusal("42704", "text search configuration {} does not exist", named.thing(wanted))
        else:
            self.check_literal(value, type)

    def _missing(self, name: Name, found: Sequence[Signature], types: list[str | None]) -> None:
        if not found:
            if (
                not self.sure
                or is_built_in(name.name)
                or (name.name in FUNCTIONS and name.schema in (None, "pg_catalog"))
            ):
                return
            if self.database.find(name) is not None:
                return
        if len(types) == 1 and is_built_in(name.name):
            return
        shown = ", ".join(resolution.shown(type) for type in types)
        label = named.bare(named.function(name.name))
        raise Refusal("42883", "function {}({}) does not exist", label, Given(shown))


def _covers(name: str, arguments: int, major: int) -> bool:
    """Whether PostgreSQL has a function of that name and number of arguments, whose types may not be known here."""
    return any(
        first <= major <= last and least <= arguments and (most < 0 or arguments <= most)
        for least, most, _, first, last in FUNCTIONS.get(name, ())
    )


def _check_relation(reader: Calling, text: str) -> None:
    """The relation that nextval and its like name."""
    parts = [part.strip('"') if part.startswith('"') else part.lower() for part in text.split(".")]
    name = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
    if not reader.database.known or name.name.startswith("pg_") or name.schema in ("pg_catalog", "information_schema"):
        return
    if reader.database.find(name) is None:
        raise Refusal("42P01", "relation {} does not exist", name)
