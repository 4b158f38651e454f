"""The one reader and writer of SQL: text in, operations of the core out, and back.

`reading` reads one statement or a part of one, `script` a whole file, `writing` is the way back. They use
four rooms, each of which knows those before it: `text` (what the scanner sees), `grammar` (what statements share),
`statements`, `writing`. It knows the core and sqlglot, whose tokenizer stops in `text`.

Deliberately absent: files, frameworks, and what a statement does to a database.
"""

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
