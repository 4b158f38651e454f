"""Two Apps on one PostgreSQL state, and a burst: each head has one check, each finding one comment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.app import AppParts
from bot.review.job import Job, JobKind
from bot.runtime.settings import Settings
from bot.standins.github import StandIn
from tests.server.test_jobs import QUICK
from tests.support.at_github import app_of, stand_in
from tests.support.turns import DANGER, PATH, SAFE

PULLS = 12


@contextlib.asynccontextmanager
async def part(github: StandIn, state: str, name: str) -> AsyncIterator[AppParts]:
    settings = Settings(
        state=state, worker_id=name, app_id=github.app_id, private_key=github.private_key, github_url=github.url
    )
    parts = AppParts.of(settings, github=app_of(github), rhythm=QUICK)
    async with parts.open(worker=True):
        yield parts


def bring(number: int) -> dict[str, str]:
    """A migration that clashes with no other; two of three are dangerous."""
    text = (DANGER if number % 3 else SAFE).replace("events", f"events{number}")
    return {PATH.replace("101500", f"1015{number:02}"): text}


def test_a_burst_for_two_workers_is_judged_once(database: str) -> None:
    async def story() -> None:
        async with (
            stand_in() as github,
            part(github, database, "w1") as first,
            part(github, database, "w2") as second,
        ):
            repository = github.add_repository("acme/shop", files={"README.md": "x\n"})
            installation = github.installation_of(repository).id
            pulls = [github.open_pull_request(repository, bring(n), head=f"b{n}") for n in range(PULLS)]
            jobs = [
                Job(
                    JobKind.PUSH, installation, repository.id, "acme/shop", pull.number, pull.head_sha, delivery=f"d{n}"
                )
                for n, pull in enumerate(pulls)
            ]
            # GitHub delivers twice what it thinks was not received, and to another web side.
            answers = await asyncio.gather(*(each.queue.store(job) for job in jobs for each in (first, second)))
            assert sorted(answers) == ["accepted"] * PULLS + ["duplicate"] * PULLS
            again = [replace(job, kind=JobKind.RERUN, delivery=f"again-{job.delivery}") for job in jobs[::2]]
            await asyncio.gather(*(second.queue.store(job) for job in again))
            while (depth := await first.queue.depth())["waiting"] or depth["running"]:
                await asyncio.sleep(0.05)
            assert all([await first.queue.outcome(job.id) for job in [*jobs, *again]])
            for n, pull in enumerate(pulls):
                runs = github.check_runs_of(pull.head_sha, "migsafe")
                assert all(run.conclusion for run in runs)
                assert runs[-1].conclusion == ("failure" if n % 3 else "success"), (n, runs)
                assert len(runs) <= (1 if n % 2 else 2)
                comments = github.review_comments_of(pull)
                assert len(comments) == len({(each.path, each.line, each.body) for each in comments})
                assert bool(comments) == bool(n % 3)

    asyncio.run(asyncio.wait_for(story(), 120))
