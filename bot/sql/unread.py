"""Says why a statement could not be read: templates and psql variables have names of their own."""

import re

from bot.sql.splitter import cut

_TEMPLATES = (
    (re.compile(r"\$\{[^}\n]*\}"), "the placeholder"),
    (re.compile(r"\{\{.*?\}\}", re.DOTALL), "the template"),
    (re.compile(r"\{%.*?%\}", re.DOTALL), "the template"),
    (re.compile(r"<%.*?%>", re.DOTALL), "the template"),
    (re.compile(r"\{[A-Za-z_]\w*\}"), "the placeholder"),
    (re.compile(r"%\([A-Za-z_]\w*\)s"), "the placeholder"),
    (re.compile(r"(?<!:):(?:'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*)"), "the psql variable"),
    (re.compile(r"(?<!\w)@[A-Za-z_]\w*@"), "the placeholder"),
)


def why(sql: str, reason: str) -> str:
    """The reason for the author: a template outside of strings and comments is named before anything else."""
    masked = cut(sql, psql=False).masked
    for pattern, what in _TEMPLATES:
        found = pattern.search(masked)
        if found is None and "$" in pattern.pattern:
            # The masked text has "@" for a lone dollar.
            found = re.search(r"@\{[^}\n]*\}", masked)
        if found is not None:
            text = sql[found.start() : found.end()]
            return f"{what} {' '.join(text.split())[:60]} is filled in before PostgreSQL sees it"
    return reason
