"""Partition keys and bounds."""

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.sql.grammar.expressions import skip_expression
from bot.sql.grammar.index_elements import index_element
from bot.sql.text.cursor import Cursor


def partition_key(c: Cursor) -> op.PartitionKey:
    """strategy (elements), after PARTITION BY."""
    strategy = c.name().upper()
    if strategy not in ("RANGE", "LIST", "HASH"):
        c.fail(f"there is no partitioning strategy {strategy.lower()}")
    return op.PartitionKey(strategy, tuple(c.in_parentheses(_element)))


def _element(c: Cursor) -> Expression:
    if c.is_at_any("ASC", "DESC"):
        c.fail()
    return index_element(c).expression


def bound(c: Cursor) -> op.Bound:
    """FOR VALUES ... or DEFAULT."""
    first = c.at
    if c.eat("DEFAULT"):
        return op.Bound(c.text(first), default=True)
    c.need("FOR", "VALUES")
    if c.eat("IN"):
        values = _values(c)
        return op.Bound(c.text(first), values=values)
    if c.eat("FROM"):
        lower = _values(c)
        c.need("TO")
        upper = _values(c)
        return op.Bound(c.text(first), lower=lower, upper=upper)
    c.need("WITH")
    parts = dict(c.in_parentheses(_hash_part))
    if set(parts) != {"modulus", "remainder"}:
        c.fail("a hash bound needs MODULUS and REMAINDER")
    return op.Bound(c.text(first), modulus=parts["modulus"], remainder=parts["remainder"])


def _values(c: Cursor) -> tuple[str, ...]:
    return tuple(c.in_parentheses(_value))


def _value(c: Cursor) -> str:
    first = c.at
    skip_expression(c)
    return c.text(first)


def _hash_part(c: Cursor) -> tuple[str, int]:
    return c.plain_word(), c.integer()
