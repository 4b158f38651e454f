"""What is proven of each further tool for files of SQL: cases of dbmate's that ask what differs between the tools."""

from dataclasses import replace

from tests.rewrites import sql_cases

_ASKED = (
    "index",  # outside a transaction
    "dropped index",
    "unique constraint",  # outside a transaction, and what is undone otherwise than the author did
    "check",  # validated apart
    "not valid and validate in two statements",
    "not null behind a backfill",  # a script, and files of three pull requests
    "rename of a table",  # a view in its place
    "dropped column",
)
CASES = {name: replace(sql_cases.CASES[name], short=False) for name in _ASKED}
OF_SCRIPTS = {name: CASES[name] for name in ("dropped index", "unique constraint", "check")}
"""Those of Sqitch, which takes seconds for each step."""
