"""Any statement: looked up by its first word.

EXPLAIN, PREPARE, CREATE SCHEMA, CREATE RULE and BEGIN ATOMIC hold other statements. Their readers call this module
for them, and so need not import the module that knows every statement: `verbs`, which fills the table.
"""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.sql.text.cursor import Cursor

Operations = tuple[op.Operation, ...]
Reader = Callable[[Cursor], Operations]

READERS: dict[str, Reader] = {}
"""By the first word of the statement; a reader starts with the cursor at it and leaves it after the statement."""


def statement(c: Cursor) -> Operations:
    """The statement here (gram.y: stmt). Raises Unreadable."""
    c.deeper()
    reader = READERS.get(c.word)
    if reader is None:
        c.fail()
    operations = reader(c)
    c.depth -= 1
    return operations
