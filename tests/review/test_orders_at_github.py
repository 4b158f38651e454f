"""The order in which tools apply migrations, by their options and registers on the base branch."""

import json
from collections.abc import Mapping

import pytest

from bot.standins.github.model import CheckRun, Pull
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

FLYWAY = "src/main/resources/db/migration"
NEWER = {f"{FLYWAY}/V1__a.sql": "CREATE TABLE a (id bigint);\n", f"{FLYWAY}/V3__c.sql": "CREATE TABLE c (id bigint);\n"}
LATE = {f"{FLYWAY}/V2__b.sql": "CREATE TABLE b (id bigint);\n"}
UP = "-- +goose Up\nCREATE TABLE {} (id bigint);\n"
GOOSE = {"db/goose/0001_a.sql": UP.format("a"), "db/goose/0003_c.sql": UP.format("c")}
LATE_GOOSE = {"db/goose/0002_b.sql": UP.format("b")}


def says(run: CheckRun) -> str:
    return "\n".join([run.title or "", run.summary or "", *(mark["message"] for mark in run.annotations)]).replace(
        "`", ""
    )


async def judged(base: Mapping[str, str], change: Mapping[str, str]) -> CheckRun:
    async with reviewing(files=base) as world:
        return await world.reviewed(world.at.opened(change))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flyway.toml", '[flyway]\nlocations = ["filesystem:db"]\noutOfOrder = true\n'),
        ("conf/flyway.conf", "flyway.url=jdbc:postgresql://db/shop\nflyway.outOfOrder=true\n"),
        ("pom.xml", "<artifactId>flyway-maven-plugin</artifactId>\n<outOfOrder>true</outOfOrder>\n"),
        ("pom.xml", "<properties>\n  <flyway.outOfOrder>true</flyway.outOfOrder>\n</properties>\n"),
        ("build.gradle", "flyway {\n  url = 'jdbc:postgresql://db/shop'\n  outOfOrder = true\n}\n"),
        ("build.gradle.kts", 'plugins { id("org.flywaydb.flyway") }\nflyway { outOfOrder.set(true) }\n'),
        ("src/main/resources/application.properties", "spring.flyway.out-of-order=true\n"),
        ("src/main/resources/application.yml", "spring:\n  flyway:\n    enabled: true\n    out-of-order: true\n"),
        (".github/workflows/deploy.yml", "env:\n  FLYWAY_OUT_OF_ORDER: 'true'\n"),
        ("src/main/java/shop/FlywayConfig.java", "Flyway.configure().outOfOrder(true).load();\n"),
    ],
)
async def test_flyway_applies_a_late_migration_where_the_base_branch_says_so(path: str, text: str) -> None:
    run = await judged({**NEWER, path: text}, LATE)
    assert run.conclusion == "success"
    assert "is older than the newest on the base branch" not in says(run)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flyway.toml", "[flyway]\n# outOfOrder = true\n"),
        ("pom.xml", "<!-- flyway\n<outOfOrder>true</outOfOrder>\n-->\n"),
        ("other/flyway.toml", "[flyway]\noutOfOrder = true\n"),
        ("src/test/resources/application.properties", "spring.flyway.out-of-order=true\n"),
        ("src/main/resources/application.yml", "kafka:\n  out-of-order: true\n"),
        ("flyway.conf", "flyway.outOfOrder=false\n"),
    ],
)
async def test_flyway_stops_at_a_late_migration_where_nothing_that_counts_says_otherwise(path: str, text: str) -> None:
    run = await judged({**NEWER, path: text}, LATE)
    assert run.conclusion == "failure"
    assert "Version 2 is older than the newest on the base branch" in says(run)


@pytest.mark.parametrize(
    "files",
    [
        {"src/main/resources/application-dev.yml": "spring:\n  flyway:\n    out-of-order: true\n"},
        {"flyway.toml": "[flyway]\n[environments.dev.flyway]\noutOfOrder = true\n"},
        {
            "src/main/resources/application.yml": "spring:\n  flyway:\n    out-of-order: true\n",
            "src/main/resources/application-prod.yml": "spring:\n  flyway:\n    out-of-order: false\n",
        },
    ],
)
async def test_an_option_that_holds_for_a_part_only_makes_it_a_warning(files: dict[str, str]) -> None:
    run = await judged({**NEWER, **files}, LATE)
    assert run.conclusion == "success"
    assert "outOfOrder is on in a part of the repository's configuration only" in says(run)


