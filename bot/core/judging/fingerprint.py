"""A finding's name across pushes."""

import hashlib
from functools import lru_cache

from bot.core.language.migrations import Run, Statement
from bot.core.language.names import Name

_LONG = 16_384
"""Characters of a statement that are hashed once, not for each finding."""


def fingerprint(rule: str, statement: Statement, relation: Name | None) -> str:
    """Twenty hex digits: the same while file, rule, table and statement text stay, wherever the lines move."""
    parts = "\0".join((rule, statement.path, str(relation or ""), _words(statement.sql)))
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:20]


@lru_cache(4)
def _words(sql: str) -> str:
    """The text without its line breaks; of a long one a digest: a statement can have as many findings as words."""
    text = _without_blanks(sql)
    return text if len(text) <= _LONG else hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def run_fingerprint(run: Run) -> str:
    """A name for everything a deploy applies: a person's acknowledgement of the whole lapses when any of it changes."""
    texts = (f"{statement.path}\0{_without_blanks(statement.sql)}" for statement in run.statements if statement.sql)
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _without_blanks(sql: str) -> str:
    """The text without regard to blanks; lines count where they may end a comment, because that changes the meaning."""
    if "--" not in sql:
        return " ".join(sql.split())
    return "\n".join(" ".join(line.split()) for line in sql.splitlines() if line.strip())
