"""Foreign keys in safe steps: the key is never lost, and its index comes before it."""

from bot.core.judging.analysis import Analysis
from bot.report.disclosure import OWNER
from bot.report.rendering import text
from tests.support.rule_pages import Example, analysed, written

ACCOUNTS = "CREATE TABLE accounts (id bigint PRIMARY KEY)"
ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint)"
READINGS = (
    "CREATE TABLE plans (id bigint PRIMARY KEY)",
    "CREATE TABLE readings (at date NOT NULL, device bigint) PARTITION BY RANGE (at)",
    "CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE readings_rest PARTITION OF readings DEFAULT",
    "CREATE INDEX ON readings (device)",
)
SIZES = {"accounts": 60_000_000, "orders": 60_000_000}


def _judged(sql: str, given: tuple[str, ...] = (ACCOUNTS, ORDERS), postgres: int = 18) -> Analysis:
    return analysed(Example(sql, given, SIZES, postgres))


def _steps(analysis: Analysis, number: int = 0) -> str:
    offered = [one.rewrite for one in analysis.findings if one.rewrite is not None]
    return written(offered[number].steps)


def _in_order(shown: str, *parts: str) -> bool:
    places = [shown.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_a_key_without_an_index_keeps_the_authors_statement_behind_the_index() -> None:
    author = (
        "ALTER TABLE orders ADD CONSTRAINT o_u FOREIGN KEY (user_id) REFERENCES accounts ON DELETE CASCADE NOT VALID;"
    )
    shown = _steps(_judged(author))
    assert _in_order(shown, "CREATE INDEX CONCURRENTLY orders_user_id_idx", author, "VALIDATE CONSTRAINT o_u")


def test_what_the_plan_makes_besides_is_declared() -> None:
    rewrite = next(
        one.rewrite
        for one in _judged("ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES accounts NOT VALID;").findings
        if one.rewrite is not None
    )
    assert text(rewrite.differs, OWNER) == (
        "orders has an index on user_id, which the foreign key needs; the foreign key to accounts is validated"
    )


def test_a_validation_of_the_author_is_not_repeated() -> None:
    both = _judged(
        "ALTER TABLE orders ADD CONSTRAINT o_u FOREIGN KEY (user_id) REFERENCES accounts NOT VALID;\n"
        "ALTER TABLE orders VALIDATE CONSTRAINT o_u;"
    )
    key = next(one.rewrite for one in both.findings if one.statement.lines.first == 2 and one.rewrite is not None)
    assert "VALIDATE" not in written(key.steps)


def test_an_index_that_the_author_builds_later_is_not_built_twice() -> None:
    shown = _steps(
        _judged(
            "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES accounts;\n"
            "CREATE INDEX by_user ON orders (user_id);"
        )
    )
    assert "orders_user_id_idx" not in shown
    assert _in_order(shown, "NOT VALID", "VALIDATE CONSTRAINT")


def test_a_key_leaves_the_file_with_the_index_that_it_needs() -> None:
    judged = _judged(
        "CREATE INDEX by_user ON orders (user_id);\nALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES accounts;"
    )
    key = next(one.rewrite for one in judged.findings if one.statement.lines.first == 3 and one.rewrite is not None)
    assert key.steps[0].apart


def test_before_18_the_partitions_get_the_key_one_by_one_and_the_whole_takes_it_over() -> None:
    key = "ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id)"
    for author in (f"{key};", f"{key} NOT VALID;"):
        shown = _steps(_judged(author, READINGS, 15))
        assert "CREATE INDEX" not in shown
        assert _in_order(
            shown,
            "ALTER TABLE readings_2024 ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id) NOT VALID",
            "ALTER TABLE readings_2024 VALIDATE CONSTRAINT rd",
            "ALTER TABLE readings_rest ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id) NOT VALID",
            "ALTER TABLE readings_rest VALIDATE CONSTRAINT rd",
            f"{key};",
        )
    assert _in_order(_steps(_judged(f"{key};", READINGS)), f"{key} NOT VALID", "readings VALIDATE CONSTRAINT rd")


def test_a_key_that_the_partitions_have_is_taken_over_without_reading_them() -> None:
    given = (
        *READINGS,
        "ALTER TABLE readings_2024 ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id)",
        "ALTER TABLE readings_rest ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id)",
    )
    judged = _judged("ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id);", given, 15)
    assert not [one for one in judged.findings if one.rule == "foreign-key-validated-at-once"]
    half = _judged("ALTER TABLE readings ADD CONSTRAINT rd FOREIGN KEY (device) REFERENCES plans (id);", given[:-1], 15)
    assert [one for one in half.findings if one.rule == "foreign-key-validated-at-once"]
