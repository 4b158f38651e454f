"""What PostgreSQL has built in, looked up: types with their categories, casts, operators, functions, classes.

Types are spelled by their names in pg_type: `int4`, `int4[]`. The tables: signatures.py, builtin_operators.py.
"""

from functools import cache

from bot.core.record import record


@record
class Signature:
    """A function: `kind` is f, a, w or p; `set` whether it returns several rows."""

    arguments: tuple[str, ...]
    result: str
    volatility: str
    kind: str
    set: bool = False
    defaults: int = 0
    variadic: bool = False


@record
class OperatorSignature:
    """`left` is "-" where it has none."""

    left: str
    right: str
    result: str
    volatility: str


def is_built_in(type: str) -> bool:
    """Whether pg_catalog has a type of this name, a row type of its own tables among them."""
    name = type.removesuffix("[]")
    return name in types() or name.removeprefix("_") in types() or name.startswith("pg_") or name == "record"


@cache
def types() -> dict[str, str]:
    """The category of each type (pg_type.typcategory), with `*` where it is the preferred one."""
    from bot.core.effects.functions.builtin_operators import TYPES

    return {name: entry[0] for entry in _entries(TYPES) for name in entry[1:]}


@cache
def casts() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Context (i, a, e), method (b, f, i) and volatility of the cast between two types."""
    from bot.core.effects.functions.builtin_operators import CASTS

    return {
        (entry[0], target): (entry[1][0], entry[1][1], entry[1][2]) for entry in _entries(CASTS) for target in entry[2:]
    }


@cache
def operators() -> dict[str, list[OperatorSignature]]:
    from bot.core.effects.functions.builtin_operators import OPERATORS

    found: dict[str, list[OperatorSignature]] = {}
    for left, right, result, volatility, *names in _entries(OPERATORS):
        for name in names:
            found.setdefault(name, []).append(OperatorSignature(left, right, result, volatility))
    return found


@cache
def functions() -> dict[str, list[Signature]]:
    from bot.core.effects.functions.signatures import TEXT

    found: dict[str, list[Signature]] = {}
    for arguments, result, traits, *names in _entries(TEXT):
        digits = "".join(sign for sign in traits if sign.isdigit())
        signature = Signature(
            () if arguments == "-" else tuple(arguments.split(",")),
            result,
            traits[0],
            traits[1],
            "s" in traits[2:],
            int(digits or 0),
            traits.endswith("+"),
        )
        for name in names:
            found.setdefault(name, []).append(signature)
    return found


@cache
def operator_classes() -> dict[tuple[str, str], tuple[str, ...]]:
    """The types that the operator class of a method and a name takes."""
    from bot.core.effects.functions.builtin_operators import CLASSES

    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for method, type, *names in _entries(CLASSES):
        for name in names:
            key = method.removesuffix("*"), name
            found[key] = (*found.get(key, ()), type)
    return found


@cache
def default_classes() -> dict[str, frozenset[str]]:
    """The types that have a default operator class in an access method."""
    from bot.core.effects.functions.builtin_operators import CLASSES

    found: dict[str, set[str]] = {}
    for method, type, *_ in _entries(CLASSES):
        if method.endswith("*"):
            found.setdefault(method.removesuffix("*"), set()).add(type)
    return {method: frozenset(names) for method, names in found.items()}


def _entries(text: str) -> list[list[str]]:
    return [words for entry in text.split(";") if (words := entry.split())]
