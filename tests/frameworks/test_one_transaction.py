"""Tools that run all pending files in one transaction: what must not run in that of the files before it."""

import pytest

from bot.core.judging.findings import Step, StepKind, WrittenFile
from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Migration
from bot.frameworks import framework_named
from bot.sql import read_script
from tests.support.said import said

SQL = "ALTER TABLE t ADD COLUMN a int;\n"
CONFIGURED = {
    "spring": {"src/main/resources/application.yml": "spring:\n  flyway:\n    group: true\n"},
    "properties": {"src/main/resources/application.properties": "spring.flyway.group = true\n"},
    "conf": {"flyway.conf": "flyway.group=true\n"},
    "toml": {"flyway.toml": "[flyway]\ngroup = true\n"},
    "maven": {"pom.xml": "<artifactId>flyway-maven-plugin</artifactId>\n<configuration><group>true</group>"},
    "gradle": {"build.gradle": "group 'org.example'\nflyway {\n  group = true\n}\n"},
}
OFF: dict[str, dict[str, str]] = {
    "by default": {},
    "said": {"flyway.conf": "flyway.group=false\n"},
    "in a comment": {"flyway.conf": "# flyway.group=true\n"},
    "of something else": {"pom.xml": "<group>true</group>"},
    "nearer": {"flyway.conf": "flyway.group=true\n", "src/main/resources/application.yml": "flyway: {group: false}\n"},
}
FIRST, SECOND = (f"src/main/resources/db/migration/V{number}__x.sql" for number in (1, 2))


def flyway(configuration: dict[str, str], text: str = SQL) -> tuple[Migration, ...]:
    changed = [SourceFile(FIRST, text), SourceFile(SECOND, "CREATE TABLE u (a int);\n")]
    return framework_named("flyway").read(Files(changed, base=configuration)).migrations


@pytest.mark.parametrize("configuration", CONFIGURED.values(), ids=CONFIGURED)
def test_flyway_runs_what_is_pending_in_one_transaction_where_its_configuration_groups_it(
    configuration: dict[str, str],
) -> None:
    first, second = flyway(configuration)
    assert first.statements[0].transaction == second.statements[0].transaction
    assert second.joins


@pytest.mark.parametrize("configuration", OFF.values(), ids=OFF)
def test_else_flyway_runs_each_file_in_a_transaction_of_its_own(configuration: dict[str, str]) -> None:
    first, second = flyway(configuration)
    assert first.statements[0].transaction != second.statements[0].transaction
    assert not second.joins


def test_the_files_that_are_asked_for_are_those_that_say_so() -> None:
    asked = {want.pattern for want in framework_named("flyway").wants([FIRST])}
    assert {path for configuration in (*CONFIGURED.values(), *OFF.values()) for path in configuration} <= asked


def written(like: Migration, *sqls: str) -> list[WrittenFile]:
    steps = [
        Step(StepKind.MIGRATION, read_script(sql).statements[0].operations, transactional="CONCURRENTLY" not in sql)
        for sql in sqls
    ]
    return list(framework_named(like.framework).write(steps, like, []))


DECLARED = "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID"
VALIDATED = "ALTER TABLE t VALIDATE CONSTRAINT c"
PLAY = "# --- !Ups\n\nSELECT 1;\n\n# --- !Downs\n"


def drizzle() -> Migration:
    return framework_named("drizzle").read(Files([SourceFile("drizzle/0002_x.sql", SQL)])).migrations[0]


def play() -> Migration:
    changed = [SourceFile("conf/evolutions/default/2.sql", PLAY)]
    configuration = {"conf/application.conf": "play.evolutions.autocommit=false\n"}
    return framework_named("play").read(Files(changed, head=configuration)).migrations[0]


def test_with_drizzle_a_validation_ends_the_transaction_that_declared_the_constraint() -> None:
    first, second = written(drizzle(), DECLARED, VALIDATED)
    assert (first.stage, second.stage) == (1, 1)
    assert second.text == f"COMMIT;--> statement-breakpoint\n{VALIDATED};--> statement-breakpoint\nBEGIN;\n"
    read = framework_named("drizzle").read(Files([SourceFile(str(file.path), file.text) for file in (first, second)]))
    assert read.migrations[1].statements[1].transaction is None


def test_a_further_file_of_drizzle_says_how_it_gets_into_the_journal() -> None:
    _, second = written(drizzle(), DECLARED, VALIDATED)
    assert "drizzle-kit generate --custom" in said(second.note)
    assert "_journal.json" in said(second.note)


def test_what_takes_a_statements_place_in_drizzle_is_sent_statement_by_statement() -> None:
    like, step = drizzle(), Step(StepKind.MIGRATION, read_script(DECLARED).statements[0].operations)
    timed = framework_named("drizzle").suggestion(
        Step(StepKind.MIGRATION, step.operations, settings=(("lock_timeout", "1s"),)), like, like.statements[0].lines
    )
    assert timed is not None
    assert timed.text == f"SET LOCAL lock_timeout = '1s';--> statement-breakpoint\n{DECLARED};"


@pytest.mark.parametrize("like", [play(), flyway(CONFIGURED["conf"])[0]], ids=["play", "flyway"])
def test_where_no_file_leaves_the_transaction_a_validation_comes_with_the_next_deploy(like: Migration) -> None:
    first, deploy, second = written(like, DECLARED, VALIDATED)
    assert (first.stage, deploy.stage, second.stage) == (1, 2, 2)
    assert deploy.kind is StepKind.DEPLOY
    assert "all pending files run in one transaction" in said(deploy.note)


def test_flyway_never_gets_a_group_that_it_refuses_to_mix() -> None:
    files = written(flyway(CONFIGURED["conf"])[0], "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", VALIDATED)
    assert [file.stage for file in files if file.kind is StepKind.MIGRATION] == [1, 2]


def test_a_tool_with_a_transaction_for_each_file_needs_no_deploy_between_them() -> None:
    assert [file.stage for file in written(flyway({})[0], DECLARED, VALIDATED)] == [1, 1]
