"""The sweep finds what was missed: failed deliveries, heads without a concluded check, checks that never end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.report import check_run
from bot.review.job import Checked, Job, JobKind
from bot.server.sweep import Sweeper
from bot.standins.github import webhooks
from tests.support.at_github import MIGRATION, Scene, scene


@dataclass
class Swept:
    at: Scene
    sweep: Sweeper
    stored: list[Job] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)


@asynccontextmanager
async def swept(**options: Any) -> AsyncIterator[Swept]:
    async with scene(**options) as at:
        stored: list[Job] = []
        busy: set[str] = set()

        async def store(job: Job) -> str:
            if any(job.id == other.id for other in stored):
                return "duplicate"
            stored.append(job)
            return "accepted"

        async def is_busy(subject: str) -> bool:
            return subject in busy

        yield Swept(at, Sweeper(at.app, store, is_busy, now=at.github.now), stored, busy)


def run(story: Callable[[Swept], Awaitable[None]], **options: Any) -> None:
    async def told() -> None:
        async with swept(**options) as found:
            await story(found)

    asyncio.run(asyncio.wait_for(told(), 20))


def test_a_head_without_a_check_gets_a_repair_with_an_id_of_its_own() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        assert await found.sweep() == "1 jobs stored"
        (job,) = found.stored
        assert (job.kind, job.number, job.head_sha) == (JobKind.REPAIR, pull.number, pull.head_sha)
        assert job.installation == found.at.installation

    run(story)


def test_a_concluded_check_is_left_alone_and_not_asked_for_again() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        checked = Checked(found.at.repository.id, pull.head_sha, number=pull.number)
        check = await found.at.hub.start_check(pull.head_sha, checked.external_id)
        await found.at.hub.conclude_check(check, check_run.no_migrations())
        assert await found.sweep() == "nothing missed"
        assert await found.sweep() == "nothing missed"

    run(story)


def test_a_pull_request_that_is_worked_on_is_left_alone() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        found.busy.add(f"{found.at.repository.id}:{pull.number}")
        assert await found.sweep() == "nothing missed"

    run(story)


def test_a_check_in_progress_for_too_long_is_concluded_and_done_again() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        checked = Checked(found.at.repository.id, pull.head_sha, number=pull.number)
        await found.at.hub.start_check(pull.head_sha, checked.external_id)
        for run_ in found.at.github.check_runs_of(pull.head_sha):
            run_.started_at = "2020-01-01T00:00:00Z"
        assert await found.sweep() == "1 checks concluded, 1 jobs stored"
        (run_,) = found.at.github.check_runs_of(pull.head_sha)
        assert (run_.status, run_.conclusion) == ("completed", "action_required")

    run(story)


def test_a_new_push_is_seen_though_the_last_head_was_concluded() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        checked = Checked(found.at.repository.id, pull.head_sha, number=pull.number)
        check = await found.at.hub.start_check(pull.head_sha, checked.external_id)
        await found.at.hub.conclude_check(check, check_run.no_migrations())
        await found.sweep()
        found.at.github.push(pull, {MIGRATION: "select 1;\n"})
        assert await found.sweep() == "1 jobs stored"

    run(story)


def test_a_failed_delivery_is_asked_for_again_a_few_times() -> None:
    async def story(found: Swept) -> None:
        found.busy.add(f"{found.at.repository.id}:{(pull := found.at.opened()).number}")
        nobody = "http://127.0.0.1:9/webhook"
        await webhooks.deliver(
            found.at.github, nobody, "pull_request", webhooks.pull_request(found.at.github, pull, "opened")
        )
        done = [await found.sweep() for _ in range(7)]
        assert done == ["1 deliveries asked for again"] * 5 + ["nothing missed"] * 2

    run(story)


def test_trouble_with_one_part_does_not_stop_the_others() -> None:
    async def story(found: Swept) -> None:
        found.at.opened()
        found.at.github.fail_next("GET", "/app/hook/deliveries", 500, times=5)
        assert await found.sweep() == "1 jobs stored"

    run(story)


def test_a_suspended_installation_is_skipped() -> None:
    async def story(found: Swept) -> None:
        found.at.opened()
        found.at.github.suspend(found.at.github.installation_of(found.at.repository))
        assert await found.sweep() == "nothing missed"

    run(story)


def test_an_installation_that_is_back_is_looked_at_by_itself() -> None:
    async def story(found: Swept) -> None:
        pull = found.at.opened()
        other = found.at.github.add_repository("acme/other")
        found.at.github.open_pull_request(other, {MIGRATION: "select 1;\n"})
        await found.sweep.sweep_installation(found.at.installation, [found.at.repository.id])
        assert [(job.repository, job.number) for job in found.stored] == [("acme/shop", pull.number)]
        await found.sweep.sweep_installation(found.at.installation, [])
        assert sorted(job.repository for job in found.stored) == ["acme/other", "acme/shop"]

    run(story)
