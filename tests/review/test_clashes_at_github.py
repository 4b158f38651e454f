"""Pull requests that clash: at a stand-in for GitHub, with the real state, from the first push to the merge queue."""

from collections.abc import AsyncIterator

import pytest

from bot.standins.github.model import CheckRun, Pull
from tests.support.reviewing import Reviewing, reviewing

pytestmark = pytest.mark.anyio

FOLDER = "db/migrations"


def dbmate(sql: str) -> str:
    return f"-- migrate:up\n{sql}\n\n-- migrate:down\n"


OLD = {f"{FOLDER}/20260101000000_orders.sql": dbmate("CREATE TABLE orders (id bigint PRIMARY KEY, status text);")}
NOTE = dbmate("CREATE TABLE notes (id bigint);")
REMARK = dbmate("CREATE TABLE remarks (id bigint);")
DROP = dbmate("ALTER TABLE orders DROP COLUMN status;")
BUILD = dbmate("CREATE INDEX orders_status_idx ON orders (status);")


@pytest.fixture
async def world() -> AsyncIterator[Reviewing]:
    async with reviewing(files=OLD) as world:
        yield world


async def opened(world: Reviewing, files: dict[str, str | None], head: str, **options: object) -> Pull:
    pull = world.at.opened(files, head=head, **options)
    await world.reviewed(pull)
    return pull


def check(world: Reviewing, pull: Pull) -> CheckRun:
    return world.at.github.check_runs_of(pull.head_sha)[-1]


def says(run: CheckRun) -> str:
    """All that the check says, without the marks of code."""
    return "\n".join([run.title or "", run.summary or "", *(mark["message"] for mark in run.annotations)]).replace(
        "`", ""
    )


