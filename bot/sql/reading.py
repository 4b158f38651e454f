"""One statement, or a part of one, in: operations and values of the core out. Other rooms read SQL through this module.

A whole file goes through `script`.
"""

from collections.abc import Callable
from typing import TypeVar

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.types import Type
from bot.sql.grammar.columns import column
from bot.sql.grammar.constraints import table_constraint
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.index_elements import index_element
from bot.sql.grammar.partitions import bound, partition_key
from bot.sql.grammar.queries import read_query as query_of
from bot.sql.grammar.types import data_type
from bot.sql.statements.verbs import complete
from bot.sql.text.cursor import Cursor, cursor
from bot.sql.text.tokens import Unreadable
from bot.sql.text.unread import why

T = TypeVar("T")


def read_statement(sql: str) -> tuple[op.Operation, ...]:
    """The operations of one statement, `(Unread(reason),)` where it cannot be read."""
    try:
        return complete(cursor(sql))
    except Unreadable as problem:
        return (op.Unread(why(sql, str(problem))),)
    except RecursionError:
        return (op.Unread("it is nested too deeply"),)
    except MemoryError:
        raise
    except Exception as error:
        return (op.Unread.of(error),)


def read_expression(text: str) -> Expression:
    """The expression; `understood` is False where it cannot be read."""
    try:
        return _whole(text, expression)
    except Unreadable:
        return Expression(text.strip(), understood=False)


def read_type(text: str) -> Type:
    """The type, also as format_type prints it. Raises Unreadable."""
    return _whole(text, data_type)


def read_query(text: str) -> op.Query:
    """The query; `understood` is False where it cannot be read."""
    try:
        return _whole(text, query_of)
    except Unreadable:
        return op.Query(text.strip(), understood=False)


def read_index_element(text: str) -> op.IndexElement:
    """One key of an index. Raises Unreadable."""
    return _whole(text, index_element)


def read_column(text: str) -> op.Column:
    """A column definition as in CREATE TABLE. Raises Unreadable."""
    return _whole(text, column)


def read_constraint(text: str) -> op.Constraint:
    """A table constraint, also as pg_get_constraintdef prints it. Raises Unreadable."""
    return _whole(text, table_constraint)


def read_bound(text: str) -> op.Bound:
    """FOR VALUES ... or DEFAULT. Raises Unreadable."""
    return _whole(text, bound)


def read_partition_key(text: str) -> op.PartitionKey:
    """RANGE (a, b), also with PARTITION BY before it. Raises Unreadable."""

    def read(c: Cursor) -> op.PartitionKey:
        c.eat("PARTITION", "BY")
        return partition_key(c)

    return _whole(text, read)


def _whole(text: str, read: Callable[[Cursor], T]) -> T:
    """Reads the whole text. Raises Unreadable."""
    try:
        c = cursor(text)
        value = read(c)
        c.finish()
    except RecursionError as problem:
        raise Unreadable("it is nested too deeply") from problem
    return value
