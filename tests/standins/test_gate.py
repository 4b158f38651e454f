"""Which check run counts, what it does to the commit, and how a merge queue moves by it."""

import pytest

from bot.standins.github import webhooks
from bot.standins.github.merge_queue import MergeQueue, Method, QueueEntry
from bot.standins.github.protection import best_of_all
from bot.standins.github.suggestions import NotApplied, apply
from tests.support.at_github import LINES, MIGRATION, Caller, called

pytestmark = pytest.mark.anyio


async def _run(at: Caller, sha: str, conclusion: str | None = None) -> int:
    body = {"name": "migsafe", "head_sha": sha} | ({"conclusion": conclusion} if conclusion else {})
    made = await at.call("POST", "/check-runs", body)
    return int(made.json()["id"])


@pytest.mark.parametrize(
    ("conclusions", "expected"),
    [
        ([], "waits"),
        ([None], "waits"),
        (["success"], "passes"),
        (["neutral"], "passes"),
        (["skipped"], "passes"),
        (["failure"], "blocks"),
        (["cancelled"], "blocks"),
        (["action_required"], "blocks"),
        (["timed_out"], "blocks"),
        (["failure", "neutral"], "passes"),
        (["success", "failure"], "blocks"),
        (["success", None], "waits"),
    ],
)
async def test_the_newest_run_counts(conclusions: list[str | None], expected: str) -> None:
    async with called() as at:
        sha = at.repository.branches["main"]
        for conclusion in conclusions:
            await _run(at, sha, conclusion)
        assert at.github.required_check(sha) == expected


async def test_a_neutral_run_left_behind_hides_a_failure_from_programs_that_take_the_best() -> None:
    async with called() as at:
        sha = at.repository.branches["main"]
        for conclusion in ("neutral", "failure"):
            await _run(at, sha, conclusion)
        assert best_of_all(at.github.check_runs_of(sha)) == "passes"


async def test_the_latest_run_of_a_list_is_the_last_that_ended_and_may_be_an_old_one() -> None:
    async with called() as at:
        sha = at.repository.branches["main"]
        old, new = await _run(at, sha), await _run(at, sha, "failure")
        at.github.advance(10)
        await at.call("PATCH", f"/check-runs/{old}", {"conclusion": "success"})
        listed = await at.get(f"/commits/{sha}/check-runs?check_name=migsafe")
        assert [run["id"] for run in listed["check_runs"]] == [old]
        everything = await at.get(f"/commits/{sha}/check-runs?filter=all")
        assert {run["id"] for run in everything["check_runs"]} == {old, new}
        assert at.github.required_check(sha) == "blocks"


async def test_a_run_that_has_ended_is_not_opened_again() -> None:
    async with called() as at:
        sha = at.repository.branches["main"]
        run = await _run(at, sha, "success")
        output = {"title": "Again", "summary": "Under way."}
        answer = await at.call("PATCH", f"/check-runs/{run}", {"status": "in_progress", "output": output})
        assert answer.status_code == 200
        [kept] = at.github.check_runs
        assert (kept.status, kept.conclusion, kept.title) == ("completed", "success", "Again")


async def test_two_pull_requests_may_have_one_head() -> None:
    async with called() as at:
        at.github.commit(at.repository, "stable", {"README.md": "# Stable\n"})
        first = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        second = at.github.open_pull_request(at.repository, {}, base="stable", same_head=first)
        assert first.head_sha == second.head_sha
        at.github.push(first, {MIGRATION: "select 1;\n"})
        assert first.head_sha == second.head_sha
        made = await at.call("POST", "/check-runs", {"name": "migsafe", "head_sha": first.head_sha})
        assert [pull["number"] for pull in made.json()["pull_requests"]] == [1, 2]


async def _queued(at: Caller, method: Method = "squash") -> tuple[MergeQueue, list[QueueEntry]]:
    queue = MergeQueue(at.github, at.repository, method=method, timeout=60)
    files = [f"db/migrations/{number}.sql" for number in (1, 2, 3)]
    pulls = [at.github.open_pull_request(at.repository, {file: LINES}) for file in files]
    return queue, list(queue.enqueue(*pulls))


@pytest.mark.parametrize("method", ["squash", "merge", "rebase"])
async def test_each_group_stands_on_the_one_before(method: Method) -> None:
    async with called() as at:
        _, entries = await _queued(at, method)
        main = at.repository.branches["main"]
        assert [entry.base_sha for entry in entries] == [main, entries[0].head_sha, entries[1].head_sha]
        for number, entry in enumerate(entries, 1):
            assert entry.head_ref == f"refs/heads/gh-readonly-queue/main/pr-{number}-{entry.base_sha}"
            changed = (await at.get(f"/compare/{entry.base_sha}...{entry.head_sha}"))["files"]
            assert [file["filename"] for file in changed] == [f"db/migrations/{number}.sql"]
        said = webhooks.merge_group(at.github, at.repository, entries[1].base_sha, entries[1].head_sha)
        assert said["merge_group"]["head_ref"] == entries[1].head_ref
        assert said["merge_group"]["base_ref"] == "refs/heads/main"


async def test_what_passes_is_merged_and_what_fails_leaves_and_renews_those_behind() -> None:
    async with called() as at:
        queue, entries = await _queued(at)
        queue.events.clear()
        await _run(at, entries[0].head_sha, "success")
        await _run(at, entries[1].head_sha, "failure")
        queue.settle()
        told = [(event.action, event.entry.pull.number, event.reason) for event in queue.events]
        assert told == [
            ("destroyed", 1, "merged"),
            ("destroyed", 2, "dequeued"),
            ("destroyed", 3, "invalidated"),
            ("checks_requested", 3, None),
        ]
        [left] = queue.entries
        assert left.base_sha == entries[0].head_sha == at.repository.branches["main"]
        assert [pull.merged for pull in at.github.pulls] == [True, False, False]
        assert at.github.pulls[1].state == "open"


async def test_a_group_without_an_answer_leaves_after_the_timeout() -> None:
    async with called() as at:
        queue, _ = await _queued(at)
        queue.settle()
        assert len(queue.entries) == 3
        at.github.advance(61)
        queue.events.clear()
        queue.settle()
        assert [(event.action, event.entry.pull.number) for event in queue.events][:1] == [("destroyed", 1)]


async def test_a_suggestion_replaces_the_comments_lines() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: "a\nb\nc\n"})
        await at.review(pull, {"path": MIGRATION, "line": 2, "body": "So:\n```suggestion\nx\ny\n```\n"})
        [comment] = at.github.review_comments_of(pull)
        head = apply(at.github, comment, "dev")
        assert at.github.objects.blobs[at.github.objects.files(head)[MIGRATION][1]] == b"a\nx\ny\nc\n"
        assert at.github.objects.commits[head].committer == "web-flow"
        with pytest.raises(NotApplied, match="outdated"):
            apply(at.github, comment, "dev")


async def test_a_suggestion_over_removed_lines_is_not_applied() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {"db/old.sql": LINES.replace("select 20;\n", "")})
        wanted = {"path": "db/old.sql", "start_line": 19, "line": 20, "body": "```suggestion\nx\n```\n"}
        assert (await at.review(pull, wanted)).status_code == 200
        [comment] = at.github.review_comments_of(pull)
        with pytest.raises(NotApplied, match="deleted lines"):
            apply(at.github, comment, "dev")
