"""One statement, or one piece of one, in: operations and values of the core out."""

from collections.abc import Callable
from typing import TypeVar

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.types import Type
from bot.sql.grammar.columns import column
from bot.sql.grammar.constraints import table_constraint
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.indexes import index_element, reindex
from bot.sql.grammar.partitions import bound, partition_key
from bot.sql.grammar.queries import read_query as query_of
from bot.sql.grammar.rows import copy, row_statement
from bot.sql.grammar.types import data_type
from bot.sql.statements import maintenance, session
from bot.sql.statements.alter_objects import alter_object
from bot.sql.statements.alter_table import alter_relation
from bot.sql.statements.create import create
from bot.sql.statements.drop import drop
from bot.sql.statements.grants import comment, grant, security_label
from bot.sql.text.cursor import Cursor, cursor
from bot.sql.text.tokens import Unreadable
from bot.sql.text.unread import why

T = TypeVar("T")
Operations = tuple[op.Operation, ...]


def read_statement(sql: str) -> Operations:
    """The operations of one statement, `(Unread(reason),)` where it cannot be read."""
    try:
        c = cursor(sql)
        return complete(c)
    except Unreadable as problem:
        return (op.Unread(why(sql, str(problem))),)
    except RecursionError:
        return (op.Unread("it is nested too deeply"),)


def complete(c: Cursor) -> Operations:
    """A statement behind which nothing may stand. Raises Unreadable."""
    operations = statement(c)
    c.finish()
    return operations


def statement(c: Cursor) -> Operations:
    """The statement here. Raises Unreadable."""
    c.deeper()
    reader = _READERS.get(c.word)
    if reader is None:
        c.fail()
    operations = reader(c)
    c.depth -= 1
    return operations


def _alter(c: Cursor) -> Operations:
    c.need("ALTER")
    found = alter_relation(c)
    return found if found is not None else alter_object(c)


_READERS: dict[str, Callable[[Cursor], Operations]] = {
    "ABORT": session.rollback,
    "ALTER": _alter,
    "ANALYSE": maintenance.analyze,
    "ANALYZE": maintenance.analyze,
    "BEGIN": session.begin,
    "CALL": maintenance.call,
    "CHECKPOINT": maintenance.checkpoint,
    "CLOSE": maintenance.close,
    "CLUSTER": maintenance.cluster,
    "COMMENT": comment,
    "COMMIT": session.commit,
    "COPY": copy,
    "CREATE": create,
    "DEALLOCATE": maintenance.deallocate,
    "DECLARE": maintenance.declare,
    "DELETE": row_statement,
    "DISCARD": maintenance.discard,
    "DO": maintenance.do,
    "DROP": drop,
    "END": session.commit,
    "EXECUTE": maintenance.execute,
    "EXPLAIN": maintenance.explain,
    "FETCH": maintenance.fetch,
    "GRANT": grant,
    "IMPORT": maintenance.import_foreign_schema,
    "INSERT": row_statement,
    "LISTEN": maintenance.notify,
    "LOAD": maintenance.load,
    "LOCK": maintenance.lock,
    "MERGE": row_statement,
    "MOVE": maintenance.fetch,
    "NOTIFY": maintenance.notify,
    "PREPARE": maintenance.prepare,
    "REASSIGN": maintenance.reassign,
    "REFRESH": maintenance.refresh,
    "REINDEX": reindex,
    "RELEASE": session.release,
    "RESET": session.reset,
    "REVOKE": grant,
    "ROLLBACK": session.rollback,
    "SAVEPOINT": session.savepoint,
    "SECURITY": security_label,
    "SELECT": row_statement,
    "SET": session.set_statement,
    "SHOW": session.show,
    "START": session.begin,
    "TABLE": row_statement,
    "TRUNCATE": maintenance.truncate,
    "UNLISTEN": maintenance.notify,
    "UPDATE": row_statement,
    "VACUUM": maintenance.vacuum,
    "VALUES": row_statement,
    "WITH": row_statement,
    "(": row_statement,
}


def _whole(text: str, read: Callable[[Cursor], T]) -> T:
    """Reads the whole text. Raises Unreadable."""
    try:
        c = cursor(text)
        value = read(c)
        c.finish()
    except RecursionError as problem:
        raise Unreadable("it is nested too deeply") from problem
    return value


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
