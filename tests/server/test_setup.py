"""Registering the App: the set-up page, from the token to the `.env` file."""

import asyncio
import html
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from bot.server.pages.manifest import PERMISSIONS
from bot.server.pages.setup import Setup, web_url


@dataclass
class NewApp:
    id: int = 4711
    html_url: str = "https://github.com/apps/migsafe-acme"
    private_key: str = "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n"
    webhook_secret: str = "whsec"


@dataclass
class Scene:
    setup: Setup
    http: httpx.AsyncClient
    kept: dict[str, str] = field(default_factory=dict)

    async def begin(self, **form: str) -> httpx.Response:
        fields = {"token": self.setup.token, "base": "https://migsafe.acme.com", "name": "migsafe acme", **form}
        return await self.http.post("/setup", data=fields)

    async def state(self) -> str:
        action = re.search(r'action="([^"]+)"', (await self.begin()).text)
        assert action is not None
        return parse_qs(urlsplit(html.unescape(action[1])).query)["state"][0]


def run(story: Callable[[Scene], Awaitable[None]], *, fails: bool = False) -> None:
    async def told() -> None:
        kept: dict[str, str] = {}

        async def convert(code: str) -> NewApp:
            if code != "good":
                raise ValueError(code)
            return NewApp()

        def keep(values: Mapping[str, str]) -> None:
            if fails:
                raise PermissionError(13, "Permission denied")
            kept.update(values)

        setup = Setup(github_url="https://api.github.com", convert=convert, keep=keep)
        transport = httpx.ASGITransport(Starlette(routes=setup.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://migsafe.acme.com") as http:
            await story(Scene(setup, http, kept))

    asyncio.run(told())


def test_asks_for_the_token_first() -> None:
    async def story(scene: Scene) -> None:
        page = await scene.http.get("/setup")
        assert page.status_code == 200
        assert scene.setup.token not in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]

    run(story)


def test_a_wrong_token_leads_nowhere_and_does_not_close_the_page_for_who_has_the_right_one() -> None:
    async def story(scene: Scene) -> None:
        for _ in range(50):
            assert (await scene.begin(token="guess")).status_code == 403
        assert len(scene.setup.token) >= 24
        assert (await scene.begin()).status_code == 200

    run(story)


def test_the_manifest_goes_to_github_with_a_state() -> None:
    async def story(scene: Scene) -> None:
        page = (await scene.begin(organisation="acme")).text
        action = re.search(r'action="([^"]+)"', page)
        content = re.search(r'name="manifest" value="([^"]+)"', page)
        assert action is not None
        assert content is not None
        assert action[1].startswith("https://github.com/organizations/acme/settings/apps/new?state=")
        manifest = json.loads(html.unescape(content[1]))
        assert manifest["hook_attributes"]["url"] == "https://migsafe.acme.com/webhook"
        assert manifest["default_permissions"] == dict(PERMISSIONS)

    run(story)


@pytest.mark.parametrize(
    "form",
    [
        {"base": "javascript:alert(1)"},
        {"base": ""},
        {"name": "<script>"},
        {"name": "x" * 60},
        {"organisation": "a/../b"},
    ],
)
def test_what_github_would_refuse_is_refused_here(form: dict[str, str]) -> None:
    async def story(scene: Scene) -> None:
        assert (await scene.begin(**form)).status_code == 400

    run(story)


def test_githubs_answer_is_kept_and_shown_once() -> None:
    async def story(scene: Scene) -> None:
        state = await scene.state()
        page = await scene.http.get("/setup/done", params={"state": state, "code": "good"})
        assert page.status_code == 200
        assert scene.kept["MIGSAFE_APP_ID"] == "4711"
        assert scene.kept["MIGSAFE_WEBHOOK_SECRET"] == "whsec"
        assert "\n" not in scene.kept["MIGSAFE_PRIVATE_KEY"]
        assert "https://github.com/apps/migsafe-acme/installations/new" in page.text
        assert page.headers["cache-control"] == "no-store"
        again = await scene.http.get("/setup/done", params={"state": state, "code": "good"})
        assert again.status_code == 403
        assert (await scene.http.get("/setup")).status_code == 404

    run(story)


@pytest.mark.parametrize("state", ["", "guess"])
def test_a_code_that_was_not_asked_for_here_is_not_exchanged(state: str) -> None:
    async def story(scene: Scene) -> None:
        page = await scene.http.get("/setup/done", params={"state": state, "code": "good"})
        assert page.status_code == 403
        assert not scene.kept

    run(story)


def test_a_code_github_refuses_ends_this_try_only() -> None:
    async def story(scene: Scene) -> None:
        page = await scene.http.get("/setup/done", params={"state": await scene.state(), "code": "stale"})
        assert page.status_code == 502
        assert "stale" not in page.text
        assert (await scene.begin()).status_code == 200

    run(story)


def test_a_disk_that_cannot_be_written_is_said() -> None:
    async def story(scene: Scene) -> None:
        page = await scene.http.get("/setup/done", params={"state": await scene.state(), "code": "good"})
        assert "could <strong>not</strong>" in page.text
        assert "MIGSAFE_WEBHOOK_SECRET=whsec" in page.text

    run(story, fails=True)


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.acme.com/api/v3", "https://github.acme.com"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
    ],
)
def test_githubs_web_address_follows_from_that_of_its_api(api: str, web: str) -> None:
    assert web_url(api) == web
