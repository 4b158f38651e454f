"""One statement, or one piece of one, in: operations and values of the core out."""

from bot.core.expression import Expression
from bot.core.operations import (
    Bound,
    Column,
    Constraint,
    IndexElement,
    Operation,
    PartitionKey,
    Query,
    Unread,
)
from bot.core.types import Type


class Unreadable(ValueError):
    """The text is not what PostgreSQL accepts there; the message says where it fails."""


def read_statement(sql: str) -> tuple[Operation, ...]:
    """The operations of one statement, `(Unread(reason),)` where it cannot be read."""
    return (Unread("the reader is not there yet"),)


def read_expression(text: str) -> Expression:
    """The expression; `understood` is False where it cannot be read."""
    return Expression(text.strip(), understood=False)


def read_type(text: str) -> Type:
    """The type. Raises Unreadable."""
    raise Unreadable(text)


def read_query(text: str) -> Query:
    """The query; `understood` is False where it cannot be read."""
    return Query(text.strip(), understood=False)


def read_index_element(text: str) -> IndexElement:
    """One key of an index. Raises Unreadable."""
    raise Unreadable(text)


def read_column(text: str) -> Column:
    """A column definition as in CREATE TABLE. Raises Unreadable."""
    raise Unreadable(text)


def read_constraint(text: str) -> Constraint:
    """A table constraint, also as pg_get_constraintdef prints it. Raises Unreadable."""
    raise Unreadable(text)


def read_bound(text: str) -> Bound:
    """FOR VALUES ... or DEFAULT. Raises Unreadable."""
    raise Unreadable(text)


def read_partition_key(text: str) -> PartitionKey:
    """RANGE (a, b), also with PARTITION BY before it. Raises Unreadable."""
    raise Unreadable(text)
