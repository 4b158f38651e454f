"""The check run: started once, and concluded within GitHub's limits with any output."""

import contextlib
from dataclasses import replace

import pytest

from bot.github.errors import HubError, Uncertain
from bot.report.shapes import Annotation, CheckOutput, Conclusion
from tests.support.at_github import Scene, scene

pytestmark = pytest.mark.anyio

SAFE = CheckOutput(Conclusion.SUCCESS, "Safe", "Nothing blocks anybody.")


def _note(line: int) -> Annotation:
    return Annotation("db/1.sql", line, line, "warning", f"Note {line}", "A message.")


async def test_a_check_started_twice_with_one_id_is_one_check() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        first = await at.hub.start_check(sha, "pr:1:1")
        assert await at.hub.start_check(sha, "pr:1:1") == first
        [run] = at.github.check_runs_of(sha)
        assert (run.name, run.status, run.external_id) == ("migsafe", "in_progress", "pr:1:1")


async def test_after_a_concluded_check_a_new_one_starts() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        first = await at.hub.start_check(sha, "pr:1:1")
        await at.hub.conclude_check(first, SAFE)
        assert (await at.hub.head_checks(sha)).concluded
        assert await at.hub.start_check(sha, "pr:1:1") != first
        assert not (await at.hub.head_checks(sha)).concluded


async def test_a_head_without_a_check_has_none_concluded() -> None:
    async with scene() as at:
        assert not (await at.hub.head_checks(at.opened().head_sha)).concluded


async def test_a_check_whose_answer_was_lost_is_not_created_again() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        at.github.fail_next("POST", "/check-runs", 502, after_effect=True)
        name = await at.hub.start_check(sha, "pr:1:1")
        assert [run.id for run in at.github.check_runs_of(sha)] == [name]


async def test_a_check_that_was_not_created_is_created_on_the_second_try() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        at.github.fail_next("POST", "/check-runs", 502)
        await at.hub.start_check(sha, "pr:1:1")
        assert len(at.github.check_runs_of(sha)) == 1


async def test_a_conclusion_carries_title_summary_text_and_buttons() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        buttons = (("Re-run", "Read and judge again", "recheck"),)
        output = CheckOutput(Conclusion.FAILURE, "Blocked", "Summary", "Text", (_note(1),), buttons)
        await at.hub.conclude_check(await at.hub.start_check(sha, "x"), output)
        [run] = at.github.check_runs_of(sha)
        assert (run.status, run.conclusion, run.title, run.summary, run.text) == (
            "completed",
            "failure",
            "Blocked",
            "Summary",
            "Text",
        )
        assert run.actions == [{"label": "Re-run", "description": "Read and judge again", "identifier": "recheck"}]


async def test_annotations_beyond_fifty_are_added_in_further_requests() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        check = await at.hub.start_check(sha, "x")
        await at.hub.conclude_check(check, replace(SAFE, annotations=tuple(map(_note, range(1, 131)))))
        [run] = at.github.check_runs_of(sha)
        assert [each["start_line"] for each in run.annotations] == list(range(1, 131))
        assert run.conclusion == "success"


@pytest.mark.parametrize("after", [True, False], ids=["done all the same", "not done"])
async def test_no_annotation_is_added_twice_after_a_lost_answer(*, after: bool) -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        check = await at.hub.start_check(sha, "x")
        at.github.fail_next("PATCH", f"/check-runs/{check}", 502, after_effect=after)
        await at.hub.conclude_check(check, replace(SAFE, annotations=(_note(1), _note(2))))
        [run] = at.github.check_runs_of(sha)
        assert len(run.annotations) == 2
        assert run.conclusion == "success"


async def test_what_is_too_long_is_cut_not_refused() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        long = "```sql\n" + "select 1;\n" * 20_000 + "```"
        buttons = tuple((f"{'label' * 9}{number}", "description" * 9, "identifier" * 9) for number in range(5))
        annotation = Annotation("db/1.sql", 0, 0, "failure", "title" * 99, "é" * 70_000)
        output = CheckOutput(Conclusion.NEUTRAL, "T" * 999, long, long, (annotation,), buttons)
        await at.hub.conclude_check(await at.hub.start_check(sha, "x"), output)
        [run] = at.github.check_runs_of(sha)
        assert run.conclusion == "neutral"
        assert (run.summary or "").count("```") == 2
        assert len(run.actions) == 3
        assert at.github.rejected == []


async def test_an_annotation_that_github_refuses_does_not_prevent_the_conclusion() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        check = await at.hub.start_check(sha, "x")
        wrong = Annotation("db/1.sql", 1, 1, "no such level", "", "message")
        await at.hub.conclude_check(check, replace(SAFE, annotations=(wrong,)))
        [run] = at.github.check_runs_of(sha)
        assert (run.conclusion, run.annotations) == ("success", [])


