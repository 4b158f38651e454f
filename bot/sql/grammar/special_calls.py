"""The calls whose name is a key word and whose arguments have a syntax of their own (func_expr_common_subexpr)."""

from collections.abc import Callable

from bot.sql.text.cursor import Cursor

Read = Callable[[Cursor], tuple[int, str]]
"""Reads a call; returns the number of arguments and the function PostgreSQL calls, "" where it calls none."""

KEYWORD_CALLS: dict[str, Read] = {}
"""By the key word. `calls` and `xml_json` put their readers here, so that the rest of the grammar knows the words."""
