"""By what each tool knows a migration, for names as people give them."""

import pytest

from bot.frameworks import framework_named

SAME = [
    ("dbmate", "20260516101500_a.sql", "20260516101500_b.sql"),
    ("goose", "007_a.sql", "7_b.sql"),
    ("golang-migrate", "007_a.up.sql", "7_b.up.sql"),
    ("supabase", "20260516101500_a.sql", "20260516101500_b.sql"),
    ("diesel", "2026-05-16-101500_a/up.sql", "2026-05-16101500_b/up.sql"),
    ("flyway", "V1.0__a.sql", "V1__b.sql"),
    ("flyway", "V01_2__a.sql", "V1.2__b.sql"),
    ("plain", "0007_a.sql", "7_b.sql"),
    ("plain", "0007-a.sql", "0007-b.sql"),
]
OTHERS = [
    ("dbmate", "07_a.sql", "7_b.sql"),
    ("flyway", "V1.1__a.sql", "V1.10__b.sql"),
    ("prisma", "20260516101500_a/migration.sql", "20260516101500_b/migration.sql"),
    ("sql-migrate", "20260516101500-a.sql", "20260516101500-b.sql"),
    ("sqitch", "a.sql", "b.sql"),
    ("rails", "20260516101500_a.rb", "20260516101501_b.rb"),
]
NONE = [
    ("golang-migrate", "7_a.down.sql"),
    ("diesel", "2026-05-16-101500_a/down.sql"),
    ("flyway", "U1__a.sql"),
    ("flyway", "beforeMigrate.sql"),
    ("plain", "2026_05_16_a.sql"),
    ("plain", "2026-05-16-a.sql"),
    ("plain", "1.0.1_a.sql"),
    ("plain", "a.sql"),
    ("rails", "schema.rb"),
    ("goose", "a.sql"),
    ("golang-migrate", "events.mysql.up.sql"),
]


def places(tool: str, name: str) -> set[tuple[str, str, str]]:
    return {unit.place for unit in framework_named(tool).units(f"db/migrations/{name}", None)}


@pytest.mark.parametrize(("tool", "one", "other"), SAME)
def test_the_tool_takes_these_for_one(tool: str, one: str, other: str) -> None:
    assert places(tool, one) & places(tool, other)


@pytest.mark.parametrize(("tool", "one", "other"), OTHERS)
def test_the_tool_keeps_these_apart(tool: str, one: str, other: str) -> None:
    assert places(tool, one)
    assert places(tool, other)
    assert not places(tool, one) & places(tool, other)


@pytest.mark.parametrize(("tool", "name"), NONE)
def test_nothing_is_known_by_these_names(tool: str, name: str) -> None:
    assert not places(tool, name)


def test_rails_keeps_no_two_of_one_name() -> None:
    one, other = "20260516101500_make_a.rb", "20260516101501_make_a.rb"
    assert places("rails", one) & places("rails", other) == {("db/migrations", "name", "make_a")}


def test_one_version_in_two_folders_is_two() -> None:
    units = framework_named("dbmate").units
    (one,), (other,) = units("a/migrations/1_x.sql", None), units("b/migrations/1_x.sql", None)
    assert one.place != other.place
