"""What ALTER COLUMN TYPE costs: decided from both types, their modifiers, the casts between them and USING.

Sources: https://www.postgresql.org/docs/current/sql-createcast.html (WITHOUT FUNCTION is binary coercible);
tablecmds.c (ATColumnChangeRequiresRewrite), parse_coerce.c (find_coercion_pathway), varchar.c and numeric.c (the
support functions that leave a cast out where only the length grows).
"""

import re

from bot.core.effects.functions.casts import ASSIGNED, BINARY, BUILT_IN, STRINGS, TEMPORAL, operator_class
from bot.core.language.expression import CastTo, Expression
from bot.core.language.messages import NOTHING, Message, clause
from bot.core.language.names import Name
from bot.core.language.numbers import whole
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.schema.catalog import CatalogIndex, TypeKind
from bot.core.schema.database import Database

_PRECISE = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_FULL = 6
"""Digits of a second that PostgreSQL keeps."""
_LEAST_FIELD = {"second": 0, "minute": 1, "hour": 2, "day": 3, "month": 4, "year": 5}


@record
class Coercion:
    """`rewrite`: the stored values change. `possible` None: not known, False: PostgreSQL refuses (42804).

    `assumption` completes "assumed that ...", and is empty where every fact was known.
    """

    rewrite: bool
    possible: bool | None = True
    assumption: Message = NOTHING


def coerce(
    database: Database, old: Type, new: Type, column: str, using: Expression | None, *, utc: bool | None
) -> Coercion:
    """The change of a column from `old` to `new`; `utc` whether the session's TimeZone is UTC, None unknown."""
    old, new = database.resolve_type(old), database.resolve_type(new)
    steps = [new] if using is None else _steps(using, column)
    if steps is None:
        return Coercion(rewrite=True)
    if using is not None:
        steps.append(new)
    result = Coercion(rewrite=False)
    for target in steps:
        target = database.resolve_type(target)
        step = _coerce(database, old, target, utc=utc)
        possible = step.possible if using is None else True
        result = Coercion(result.rewrite or step.rewrite, possible, result.assumption or step.assumption)
        old = target
    return result


def _coerce(database: Database, old: Type, new: Type, *, utc: bool | None) -> Coercion:
    domain = database.domain(new)
    if domain is not None:
        if _same(old, new):
            return Coercion(rewrite=False)
        inner = _coerce(database, old, database.domain_base(new), utc=utc)
        return replace(inner, rewrite=inner.rewrite or database.domain_is_constrained(new))
    if database.domain(old) is not None:
        base = database.domain_base(old)
        old = replace(base, modifiers=(), fields="")
    if _same(old, new):
        return Coercion(rewrite=not keeps_values(old, new))
    bare = replace(new, modifiers=(), fields="")
    if old.dimensions or new.dimensions:
        return Coercion(rewrite=True, possible=_array_cast(database, old, new, utc=utc))
    if _is_binary(database, old, new):
        return Coercion(rewrite=not keeps_values(bare, new))
    if (old.name, new.name) in TEMPORAL and old.schema is None and new.schema is None:
        guess = clause("the session's TimeZone is not UTC") if utc is None else NOTHING
        return Coercion(not utc or not keeps_values(bare, new), assumption=guess)
    possible = _assignable(database, old, new)
    guess = clause("casting {} to {} changes the stored values", old, new) if possible is None else NOTHING
    return Coercion(rewrite=True, possible=possible, assumption=guess)


def keeps_values(old: Type, new: Type) -> bool:
    """Whether new modifiers of the same type keep every old value (as PostgreSQL's support functions decide)."""
    if (old.modifiers, old.fields) == (new.modifiers, new.fields) or not (new.modifiers or new.fields):
        return True
    if new.dimensions or new.schema is not None:
        return False
    if new.name == "interval":
        return _interval_keeps(old, new)
    before, after = _numbers(old), _numbers(new)
    if after is None or not after:
        return False
    if new.name in _PRECISE:
        return after[0] >= _FULL or (bool(before) and before is not None and before[0] <= after[0])
    if not before:
        return False
    if new.name == "numeric":
        return (after[1:] or [0]) == (before[1:] or [0]) and before[0] <= after[0]
    return new.name in ("varchar", "varbit") and before[0] <= after[0]


def comparable(database: Database, old: Type, new: Type) -> bool:
    """Whether an index, or a foreign key's comparison, on `old` can be used for `new` unchanged."""
    before, after = database.domain_base(old), database.domain_base(new)
    same_name = (before.name, before.schema, before.dimensions) == (after.name, after.schema, after.dimensions)
    return same_name or operator_class(before) == operator_class(after)


