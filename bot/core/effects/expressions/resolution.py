"""Which operator or function a call means, by the types of its operands; and one type for the arms of a CASE.

Sources: parse_func.c (func_select_candidate), parse_oper.c (oper_select_candidate), parse_coerce.c
(select_common_type); https://www.postgresql.org/docs/current/typeconv-func.html.
"""

from collections.abc import Callable, Sequence
from typing import LiteralString, TypeVar

from bot.core.effects.expressions.coercions import UNKNOWN, category, converts, is_preferred
from bot.core.effects.expressions.scope import Refusal
from bot.core.effects.functions.operators import OperatorSignature, Signature, operators
from bot.core.language.messages import Given, say
from bot.core.schema.database import Database

T = TypeVar("T")
_POLYMORPHIC = frozenset({"anyelement", "anycompatible", "anynonarray", "anycompatiblenonarray", "anyenum"})
_ARRAYS = frozenset({"anyarray", "anycompatiblearray"})


def shown(type: str | None) -> str:
    """As PostgreSQL's messages name it."""
    from bot.core.language.types import Type

    if type is None or type == UNKNOWN:
        return "unknown"
    bare = type.removesuffix("[]")
    name = bare.rpartition(".")[2]
    return str(Type(name, dimensions=1 if type.endswith("[]") else 0)).replace("varchar", "character varying")


def operator(database: Database, name: str, left: str | None, right: str | None) -> OperatorSignature | None:
    """The operator; None where that is not decided here. `left` is "-" for a prefix operator."""
    if any(
        one.kind == "OPERATOR" and one.name.name == name and _may_mean(one.of, left, right) for one in database.objects
    ):
        return None
    if left is None or right is None:
        return None
    found = [one for one in operators().get(name, ()) if (one.left == "-") is (left == "-")]
    if not found:
        return None
    given = (right,) if left == "-" else (left, right)

    def wanted(one: OperatorSignature) -> tuple[str, ...]:
        return (one.right,) if one.left == "-" else (one.left, one.right)

    if left == UNKNOWN and right != UNKNOWN:
        given = (right, right)
    elif right == UNKNOWN and left not in (UNKNOWN, "-"):
        given = (left, left)
    exact = [one for one in found if wanted(one) == given]
    if exact:
        return exact[0]
    given = (right,) if left == "-" else (left, right)
    viable = [one for one in found if _fit(database, given, wanted(one)) is not False]
    if not viable:
        text = f"{name} {shown(right)}" if left == "-" else f"{shown(left)} {name} {shown(right)}"
        raise Refusal("42883", "operator does not exist: {}", Given(text))
    if any(_fit(database, given, wanted(one)) is None for one in viable):
        return None
    return best(viable, wanted, given)


def _may_mean(of: str, left: str | None, right: str | None) -> bool:
    """Whether an operator of somebody else's, of these types, may be meant."""
    mine, _, theirs = of.partition(",")
    known = {mine, theirs} & {left, right, (left or "").rpartition(".")[2], (right or "").rpartition(".")[2]}
    undecided = {left, right} <= {None, UNKNOWN, "-"}
    return left is None or right is None or bool(known) or undecided


def _fit(database: Database, given: Sequence[str | None], wanted: Sequence[str]) -> bool | None:
    found = [converts(database, one, other) for one, other in zip(given, wanted, strict=True)]
    if _clashes(given, wanted):
        return False
    return False if False in found else None if None in found else True


def _clashes(given: Sequence[str | None], wanted: Sequence[str]) -> bool:
    """Whether two anyelement would be different types."""
    strict = [
        one
        for one, other in zip(given, wanted, strict=True)
        if other in ("anyelement", "anyenum", "anyrange", "anyarray")
    ]
    same = {other for other in wanted if other.startswith("any")}
    known = {one for one in strict if one not in (None, UNKNOWN)}
    return len(same) == 1 and len(known) > 1 and None not in strict


