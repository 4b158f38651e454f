"""If GitHub does not permit the review, the verdict is still reported."""

import pytest

from bot.review.errors import HubError
from tests.support.reviewing import reviewing

pytestmark = pytest.mark.anyio

PATH = "db/migrations/20260516093000_events.sql"
UNSAFE = """-- migrate:up
ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;

-- migrate:down
"""
READING = {"metadata": "read", "contents": "read", "checks": "write", "pull_requests": "read", "issues": "read"}


async def test_a_review_that_must_wait_does_not_delay_the_verdict() -> None:
    async with reviewing() as review:
        at = review.at
        pull = at.opened({PATH: UNSAFE})
        at.github.fail_next("POST", "/reviews", 502, times=2)
        with pytest.raises(HubError) as caught:
            await review.reviewed(pull)
        assert caught.value.retry_after
        assert [run.conclusion for run in at.github.check_runs_of(pull.head_sha)] == ["failure"]
        assert (await review.reviewed(pull)).conclusion == "failure"
        assert len(at.github.reviews_of(pull)) == 1


async def test_a_review_that_may_not_be_posted_keeps_its_verdict() -> None:
    async with reviewing(permissions=READING) as review:
        at = review.at
        pull = at.opened({PATH: UNSAFE})
        assert (await review.reviewed(pull)).conclusion == "failure"
        [run] = at.github.check_runs_of(pull.head_sha)
        assert run.conclusion == "failure"
        assert (run.summary or "").startswith("The review could not be posted: `GitHub answered 403")
        assert at.github.reviews_of(pull) == []
