"""Whether an expression has to be computed for each row: the volatility of the functions it calls.

Source: https://www.postgresql.org/docs/current/xfunc-volatility.html.
"""

from collections.abc import Iterator

from bot.core.effects.functions.builtin_functions import FUNCTIONS, Overloads
from bot.core.effects.functions.extension_functions import EXTENSION_FUNCTIONS
from bot.core.language.expression import Expression, FunctionCall
from bot.core.language.names import Name
from bot.core.schema.database import Database
from bot.core.schema.session import Session

_RANK = {"IMMUTABLE": 0, "STABLE": 1, "VOLATILE": 2}
_WORDS = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}


def volatility(call: FunctionCall, session: Session, major: int) -> tuple[str, bool]:
    """IMMUTABLE, STABLE or VOLATILE, and whether that is known: an unknown function is treated as VOLATILE.

    The most volatile of the overloads with this number of arguments counts.
    """
    return of_call(call, session.database(), major)


def of_call(call: FunctionCall, database: Database, major: int) -> tuple[str, bool]:
    found = [*_catalogued(call, database), *_built_in(call, major)] or [*_of_extensions(call, major)]
    if not found:
        return "VOLATILE", False
    return max(found, key=_RANK.__getitem__), True


def volatile_calls(expression: Expression, database: Database, major: int) -> tuple[list[Name], list[Name]]:
    """Functions of the expression that are volatile, and those that are only assumed to be."""
    known: list[Name] = []
    guessed: list[Name] = []
    for call in expression.calls:
        word, sure = of_call(call, database, major)
        if word == "VOLATILE":
            (known if sure else guessed).append(call.function)
    return known, guessed


def is_built_in(call: FunctionCall, major: int) -> bool:
    """Whether PostgreSQL itself has a function of this name and number of arguments."""
    return next(_built_in(call, major), None) is not None


def _catalogued(call: FunctionCall, database: Database) -> Iterator[str]:
    schemas = (call.function.schema,) if call.function.schema is not None else database.search_path
    for function in (one for schema in schemas for one in database.functions_named(call.function.within(schema))):
        most = call.arguments if function.variadic else function.arguments
        if function.arguments - function.defaults <= call.arguments <= most:
            yield function.volatility


def _built_in(call: FunctionCall, major: int) -> Iterator[str]:
    if call.function.schema not in (None, "pg_catalog"):
        return
    yield from _among(FUNCTIONS.get(call.function.name, ()), call.arguments, major)


def _of_extensions(call: FunctionCall, major: int) -> Iterator[str]:
    """A function of a common extension, in any schema, where the catalog does not have it."""
    yield from _among(EXTENSION_FUNCTIONS.get(call.function.name, ()), call.arguments, major)


def _among(overloads: Overloads, arguments: int, major: int) -> Iterator[str]:
    for least, most, letter, first, last in overloads:
        if first <= major <= last and least <= arguments and (most < 0 or arguments <= most):
            yield _WORDS[letter]
