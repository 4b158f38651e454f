"""What a suggestion takes out of a file is kept until it is there: at a stand-in for GitHub, with the real state."""

from collections.abc import AsyncIterator

import pytest

from bot.core.judging.findings import StepKind
from bot.core.judging.owed import KeptFile, KeptPlan, KeptSteps
from bot.server.state.plans import PlanTable
from bot.standins.github.model import Pull, ReviewComment
from bot.standins.github.suggestions import apply
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516101500_x.sql"
CHECK = "ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0) NOT VALID;\n"
VALIDATE = "ALTER TABLE accounts VALIDATE CONSTRAINT sized;\n"
NEXT = "db/migrations/20260516101501_validate_sized.sql"


def dbmate(sql: str) -> str:
    return f"-- migrate:up\n{sql}\n-- migrate:down\nALTER TABLE accounts DROP CONSTRAINT sized;\n"


@pytest.fixture
async def world() -> AsyncIterator[Reviewing]:
    async with reviewing(files={"README.md": "x"}) as world:
        yield world


async def opened(world: Reviewing, text: str) -> Pull:
    pull = world.at.opened({PATH: text}, head="change")
    await world.reviewed(pull)
    return pull


async def took(world: Reviewing, pull: Pull) -> str:
    """The file after every suggestion of the review was taken, judged again after each."""
    for comment in suggesting(world, pull):
        apply(world.at.github, comment, "dev")
        await world.reviewed(pull)
    return text_of(world, pull)


def suggesting(world: Reviewing, pull: Pull) -> list[ReviewComment]:
    found = [one for one in world.at.github.review_comments_of(pull) if "```suggestion" in one.body]
    return sorted(found, key=lambda comment: -(comment.line or 0))


def text_of(world: Reviewing, pull: Pull) -> str:
    _, sha = world.at.github.objects.files(pull.head_sha)[PATH]
    return world.at.github.objects.blobs[sha].decode()


async def kept(world: Reviewing) -> list[KeptPlan]:
    return list(await PlanTable(world.state).kept_plans(world.at.repository.id))


async def test_a_statement_that_moves_is_deleted_by_a_suggestion_and_its_file_is_still_to_come(
    world: Reviewing,
) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    assert VALIDATE not in await took(world, pull)
    assert CHECK in text_of(world, pull)
    plan = await world.said(pull, "/migsafe plan")
    assert "Still to come" in plan
    assert NEXT in plan
    assert VALIDATE in plan
    assert "1 file of the plan" in (world.at.github.check_runs_of(pull.head_sha)[-1].summary or "").replace("`", "")


async def test_what_is_owed_outlives_a_push_and_the_merge_until_a_later_pull_request_brings_it(
    world: Reviewing,
) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    await took(world, pull)
    world.at.github.push(pull, {"README.md": "y"})
    await world.reviewed(pull)
    assert NEXT in await world.said(pull, "/migsafe plan")
    await world.closed(pull, merged=True)
    assert [len(plan.owed) for plan in await kept(world)] == [1]

    later = world.at.opened({NEXT: f"-- migrate:up\n{VALIDATE}"}, head="validate")
    run = await world.reviewed(later)
    assert f"of the plan of #{pull.number}" in (run.summary or "")
    assert [len(plan.owed) for plan in await kept(world)] == [0]
    await world.closed(later)
    assert [len(plan.owed) for plan in await kept(world)] == [1]

    again = world.at.opened({NEXT: f"-- migrate:up\n{VALIDATE}"}, head="again")
    await world.reviewed(again)
    await world.closed(again, merged=True)
    assert await kept(world) == []


async def test_the_step_may_come_in_the_same_pull_request(world: Reviewing) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    await took(world, pull)
    world.at.github.push(pull, {NEXT: f"-- migrate:up\n{VALIDATE}"})
    await world.reviewed(pull)
    assert "Still to come" not in await world.said(pull, "/migsafe plan")
    await world.closed(pull, merged=True)
    assert await kept(world) == []


async def test_nothing_is_owed_for_what_was_merged_as_it_stood_or_was_never_merged(world: Reviewing) -> None:
    merged = await opened(world, dbmate(CHECK + VALIDATE))
    assert await kept(world) != []
    await world.closed(merged, merged=True)
    assert await kept(world) == []
    other = world.at.opened({"db/migrations/20260516101600_y.sql": dbmate(CHECK + VALIDATE)}, head="other")
    await world.reviewed(other)
    await world.closed(other)
    assert await kept(world) == []


async def test_nothing_is_owed_for_a_statement_that_its_author_changed(world: Reviewing) -> None:
    create = "CREATE INDEX {} ON accounts (email);\n"
    pull = await opened(world, dbmate(CHECK + create.format("one")))
    world.at.github.push(pull, {PATH: dbmate(CHECK + create.format("other"))})
    await world.reviewed(pull)
    assert "Still to come" not in await world.said(pull, "/migsafe plan")


async def test_a_renamed_file_still_owes_its_steps(world: Reviewing) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    text = await took(world, pull)
    world.at.github.push(pull, {PATH: None, "db/migrations/20260517101500_x.sql": text})
    await world.reviewed(pull)
    assert NEXT in await world.said(pull, "/migsafe plan")


