"""All cases, by the tool that applies them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.rewrites import alembic_cases, rails_cases, sql_cases
from tests.rewrites.case import Case
from tests.rewrites.code_tools import active_record
from tests.rewrites.languages import Language, Python, Ruby, Sql
from tests.rewrites.tools import dbmate


@dataclass(frozen=True, slots=True)
class Chapter:
    """The cases of one tool; `language` says why where the tool cannot be had."""

    name: str
    cases: Mapping[str, Case]
    language: Callable[[], Language | str]


def _sql() -> Language | str:
    tool = dbmate()
    return tool if isinstance(tool, str) else Sql(tool)


def _ruby() -> Language | str:
    tool = active_record()
    return tool if isinstance(tool, str) else Ruby(tool)


SQL = Chapter("sql", sql_cases.CASES, _sql)
CHAPTERS = (
    SQL,
    Chapter("alembic", alembic_cases.CASES, Python),
    Chapter("rails", rails_cases.CASES, _ruby),
)
