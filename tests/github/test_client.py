"""Failures of GitHub and of our own: each has its type, nothing hangs, nothing leaks, and requests are limited."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from bot.github.app import NewApp, convert_manifest
from bot.github.budget import MinuteBudget
from bot.github.connection import Connection
from bot.github.cut import cut
from bot.github.errors import (
    BadCredentials,
    Gone,
    MissingPermission,
    NotInstalled,
    OtherRefusal,
    RateLimited,
    Suspended,
    Transient,
    Uncertain,
    Unprocessable,
    refusal,
)
from bot.github.pace import NO_GAPS, Gaps, Pace
from bot.report.shapes import MARKER, InlineComment, Review
from bot.review.errors import HubError
from bot.server.events import EVENTS
from bot.standins.github import StandIn, start, webhooks
from tests.support.at_github import MIGRATION, app_of, scene, stand_in

pytestmark = pytest.mark.anyio


async def test_the_app_learns_its_own_name() -> None:
    async with scene() as at:
        info = await at.app.app()
        assert (info.slug, info.bot, info.owner) == ("migsafe", "migsafe[bot]", "acme")
        assert info.permissions["checks"] == "write"
        assert sorted(info.events) == list(EVENTS.names)


async def test_a_wrong_key_is_named_as_such() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
    async with stand_in() as github:
        app = app_of(github, key=other)
        with pytest.raises(BadCredentials):
            await app.app()
        await app.close()


async def test_many_jobs_at_once_request_one_token() -> None:
    async with scene() as at:
        for _ in range(10):
            at.opened()
        await asyncio.gather(*(at.hub.pull_request(number) for number in range(1, 11)))
        assert sum(seen.path.endswith("/access_tokens") for seen in at.github.requests) == 1


async def test_a_token_that_not_all_of_github_knows_yet_is_tried_again() -> None:
    async with scene() as at:
        at.opened()
        at.github.fail_next("GET", "/pulls/1", 401, body={"message": "Bad credentials"}, times=2)
        assert (await at.hub.pull_request(1)).number == 1
        assert len(at.github.tokens) == 1


async def test_a_token_that_was_revoked_is_requested_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.github.tokens.FRESH", 0.0)
    async with scene() as at:
        at.opened()
        await at.hub.pull_request(1)
        at.github.tokens.clear()
        assert (await at.hub.pull_request(1)).number == 1


async def test_writes_are_repeated_with_a_new_token_only_where_the_old_one_was_rejected() -> None:
    async with scene() as at:
        pull = at.opened()
        at.github.fail_next("POST", "/issues/1/comments", 401, body={"message": "Bad credentials"})
        await at.hub.reply(pull.number, "Once.", to_comment=None, marker="m")
        assert len(at.github.comments_of(pull)) == 1


async def test_an_installation_that_is_suspended_or_gone_is_named_as_such() -> None:
    async with scene() as at:
        at.opened()
        installation = at.github.installation_of(at.repository)
        at.github.suspend(installation)
        with pytest.raises(Suspended):
            await at.hub.pull_request(1)
        at.github.unsuspend(installation)
        assert (await at.hub.pull_request(1)).number == 1
        at.github.uninstall(installation)
        other = app_of(at.github)
        hub = await other.installation(installation.id, at.repository.id, "acme/shop")
        with pytest.raises(NotInstalled):
            await hub.pull_request(1)
        await other.close()


async def test_a_repository_taken_out_of_the_installation_is_not_installed() -> None:
    async with scene() as at:
        at.github.installation_of(at.repository).repositories.clear()
        with pytest.raises(NotInstalled):
            await at.hub.pull_request(1)


async def test_reads_are_tried_again_and_then_given_up() -> None:
    async with scene() as at:
        at.opened()
        at.github.fail_next("GET", "/pulls/1", 503, times=2)
        assert (await at.hub.pull_request(1)).number == 1
        at.github.fail_next("GET", "/pulls/1", 503, times=3)
        with pytest.raises(Transient) as caught:
            await at.hub.pull_request(1)
        assert caught.value.retry_after


async def test_a_github_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    async with scene(timeout=0.2) as at:
        at.opened()
        at.github.fail_next("GET", "/pulls/1", 200, delay=0.5, times=3)
        with pytest.raises(Transient, match="did not answer"):
            await at.hub.pull_request(1)


async def test_a_github_that_is_not_there_at_all_is_transient() -> None:
    github = StandIn()
    stop = start(github)
    stop()
    app = app_of(github)
    with pytest.raises(Transient):
        await app.app()
    await app.close()


async def test_an_answer_that_is_not_json_is_transient() -> None:
    async with scene() as at:
        at.opened()
        at.github.fail_next("GET", "/pulls/1", 200, body=b"<html>unicorn</html>", times=3)
        with pytest.raises(Transient):
            await at.hub.pull_request(1)


async def test_an_answer_without_its_fields_is_transient_not_a_crash() -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/pulls/1", 200, body={"number": 1})
        with pytest.raises(Transient, match="lacks repo"):
            await at.hub.pull_request(1)


async def test_a_redirect_never_carries_a_token_to_another_host() -> None:
    async with scene() as at:
        elsewhere = {"Location": "http://example.invalid/repos/acme/shop/pulls/1"}
        at.github.fail_next("GET", "/pulls/1", 301, headers=elsewhere, body={})
        with pytest.raises(Gone, match="another host"):
            await at.hub.pull_request(1)


async def test_a_next_page_on_another_host_is_requested_from_our_own() -> None:
    async with scene() as at:
        elsewhere = {"Link": '<http://example.invalid/steal?page=2>; rel="next"'}
        at.github.fail_next("GET", "/pulls", 200, headers=elsewhere, body=[])
        assert await at.hub.open_pull_requests() == []
        assert at.github.requests[-1].query["page"] == "2"


async def _times(pace: Pace, *requests: tuple[str, str]) -> list[float]:
    """When each of these requests, made at once, began: seconds since the first."""
    loop = asyncio.get_running_loop()
    begun: dict[int, float] = {}

    async def ask(position: int, method: str, path: str) -> None:
        async with pace.async_acquire(httpx.Request(method, f"https://api.example.com/repos/a/b/{path}")):
            begun[position] = loop.time()

    await asyncio.gather(*(ask(position, *request) for position, request in enumerate(requests)))
    return [begun[position] - min(begun.values()) for position in range(len(requests))]


async def test_comments_are_paced_and_checks_do_not_wait_for_them() -> None:
    pace = Pace(Gaps(write=0.2, notify=0.6))
    comment, edit, review, check, read = await _times(
        pace,
        ("POST", "issues/1/comments"),
        ("PATCH", "pulls/comments/1"),
        ("POST", "pulls/1/reviews"),
        ("PATCH", "check-runs/1"),
        ("GET", "pulls/1"),
    )
    assert edit - comment >= 0.19
    assert review - comment >= 0.59
    assert max(check, read) < edit


async def test_checks_are_paced_as_well_after_github_asked_for_fewer_requests() -> None:
    pace = Pace(Gaps(write=0.2, notify=0.6))
    pace.pause(RateLimited("slower", time.time() - 1.0, "secondary"))
    begun = await _times(pace, ("PATCH", "check-runs/1"), ("PATCH", "check-runs/2"), ("POST", "issues/1/comments"))
    assert begun[1] >= 0.19
    assert begun[2] < begun[1]


async def test_no_more_is_asked_in_a_minute_than_github_counts() -> None:
    budget = MinuteBudget(20)
    for _ in range(3):
        assert budget.wait(5) == 0.0
        budget.spend(5)
    assert budget.wait(5, spare=5) > 50.0
    assert budget.wait(5) == 0.0
    budget.spend(5)
    assert 50.0 < budget.wait(1) <= 60.0


async def test_one_app_serves_several_event_loops() -> None:
    async with scene() as at:
        at.opened()
        await at.hub.pull_request(1)
        seen: list[int] = []

        def elsewhere() -> None:
            async def ask() -> None:
                seen.append((await at.hub.pull_request(1)).number)
                await at.app.close()

            asyncio.run(ask())

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert seen == [1]
        assert (await at.hub.pull_request(1)).number == 1


async def test_an_enterprise_base_is_kept_in_every_address() -> None:
    async with scene(prefix="/api/v3") as at:
        pull = at.opened()
        assert (await at.hub.pull_request(pull.number)).head_sha == pull.head_sha
        await at.hub.start_check(pull.head_sha, "x")
        comment = InlineComment(MIGRATION, 3, 3, f"Unsafe. {MARKER.format('f')}", "f")
        await at.hub.post_review(await at.hub.pull_request(pull.number), Review("One.", (comment,)))
        [posted] = await at.hub.posted_comments(pull.number)
        await at.hub.edit_comment(posted, "No longer.")
        assert at.github.review_comments_of(pull)[0].minimized == "OUTDATED"
        assert {seen.path.startswith("/api/v3") for seen in at.github.requests} == {False}


async def test_deliveries_that_never_arrived_are_found_and_sent_again() -> None:
    async with scene() as at:
        pull = at.opened()
        payload = webhooks.pull_request(at.github, pull, "opened")
        nowhere = at.github.url + "/nowhere"
        lost = await webhooks.deliver(at.github, nowhere, "pull_request", payload)
        resent = await webhooks.deliver(at.github, nowhere, "pull_request", payload)
        await webhooks.deliver(at.github, at.github.url + "/meta", "ping", webhooks.ping(at.github), guid=resent.guid)
        at.github.deliveries[-1].status_code = 202
        since = datetime.now(UTC) - timedelta(days=1)
        [found] = await at.app.failed_deliveries(since)
        assert (found.guid, found.event, found.status_code) == (lost.guid, "pull_request", 404)
        await at.app.redeliver(424242)
        await at.app.redeliver(found.id)
        for _ in range(200):
            again = [each for each in at.github.deliveries if each.redelivery]
            if again:
                break
            await asyncio.sleep(0.01)
        assert [each.guid for each in again] == [lost.guid]


async def test_failed_deliveries_are_found_beyond_the_first_page() -> None:
    async with scene() as at:
        for _ in range(130):
            await webhooks.deliver(at.github, "http://127.0.0.1:9/", "ping", {"zen": ""})
        assert len(await at.app.failed_deliveries(datetime.now(UTC) - timedelta(hours=1))) == 130
        assert await at.app.failed_deliveries(datetime.now(UTC) + timedelta(hours=1)) == []


async def test_installations_and_their_repositories_are_listed() -> None:
    async with scene() as at:
        at.github.add_repository("acme/other")
        at.github.add_repository("elsewhere/thing", private=False)
        accounts = {each.account: each.id for each in await at.app.installations()}
        assert set(accounts) == {"acme", "elsewhere"}
        found = await at.app.repositories(accounts["acme"])
        assert {(each.full_name, each.private) for each in found} == {("acme/shop", True), ("acme/other", True)}
        assert (await at.app.installation_of("acme/shop")).id == accounts["acme"]
        with pytest.raises(NotInstalled):
            await at.app.installation_of("acme/unknown")


async def test_the_manifests_code_is_exchanged_once_and_never_shown() -> None:
    async with scene() as at:
        at.github.manifest_codes["c0de"] = {"name": "migsafe for acme"}
        connection = Connection(at.github.url)
        made = await convert_manifest(connection, "c0de")
        assert made.private_key == at.github.private_key
        assert made.webhook_secret == at.github.webhook_secret
        assert isinstance(made, NewApp)
        assert "PRIVATE" not in repr(made)
        with pytest.raises(Gone) as caught:
            await convert_manifest(connection, "c0de")
        await connection.close()
        assert "c0de" not in str(caught.value)


async def test_no_token_and_no_key_is_ever_part_of_an_error() -> None:
    async with scene() as at:
        at.github.fail_next("GET", "/pulls/1", 500, times=3)
        with pytest.raises(HubError) as caught:
            await at.hub.pull_request(1)
        secrets = [*at.github.tokens, at.github.private_key]
        assert not any(secret in repr(caught.value) + str(caught.value) for secret in secrets)


_ACCEPTED = {"x-accepted-github-permissions": "checks=write"}


@pytest.mark.parametrize(
    ("method", "status", "headers", "message", "expected"),
    [
        ("GET", 401, {}, "Bad credentials", BadCredentials),
        ("GET", 403, {}, "Resource not accessible by integration", MissingPermission),
        ("POST", 403, _ACCEPTED, "Resource not accessible by integration", MissingPermission),
        ("POST", 403, _ACCEPTED, "Repository was archived so is read-only.", OtherRefusal),
        ("GET", 403, {}, "This installation has been suspended", Suspended),
        ("GET", 403, {}, "Something else", OtherRefusal),
        ("GET", 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "API rate limit exceeded", RateLimited),
        ("POST", 403, {"retry-after": "7"}, "", RateLimited),
        ("POST", 403, {"x-ratelimit-remaining": "9"}, "You have exceeded a secondary rate limit", RateLimited),
        ("POST", 429, {}, "", RateLimited),
        ("POST", 429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, "", RateLimited),
        ("GET", 404, {}, "Not Found", Gone),
        ("GET", 410, {}, "", Gone),
        ("POST", 422, {}, "Validation Failed", Unprocessable),
        ("POST", 502, {}, "", Uncertain),
        ("GET", 500, {}, "", Transient),
        ("GET", 418, {}, "", OtherRefusal),
    ],
)
def test_every_refusal_has_its_type(
    method: str, status: int, headers: dict[str, str], message: str, expected: type[HubError]
) -> None:
    error = refusal(method, "/path", status, headers, json.dumps({"message": message}).encode())
    assert type(error) is expected


def test_a_secondary_limit_without_a_time_waits_a_minute() -> None:
    body = b'{"message": "You have exceeded a secondary rate limit"}'
    error = refusal("POST", "/path", 403, {"x-ratelimit-remaining": "4000"}, body)
    assert isinstance(error, RateLimited)
    assert 59 < (error.retry_after or 0) <= 60
    assert error.kind == "secondary"


def test_githubs_reasons_are_kept_in_its_words() -> None:
    body = {"message": "Unprocessable Entity", "errors": ["one", {"field": "line", "message": "two"}]}
    error = refusal("POST", "/path", 422, {}, json.dumps(body).encode())
    assert isinstance(error, Unprocessable)
    assert error.details == ("one", "line two")


@given(
    st.integers(400, 599),
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(
        lambda value: json.dumps({"message": value, "errors": value}).encode()
    ),
)
def test_no_answer_is_too_strange_to_have_a_type(status: int, body: bytes) -> None:
    assert isinstance(refusal("GET", "/path", status, {}, body), HubError)


MARKDOWN = st.lists(
    st.sampled_from(["text", "```sql", "```", "````", "~~~", "<details>", "</details>", "", "    code", "x" * 60])
).map("\n".join)


@given(MARKDOWN, st.integers(120, 400))
def test_cut_markdown_is_within_its_limit_and_leaves_no_fence_open(text: str, limit: int) -> None:
    found = cut(text, limit)
    assert len(found) <= limit
    assert found == text or _fence_open(found) is _fence_open("")


def _fence_open(text: str) -> bool:
    fence = ""
    for line in text.split("\n"):
        mark = line.strip()
        if fence and mark and set(mark) == {fence[0]} and len(mark) >= len(fence):
            fence = ""
        elif not fence and line.startswith(("```", "~~~")):
            fence = line[: len(line) - len(line.lstrip("`~"))] or mark[:3]
    return bool(fence)


@pytest.mark.parametrize("jump", [86400.0, -86400.0])
async def test_a_clock_that_jumps_neither_stalls_nor_hurries_what_github_asked_to_wait_with(
    jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"x-ratelimit-remaining": "0", "date": "Sat, 16 May 2026 10:00:00 GMT"}
    at = datetime(2026, 5, 16, 10, tzinfo=UTC).timestamp()
    limits = [
        refusal("GET", "/x", 429, {"retry-after": "40"}, b""),
        refusal("GET", "/x", 403, {**told, "x-ratelimit-reset": f"{at + 40:.0f}"}, b""),
    ]
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    for limit in limits:
        assert isinstance(limit, RateLimited)
        pace = Pace(NO_GAPS, 7)
        pace.pause(limit)
        with pytest.raises(RateLimited) as refused:
            await _times(pace, ("GET", "pulls/1"))
        assert 35.0 < (refused.value.retry_after or 0.0) <= 40.0
    pace = Pace(NO_GAPS, 7)
    pace.note_remaining({"x-ratelimit-remaining": "5", "x-ratelimit-reset": f"{at + 40:.0f}", "date": told["date"]})
    assert pace.scarce
    monkeypatch.setattr(time, "time", lambda: real() - jump)
    assert pace.scarce
