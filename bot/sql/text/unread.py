"""Says why a statement could not be read: templates and psql variables are named.

To PostgreSQL's grammar `${schema}.t` is a syntax error at "$". Its author needs to know that it is a
placeholder, which another tool fills in before PostgreSQL sees it.
"""

import re

from bot.sql.text.splitter import cut

# In the masked text a lone dollar is "@". Lengths are bounded: many openings without an end must stay cheap.
_TEMPLATES = (
    (re.compile(r"@\{[^}\n]{0,200}\}"), "the placeholder"),
    (re.compile(r"\{\{.{0,200}?\}\}", re.DOTALL), "the template"),
    (re.compile(r"\{%.{0,200}?%\}", re.DOTALL), "the template"),
    (re.compile(r"<%.{0,200}?%>", re.DOTALL), "the template"),
    (re.compile(r"\{[A-Za-z_]\w{0,80}\}"), "the placeholder"),
    (re.compile(r"%\([A-Za-z_]\w{0,80}\)s"), "the placeholder"),
    (re.compile(r"(?<!:):(?:'[^']{0,80}'|\"[^\"]{0,80}\"|[A-Za-z_]\w*)"), "the psql variable"),
    (re.compile(r"(?<!\w)@[A-Za-z_]\w{0,80}@"), "the placeholder"),
)


def why(sql: str, reason: str) -> str:
    """The reason for the author: a template outside of strings and comments is named before anything else."""
    masked = cut(sql, psql=False).masked
    for pattern, what in _TEMPLATES:
        found = pattern.search(masked)
        if found is not None:
            text = sql[found.start() : found.end()]
            return f"{what} {' '.join(text.split())[:60]} is filled in before PostgreSQL sees it"
    return reason
