"""An installation that is suspended or uninstalled, a repository that is taken away: jobs end, and hold nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.review.errors import NotInstalled
from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.server import reviewer
from bot.server.jobs import Queue, Rhythm, Worker
from bot.server.state.verdicts import VerdictTable
from bot.server.state.versions import TABLES
from tests.server.test_jobs import QUICK, ended
from tests.support.turns import DANGER, PATH, Turns, turns

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def working(app: Turns, folder: Path, rhythm: Rhythm = QUICK) -> AsyncIterator[Queue]:
    """A queue, and a worker that does the App's tasks."""
    settings = Settings(state=f"sqlite:///{folder}/queue.db")
    queue = Queue(settings)
    await queue.open()
    app.abandon = queue.abandon
    worker = Worker(settings, app.reviewer, rhythm)
    async with worker.running():
        await worker.wait()
        yield queue
    await queue.close()


async def kept(app: Turns) -> int:
    """Rows about repositories in the state."""
    tables = [table for table in TABLES.sorted_tables if "repository_id" in table.c]
    counts = [sa.select(sa.func.count()).select_from(table) for table in tables]
    return await app.state.run(lambda connection: sum(connection.scalar(count) or 0 for count in counts))


async def test_what_is_refused_because_the_installation_is_suspended_ends_after_a_minute() -> None:
    async with turns() as app:
        push = app.push(app.at.opened({PATH: DANGER}))
        app.at.github.suspend(app.at.github.installation_of(app.at.repository))
        assert (await app.perform(push)).startswith("wait: ")
        assert (await app.perform(push, waited=61.0)).startswith("no access: ")
        app.at.github.unsuspend(app.at.github.installation_of(app.at.repository))
        assert await app.perform(app.job(JobKind.REPAIR, number=push.number, head_sha=push.head_sha)) == "failure"


async def test_a_suspended_installation_holds_no_place_and_is_judged_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewer, "LATE", 1.0)
    async with turns() as app, working(app, tmp_path) as queue:
        pulls = [app.at.opened({PATH: DANGER}, head=f"b{number}") for number in range(5)]
        installation = app.at.github.installation_of(app.at.repository)
        app.at.github.after("write", "/check-runs", lambda: app.at.github.suspend(installation))
        pushes = [app.push(pull) for pull in pulls]
        for push in pushes:
            await queue.store(push)
        outcomes = [await ended(queue, push) for push in pushes]
        assert {outcome.partition(":")[0] for outcome in outcomes} == {"no access"}
        app.at.github.unsuspend(installation)
        again = [app.job(JobKind.REPAIR, number=pull.number, head_sha=pull.head_sha) for pull in pulls]
        for job in again:
            await queue.store(job)
        assert {await ended(queue, job) for job in again} == {"failure"}
        for pull in pulls:
            assert app.ends(pull.head_sha)[-1] == "failure: Blocked: 1 danger"
            assert "in progress" not in " ".join(app.ends(pull.head_sha))


async def test_nothing_waits_for_an_installation_that_was_deleted_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    async with turns() as app, working(app, tmp_path) as queue:
        judged = app.push(app.at.opened({PATH: DANGER}))
        await queue.store(judged)
        assert await ended(queue, judged) == "failure"
        assert await kept(app)
        pushes = [app.push(app.at.opened({PATH: DANGER}, head=f"b{number}")) for number in range(6)]
        gone = app.job(JobKind.GONE, extra={"action": "deleted", "repositories": str(app.at.repository.id)})
        later = app.job(JobKind.PUSH, number=99, head_sha="b" * 40)
        app.at.github.uninstall(app.at.github.installation_of(app.at.repository))
        for job in [*pushes, gone, later]:
            await queue.store(job)
        assert (await ended(queue, gone)).endswith("rows forgotten")
        assert {await ended(queue, push) for push in pushes} == {"abandoned"}
        deadline = time.monotonic() + 20
        while await kept(app):
            assert time.monotonic() < deadline, "something is kept of what is gone"
            await asyncio.sleep(0.05)
        assert await queue.outcome(later.id) is None


async def test_a_repository_that_was_taken_away_leaves_the_jobs_of_others(tmp_path: Path) -> None:
    async with turns() as app, working(app, tmp_path) as queue:
        installation = app.at.github.installation_of(app.at.repository)
        pull = app.at.opened({PATH: DANGER})
        await queue.store(first := app.push(pull))
        assert await ended(queue, first) == "failure"
        installation.repositories.discard(app.at.repository.id)
        push = app.push(app.at.opened({PATH: DANGER}, head="b"))
        other = Job(JobKind.PUSH, app.at.installation, 4711, "acme/other", 1, "c" * 40, delivery="other")
        gone = app.job(JobKind.GONE, extra={"action": "removed", "repositories": str(app.at.repository.id)})
        for job in (push, other, gone):
            await queue.store(job)
        assert (await ended(queue, gone)).endswith("rows forgotten")
        assert await ended(queue, push) == "abandoned"
        assert await queue.outcome(other.id) is None
        assert not await VerdictTable(app.state).of_pull(app.at.repository.id, pull.number)


@pytest.mark.parametrize("private", [True, False])
async def test_a_repository_that_went_unseen_has_its_jobs_end_soon_and_nothing_kept_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, private: bool
) -> None:
    """GitHub's event was lost: what it answers about the repository looks like a missing page or permission."""
    monkeypatch.setattr(reviewer, "LATE", 1.0)
    monkeypatch.setattr(reviewer, "_PERMISSION_MINDED", 1.0)
    soon = replace(QUICK, longest_refusal=1.0)
    async with turns(private=private) as app, working(app, tmp_path, soon) as queue:
        installation = app.at.github.installation_of(app.at.repository)
        pull = app.at.opened({PATH: DANGER})
        app.at.github.after("write", "/check-runs", lambda: installation.repositories.discard(app.at.repository.id))
        push = app.push(pull)
        await queue.store(push)
        assert not (await ended(queue, push)).startswith("failure")
        (gone,) = [job for job in app.stored if job.kind is JobKind.GONE]
        await queue.store(gone)
        assert (await ended(queue, gone)).endswith("rows forgotten")
        assert not await kept(app)


async def test_to_say_that_a_job_failed_is_given_up_soon_where_there_is_nothing_to_say_it_to() -> None:
    async with turns() as app:
        installation = app.at.github.installation_of(app.at.repository)
        push = app.push(app.at.opened({PATH: DANGER}))
        await app.reviewer.announce(push)
        installation.repositories.discard(app.at.repository.id)
        with pytest.raises(NotInstalled):
            await app.reviewer.conclude_failed(push, "e1", "GitHub answered 404")
        with pytest.raises(NotInstalled):
            await app.reviewer.conclude_superseded(push)
