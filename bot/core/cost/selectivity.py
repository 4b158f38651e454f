"""How many rows match a WHERE: from keys, constants, statistics, else a stated guess."""

import re
from collections.abc import Iterator

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Conjunct, Expression
from bot.core.language.messages import NOTHING, Message, say
from bot.core.language.numbers import whole
from bot.core.record import record
from bot.core.schema.catalog import Catalog, CatalogColumn, Relation
from bot.core.schema.session import Session

UNKNOWN_SHARE = 1 / 3
"""The share of rows that is likely to match an unknown condition; at least one row, at most all."""

_LIMIT = re.compile(r"\b(?:limit|fetch\s+(?:first|next))\s+(\d+)\b", re.IGNORECASE)
_BETWEEN = re.compile(r'"?(\w+)"?\s+between\s+(-?\d+)\s+and\s+(-?\d+)\Z', re.IGNORECASE)
_INTEGER = re.compile(r"\(?\s*'?(-?\d+)'?(?:::[\w ]++)?+\s*+\)?\Z")


@record
class Matched:
    """Rows that match. `says` completes "assuming ...", if necessary; `found`: without reading the whole table."""

    low: float
    likely: float
    high: float
    says: Message = NOTHING
    found: bool = False


def matched(where: Expression | None, relation: Relation | None, rows: float, session: Session) -> Matched:
    """Rows of `relation` (of `rows` in all) that match the condition; all of them where there is none."""
    if where is None or rows == 0:
        return Matched(rows, rows, rows)
    if not where.understood or relation is None:
        return _guess(rows)
    limits = [limit for text in _LIMIT.findall(where.text) if (limit := whole(text)) is not None]
    if limits:
        most = min(rows, float(max(limits)))
        return Matched(min(1.0, most), most, most)
    if (single := _by_key(where, relation, session.catalog, rows)) is not None:
        return single
    return _by_shares(where, relation, rows, session)


def _guess(rows: float) -> Matched:
    return Matched(min(1.0, rows), rows * UNKNOWN_SHARE, rows, say("a third of the rows fit the condition"))


def _by_key(where: Expression, relation: Relation, catalog: Catalog, rows: float) -> Matched | None:
    """At most as many rows as keys are named, if every column of a unique key is compared with constants."""
    compared: dict[str, int] = {}
    for conjunct in where.conjuncts:
        if conjunct.column is not None and (values := _values(conjunct)) is not None:
            compared[conjunct.column] = values
    for key in _unique_keys(relation, catalog):
        if key and all(column in compared for column in key):
            count = 1.0
            for column in key:
                count *= compared[column]
            return Matched(min(1.0, rows), min(count, rows), min(count, rows), found=True)
    return None


def _unique_keys(relation: Relation, catalog: Catalog) -> Iterator[tuple[str, ...]]:
    for constraint in relation.constraints:
        if isinstance(constraint.definition, op.PrimaryKey | op.Unique):
            yield constraint.definition.columns
    for index in catalog.indexes_of(relation.name):
        columns = tuple(element.column for element in index.elements)
        if index.unique and index.valid and index.where is None and None not in columns:
            yield tuple(column for column in columns if column is not None)


def _values(conjunct: Conjunct) -> int | None:
    """How many constants the column is compared with for equality."""
    if conjunct.operand is None:
        return None
    if conjunct.operator == "=":
        return 1
    if conjunct.operator == "IN" and "select" not in conjunct.operand.lower():
        return conjunct.operand.count(",") + 1
    return None


def _by_shares(where: Expression, relation: Relation, rows: float, session: Session) -> Matched:
    likely, high, says, indexed = 1.0, 1.0, NOTHING, False
    for conjunct in _ranges_joined(where, relation, rows):
        share = conjunct if isinstance(conjunct, _Share) else _share(conjunct, relation, rows, session)
        likely *= share.likely
        high *= share.high
        says = says or share.says
        indexed = indexed or (share.column is not None and _leads_an_index(share.column, relation, session.catalog))
    most = max(min(1.0, rows), rows * high)
    some = min(max(min(1.0, rows), rows * likely), most)
    return Matched(some if not says else min(1.0, rows), some, most, says, found=indexed and likely < 0.2)


@record
class _Share:
    likely: float
    high: float
    says: Message = NOTHING
    column: str | None = None


