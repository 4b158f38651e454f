"""PostgreSQL's operations: the one vocabulary that every framework is read into and written out of.

Grouped like the chapters of the manual. Code writes `op.AddColumn` (`from bot.core.language import operations as op`).
Every ALTER TABLE action is an operation with its table; the actions of one ALTER TABLE are together in one
`Statement`. A new operation is a record in its chapter, a subclass of `Operation`: it is listed nowhere else, and
tests/core/test_operations.py names what it still lacks. They know names, types and expressions. Absent on purpose:
what they do.
"""

from bot.core.language.operations.columns import *
from bot.core.language.operations.constraints import *
from bot.core.language.operations.indexes import *
from bot.core.language.operations.objects import *
from bot.core.language.operations.operation import *
from bot.core.language.operations.partitions import *
from bot.core.language.operations.queries import *
from bot.core.language.operations.rows import *
from bot.core.language.operations.session import *
from bot.core.language.operations.tables import *
