"""The verdicts of commits survive jobs and restarts, and two workers keep off one commit."""

import asyncio
from dataclasses import replace

import pytest

from bot.report.shapes import Annotation, CheckOutput, Conclusion
from bot.review.job import Checked, Job, JobKind
from bot.review.verdict import KeptVerdict
from bot.server.state import verdicts as table
from bot.server.state.verdicts import VerdictTable
from tests.support.states import stories_on

A, B = "a" * 40, "b" * 40
OUTPUT = CheckOutput(
    Conclusion.FAILURE,
    "Blocked: 1 danger",
    "A summary with \ud800 and \x00 in it.",
    "Text",
    (Annotation("db/1.sql", 1, 2, "failure", "Title", "Message"),),
    (("Re-run", "Look again", "rerun"),),
)


run = stories_on(VerdictTable)


def _kept(number: int | None = 7, head: str = A, **known: object) -> KeptVerdict:
    checked = Checked(42, head, number, None if number is not None else B)
    return replace(KeptVerdict(checked, 1, "acme/shop", jobs=("push:1",)), **known)  # type: ignore[arg-type]


def test_a_verdict_is_there_after_a_restart_whatever_is_in_its_text(url: str) -> None:
    whole = _kept(
        judged_by="push:1",
        output=OUTPUT,
        digest="d",
        check_run=9,
        written=True,
        seen=True,
        base_ref="main",
        refused_at=1.5,
        begun_at=2.5,
    )

    async def keep(verdicts: VerdictTable) -> None:
        await verdicts.keep(_kept())
        await verdicts.keep(whole)

    async def look(verdicts: VerdictTable) -> None:
        assert await verdicts.get(whole.checked) == whole
        assert await verdicts.get(Checked(42, B, 7)) is None

    run(url, keep, look)


def test_verdicts_are_found_by_commit_and_by_pull_request(url: str) -> None:
    async def story(verdicts: VerdictTable) -> None:
        one, other, older = _kept(7), _kept(8), _kept(7, B, begun_at=-1.0)
        for kept in (one, other, older, _kept(None), _kept(9, retired=True)):
            await verdicts.keep(kept)
        assert await verdicts.of_head(42, A) == [one, other]
        assert await verdicts.of_pull(42, 7) == [older, one]
        assert await verdicts.of_pull(42, 9) == []
        assert await verdicts.of_head(43, A) == []

    run(url, story)


def test_what_has_been_retired_for_long_is_forgotten(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "REMEMBERED", 0.0)

    async def story(verdicts: VerdictTable) -> None:
        await verdicts.keep(_kept(7))
        await verdicts.keep(_kept(None))
        await verdicts.keep(_kept(8, retired=True))
        assert await verdicts.get(_kept(8).checked) is None
        assert await verdicts.get(_kept(None).checked) is None
        assert await verdicts.get(_kept(7).checked) == _kept(7)

    run(url, story)


def test_one_task_at_a_time_holds_the_lock_of_a_commit(url: str) -> None:
    async def story(verdicts: VerdictTable) -> None:
        other = VerdictTable(verdicts._state)
        held: list[str] = []

        async def work(store: VerdictTable, head: str) -> None:
            async with store.lock(42, head):
                assert head not in held
                held.append(head)
                await asyncio.sleep(0.02)
                held.remove(head)

        stores = (verdicts, other) if verdicts._state.shared else (verdicts,)
        await asyncio.gather(*(work(store, head) for store in stores for head in (A, B) for _ in range(4)))

    run(url, story)


def test_the_lock_of_a_worker_that_died_ends(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "LEASE", 0.1)

    async def story(verdicts: VerdictTable) -> None:
        dead = VerdictTable(verdicts._state)
        if verdicts._state.shared:
            await dead._take((42, A), "somebody who died")
        async with verdicts.lock(42, A):
            pass

    run(url, story)


def test_a_job_that_came_later_has_the_last_word() -> None:
    first, second = (Job(JobKind.PUSH, 1, 42, "acme/shop", number=7, delivery=name) for name in "ab")
    kept = KeptVerdict(Checked(42, A, 7), 1, "acme/shop").with_job(first, 1.0).with_job(second, 2.0)
    assert kept.left_to_another(first)
    assert not kept.left_to_another(second)
    assert not kept.left_to_another(first.answering([second]))
    ended = replace(kept, judged_by=second.id, output=OUTPUT, written=True)
    assert not ended.left_to_another(first)
    assert ended.judged
    assert not ended.with_job(replace(first, delivery="c"), 3.0).judged
