"""The endpoints: the answer to each delivery, signed or not, small or large, broken or whole."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.review.job import Job, Stored
from bot.runtime.settings import Settings
from bot.server import webhook
from bot.server.jobs import Queue
from bot.server.webhook import LARGEST, Endpoints
from tests.support.places import SHARED

OLD, NEW = "old secret", "new secret"
EXAMPLES = SHARED / "data" / "github" / "webhook-examples.json"
PUSH: dict[str, Any] = {
    "action": "opened",
    "installation": {"id": 7},
    "repository": {"id": 42, "full_name": "acme/shop"},
    "pull_request": {"number": 5, "head": {"sha": "a" * 40}, "base": {"sha": "b" * 40}},
}


@dataclass
class Scene:
    http: httpx.AsyncClient
    stored: list[Job] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    store_fails: bool = False

    async def deliver(
        self,
        body: bytes | dict[str, Any] = b"",
        *,
        secret: str = OLD,
        signature: str | None = None,
        event: str = "pull_request",
        kind: str = "application/json",
        **headers: str,
    ) -> httpx.Response:
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        signed = "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        sent = {
            "content-type": kind,
            "x-github-event": event,
            "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "x-hub-signature-256": signed if signature is None else signature,
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post("/webhook", content=content, headers=sent | given)


@asynccontextmanager
async def door(*, client: str = "127.0.0.1", token: str | None = None) -> AsyncIterator[Scene]:
    scene: Scene

    async def store(job: Job) -> Stored:
        if scene.store_fails:
            raise OSError("disk full, password=hunter2")
        known = any(job.id == other.id for other in scene.stored)
        scene.stored.append(job)
        return "duplicate" if known else "accepted"

    async def troubles() -> list[str]:
        return scene.troubles

    opened = Endpoints((OLD, NEW), store, troubles, metrics_token=token)
    transport = httpx.ASGITransport(Starlette(routes=opened.routes()), client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        scene = Scene(http)
        yield scene


def run(story: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
    async def told() -> None:
        async with door(**options) as scene:
            await story(scene)

    asyncio.run(told())


def test_stores_a_signed_delivery_and_says_when_it_knows_it() -> None:
    async def story(scene: Scene) -> None:
        first, second = await scene.deliver(PUSH), await scene.deliver(PUSH)
        assert (first.status_code, first.json()["status"]) == (202, "accepted")
        assert (second.status_code, second.json()["status"]) == (202, "duplicate")
        assert scene.stored[0].id == "push:42:5:72d3162e-cc78-11e3-81ab-4c9367dc0958"

    run(story)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_secret_signs_while_one_replaces_the_other(secret: str) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, secret=secret)).status_code == 202

    run(story)


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "sha256=" + "É" * 3, "sha256=" + "g" * 64, "SHA256="],
    ids=["none", "empty", "wrong", "sha1", "not ASCII", "not hexadecimal", "upper case"],
)
def test_refuses_an_unsigned_delivery(signature: str) -> None:
    async def story(scene: Scene) -> None:
        content = json.dumps(PUSH).encode()
        headers = [(b"content-type", b"application/json"), (b"x-hub-signature-256", signature.encode("latin-1"))]
        assert (await scene.http.post("/webhook", content=content, headers=headers)).status_code == 401
        assert not scene.stored

    run(story)


def test_refuses_a_delivery_signed_with_another_secret_or_changed_on_its_way() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, secret="guess")).status_code == 401
        signed = "sha256=" + webhook.signature(json.dumps(PUSH).encode(), OLD)
        assert (await scene.deliver({**PUSH, "action": "closed"}, signature=signed)).status_code == 401

    run(story)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"number": ' + b"9" * 10_000 + b"}",
        b"{} {}",
    ],
    ids=["empty", "cut", "list", "null", "text", "not UTF-8", "deep", "deep objects", "long number", "two"],
)
def test_a_signed_but_broken_body_is_400(body: bytes) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(body)).status_code == 400

    run(story)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_what_is_not_json_is_415(kind: str) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, kind=kind)).status_code == 415

    run(story)


def test_json_with_a_character_set_is_json() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, kind="Application/JSON; charset=utf-8")).status_code == 202

    run(story)


def test_a_delivery_said_to_be_too_large_is_refused_before_it_is_read() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, content_length=str(LARGEST + 1))).status_code == 413

    run(story)


def test_a_delivery_that_turns_out_too_large_is_refused_while_it_is_read() -> None:
    async def story(scene: Scene) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(LARGEST // 1_000_000 + 20):
                sent += 1_000_000
                yield b"x" * 1_000_000

        answer = await scene.http.post("/webhook", content=endless())
        assert answer.status_code == 413

    run(story)


def test_a_large_delivery_is_read() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver({**PUSH, "padding": "x" * 25_000_000})).status_code == 202

    run(story)


def test_slow_senders_keep_no_delivery_out_however_large_it_is() -> None:
    async def story(scene: Scene) -> None:
        hold = asyncio.Event()

        async def held() -> AsyncIterator[bytes]:
            yield b"x" * 3_000_000
            await hold.wait()

        slow = [asyncio.create_task(scene.http.post("/webhook", content=held())) for _ in range(30)]
        await asyncio.sleep(0.1)
        assert (await scene.deliver({**PUSH, "padding": "x" * 25_000_000})).status_code == 202
        assert (await scene.deliver(PUSH, x_github_delivery="d2")).status_code == 202
        hold.set()
        statuses = [answer.status_code for answer in await asyncio.gather(*slow)]
        assert set(statuses) == {400, 401}
        assert statuses == sorted(statuses), "who has taken longest is cut off first"

    run(story)


def test_a_delivery_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "ARRIVAL", 0.1)

    async def story(scene: Scene) -> None:
        async def endless() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(5)

        assert (await scene.http.post("/webhook", content=endless())).status_code == 400

    run(story)


def test_what_cannot_be_stored_is_not_promised() -> None:
    async def story(scene: Scene) -> None:
        scene.store_fails = True
        answer = await scene.deliver(PUSH)
        assert answer.status_code == 503
        assert "hunter2" not in answer.text

    run(story)


def test_a_store_that_hangs_is_503_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.05)

    async def told() -> None:
        async def store(_: Job) -> Stored:
            await asyncio.sleep(60)
            return "accepted"

        async def troubles() -> list[str]:
            return []

        transport = httpx.ASGITransport(Starlette(routes=Endpoints((OLD,), store, troubles).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
            assert (await Scene(http).deliver(PUSH)).status_code == 503

    asyncio.run(told())


@pytest.mark.parametrize("event", ["ping", "star", "a_new_event", "", "x" * 5000])
def test_an_event_without_a_job_is_accepted_and_counted(event: str) -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.deliver({"zen": "Keep it logically awesome."}, event=event)
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
        assert not scene.stored
        assert "x" * 100 not in (await scene.http.get("/metrics")).text

    run(story)


@pytest.mark.parametrize("guid", ["", "a:b/../c", "x" * 100], ids=["missing", "odd", "long"])
def test_a_delivery_header_of_another_form_is_replaced_by_the_bodys_digest(guid: str) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.deliver(PUSH, x_github_delivery=guid)).json()["status"] == "accepted"
        assert (await scene.deliver(PUSH, x_github_delivery=guid)).json()["status"] == "duplicate"
        assert guid == "" or guid not in scene.stored[0].id

    run(story)


def test_only_posts_are_deliveries() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.http.get("/webhook")).status_code == 405

    run(story)


def test_says_that_it_lives_and_whether_it_is_ready() -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.http.get("/healthz")).status_code == 200
        assert (await scene.http.get("/readyz")).status_code == 200
        scene.troubles.append("the queue's database does not answer")
        answer = await scene.http.get("/readyz")
        assert (answer.status_code, answer.json()["troubles"]) == (503, ["the queue's database does not answer"])

    run(story)


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        pytest.param("127.0.0.1", {}, 200, id="this machine"),
        pytest.param("::1", {}, 200, id="this machine, IPv6"),
        pytest.param("127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 403, id="a proxy on this machine"),
        pytest.param("127.0.0.1", {"x-forwarded-host": "migsafe.acme.com"}, 403, id="a proxy that names the host"),
        pytest.param("127.0.0.1", {"host": "migsafe.acme.com"}, 403, id="a proxy that names nobody"),
        pytest.param("203.0.113.9", {}, 403, id="elsewhere"),
        pytest.param("203.0.113.9", {"authorization": "Bearer wrong-token"}, 403, id="a wrong token"),
        pytest.param("203.0.113.9", {"authorization": "Bearer the-token"}, 200, id="the token"),
    ],
)
def test_who_may_read_metrics(client: str, headers: dict[str, str], status: int) -> None:
    async def story(scene: Scene) -> None:
        here = {"host": "localhost:8000", **headers}
        assert (await scene.http.get("/metrics", headers=here)).status_code == status

    run(story, client=client, token="the-token")


@pytest.mark.skipif(not EXAMPLES.exists(), reason="GitHub's example deliveries are not beside this checkout")
def test_every_published_example_delivery_is_answered_and_stored_where_it_asks_for_a_job(tmp_path: Path) -> None:
    async def told() -> None:
        queue = Queue(Settings(state=f"sqlite:///{tmp_path}/m.db"))
        await queue.open()

        async def troubles() -> list[str]:
            return []

        transport = httpx.ASGITransport(Starlette(routes=Endpoints((OLD,), queue.store, troubles).routes()))
        jobs = total = 0
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
            for event in json.loads(EXAMPLES.read_text()):
                for example in event["examples"]:
                    total += 1
                    answer = await Scene(http).deliver(
                        example, event=event["name"], x_github_delivery=f"example-{total}"
                    )
                    assert answer.status_code == 202, (event["name"], answer.text)
                    assert answer.json()["status"] == "accepted"
                    jobs += answer.json()["job"] is not None
        depth = await queue.depth()
        await queue.close()
        assert total >= 329
        assert depth["waiting"] == jobs > 10

    asyncio.run(told())
