"""The bound of a partition as a condition on its rows, in the form that PostgreSQL takes as proof.

Source: partbounds.c (get_qual_for_list, get_qual_for_range, get_qual_for_hash); each form here was attached on 15 and
18, which then said that the constraint "is implied by existing constraints".
"""

from collections.abc import Iterator, Sequence
from functools import reduce

from bot.core.judging.rule import Moment
from bot.core.language import operations as op
from bot.core.language.expression import CastTo, ColumnReference, Conjunct, Expression, FunctionCall
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.rewrites.steps import both, literal, shifted, written_beside

_ENDS = ("MINVALUE", "MAXVALUE")


def required(table: Name, bound: op.Bound, moment: Moment) -> Expression | None:
    """What the bound requires of a row, and the bounds of those that the table is a partition of."""
    own = bound_check(table, bound, moment)
    relation = moment.relation(table)
    if own is None or relation is None or relation.partition_of is None:
        return own
    if relation.bound is None:
        return None
    above = required(written_beside(relation.partition_of, table), relation.bound, moment)
    return both(own, above) if above is not None else None


def bound_check(table: Name, bound: op.Bound, moment: Moment) -> Expression | None:
    """What the bound itself requires of a row; None where the key is not known."""
    relation = moment.relation(table)
    key = relation.partition_key if relation is not None else None
    if relation is None or key is None or not all(element.understood for element in key.elements):
        return None
    if bound.modulus is not None:
        return _hash(table, key, bound)
    others = [one.bound for one in moment.session.catalog.partitions_of(relation.name) if one.bound is not None]
    if key.strategy == "LIST":
        return _list(key.elements[0], bound, others)
    return _range(key.elements, bound, others) if key.strategy == "RANGE" else None


def negated(condition: Expression) -> Expression:
    return _whole("NOT (", condition, ")")


def _hash(table: Name, key: op.PartitionKey, bound: op.Bound) -> Expression:
    parts: list[str | Expression] = [f"satisfies_hash_partition({literal(str(table))}::regclass, "]
    parts.append(f"{bound.modulus}, {bound.remainder}")
    for element in key.elements:
        parts += (", ", element)
    whole = _whole(*parts, ")")
    call = FunctionCall(Name("satisfies_hash_partition"), 3 + len(key.elements), 0, len(whole.text))
    return replace(whole, calls=(call, *whole.calls))


def _list(element: Expression, bound: op.Bound, others: Sequence[op.Bound]) -> Expression | None:
    listed = bound.values if not bound.default else tuple(value for one in others for value in one.values)
    values = [value for value in listed if value.strip().upper() != "NULL"]
    inside = _test(element, "IN", f"({', '.join(values)})") if values else None
    if len(values) < len(listed):
        empty = _test(element, "IS NULL")
        found = empty if inside is None else _whole(empty, " OR ", inside)
        return negated(found) if bound.default else empty if inside is None else _parenthesized(found)
    full = _test(element, "IS NOT NULL")
    found = full if inside is None else both(full, inside)
    return negated(found) if bound.default else found


def _range(elements: Sequence[Expression], bound: op.Bound, others: Sequence[op.Bound]) -> Expression | None:
    full = [_test(element, "IS NOT NULL") for element in elements]
    if not bound.default:
        between = _between(elements, bound)
        return _all([*full, *between]) if between is not None else None
    ranges: list[Expression] = []
    for one in others:
        tests = _between(elements, one) if not one.default else ()
        if tests is None:
            return None
        if tests:
            ranges.append(_all(tests))
    if not ranges:
        return None
    either = ranges[0] if len(ranges) == 1 else _whole(*_joined(" OR ", [_parenthesized(one) for one in ranges]))
    return negated(_all([*full, _parenthesized(either)]))


def _between(elements: Sequence[Expression], bound: op.Bound) -> list[Expression] | None:
    """The columns with one value, then what decides at each end; empty where both ends are open."""
    if not len(elements) == len(bound.lower) == len(bound.upper):
        return None
    fixed = 0
    while fixed < len(elements) - 1 and bound.lower[fixed] == bound.upper[fixed] and not _is_open(bound.lower[fixed]):
        fixed += 1
    tests = [_test(elements[at], "=", bound.lower[at]) for at in range(fixed)]
    tests += _end(elements[fixed:], bound.lower[fixed:], ">", "MINVALUE")
    tests += _end(elements[fixed:], bound.upper[fixed:], "<", "MAXVALUE")
    return tests


def _end(elements: Sequence[Expression], ends: Sequence[str], side: str, whole: str) -> Iterator[Expression]:
    """One end: beyond it in the first column, or at it there and beyond it in the next, and so on."""
    arms: list[Expression] = []
    equal: list[Expression] = []
    for at, (element, end) in enumerate(zip(elements, ends, strict=True)):
        if _is_open(end):
            break
        following = ends[at + 1].strip().upper() if at + 1 < len(ends) else whole if side == ">" else ""
        operator = f"{side}=" if following == whole else side
        arms.append(_all([*equal, _test(element, operator, end)]))
        equal.append(_test(element, "=", end))
    if len(arms) == 1:
        yield arms[0]
    elif arms:
        yield _whole("(", *_joined(" OR ", [arms[0], *map(_parenthesized, arms[1:])]), ")")


def _is_open(end: str) -> bool:
    return end.strip().upper() in _ENDS


def _test(element: Expression, operator: str, operand: str | None = None) -> Expression:
    """A comparison of the key with a constant; a bare column is named in its conjunct."""
    column = next((one.column for one in element.columns if (one.start, one.end) == (0, len(element.text))), None)
    subject = element if column is not None or _is_one(element.text) else _parenthesized(element)
    found = _whole(subject, f" {operator}" + (f" {operand}" if operand is not None else ""))
    return replace(found, conjuncts=(Conjunct(0, len(found.text), column, operator, operand),))


def _is_one(text: str) -> bool:
    """Whether it is a call or in parentheses: its last parenthesis closes its first."""
    depth, opened = 0, text.find("(")
    if opened < 0 or not text.endswith(")") or " " in text[:opened]:
        return False
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and at >= opened:
            return at == len(text) - 1
    return False


def _all(tests: Sequence[Expression]) -> Expression:
    return reduce(both, tests)


def _parenthesized(condition: Expression) -> Expression:
    return _whole("(", condition, ")")


def _joined(separator: str, parts: Sequence[Expression]) -> Iterator[str | Expression]:
    for at, part in enumerate(parts):
        if at:
            yield separator
        yield part


def _whole(*parts: str | Expression) -> Expression:
    """The parts one after the other, as one condition."""
    texts: list[str] = []
    columns: list[ColumnReference] = []
    calls: list[FunctionCall] = []
    casts: list[CastTo] = []
    length = 0
    for part in parts:
        if isinstance(part, Expression):
            moved = shifted(part, length)
            columns += moved.columns
            calls += moved.calls
            casts += moved.casts
        texts.append(str(part))
        length += len(texts[-1])
    return Expression("".join(texts), tuple(columns), tuple(calls), tuple(casts), (Conjunct(0, length),))