async def test_of_two_with_one_version_the_later_carries_the_danger_and_names_the_earlier(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    assert check(world, first).conclusion == "success"
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    assert check(world, second).conclusion == "failure"
    assert f"#{first.number}" in says(check(world, second))
    assert await world.judged_again() == [first.number]
    assert check(world, first).conclusion == "success"
    assert f"#{second.number}" in says(check(world, first))
    assert not world.stored


async def test_when_the_earlier_is_closed_the_later_is_judged_again_and_green(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    await world.judged_again()
    await world.closed(first)
    assert await world.judged_again() == [second.number]
    assert check(world, second).conclusion == "success"
    assert f"#{first.number}" not in says(check(world, second))


async def test_when_the_earlier_is_merged_the_later_keeps_the_danger(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    await world.judged_again()
    await world.closed(first, merged=True)
    assert await world.judged_again() == [second.number]
    assert check(world, second).conclusion == "failure"
    merged = (f"{FOLDER}/20260516101500_notes.sql on the base branch", f"#{first.number} (merged)")
    assert any(words in says(check(world, second)) for words in merged), "depends on how fresh GitHub's answer is"
    late = await opened(world, {f"{FOLDER}/20260516101500_memos.sql": REMARK.replace("remarks", "memos")}, "late")
    assert f"{FOLDER}/20260516101500_notes.sql on the base branch" in says(check(world, late))


async def test_when_the_later_takes_another_version_both_are_green(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    await world.judged_again()
    world.at.github.push(
        second, {f"{FOLDER}/20260516101500_remarks.sql": None, f"{FOLDER}/20260516101501_remarks.sql": REMARK}
    )
    await world.reviewed(second)
    assert check(world, second).conclusion == "success"
    assert await world.judged_again() == [first.number]
    assert f"#{second.number}" not in says(check(world, first))


async def test_a_push_that_changes_no_clash_has_nobody_judged_again(world: Reviewing) -> None:
    await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    await world.judged_again()
    world.at.github.push(second, {"README.md": "# Shop\n"})
    await world.reviewed(second)
    assert world.stored == []


async def test_a_draft_counts_as_open_and_another_base_branch_does_not(world: Reviewing) -> None:
    world.at.github.commit(world.at.repository, "next", {"README.md": "# Next\n"})
    await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes", draft=True)
    other = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks", base="next")
    assert check(world, other).conclusion == "success"
    third = await opened(world, {f"{FOLDER}/20260516101500_memos.sql": REMARK.replace("remarks", "memos")}, "memos")
    assert check(world, third).conclusion == "failure"


async def test_a_stacked_pull_request_does_not_clash_with_the_one_below_but_with_others(world: Reviewing) -> None:
    below = await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "below")
    above = await opened(
        world,
        {f"{FOLDER}/20260516101600_again.sql": dbmate("ALTER TABLE orders ADD COLUMN status text;")},
        "above",
        base="below",
    )
    assert f"#{below.number}" not in says(check(world, above))
    third = await opened(world, {f"{FOLDER}/20260516101600_notes.sql": NOTE}, "notes")
    assert f"#{above.number}" in says(check(world, third))
    assert check(world, third).conclusion == "failure"


async def test_what_uses_a_column_that_an_earlier_one_drops_fails_for_certain(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "drop")
    second = await opened(world, {f"{FOLDER}/20260516101600_build.sql": BUILD}, "build")
    run = check(world, second)
    assert run.conclusion == "failure"
    assert f"line 2 of {FOLDER}/20260516101500_drop.sql in #{first.number} drops it" in says(run)
    await world.judged_again()
    assert f"#{second.number}" in says(check(world, first))


async def test_after_the_drop_is_merged_the_user_of_it_still_fails(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "drop")
    second = await opened(world, {f"{FOLDER}/20260516101600_build.sql": BUILD}, "build")
    await world.judged_again()
    await world.closed(first, merged=True)
    await world.judged_again()
    assert check(world, second).conclusion == "failure"
    assert f"#{first.number} (merged) drops it" in says(check(world, second))


async def test_a_table_that_two_only_read_or_index_is_no_clash(world: Reviewing) -> None:
    await opened(world, {f"{FOLDER}/20260516101500_read.sql": dbmate("SELECT count(*) FROM orders;")}, "read")
    index = dbmate("SET lock_timeout = '1s';\nCREATE INDEX orders_status_idx ON orders (status);")
    second = await opened(world, {f"{FOLDER}/20260516101600_build.sql": index}, "build")
    assert "#1" not in says(check(world, second))
    assert world.stored == []


async def test_a_deleted_migration_is_seen_though_nothing_else_changes(world: Reviewing) -> None:
    pull = await opened(world, {f"{FOLDER}/20260101000000_orders.sql": None}, "gone")
    assert "A merged migration is deleted" in says(check(world, pull))


async def test_a_merged_migration_that_is_edited_is_a_danger_unless_only_comments_change(world: Reviewing) -> None:
    path, text = next(iter(OLD.items()))
    pull = await opened(world, {path: text.replace("status text", "status text NOT NULL")}, "edit")
    assert check(world, pull).conclusion == "failure"
    assert "A merged migration is changed" in says(check(world, pull))
    calm = await opened(world, {path: f"-- Ours.\n{text}"}, "comment")
    assert "merged migration" not in says(check(world, calm))


async def test_a_group_on_top_of_a_queued_drop_fails_and_names_it(world: Reviewing) -> None:
    from bot.standins.github.merge_queue import MergeQueue

    first = await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "drop")
    second = await opened(world, {f"{FOLDER}/20260516101600_build.sql": BUILD}, "build")
    queue = MergeQueue(world.at.github, world.at.repository)
    ahead, behind = queue.enqueue(first, second)
    green = await world.grouped(ahead.base_sha, ahead.head_sha, head_ref=ahead.head_ref, base_ref="refs/heads/main")
    assert green.conclusion == "success"
    run = await world.grouped(behind.base_sha, behind.head_sha, head_ref=behind.head_ref, base_ref="refs/heads/main")
    assert run.conclusion == "failure"
    assert f"#{first.number} (ahead in the queue)" in says(run)


async def test_a_group_with_two_files_of_one_version_fails(world: Reviewing) -> None:
    first = await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    base, head = world.at.github.merge_group(world.at.repository, [first, second])
    run = await world.grouped(base, head, head_ref=world.at.github.queue_refs[head], base_ref="refs/heads/main")
    assert run.conclusion == "failure"
    assert "is also that of" in says(run)


def revision(key: str, below: str | None) -> str:
    return (
        f"from alembic import op\nrevision = {key!r}\ndown_revision = {below!r}\n\n\n"
        f'def upgrade():\n    op.execute("CREATE TABLE t_{key} (id int)")\n'
    )


async def test_two_revisions_that_build_on_one_make_the_later_a_danger_also_after_the_merge() -> None:
    async with reviewing(files={"app/versions/aa_one.py": revision("aa", None)}) as world:
        first = await opened(world, {"app/versions/bb_two.py": revision("bb", "aa")}, "two")
        assert check(world, first).conclusion == "success"
        second = await opened(world, {"app/versions/cc_three.py": revision("cc", "aa")}, "three")
        assert check(world, second).conclusion == "failure"
        assert f"app/versions/bb_two.py in #{first.number} also builds on revision aa" in says(check(world, second))
        await world.judged_again()
        await world.closed(first, merged=True)
        third = await opened(world, {"app/versions/dd_four.py": revision("dd", "aa")}, "four")
        assert "app/versions/bb_two.py on the base branch also builds on revision aa" in says(check(world, third))
        last = await opened(world, {"app/versions/ee_five.py": revision("ee", "zz")}, "five")
        assert "There is no revision zz to build on" in says(check(world, last))


async def test_a_deleted_migration_that_the_tool_will_miss_is_a_danger_with_a_review() -> None:
    async with reviewing(files={f"{FOLDER}/V1__orders.sql": "CREATE TABLE orders (id bigint);\n"}) as world:
        pull = await opened(world, {f"{FOLDER}/V1__orders.sql": None}, "gone")
        assert check(world, pull).conclusion == "failure"
        (review,) = world.at.github.reviews_of(pull)
        assert "A merged migration is deleted" in review.body
        assert not world.at.github.rejected


async def test_what_was_accepted_on_the_pull_request_holds_in_its_merge_group(world: Reviewing) -> None:
    from bot.standins.github.merge_queue import MergeQueue

    await opened(world, {f"{FOLDER}/20260516101500_notes.sql": NOTE}, "notes")
    second = await opened(world, {f"{FOLDER}/20260516101500_remarks.sql": REMARK}, "remarks")
    await world.judged_again()
    await world.said(second, "/migsafe allow duplicate-version We merge only this one.")
    await world.reviewed(second)
    assert check(world, second).conclusion == "success"
    (entry,) = MergeQueue(world.at.github, world.at.repository).enqueue(second)
    run = await world.grouped(entry.base_sha, entry.head_sha, head_ref=entry.head_ref, base_ref="refs/heads/main")
    assert run.conclusion == "success"


async def test_the_same_file_in_two_pull_requests_is_one_migration(world: Reviewing) -> None:
    files: dict[str, str | None] = {f"{FOLDER}/20260516101500_notes.sql": NOTE}
    await opened(world, files, "notes")
    second = await opened(world, files, "again")
    assert check(world, second).conclusion == "success"
    assert world.stored == []


async def test_a_branch_that_began_on_another_does_not_clash_with_it_over_the_files_that_both_have(
    world: Reviewing,
) -> None:
    built: dict[str, str | None] = {f"{FOLDER}/20260516101500_build.sql": BUILD}
    first = await opened(world, built, "first")
    second = await opened(world, {**built, f"{FOLDER}/20260516101600_drop.sql": DROP}, "second")
    assert f"#{first.number}" not in says(check(world, second))
    assert await world.judged_again() == []
    await world.closed(first, merged=True)
    world.at.github.push(second, {"README.md": "# Shop\n"})
    assert (await world.reviewed(second)).conclusion == "success"


async def test_two_that_move_or_edit_what_is_merged_do_not_create_it_twice(world: Reviewing) -> None:
    (old, text), *_ = OLD.items()
    moved = await opened(world, {old: None, f"services/shop/{old}": text}, "moved")
    renamed = await opened(world, {old: None, f"{FOLDER}/20260101000000_all_orders.sql": text}, "renamed")
    assert (check(world, moved).conclusion, check(world, renamed).conclusion) == ("success", "success")
    dropped = await opened(
        world, {f"{FOLDER}/20260516101500_drop.sql": dbmate("DROP TABLE IF EXISTS orders CASCADE;")}, "dropped"
    )
    assert f"#{moved.number}" not in says(check(world, dropped))


async def test_what_services_of_one_repository_do_to_tables_of_one_name_is_a_warning(world: Reviewing) -> None:
    await opened(world, {f"billing/{FOLDER}/20260516101500_notes.sql": NOTE}, "billing")
    other = await opened(world, {f"stock/{FOLDER}/20260516101600_notes.sql": NOTE}, "stock")
    assert check(world, other).conclusion == "success"
    assert "if these are for different databases, nothing goes wrong" in says(check(world, other))


async def test_two_that_drop_the_same_name_one_advice(world: Reviewing) -> None:
    await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "first")
    second = await opened(world, {f"{FOLDER}/20260516101600_drop.sql": DROP}, "second")
    assert "orders.status is dropped in #1" in says(check(world, second))
    assert "is used in #1" not in says(check(world, second))


async def test_a_check_or_an_index_on_a_column_that_an_earlier_one_drops_fails_for_certain(world: Reviewing) -> None:
    await opened(world, {f"{FOLDER}/20260516101500_drop.sql": DROP}, "drop")
    added = dbmate("ALTER TABLE orders ADD CONSTRAINT known CHECK (lower(status) <> '') NOT VALID;")
    checked = await opened(world, {f"{FOLDER}/20260516101600_check.sql": added}, "check")
    assert check(world, checked).conclusion == "failure"
    assert "orders.status is dropped in #1" in says(check(world, checked))
