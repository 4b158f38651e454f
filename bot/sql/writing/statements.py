"""Operations as the SQL that does them: `read_statement(write_statement(operations))` returns the same operations.

Expressions, queries, bounds and definitions are written as their author wrote them; nothing is rendered from a
syntax tree. What an operation does not keep cannot be written: `Unwritable` says what is missing.
"""

from collections.abc import Sequence

from bot.core.language import operations as op
from bot.sql.writing import drop, maintenance, moves, objects, rows, session, tables
from bot.sql.writing.alter import ACTIONS, alter_table
from bot.sql.writing.parts import Unwritable, Writers, unkept

__all__ = ["Unwritable", "write_statement"]


def write_statement(operations: Sequence[op.Operation]) -> str:
    """One statement, without its semicolon; several operations are the actions of one ALTER TABLE.

    Raises Unwritable where the operations do not keep everything in the statement, or cannot share one.
    """
    actions = [operation for operation in operations if isinstance(operation, ACTIONS)]
    if actions and len(actions) == len(operations):
        return alter_table(actions)
    if len(operations) != 1:
        raise Unwritable("only the actions of one ALTER TABLE share a statement")
    (operation,) = operations
    write = _WRITERS.get(type(operation))
    if write is None:
        raise unkept(operation)
    return write(operation)


_WRITERS: Writers = {
    **tables.WRITERS,
    **moves.WRITERS,
    **objects.WRITERS,
    **drop.WRITERS,
    **rows.WRITERS,
    **maintenance.WRITERS,
    **session.WRITERS,
}