async def test_how_long_a_check_has_been_in_progress_is_known() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        check = await at.hub.start_check(sha, "x")
        at.github.check_runs_of(sha)[0].started_at = "2026-01-01T00:00:00Z"
        [run] = (await at.hub.head_checks(sha)).unfinished
        assert (run.id, run.external_id, run.concluded) == (check, "x", False)
        assert run.age > 3600
        await at.hub.conclude_check(check, SAFE)
        assert (await at.hub.head_checks(sha)).unfinished == []


async def test_a_check_that_github_cannot_accept_now_is_tried_later() -> None:
    async with scene() as at:
        at.github.fail_next("POST", "/check-runs", 500, times=2)
        with pytest.raises(Uncertain) as caught:
            await at.hub.start_check(at.opened().head_sha, "x")
        assert caught.value.retry_after


def _ends(at: Scene, sha: str) -> list[tuple[str | None, str | None]]:
    return [(run.conclusion, run.title) for run in at.github.check_runs_of(sha)]


async def test_a_run_in_progress_is_taken_up_whoever_made_it() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        first = await at.hub.start_check(sha, "pr:1:1")
        assert await at.hub.start_check(sha, "pr:1:2") == first


async def test_an_older_run_in_progress_is_cancelled_when_a_new_one_is_made() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        await at.hub.start_check(sha, "x")
        await at.hub.conclude_head(sha, "x", SAFE, None)
        at.github.check_runs_of(sha)[0].status = "completed"
        older = await at.hub.start_check(sha, "x")
        newer = _late_run(at, sha, conclusion="success")
        newest = await at.hub.start_check(sha, "x")
        assert older < newer < newest
        assert _ends(at, sha)[1:] == [("cancelled", "Replaced by a newer run"), ("success", None), (None, None)]


def _late_run(at: Scene, sha: str, conclusion: str | None = None) -> int:
    """A run that GitHub made after we had given up on it."""
    [first, *_] = at.github.check_runs_of(sha)
    status = "completed" if conclusion else "in_progress"
    run = replace(first, id=at.github.next_id(), status=status, conclusion=conclusion, title=None, summary=None)
    at.github.check_runs.append(run)
    return run.id


async def test_a_verdict_concludes_every_unfinished_run_of_the_commit() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        late = _late_run(at, sha)
        assert await at.hub.conclude_head(sha, "x", SAFE, known) == late
        assert _ends(at, sha) == [("success", "Safe"), ("success", "Safe")]


async def test_a_verdict_under_a_newest_run_that_ended_otherwise_is_written_in_a_new_one() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        _late_run(at, sha, conclusion="neutral")
        carrying = await at.hub.conclude_head(sha, "x", SAFE, known)
        runs = at.github.check_runs_of(sha)
        assert runs[-1].id == carrying
        assert [run.conclusion for run in runs] == ["success", "neutral", "success"]


async def test_a_verdict_that_is_there_already_is_not_written_again() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        for _ in range(3):
            assert await at.hub.conclude_head(sha, "x", SAFE, known) == known
        assert _ends(at, sha) == [("success", "Safe")]


@pytest.mark.parametrize("status", [401, 403, 404, 422])
async def test_a_conclusion_refused_once_is_written_without_annotations(status: int) -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        at.github.fail_next("PATCH", "/check-runs/", status)
        await at.hub.conclude_head(sha, "x", replace(SAFE, annotations=(_note(1),)), known)
        assert _ends(at, sha) == [("success", "Safe")]


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_run_that_cannot_be_changed_leaves_the_verdict_in_a_new_one(status: int) -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        at.github.fail_next("PATCH", f"/check-runs/{known}", status, times=2)
        carrying = await at.hub.conclude_head(sha, "x", replace(SAFE, annotations=(_note(1),)), known)
        assert carrying != known
        assert _ends(at, sha) == [("success", "Safe"), ("success", "Safe")]


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_verdict_is_written_although_the_runs_cannot_be_listed(status: int) -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        at.github.fail_next("GET", "/check-runs", status, times=9)
        danger = replace(SAFE, conclusion=Conclusion.FAILURE)
        with contextlib.suppress(HubError):
            await at.hub.conclude_head(sha, "x", danger, known)
        assert _ends(at, sha) == [("failure", "Safe")]


async def test_the_number_of_annotations_is_not_asked_for_before_a_verdict_is_written() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        at.github.fail_next("GET", f"/check-runs/{known}", 403, times=9)
        await at.hub.conclude_head(sha, "x", replace(SAFE, annotations=(_note(1),)), known)
        [run] = at.github.check_runs_of(sha)
        assert (run.conclusion, len(run.annotations)) == ("success", 1)


async def test_other_words_for_a_concluded_check_leave_its_conclusion_alone() -> None:
    async with scene() as at:
        sha = at.opened().head_sha
        known = await at.hub.start_check(sha, "x")
        await at.hub.conclude_head(sha, "x", replace(SAFE, annotations=(_note(1),)), known)
        await at.hub.amend_check(known, replace(SAFE, conclusion=Conclusion.FAILURE, summary="Said otherwise."))
        [run] = at.github.check_runs_of(sha)
        assert (run.conclusion, run.summary, len(run.annotations)) == ("success", "Said otherwise.", 1)
