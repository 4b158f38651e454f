"""The stand-in at GitHub's worst: what comes late, what is refused for haste, and what acts in the middle of a call."""

import time

import httpx
import pytest

from bot.standins.github import webhooks
from bot.standins.github.limits import WriteLimits
from tests.support.at_github import LINES, MIGRATION, Caller, called

pytestmark = pytest.mark.anyio


async def _check(at: Caller, sha: str) -> httpx.Response:
    return await at.call("POST", "/check-runs", {"name": "migsafe", "head_sha": sha})


async def test_a_commit_that_was_just_pushed_is_found_later() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        at.github.lag.commits = 30
        sha = at.github.push(pull, {MIGRATION: "select 1;\n"})
        blob = at.github.objects.files(sha)[MIGRATION][1]
        late = (f"/compare/main...{sha}", f"/git/trees/{sha}", f"/git/blobs/{blob}", f"/contents/{MIGRATION}?ref={sha}")
        assert [(await at.call("GET", path)).status_code for path in late] == [404] * 4
        refused = await _check(at, sha)
        assert (refused.status_code, refused.json()["message"]) == (422, f"No commit found for SHA: {sha}")
        at.github.advance(31)
        assert [(await at.call("GET", path)).status_code for path in late] == [200] * 4
        assert (await _check(at, sha)).status_code == 201


async def test_a_push_to_a_fork_is_late_by_itself() -> None:
    async with called() as at:
        own = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        fork = at.github.open_pull_request(at.repository, {MIGRATION: LINES}, fork=True, author="stranger")
        at.github.lag.forks = 30
        pushed = [at.github.push(pull, {MIGRATION: "select 1;\n"}) for pull in (own, fork)]
        assert [(await _check(at, sha)).status_code for sha in pushed] == [201, 422]


async def test_a_pull_request_shows_its_previous_head_while_the_webhook_names_the_new_one() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        old = pull.head_sha
        at.github.lag.heads = 30
        new = at.github.push(pull, {"db/migrations/2.sql": LINES})
        said = webhooks.pull_request(at.github, pull, "synchronize")["pull_request"]["head"]["sha"]
        assert (said, (await at.get("/pulls/1"))["head"]["sha"]) == (new, old)
        assert [file["filename"] for file in await at.get("/pulls/1/files")] == [MIGRATION]
        assert [each["head"]["sha"] for each in await at.get("/pulls")] == [old]
        at.github.advance(31)
        assert (await at.get("/pulls/1"))["head"]["sha"] == new


async def test_a_pull_request_that_was_just_opened_is_not_found() -> None:
    async with called() as at:
        at.github.lag.opened = 30
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        late = ("/pulls/1", "/pulls/1/files", "/pulls/1/commits", f"/compare/main...{pull.head_sha}")
        assert [(await at.call("GET", path)).status_code for path in late] == [404] * 4
        assert await at.get("/pulls") == []
        at.github.advance(31)
        assert [(await at.call("GET", path)).status_code for path in late] == [200] * 4


async def test_too_much_content_in_a_minute_is_refused_with_the_time_to_wait() -> None:
    async with called() as at:
        at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        at.github.limits = WriteLimits(gap=0.0, per_minute=3)
        at.github.limits.people(at.github.installation_of(at.repository).id, 1)
        answers = [await at.call("POST", "/issues/1/comments", {"body": "said"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 403]
        assert 50 <= int(answers[2].headers["retry-after"]) <= 60
        assert "secondary rate limit" in answers[2].json()["message"]
        assert len(at.github.issue_comments) == 2


async def test_writes_in_a_hurry_are_counted_or_refused() -> None:
    async with called() as at:
        at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        at.github.limits = WriteLimits(gap=3600.0)
        for refuses, status in ((False, 201), (True, 403)):
            at.github.limits.refuse_gap = refuses
            answers = [await at.call("POST", "/issues/1/comments", {"body": "said"}) for _ in range(2)]
            assert answers[1].status_code == status
        assert (len(at.github.limits.hurried), len(at.github.limits.refused)) == (3, 2)


async def test_something_happens_just_before_the_second_write_has_its_effect() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES})
        seen: list[int] = []
        at.github.before("write", "/comments", lambda: seen.append(len(at.github.comments_of(pull))), nth=2)
        for _ in range(3):
            await at.call("POST", "/issues/1/comments", {"body": "said"})
        assert seen == [1]


async def test_something_happens_after_the_effect_and_before_the_answer() -> None:
    async with called() as at:
        old = at.github.open_pull_request(at.repository, {MIGRATION: LINES}).head_sha

        async def push() -> None:
            assert [run.head_sha for run in at.github.check_runs] == [old]
            at.github.push(at.github.pulls[0], {MIGRATION: "select 1;\n"})

        at.github.after("POST", "/check-runs", push)
        assert (await _check(at, old)).status_code == 201
        assert at.github.pulls[0].head_sha != old


async def test_an_effect_can_come_after_the_callers_patience() -> None:
    async with called() as at:
        sha = at.repository.branches["main"]
        at.github.fail_next("POST", "/check-runs", 201, after_effect=True, delay=0.3)
        started = time.monotonic()
        at.http.timeout = httpx.Timeout(0.1)
        with pytest.raises(httpx.ReadTimeout):
            await _check(at, sha)
        assert at.github.check_runs == []
        at.http.timeout = httpx.Timeout(5)
        while not at.github.check_runs and time.monotonic() - started < 10:
            await at.http.get("/meta")
        assert [run.status for run in at.github.check_runs] == ["queued"]


async def test_an_installation_token_has_the_length_of_githubs_new_ones() -> None:
    async with called() as at:
        token = (await at.mint()).json()["token"]
        assert len(token) > 500
        assert token.count(".") == 2
