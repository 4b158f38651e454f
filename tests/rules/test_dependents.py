"""What is said of a column that something else needs, and of foreign keys that nothing finds."""

from bot.core.judging.analysis import Analysis
from bot.report.disclosure import OWNER
from bot.report.rendering import text
from tests.support.rule_pages import Example, analysed

USERS = "CREATE TABLE users (id bigint PRIMARY KEY, email text, shout text GENERATED ALWAYS AS (upper(email)) STORED)"
VIEW = "CREATE VIEW mails AS SELECT email FROM users"


def _said(analysis: Analysis, rule: str) -> str:
    return " ".join(text(one.message, OWNER) for one in analysis.findings if one.rule == rule)


def test_what_keeps_a_column_from_being_dropped_is_named() -> None:
    found = analysed(Example("ALTER TABLE users DROP COLUMN email;", (USERS, VIEW), {"users": 50_000_000}))
    said = _said(found, "statement-fails")
    assert "What depends on it: " in said
    assert "mails" in said
    assert "shout" in said


def test_a_new_table_that_refers_to_a_small_one_needs_no_index() -> None:
    sql = "CREATE TABLE reviews (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));"
    for rows, flagged in ((50_000_000, True), (1_000, False)):
        found = analysed(Example(sql, (USERS,), {"users": rows}))
        assert any(one.rule == "foreign-key-fans-out" for one in found.findings) is flagged
