"""Bounds of partitions are compared as the server compares them, in any type and time zone; nothing raises."""

import pytest

from bot.core.language.locks import LockMode
from bot.core.language.names import Name
from tests.core.test_effects import of

EVENTS = "CREATE TABLE events (at {type} NOT NULL) PARTITION BY RANGE (at)"
FIRST = "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ({lower}) TO ({upper})"


def refusals(type: str, first: tuple[str, str], second: tuple[str, str], *before: str) -> list[str]:
    """What a second partition fails with."""
    given = (EVENTS.format(type=type), FIRST.format(lower=first[0], upper=first[1]), *before)
    sql = FIRST.replace("events_1", "events_2").format(lower=second[0], upper=second[1])
    return [one.sqlstate for one in of(sql, *given).failures if one.certain]


@pytest.mark.parametrize(
    ("type", "first", "second", "before", "fails"),
    [
        ("timestamptz", ("'2025-01-01 00:00:00+00'", "'2026-01-01 00:00:00+00'"), ("'2025-06-01'", "MAXVALUE"),
         "SET timezone = 'UTC'", True),
        ("timestamptz", ("'2025-01-01 00:00:00+00'", "'2026-01-01 00:00:00+00'"), ("'2026-01-01'", "'2027-01-01'"),
         "SET timezone = 'UTC'", False),
        ("timestamptz", ("'2025-01-01 00:00:00+00'", "'2026-01-01 00:00:00+00'"), ("'2026-01-01'", "'2027-01-01'"),
         "SET timezone = 'Europe/Berlin'", True),
        ("timestamptz", ("'2025-01-01 00:00:00+00'", "'2026-01-01 00:00:00+00'"), ("'2026-01-01'", "'2027-01-01'"),
         "SET timezone = 'no/such zone'", False),
        ("timestamptz", ("'2025-01-01'", "'2026-01-01'"), ("'2025-12-31'", "'2027-01-01'"), "", True),
        ("int", ("'1'", "'10'"), ("'2'", "'11'"), "", True),
        ("int", ("'1'", "'10'"), ("10", "'100'"), "", False),
        ("int", ("1", "10"), ("10", "10"), "", True),
        ("text", ("'a'", "'m'"), ("'m'", "'z'"), "", False),
        ("text", ("'a'", "'m'"), ("'l'", "'z'"), "", True),
        ("text", ("'a'", "'m'"), ("'B'", "'Z'"), "", False),
    ],
)  # fmt: skip
def test_a_bound_that_meets_another_is_refused_as_the_server_orders_them(
    type: str, first: tuple[str, str], second: tuple[str, str], before: str, *, fails: bool
) -> None:
    assert bool(refusals(type, first, second, *([before] if before else []))) is fails


def test_several_columns_are_ordered_one_after_the_other() -> None:
    parent = "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b)"
    first = "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1, 5) TO (2, 5)"
    meets = of("CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2, 4) TO (3, 0)", parent, first)
    beside = of("CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (2, 5) TO (3, 0)", parent, first)
    assert [one.sqlstate for one in meets.failures] == ["42P17"]
    assert not beside.failures


def test_rows_of_a_time_without_an_offset_go_to_the_partition_of_the_sessions_time_zone() -> None:
    given = (
        EVENTS.format(type="timestamptz"),
        FIRST.format(lower="'2025-01-01 00:00:00+00'", upper="'2026-01-01 00:00:00+00'"),
        "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)",
        "SET timezone = 'Europe/Berlin'",
    )
    done = of("INSERT INTO events VALUES ('2026-01-01 00:30')", *given)
    assert done.lock_on(Name("events_1", "public")) is LockMode.ROW_EXCLUSIVE
    assert done.lock_on(Name("events_2", "public")) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM (SELECT id FROM jobs FOR UPDATE) j",
        "WITH due AS (SELECT id FROM jobs FOR NO KEY UPDATE SKIP LOCKED) UPDATE other SET id = 1 FROM due",
        "DELETE FROM other WHERE id IN (SELECT id FROM jobs FOR SHARE)",
        "INSERT INTO other SELECT id FROM (SELECT id FROM jobs FOR UPDATE) j",
        "CREATE TABLE made AS SELECT id FROM (SELECT id FROM jobs FOR UPDATE) j",
    ],
)
def test_rows_locked_in_a_subquery_lock_their_table(sql: str) -> None:
    done = of(sql, "CREATE TABLE jobs (id int)", "CREATE TABLE other (id int)")
    assert done.lock_on(Name("jobs", "public")) is LockMode.ROW_SHARE
