"""All cases, by the tool that applies them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.rewrites import alembic_cases, rails_cases, sql_cases, sql_tools, tool_cases
from tests.rewrites.case import Case
from tests.rewrites.code_tools import active_record
from tests.rewrites.languages import Annotated, Language, Python, Ruby, Scripts, Sql, UpOnly
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


def _annotated() -> Language | str:
    tool = sql_tools.sql_migrate()
    return tool if isinstance(tool, str) else Annotated(tool)


def _scripts() -> Language | str:
    tool = sql_tools.sqitch()
    return tool if isinstance(tool, str) else Scripts(tool)


def _drizzle() -> Language | str:
    tool = sql_tools.drizzle()
    return tool if isinstance(tool, str) else UpOnly(tool, "drizzle/0000_change.sql", "--> statement-breakpoint")


def _supabase() -> Language | str:
    tool = sql_tools.supabase()
    return tool if isinstance(tool, str) else UpOnly(tool, "supabase/migrations/20260101000001_change.sql")


SQL = Chapter("sql", sql_cases.CASES, _sql)
CHAPTERS = (
    SQL,
    Chapter("alembic", alembic_cases.CASES, Python),
    Chapter("rails", rails_cases.CASES, _ruby),
    Chapter("sql-migrate", tool_cases.CASES, _annotated),
    Chapter("sqitch", tool_cases.OF_SCRIPTS, _scripts),
    Chapter("drizzle", tool_cases.CASES, _drizzle),
    Chapter("supabase", tool_cases.CASES, _supabase),
)