async def test_an_option_that_the_pull_request_brings_itself_does_not_count() -> None:
    run = await judged(NEWER, {**LATE, "flyway.toml": "[flyway]\noutOfOrder = true\n"})
    assert run.conclusion == "failure"


@pytest.mark.parametrize(
    ("path", "text", "conclusion"),
    [
        ("Makefile", "migrate:\n\tgoose -dir db/goose -allow-missing postgres $(DSN) up\n", "success"),
        ("db/main.go", 'goose.Up(db, "goose", goose.WithAllowMissing())\n', "success"),
        ("main.go", "goose.NewProvider(dialect, db, files, goose.WithAllowOutofOrder(true))\n", "success"),
        ("Makefile", "migrate:\n\tgoose -dir db/goose postgres $(DSN) up\n", "failure"),
        ("main.go", "goose.NewProvider(dialect, db, files, goose.WithAllowOutofOrder(false))\n", "failure"),
        ("Makefile", "check:\n\tterraform taint -allow-missing x\n", "failure"),
    ],
)
async def test_goose_applies_a_late_migration_where_its_call_allows_what_is_missing(
    path: str, text: str, conclusion: str
) -> None:
    assert (await judged({**GOOSE, path: text}, LATE_GOOSE)).conclusion == conclusion


async def test_goose_that_is_called_in_both_ways_makes_it_a_warning() -> None:
    calls = {"Makefile": "up:\n\tgoose up\n", "deploy.sh": "goose -allow-missing up\n"}
    run = await judged({**GOOSE, **calls}, LATE_GOOSE)
    assert "-allow-missing is on in a part of the repository's configuration only" in says(run)


def drizzle(*entries: tuple[int, int, str]) -> dict[str, str]:
    """The files of Drizzle's migrations, and their journal: index, time and name of each."""
    tags = [
        {"idx": index, "version": "7", "when": when, "tag": f"{index:04}_{name}", "breakpoints": True}
        for index, when, name in entries
    ]
    journal = json.dumps({"version": "7", "dialect": "postgresql", "entries": tags}, indent=2)
    files = {f"drizzle/{tag['tag']}.sql": f'CREATE TABLE "{tag["tag"]}" ("id" integer);' for tag in tags}
    return {**files, "drizzle/meta/_journal.json": journal}


OLD = (0, 1_700_000_000_000, "old")


async def opened(world: Reviewing, files: Mapping[str, str], head: str) -> tuple[Pull, CheckRun]:
    pull = world.at.opened(files, head=head)
    return pull, await world.reviewed(pull)


async def test_two_pull_requests_with_one_index_of_the_journal_clash() -> None:
    async with reviewing(files=drizzle(OLD)) as world:
        first, _ = await opened(world, drizzle(OLD, (1, 1_700_000_300_000, "first")), "first")
        _, run = await opened(world, drizzle(OLD, (1, 1_700_000_200_000, "second")), "second")
        assert f"Journal index 1 is also that of drizzle/0001_first.sql in #{first.number}" in says(run)
        await world.judged_again()
        assert "#2 was opened later" in says(world.at.github.check_runs_of(first.head_sha)[-1])


async def test_a_migration_whose_time_in_the_journal_is_earlier_than_that_of_a_merged_one_never_runs() -> None:
    async with reviewing(files=drizzle(OLD)) as world:
        second, run = await opened(world, drizzle(OLD, (2, 1_700_000_200_000, "second")), "second")
        assert run.conclusion == "success"
        first, _ = await opened(world, drizzle(OLD, (1, 1_700_000_300_000, "first")), "first")
        await world.closed(first, merged=True)
        assert second.number in await world.judged_again()
        late = world.at.github.check_runs_of(second.head_sha)[-1]
        assert "Its time in the journal is earlier" in says(late)
        assert late.conclusion == "failure"
