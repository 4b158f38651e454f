"""How long a step of a safe rewrite waits for its lock."""

from collections.abc import Mapping

import pytest

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.report.disclosure import OWNER
from bot.report.plan import plan
from bot.report.runbook import recipe
from bot.review.judge import complete
from bot.rules import RULES

CHECK = "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);"
INDEX = "CREATE INDEX accounts_size_idx ON accounts (size);"


def judged(sql: str, policy: Policy | None = None, role: Mapping[str, str] | None = None) -> Analysis:
    text = f"-- migrate:up\n{sql}\n\n-- migrate:down\n"
    run = framework_named("dbmate").read(Files([SourceFile("db/migrations/20260101000001_x.sql", text)]))
    settings = {name: (value, "the migration role") for name, value in (role or {}).items()}
    catalog = Catalog(18, settings=settings)
    return complete([analyse(run, catalog, policy or Policy(), RULES)])


def written(analysis: Analysis) -> str:
    worst = next(one for one in analysis.findings if one.rewrite is not None)
    return "\n".join(file.text.partition("-- migrate:down")[0] for file in worst.files)


@pytest.mark.parametrize(
    ("policy", "role", "before", "expected"),
    [
        pytest.param(Policy(), {}, "", "1s", id="a second where nothing else is said"),
        pytest.param(Policy(rewrite_lock_timeout=2.5), {}, "", "2500ms", id="what the repository sets"),
        pytest.param(Policy(), {"lock_timeout": "300ms"}, "", "300ms", id="the role's, if it is shorter"),
        pytest.param(Policy(), {"lock_timeout": "5s"}, "", "1s", id="not the role's, if it is longer"),
        pytest.param(Policy(), {"lock_timeout": "0"}, "", "1s", id="not the role's, if it is off"),
        pytest.param(Policy(lock_timeout=0.5), {}, "", "500ms", id="the configured one of the role, if it is shorter"),
        pytest.param(Policy(), {}, "SET LOCAL lock_timeout = '200ms';\n", "200ms", id="the file's, if it is shorter"),
        pytest.param(Policy(), {}, "SET LOCAL lock_timeout = '8s';\n", "1s", id="not the file's, if it is longer"),
    ],
)
def test_a_step_that_others_queue_behind_gives_up_soon(
    policy: Policy, role: Mapping[str, str], before: str, expected: str
) -> None:
    declares = written(judged(before + CHECK, policy, role))
    in_force = declares[: declares.index("ADD CONSTRAINT")].rsplit("lock_timeout = ", 1)[1]
    assert in_force.startswith(f"'{expected}'")


def downs(analysis: Analysis) -> list[str]:
    worst = next(one for one in analysis.findings if one.rewrite is not None)
    return [file.text.partition("-- migrate:down")[2] for file in worst.files if file.path is not None]


def test_the_way_back_gives_up_as_soon_as_the_way_forth() -> None:
    filled = "ALTER TABLE accounts ADD COLUMN shout text GENERATED ALWAYS AS (upper(name)) STORED;"
    first = downs(judged(filled, Policy(rewrite_lock_timeout=2.5)))[0]
    assert first.index("SET LOCAL lock_timeout = '2500ms';") < first.index("DROP TRIGGER")


def test_the_way_back_of_an_index_waits_for_its_lock() -> None:
    assert not any("lock_timeout" in down for down in downs(judged(INDEX)))


def test_validation_has_no_lock_timeout_and_is_not_ended_by_a_short_one_of_the_role() -> None:
    def of_validation(role: Mapping[str, str]) -> str:
        text = written(judged(CHECK, role=role))
        return text[text.index("statement_timeout") : text.index("VALIDATE")]

    assert "lock_timeout" not in of_validation({})
    assert "lock_timeout" not in of_validation({"lock_timeout": "5s"})
    assert "SET LOCAL lock_timeout = 0;" in of_validation({"lock_timeout": "1s"})


def test_a_concurrent_build_has_no_lock_timeout() -> None:
    assert "lock_timeout" not in written(judged(INDEX))
    rewrites = [one.rewrite for one in judged(INDEX, role={"lock_timeout": "5s"}).findings if one.rewrite is not None]
    assert rewrites[0].steps[0].settings == (("lock_timeout", "0"),)


def test_a_plan_says_once_that_a_step_may_be_tried_again() -> None:
    again = "run it again until it gets its lock"
    both = f"{CHECK}\nALTER TABLE accounts ALTER COLUMN name SET NOT NULL;"
    assert plan(judged(both), OWNER).count(again) == 1
    assert again not in plan(judged(INDEX, role={"lock_timeout": "1s"}), OWNER)


def test_the_runbook_waits_no_longer_than_the_steps() -> None:
    def waits(analysis: Analysis) -> bool:
        return "SET LOCAL lock_timeout = '700ms';" in recipe(analysis.run.migrations[0], analysis)

    assert waits(judged(CHECK, Policy(rewrite_lock_timeout=0.7)))
    assert waits(judged(CHECK, role={"lock_timeout": "700ms"}))
    assert not waits(judged(CHECK, role={"lock_timeout": "0"}))