def best(viable: Sequence[T], wanted: Callable[[T], Sequence[str]], given: Sequence[str | None]) -> T | None:
    """The one that PostgreSQL takes of several; None where that is not decided here."""
    for measure in (_exact, _preferred):
        most = max(measure(wanted(one), given) for one in viable)
        viable = [one for one in viable if measure(wanted(one), given) == most]
        if len(viable) == 1:
            return viable[0]
    for place, type in enumerate(given):
        if type == UNKNOWN:
            kinds = {category(wanted(one)[place]) for one in viable}
            kept = "S" if "S" in kinds else next(iter(kinds)) if len(kinds) == 1 else None
            if kept is None:
                return None
            viable = [one for one in viable if category(wanted(one)[place]) == kept]
            favoured = [one for one in viable if is_preferred(wanted(one)[place])]
            viable = favoured or viable
    return viable[0] if len(viable) == 1 else None


def _exact(wanted: Sequence[str], given: Sequence[str | None]) -> int:
    return sum(one == other for one, other in zip(wanted, given, strict=False))


def _preferred(wanted: Sequence[str], given: Sequence[str | None]) -> int:
    return sum(
        one == other or (is_preferred(one) and other != UNKNOWN and category(one) == category(other or ""))
        for one, other in zip(wanted, given, strict=False)
    )


def expanded(signature: Signature, count: int) -> tuple[str, ...] | None:
    """The types of `count` arguments; None where it does not take so many."""
    most = len(signature.arguments)
    if signature.variadic and count >= most:
        last = signature.arguments[-1]
        element = last if last == "any" else last.removesuffix("[]") if last.endswith("[]") else _element(last)
        return (*signature.arguments[:-1], *([element] * (count - most + 1)))
    if most - signature.defaults <= count <= most:
        return signature.arguments[:count]
    return None


def _element(array: str) -> str:
    return {"anyarray": "anyelement", "anycompatiblearray": "anycompatible"}.get(array, array)


def call(
    database: Database, found: Sequence[Signature], given: Sequence[str | None]
) -> tuple[Signature | None, list[Signature]]:
    """The function that is called, None where that is not decided; and those that may be."""
    sized = [(one, types) for one in found if (types := expanded(one, len(given))) is not None]
    exact = [one for one, types in sized if types == tuple(given)]
    if exact:
        return exact[0], exact[:1]
    viable = [(one, types) for one, types in sized if _fit(database, given, types) is not False]
    if not viable:
        return None, []
    if any(_fit(database, given, types) is None for _, types in viable):
        return None, [one for one, _ in viable]
    chosen = best(viable, lambda one: one[1], given) if len(viable) > 1 else viable[0]
    return (chosen[0] if chosen is not None else None), [one for one, _ in viable]


def result(signature: Signature, given: Sequence[str | None]) -> str | None:
    """The type it returns; None where a polymorphic one is not followed."""
    if signature.result in _POLYMORPHIC | _ARRAYS:
        types = expanded(signature, len(given)) or ()
        for wanted, type in zip(types, given, strict=False):
            if type in (None, UNKNOWN):
                continue
            if wanted in _POLYMORPHIC:
                return type if signature.result in _POLYMORPHIC else f"{type}[]"
            if wanted in _ARRAYS and type is not None:
                return type if signature.result in _ARRAYS else type.removesuffix("[]")
        return None
    if signature.result.startswith(("any", "record")):
        return None
    return signature.result


def common(database: Database, types: Sequence[str | None], what: LiteralString) -> str | None:
    """The one type of the arms of a CASE, of the rows of a UNION and the like."""
    known = list(dict.fromkeys(one for one in types if one != UNKNOWN))
    if not known:
        return UNKNOWN
    if None in known:
        return None
    chosen = known[0]
    for one in known[1:]:
        if one is None or chosen is None:
            return None
        if "." in one or "." in chosen or category(one) != category(chosen):
            if converts(database, one, chosen) is None or converts(database, chosen, one) is None:
                return None
            raise Refusal(
                "42804", "{} types {} and {} cannot be matched", say(what), Given(shown(chosen)), Given(shown(one))
            )
        if not is_preferred(chosen) and converts(database, chosen, one) and not converts(database, one, chosen):
            chosen = one
    return chosen