async def test_what_an_instant_first_step_leaves_to_do_is_owed_when_it_is_taken(world: Reviewing) -> None:
    pull = await opened(world, dbmate("ALTER TABLE accounts ADD CONSTRAINT sized CHECK (size > 0);\n"))
    assert "NOT VALID" in await took(world, pull)
    assert VALIDATE in await world.said(pull, "/migsafe plan")


async def test_the_steps_of_a_file_that_the_plan_has_deleted_are_owed_until_they_are_there(world: Reviewing) -> None:
    drop = "ALTER TABLE accounts DROP COLUMN opt;\n"
    pull = await opened(world, dbmate(drop))
    assert suggesting(world, pull) == []
    assert "Nothing of it" in await world.said(pull, "/migsafe plan")
    world.at.github.push(pull, {PATH: None})
    await world.reviewed(pull)
    await world.closed(pull, merged=True)
    (plan,) = await kept(world)
    assert [file.path for file in plan.owed] == [None, PATH]
    other = world.at.opened({PATH: dbmate(drop)}, head="other")
    await world.reviewed(other)
    await world.closed(other, merged=True)
    assert await kept(world) == []


async def test_of_a_file_that_the_plan_replaces_the_second_step_is_owed(world: Reviewing) -> None:
    create = "CREATE INDEX {} ON accounts (email);\n"
    pull = await opened(world, dbmate(create.format("one") + create.format("two")))
    first = "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY one ON accounts (email);\n\n-- migrate:down\n"
    world.at.github.push(pull, {PATH: first})
    await world.reviewed(pull)
    assert "CREATE INDEX CONCURRENTLY two" in await world.said(pull, "/migsafe plan")


BACKFILL = "db/scripts/backfill_accounts_status.sql"


async def test_a_script_that_was_run_is_owed_until_somebody_says_so(world: Reviewing) -> None:
    pull = await opened(world, dbmate(f"{CHECK}UPDATE accounts SET status = 'on';\n"))
    assert "UPDATE" not in await took(world, pull)
    answer = await world.said(pull, "/migsafe plan")
    assert BACKFILL in answer
    assert "/migsafe done FILE REASON" in answer
    assert "/migsafe done FILE REASON" in (world.at.github.check_runs_of(pull.head_sha)[-1].summary or "")
    answer = await world.said(pull, "/migsafe done backfill_accounts_status.sql ran on Monday, 1.2 million rows")
    assert f"`{BACKFILL}` is done, says `dev`" in answer
    assert "ran on Monday" in answer
    world.at.github.push(pull, {"README.md": "y"})
    await world.reviewed(pull)
    assert BACKFILL not in await world.said(pull, "/migsafe plan")
    await world.said(pull, f"/migsafe revoke {BACKFILL}")
    assert BACKFILL in await world.said(pull, "/migsafe plan")
    await world.said(pull, f"/migsafe done `{BACKFILL}` it did run")
    await world.closed(pull, merged=True)
    assert await kept(world) == []


async def test_what_is_not_owed_cannot_be_done(world: Reviewing) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    await took(world, pull)
    answer = await world.said(pull, "/migsafe done other.sql because")
    assert "`other.sql` is no file of this pull request's plan" in answer
    assert NEXT in answer


async def test_only_who_may_write_says_that_a_step_is_done(world: Reviewing) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    await took(world, pull)
    assert "needs write permission" in await world.said(pull, f"/migsafe done {NEXT} because", author="stranger")
    assert NEXT in await world.said(pull, "/migsafe plan")


async def test_a_plan_that_is_too_long_to_be_kept_moves_nothing(
    world: Reviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.server.state.plans._LONGEST", 10)
    pull = await opened(world, dbmate(CHECK + VALIDATE))
    assert suggesting(world, pull) == []
    assert any("no button" in one.body for one in world.at.github.review_comments_of(pull))


async def test_files_with_cr_lf_get_the_code_without_a_button(world: Reviewing) -> None:
    pull = await opened(world, dbmate(CHECK + VALIDATE).replace("\n", "\r\n"))
    assert suggesting(world, pull) == []
    assert any("CR LF" in one.body for one in world.at.github.review_comments_of(pull))


async def test_a_kept_plan_is_read_as_it_was_written(world: Reviewing) -> None:
    file = KeptFile(StepKind.MIGRATION, "a.sql", "SELECT 1;", "note", 2, transactional=True, does=("d",), brought_by=7)
    plan = KeptPlan(3, (KeptSteps("x.sql", "o", "AddCheck t", ("h",), ("a", "b"), (file,), owed=True),), merged=True)
    table = PlanTable(world.state)
    assert await table.keep_plan(1, plan)
    assert await table.kept_plans(1) == [plan]
    assert await table.kept_plans(2) == []


async def test_no_file_of_a_plan_takes_the_path_of_one_that_exists() -> None:
    there = {"db/scripts/backfill_t_a.sql": "SELECT 1;", "db/migrations/20260516101400_y.sql": "-- migrate:up\n"}
    async with reviewing(files=there) as world:
        pull = await opened(world, "-- migrate:up\nUPDATE t SET a = 1;\nALTER TABLE u ADD COLUMN b int;\n")
        assert "`db/scripts/backfill_t_a_2.sql`" in await world.said(pull, "/migsafe plan")
