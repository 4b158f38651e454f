"""A finding's name across pushes."""

import hashlib

from bot.core.language.migrations import Run, Statement
from bot.core.language.names import Name


def fingerprint(rule: str, statement: Statement, relation: Name | None) -> str:
    """Twenty hex digits: the same while file, rule, table and statement text stay, wherever the lines move."""
    text = " ".join(statement.sql.split())
    parts = "\0".join((rule, statement.path, str(relation or ""), text))
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def run_fingerprint(run: Run) -> str:
    """A name for everything a deploy applies: a person's acknowledgement of the whole lapses when any of it changes."""
    texts = (f"{statement.path}\0{' '.join(statement.sql.split())}" for statement in run.statements if statement.sql)
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:20]
