"""Files that undo others: mended where the plan changes what they undo, and written beside each further file."""

import pytest

from bot.core.judging.analysis import analyse
from bot.core.judging.findings import WrittenFile
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.frameworks import recognise
from bot.review.judge import complete
from bot.rules import RULES
from tests.support.said import said

UP = "CREATE INDEX x ON t (a);\nALTER TABLE t ADD COLUMN b int;\n"
DOWN = "-- the column\nALTER TABLE t DROP COLUMN b;\n\n-- the index\nDROP INDEX x;\n"
LEFT = "-- the column\nALTER TABLE t DROP COLUMN b;\n\n"
TOOLS = {
    "golang-migrate": ("m/000002_x.up.sql", "m/000002_x.down.sql", "m/000003_build_x.down.sql"),
    "diesel": (
        "m/2026-05-16-120000_x/up.sql",
        "m/2026-05-16-120000_x/down.sql",
        "m/2026-05-16-120001_build_x/down.sql",
    ),
    "flyway": ("m/V2__x.sql", "m/U2__x.sql", "m/U3__build_x.sql"),
    "sqitch": ("deploy/x.sql", "revert/x.sql", "revert/x_2_build_x.sql"),
    "db-migrate": (
        "migrations/20260516-x-up.sql",
        "migrations/20260516-x-down.sql",
        "migrations/20260517-build_x-down.sql",
    ),
    "postgrator": ("migrations/002.do.x.sql", "migrations/002.undo.x.sql", "migrations/003.undo.build_x.sql"),
}


def planned(path: str, up: str, beside: dict[str, str]) -> dict[str | None, WrittenFile]:
    framework = recognise(path, up)
    assert framework is not None
    asked = {want.pattern for want in framework.wants([path])}
    head = {path: text for path, text in beside.items() if path in asked}
    run = framework.read(Files([SourceFile(path, up)], head=head))
    found = complete([analyse(run, None, Policy(postgres=18), RULES)]).findings
    return {file.path: file for finding in found for file in finding.files}


def text_for(tool: str, text: str) -> str:
    return f"-- Deploy shop:x to pg\n\nBEGIN;\n{text}COMMIT;\n" if tool == "sqitch" else text


@pytest.mark.parametrize("tool", TOOLS)
def test_what_undoes_a_statement_leaves_the_down_file_with_it(tool: str) -> None:
    path, down, further = TOOLS[tool]
    files = planned(path, text_for(tool, UP), {down: DOWN})
    assert files[down].text == LEFT
    assert path in said(files[down].note)
    assert "DROP INDEX CONCURRENTLY x;" in files[further].text


@pytest.mark.parametrize("tool", TOOLS)
def test_a_down_file_is_no_migration(tool: str) -> None:
    _, down, _ = TOOLS[tool]
    framework = recognise(down, DOWN)
    assert framework is None


def test_line_ends_stay_those_of_the_down_file() -> None:
    path, down, _ = TOOLS["golang-migrate"]
    files = planned(path, UP, {down: DOWN.replace("\n", "\r\n")})
    assert files[down].text == LEFT.replace("\n", "\r\n")


def test_what_a_file_does_in_another_way_is_undone_so() -> None:
    path, down, _ = TOOLS["golang-migrate"]
    files = planned(path, "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);\n", {down: "ALTER TABLE t DROP CONSTRAINT u;\n"})
    assert files[down].text == "DROP INDEX CONCURRENTLY IF EXISTS u;\n"


def test_the_marker_of_the_tool_stands_above_what_undoes_a_file_outside_a_transaction() -> None:
    files = planned(
        "m/2_x.up.sql", "-- no-transaction\nCREATE INDEX x ON t (a);\n", {"m/2_x.down.sql": "DROP INDEX x;\n"}
    )
    assert files["m/2_x.down.sql"].text == "-- no-transaction\nDROP INDEX CONCURRENTLY x;\n"


def test_flyway_gets_a_file_that_undoes_another_only_beside_the_authors_own() -> None:
    path, _, further = TOOLS["flyway"]
    assert further not in planned(path, UP, {})


def test_where_nothing_of_the_file_changes_its_down_file_stays() -> None:
    path, down, _ = TOOLS["golang-migrate"]
    assert down not in planned(path, "ALTER TABLE t ADD COLUMN b int;\n", {down: "ALTER TABLE t DROP COLUMN b;\n"})


LIQUIBASE = (
    "--liquibase formatted sql\n\n--changeset ada:2\nALTER TABLE t ADD CONSTRAINT u UNIQUE (a);\n--rollback {}\n"
)


def test_the_rollback_comments_of_liquibase_undo_what_the_file_does_now() -> None:
    text = LIQUIBASE.format("ALTER TABLE t DROP CONSTRAINT u;")
    framework = recognise("c/0002-x.sql", text)
    assert framework is not None
    run = framework.read(Files([SourceFile("c/0002-x.sql", text)]))
    found = complete([analyse(run, None, Policy(postgres=18), RULES)]).findings
    suggestion = next(one.suggestion for one in found if one.suggestion is not None)
    assert suggestion.text.split("\n") == [
        "--changeset ada:2 runInTransaction:false",
        "CREATE UNIQUE INDEX CONCURRENTLY u ON t (a);",
        "--rollback DROP INDEX CONCURRENTLY IF EXISTS u;",
    ]


def test_a_rollback_that_says_that_there_is_nothing_to_undo_stays() -> None:
    text = LIQUIBASE.format("empty").replace("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", "CREATE INDEX u ON t (a)")
    framework = recognise("c/0002-x.sql", text)
    assert framework is not None
    run = framework.read(Files([SourceFile("c/0002-x.sql", text)]))
    found = complete([analyse(run, None, Policy(postgres=18), RULES)]).findings
    assert all("rollback" not in one.suggestion.text for one in found if one.suggestion is not None)