_ALL = _Share(1.0, 1.0)
_THIRD = _Share(UNKNOWN_SHARE, 1.0, say("a third of the rows fit the condition"))


def _ranges_joined(where: Expression, relation: Relation, rows: float) -> Iterator[Conjunct | _Share]:
    """The conjuncts, with both ends of a range over an integer key combined."""
    keys = {
        constraint.definition.columns[0]
        for constraint in relation.constraints
        if isinstance(constraint.definition, op.PrimaryKey) and len(constraint.definition.columns) == 1
    }
    ends: dict[str, list[Conjunct]] = {}
    for conjunct in _plain(where):
        if conjunct.column in keys and conjunct.operator in ("<", "<=", ">", ">=") and _integer(conjunct) is not None:
            ends.setdefault(conjunct.column, []).append(conjunct)
        else:
            yield conjunct
    if not where.conjuncts:
        yield _THIRD
    for column, conjuncts in ends.items():
        yield _key_range(column, conjuncts, rows)


def _plain(where: Expression) -> Iterator[Conjunct]:
    """The conjuncts, with BETWEEN as two comparisons."""
    for conjunct in where.conjuncts:
        match = _BETWEEN.match(where.text[conjunct.start : conjunct.end]) if conjunct.operator is None else None
        if match is None:
            yield conjunct
            continue
        yield Conjunct(conjunct.start, conjunct.end, match[1].lower(), ">=", match[2])
        yield Conjunct(conjunct.start, conjunct.end, match[1].lower(), "<=", match[3])


def _key_range(column: str, ends: list[Conjunct], rows: float) -> _Share:
    """Keys are assumed to run from 1 without gaps: that gives the most rows that can be between two constants."""
    values = [(end.operator, value) for end in ends if (value := _integer(end)) is not None]
    lower = max((value + (operator == ">") for operator, value in values if operator in (">", ">=")), default=1)
    upper = min((value - (operator == "<") for operator, value in values if operator in ("<", "<=")), default=None)
    if upper is None:
        left = max(0.0, rows - lower) / rows
        return _Share(left or UNKNOWN_SHARE, 1.0, say("keys count up from 1"), column)
    share = min(1.0, max(0.0, upper - max(lower, 0) + 1) / rows)
    return _Share(share, share, column=column)


def _integer(conjunct: Conjunct) -> int | None:
    match = _INTEGER.match(conjunct.operand or "")
    return whole(match[1]) if match else None


def _share(conjunct: Conjunct, relation: Relation, rows: float, session: Session) -> _Share:
    column = relation.column(conjunct.column) if conjunct.column is not None else None
    if column is None:
        return _THIRD
    match conjunct.operator:
        case "IS NULL":
            return _nulls(column, relation, session)
        case "IS NOT NULL":
            return _ALL if column.null_fraction is None else _Share(1 - column.null_fraction, 1.0)
        case "=" | "IN" if (values := _values(conjunct)) is not None:
            return _equal(column, values, rows)
        case _:
            return _THIRD


def _nulls(column: CatalogColumn, relation: Relation, session: Session) -> _Share:
    """A column without statistics is assumed to be all NULL: backfills select exactly these rows."""
    if column.not_null:
        return _Share(0.0, 0.0, column=column.name)
    if column.null_fraction is not None and relation.name not in session.created:
        return _Share(column.null_fraction, min(1.0, column.null_fraction * 2 + 0.01), column=column.name)
    return _Share(
        1.0, 1.0, say("{} is NULL in every row", named.plain(named.column(column.name, relation.name))), column.name
    )


def _equal(column: CatalogColumn, values: int, rows: float) -> _Share:
    if column.distinct is None or column.distinct == 0:
        return _Share(UNKNOWN_SHARE, 1.0, say("a third of the rows fit the condition"), column.name)
    distinct = column.distinct if column.distinct > 0 else -column.distinct * rows
    share = min(1.0, values / max(1.0, distinct)) * (1 - (column.null_fraction or 0.0))
    return _Share(
        share,
        min(1.0, share * 10),
        say("values of {} are equally frequent", named.plain(named.column(column.name))),
        column.name,
    )


def _leads_an_index(column: str, relation: Relation, catalog: Catalog) -> bool:
    return any(
        index.elements and index.elements[0].column == column and index.where is None and index.valid
        for index in catalog.indexes_of(relation.name)
    )