def index_survives(database: Database, index: CatalogIndex, column: str, old: Type, new: Type) -> bool:
    """Whether an index on the retyped column keeps its file when the heap does (CheckIndexCompatible)."""
    if not index.valid or index.where is not None or any(element.column is None for element in index.elements):
        return False
    if index.method == "gin" and old.dimensions:
        return False
    keys = [element for element in index.elements if element.column == column]
    return all(key.operator_class is not None or comparable(database, old, new) for key in keys)


def _same(old: Type, new: Type) -> bool:
    return (old.name, old.schema, bool(old.dimensions)) == (new.name, new.schema, bool(new.dimensions))


def _is_binary(database: Database, old: Type, new: Type) -> bool:
    if old.schema is None and new.schema is None:
        return (old.name, new.name) in BINARY
    source, target = database.find_type(old), database.find_type(new)
    if source is not None and _lists(source.binary_coercible, new):
        return True
    # pg_cast has citext in both directions; of other types only the forward one is catalogued here.
    return target is not None and target.name.name == "citext" and old.name in ("text", "varchar")


def _lists(coercible: tuple[str, ...], type: Type) -> bool:
    return type.name in coercible or str(Name(type.name, type.schema)) in coercible


def _array_cast(database: Database, old: Type, new: Type, *, utc: bool | None) -> bool | None:
    if old.dimensions and new.dimensions:
        return _coerce(database, old.element, new.element, utc=utc).possible
    return not new.dimensions and new.name in STRINGS


def _assignable(database: Database, old: Type, new: Type) -> bool | None:
    """Whether an assignment cast exists that runs code."""
    if old.schema is None and new.schema is None:
        if (old.name, new.name) in ASSIGNED or (new.name in STRINGS and old.name not in STRINGS):
            return True
        return False if old.name in BUILT_IN and new.name in BUILT_IN else None
    if new.schema is None and new.name in STRINGS:
        return True
    source, target = database.find_type(old), database.find_type(new)
    plain = (TypeKind.ENUM, TypeKind.COMPOSITE, TypeKind.RANGE)
    if target is not None and target.kind in plain and (old.name in BUILT_IN or (source and source.kind in plain)):
        return False
    if source is not None and source.kind in plain and new.name in BUILT_IN:
        return False
    return None


def _numbers(type: Type) -> list[int] | None:
    numbers = [whole(modifier) for modifier in type.modifiers]
    return None if None in numbers else [number for number in numbers if number is not None]


def _interval_keeps(old: Type, new: Type) -> bool:
    before, after = _least_field(old), _least_field(new)
    if after > before:
        return False
    if before > 0:
        return True
    numbers, were = _numbers(new), _numbers(old)
    if numbers is None or were is None:
        return False
    return not numbers or numbers[0] >= _FULL or (bool(were) and numbers[0] >= were[0])


def _least_field(type: Type) -> int:
    words = type.fields.lower().split()
    return _LEAST_FIELD.get(words[-1], 0) if words else 0


def _steps(using: Expression, column: str) -> list[Type] | None:
    """The types that USING casts the bare column through, innermost first; None where it is anything else."""
    if not using.understood or len(using.columns) != 1 or using.columns[0].column != column or using.calls:
        return None
    reference = using.columns[0]
    found: list[Type] = []
    start, end = _unwrapped(using.text, 0, len(using.text))
    while (start, end) != (reference.start, reference.end):
        outer = next((cast for cast in using.casts if cast.end == end), None)
        operand = _operand(using.text, start, outer) if outer is not None else None
        if outer is None or operand is None:
            return None
        found.append(outer.type)
        start, end = _unwrapped(using.text, *operand)
    return found[::-1]


def _operand(text: str, start: int, cast: CastTo) -> tuple[int, int] | None:
    """The operand of `x::type` or `CAST(x AS type)`."""
    if text.startswith("::", cast.start):
        return start, cast.start
    word = re.compile(r"cast\s*\(", re.IGNORECASE).match(text, start)
    before = [match.start() for match in re.finditer(r"\bas\b", text[: cast.end], re.IGNORECASE)]
    return (word.end(), before[-1]) if word is not None and before and before[-1] > word.end() else None


def _unwrapped(text: str, start: int, end: int) -> tuple[int, int]:
    while True:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if end - start < 2 or text[start] != "(" or not _closes(text, start, end):
            return start, end
        start, end = start + 1, end - 1


def _closes(text: str, start: int, end: int) -> bool:
    """Whether the parenthesis at `start` is closed by the last character."""
    depth = 0
    for position in range(start, end):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth == 0:
            return position == end - 1
    return False
