"""Bounds of partitions: their order, which of them overlap, and what each requires of a row.

Sources: https://www.postgresql.org/docs/current/sql-createtable.html (PARTITION OF); partbounds.c
(check_new_partition_bound, get_qual_for_range, get_qual_for_list).
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.core.effects.functions.predicates import All, Any, Comparison, Condition, Null, hashed, negation, subject
from bot.core.effects.work import Work
from bot.core.language import operations as op
from bot.core.language.constants import Value, are_comparable, constant, tokens_of
from bot.core.language.expression import Expression
from bot.core.language.names import Name


def overlapping(work: Work, parent: Name, bound: op.Bound) -> Name | None:
    """The partition whose bound overlaps this bound, where both are constants on one column."""
    for child in work.database.with_like_bounds(parent, bound):
        if child.bound is not None and _meet(work, parent, child.bound, bound):
            return child.name
    return None


def is_empty(work: Work, parent: Name, bound: op.Bound) -> bool:
    """Whether the range certainly holds nothing: its lower end is not below its upper one."""
    return bool(bound.lower) and _order(work, parent, bound.lower, bound.upper) in (0, 1)


def _meet(work: Work, parent: Name, one: op.Bound, other: op.Bound) -> bool:
    if one.default or other.default:
        return one.default and other.default
    if one.modulus is not None and other.modulus is not None:
        common = min(one.modulus, other.modulus)
        return (one.remainder or 0) % common == (other.remainder or 0) % common
    if one.values and other.values:
        mine, theirs = ({_value(work, parent, value, 0) for value in bound.values} for bound in (one, other))
        return bool((mine & theirs) - {None}) or (_has_null(one) and _has_null(other))
    return _order(work, parent, one.lower, other.upper) == -1 and _order(work, parent, other.lower, one.upper) == -1


def _has_null(bound: op.Bound) -> bool:
    return any(value.strip().lower() == "null" for value in bound.values)


def _order(work: Work, parent: Name, one: Sequence[str], other: Sequence[str]) -> int | None:
    """-1, 0 or 1 as the server orders two ends of ranges, column by column; None where that is not known."""
    ends = {"MINVALUE": -1, "MAXVALUE": 1}
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        mine, theirs = ends.get(left.strip().upper(), 0), ends.get(right.strip().upper(), 0)
        if mine or theirs:
            return (mine > theirs) - (mine < theirs)
        low, high = _value(work, parent, left, position), _value(work, parent, right, position)
        if low is None or high is None or not are_comparable(low, high):
            return None
        if low != high:
            known = not (isinstance(low, str) and isinstance(high, str)) or _are_ordered(low, high)
            return (-1 if low < high else 1) if known else None  # type: ignore[operator]
    return 0


def _are_ordered(one: str, other: str) -> bool:
    """Whether every collation orders the two alike: lower-case letters alone, or digits alone."""
    both = one + other
    return both.isascii() and (both.isdigit() or (both.isalpha() and both.islower()))


def _value(work: Work, parent: Name, text: str, position: int) -> Value | None:
    """A constant of a bound as a value of the key's type, so that `'5'` is the number 5 where the key is a number."""
    value = constant(text, work.zone)
    relation = work.database.relation(parent)
    key = relation.partition_key.elements if relation is not None and relation.partition_key is not None else ()
    name = _key_column(key[position]) if position < len(key) else None
    column = work.database.column(parent, name) if name is not None else None
    type = work.database.domain_base(column.type).name if column is not None else ""
    if isinstance(value, str) and type in _NUMBERS:
        return constant(value)
    if isinstance(value, datetime) and type in ("text", "varchar", "bpchar"):
        return None
    return value


_NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "oid"})


def condition(work: Work, parent: Name, bound: op.Bound) -> Condition | None:
    """What a bound requires of a row; None where the model cannot express it (a bound that is no constant)."""
    relation = work.database.relation(parent)
    key = relation.partition_key if relation is not None else None
    if key is None:
        return None
    if bound.modulus is not None:
        return hashed(parent.name.lower(), bound.modulus, bound.remainder or 0)
    columns = [_key_column(element) or subject(tokens_of(element.text)) for element in key.elements]
    named = [column for column in columns if column is not None]
    if len(named) < len(columns):
        return None
    if bound.default:
        others = [condition(work, parent, child.bound) for child in work.database.children(parent) if child.bound]
        if any(other is None for other in others):
            return None
        return negation(Any(tuple(other for other in others if other is not None)))
    if bound.values:
        return _list_condition(named[0], bound, work.zone)
    return _range_condition(named, bound, work.zone)


def _key_column(element: Expression) -> str | None:
    """The column of an element of a partition key, None for an expression."""
    if len(element.columns) != 1 or element.calls:
        return None
    column = element.columns[0].column
    return column if element.text.strip().strip('"').lower() == column.lower() else None


def _list_condition(column: str, bound: op.Bound, zone: tzinfo | None) -> Condition | None:
    values = [constant(value, zone) for value in bound.values if value.strip().lower() != "null"]
    if any(value is None for value in values):
        return None
    found = Any(tuple(Comparison(column, "=", value) for value in values if value is not None))
    if len(values) < len(bound.values):
        return Any((Null(column, negated=False), found))
    return All((Null(column, negated=True), found))


def _range_condition(columns: Sequence[str], bound: op.Bound, zone: tzinfo | None) -> Condition | None:
    """Columns with one value, then a column with a range; further columns decide at its ends (get_qual_for_range)."""
    if not len(columns) == len(bound.lower) == len(bound.upper):
        return None
    parts: list[Condition] = [Null(column, negated=True) for column in columns]
    position = 0
    while position < len(columns) - 1:
        low, high = constant(bound.lower[position], zone), constant(bound.upper[position], zone)
        if low is None or low != high:
            break
        parts.append(Comparison(columns[position], "=", low))
        position += 1
    for strict, ends in ((">", bound.lower), ("<", bound.upper)):
        arms = _arms(columns[position:], ends[position:], strict, zone)
        if arms is None:
            return None
        if arms:
            parts.append(arms[0] if len(arms) == 1 else Any(tuple(arms)))
    return All(tuple(parts))


def _arms(columns: Sequence[str], ends: Sequence[str], strict: str, zone: tzinfo | None) -> list[Condition] | None:
    """The ways to lie on the right side of one end; empty where the end is open, None where it is not a constant."""
    includes = "MINVALUE" if strict == ">" else "MAXVALUE"
    arms: list[Condition] = []
    equal: list[Condition] = []
    for position, (column, end) in enumerate(zip(columns, ends, strict=True)):
        if end.strip().upper() in ("MINVALUE", "MAXVALUE"):
            return arms
        value = constant(end, zone)
        if value is None:
            return None
        last = includes if strict == ">" else ""
        following = ends[position + 1].strip().upper() if position + 1 < len(ends) else last
        operator = f"{strict}=" if following == includes else strict
        arms.append(All((*equal, Comparison(column, operator, value))))
        equal.append(Comparison(column, "=", value))
    return arms
