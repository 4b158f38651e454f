"""If GitHub does not permit the review, the verdict is still reported."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog
from bot.review.acceptance import Acknowledgement
from bot.review.errors import HubError
from bot.review.job import Job, JobKind
from bot.review.ports import Context, RepositoryInfo
from bot.review.pull_request import review_pull_request
from bot.standins.github.model import Pull
from tests.support.at_github import Scene, scene

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516093000_events.sql"
UNSAFE = """-- migrate:up
ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;

-- migrate:down
"""
READING = {"metadata": "read", "contents": "read", "checks": "write", "pull_requests": "read", "issues": "read"}

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class _NoDatabase:
    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        return ()

    async def snapshot(self, database: str, names: Sequence[Name], functions: Sequence[Name]) -> Catalog:
        raise NotImplementedError


class _NothingAccepted:
    async def acknowledgements(self, repository_id: int, number: int) -> Sequence[Acknowledgement]:
        return ()

    async def acknowledge(self, repository_id: int, number: int, acknowledgement: Acknowledgement) -> None:
        raise NotImplementedError

    async def revoke(self, repository_id: int, number: int, item: str, by: str, at: str) -> bool:
        raise NotImplementedError


async def _here(function: Callable[[Argument], Result], argument: Argument) -> Result:
    return function(argument)


async def _not_superseded() -> bool:
    return False


async def _reviewed(at: Scene, pull: Pull) -> str:
    context = Context(at.hub, _NoDatabase(), _NothingAccepted(), _here, _not_superseded)
    job = Job(JobKind.PUSH, at.installation, at.repository.id, "acme/shop", pull.number, pull.head_sha)
    return await review_pull_request(context, job)


async def test_a_review_that_must_wait_does_not_delay_the_verdict() -> None:
    async with scene() as at:
        pull = at.opened({PATH: UNSAFE})
        at.github.fail_next("POST", "/reviews", 502, times=2)
        with pytest.raises(HubError) as caught:
            await _reviewed(at, pull)
        assert caught.value.retry_after
        assert [run.conclusion for run in at.github.check_runs_of(pull.head_sha)] == ["failure"]
        assert await _reviewed(at, pull) == "failure"
        assert [run.conclusion for run in at.github.check_runs_of(pull.head_sha)] == ["failure", "failure"]
        assert len(at.github.reviews_of(pull)) == 1


async def test_a_review_that_may_not_be_posted_keeps_its_verdict() -> None:
    async with scene(permissions=READING) as at:
        pull = at.opened({PATH: UNSAFE})
        assert await _reviewed(at, pull) == "failure"
        [run] = at.github.check_runs_of(pull.head_sha)
        assert run.conclusion == "failure"
        assert (run.summary or "").startswith("The review could not be posted: `GitHub answered 403")
        assert at.github.reviews_of(pull) == []
