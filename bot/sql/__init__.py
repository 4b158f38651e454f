"""The one reader and writer of SQL. sqlglot stops here."""

from bot.sql.reading import (
    Unreadable,
    read_bound,
    read_column,
    read_constraint,
    read_expression,
    read_index_element,
    read_partition_key,
    read_query,
    read_statement,
    read_type,
)
from bot.sql.script import Comment, ReadStatement, Script, read_script
from bot.sql.writing.statements import Unwritable, write_statement

__all__ = [
    "Comment",
    "ReadStatement",
    "Script",
    "Unreadable",
    "Unwritable",
    "read_bound",
    "read_column",
    "read_constraint",
    "read_expression",
    "read_index_element",
    "read_partition_key",
    "read_query",
    "read_script",
    "read_statement",
    "read_type",
    "write_statement",
]
