"""A statement in a file of its own: only where that takes the harm away."""

import pytest

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import SafeRewrite
from tests.support.rule_pages import Example, analysed, written

GIVEN = (
    "CREATE TABLE accounts (id bigint PRIMARY KEY, size integer, name text)",
    "CREATE TYPE mood AS ENUM ('sad')",
    "CREATE TABLE people (id bigint PRIMARY KEY, mood mood)",
    "CREATE DOMAIN short_text AS text",
    "CREATE TABLE words (id bigint PRIMARY KEY, word short_text)",
)
SIZES = {"accounts": 60_000_000, "people": 60_000_000, "words": 60_000_000}


def _judged(sql: str) -> Analysis:
    return analysed(Example(sql, GIVEN, SIZES))


def _offered(analysis: Analysis, rule: str) -> SafeRewrite | None:
    return next(one.rewrite for one in analysis.findings if one.rule == rule)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID, VALIDATE CONSTRAINT sized;",
        "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID;\n"
        "ALTER TABLE accounts VALIDATE CONSTRAINT sized;",
    ],
    ids=["in one ALTER TABLE", "in two statements"],
)
def test_a_constraint_is_validated_in_a_transaction_that_did_not_declare_it(sql: str) -> None:
    rewrite = _offered(_judged(sql), "not-valid-and-validate-together")
    assert rewrite is not None
    last = rewrite.steps[-1]
    assert (written((last,)).splitlines()[-1], last.apart) == (
        "ALTER TABLE accounts VALIDATE CONSTRAINT sized;",
        True,
    )
    assert all("VALIDATE" not in written((step,)) for step in rewrite.steps[:-1])


def test_what_blocks_others_by_itself_is_not_moved_and_called_the_rewrite() -> None:
    judged = _judged(
        "ALTER TABLE accounts ADD COLUMN x integer;\n"
        "ALTER DOMAIN short_text ADD CONSTRAINT short CHECK (length(VALUE) < 50);"
    )
    assert _offered(judged, "statements-behind-access-exclusive") is None
    assert not [one for one in judged.findings if one.rewrite is not None and one.statement.lines.first == 3]


def test_a_lock_timeout_is_no_remedy_for_long_work_or_for_what_fails() -> None:
    exclusion = "ALTER TABLE accounts ADD EXCLUDE USING gist (int8range(id, id) WITH &&);"
    for sql in (exclusion, "ALTER TABLE accounts ADD COLUMN size integer;"):
        assert all(one.rewrite is None for one in _judged(f"SET lock_timeout = 0;\n{sql}").findings)


def test_a_new_enum_value_is_used_after_its_transaction_in_the_statements_own_safe_form() -> None:
    def steps_of(use: str) -> str:
        judged = _judged(f"ALTER TYPE mood ADD VALUE 'glad';\n{use}")
        rewrite = _offered(judged, "enum-value-used-in-same-transaction")
        assert rewrite is not None
        assert rewrite.steps[0].apart
        return written(rewrite.steps)

    assert "A script, in batches" in steps_of("UPDATE people SET mood = 'glad';")
    assert "1s" in steps_of("ALTER TABLE people ALTER COLUMN mood SET DEFAULT 'glad';")


def test_an_index_over_an_expression_is_followed_by_its_statistics() -> None:
    judged = _judged("CREATE INDEX by_name ON accounts (lower(name));")
    rewrite = _offered(judged, "index-without-concurrently")
    assert rewrite is not None
    assert [step.apart for step in rewrite.steps] == [False, True]
    assert written(rewrite.steps).splitlines()[-1] == "ANALYZE accounts;"
    plain = _offered(_judged("CREATE INDEX by_size ON accounts (size);"), "index-without-concurrently")
    assert plain is not None
    assert len(plain.steps) == 1


def test_a_refresh_follows_the_unique_index_that_leaves_its_file() -> None:
    judged = analysed(
        Example(
            "CREATE UNIQUE INDEX by_id ON names (id);\nREFRESH MATERIALIZED VIEW names;",
            (*GIVEN, "CREATE MATERIALIZED VIEW names AS SELECT id, name FROM accounts"),
            {**SIZES, "names": 60_000_000},
        )
    )
    rewrite = _offered(judged, "materialized-view-refreshed-under-lock")
    assert rewrite is not None
    assert rewrite.steps[0].apart
