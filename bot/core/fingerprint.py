"""A finding's name across pushes."""

import hashlib

from bot.core.migrations import Statement
from bot.core.names import Name


def fingerprint(rule: str, statement: Statement, relation: Name | None) -> str:
    """Twenty hex digits: the same while file, rule, table and statement text stay, wherever the lines move."""
    text = " ".join(statement.sql.split())
    parts = "\0".join((rule, statement.path, str(relation or ""), text))
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def statement_fingerprint(statement: Statement) -> str:
    """The same for a statement as a whole: acknowledgements fall when it changes."""
    return fingerprint("", statement, None)
