"""Stand-ins for GitHub, checked against its contracts, and the App that works on one, for tests of its requests."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from bot.github.app import GitHubApp
from bot.github.hub import RepositoryHub
from bot.github.pace import NO_GAPS
from bot.standins.github import StandIn, running
from bot.standins.github.contract import Contract
from bot.standins.github.model import Json, Pull, Repository
from tests.support.places import SHARED

MIGRATION = "db/migrations/1_events.sql"
LINES = "".join(f"select {number};\n" for number in range(1, 41))

_EXTRACT = SHARED / "data" / "github" / "openapi-extract.json"
DESCRIPTION = Contract.load(_EXTRACT) if _EXTRACT.is_file() else None
"""GitHub's own, which is not ours to commit; without it only `contract.used` applies."""


@dataclass(frozen=True, slots=True)
class Scene:
    github: StandIn
    app: GitHubApp
    repository: Repository
    hub: RepositoryHub

    def opened(self, files: Mapping[str, Any] | None = None, **options: Any) -> Pull:
        return self.github.open_pull_request(self.repository, files or {MIGRATION: LINES}, **options)

    @property
    def installation(self) -> int:
        return self.github.installation_of(self.repository).id


def stand_in(**options: Any) -> AbstractAsyncContextManager[StandIn]:
    """A running stand-in, checked against GitHub's own description if that is there."""
    return running(description=DESCRIPTION, **options)


@asynccontextmanager
async def scene(
    *, files: Mapping[str, Any] | None = None, private: bool = True, timeout: float = 5.0, **options: Any
) -> AsyncIterator[Scene]:
    """A scene; fails at its end if the stand-in gave an answer that GitHub's contract does not allow."""
    async with stand_in(**options) as github:
        repository = github.add_repository("acme/shop", private=private, files=files)
        app = app_of(github, timeout=timeout)
        try:
            hub = await app.installation(github.installation_of(repository).id, repository.id, "acme/shop")
            yield Scene(github, app, repository, hub)
        finally:
            await app.close()
        assert not github.violations, github.violations


@dataclass(frozen=True, slots=True)
class Caller:
    """Speaks to the stand-in without the App's client."""

    github: StandIn
    repository: Repository
    http: httpx.AsyncClient

    def jwt(self, *, issuer: Any = None, issued: int = -60, life: int = 500, key: str | None = None) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": str(issuer or self.github.app_id), "iat": now + issued, "exp": now + issued + life}
        return {"Authorization": f"Bearer {jwt.encode(claims, key or self.github.private_key, algorithm='RS256')}"}

    async def mint(self, **body: Any) -> httpx.Response:
        """Asks for an installation token."""
        installation = self.github.installation_of(self.repository).id
        return await self.http.post(
            f"/app/installations/{installation}/access_tokens", headers=self.jwt(), json=body or None
        )

    async def call(self, method: str, path: str, body: Json | None = None, **permissions: str) -> httpx.Response:
        """A request below the repository, with a token of its own that holds these permissions, or all."""
        scope: Json = {"repository_ids": [self.repository.id]} | ({"permissions": permissions} if permissions else {})
        token = (await self.mint(**scope)).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        return await self.http.request(method, f"/repos/acme/shop{path}", headers=headers, json=body)

    async def get(self, path: str) -> Any:
        """What the repository shows there."""
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def review(self, pull: Pull, *comments: Json, **body: Any) -> httpx.Response:
        full = {"body": "Body", "event": "COMMENT", "comments": list(comments)} | body
        return await self.call("POST", f"/pulls/{pull.number}/reviews", full)


@asynccontextmanager
async def called(**options: Any) -> AsyncIterator[Caller]:
    """A stand-in with one repository; fails at its end if it gave an answer that GitHub's contract does not allow."""
    async with stand_in(**options) as github, httpx.AsyncClient(base_url=github.url, trust_env=False) as http:
        yield Caller(github, github.add_repository("acme/shop", files={"db/old.sql": LINES}), http)
        assert not github.violations, github.violations


def app_of(github: StandIn, *, timeout: float = 5.0, key: str | None = None) -> GitHubApp:
    return GitHubApp(
        github.app_id,
        key or github.private_key,
        github.url,
        gaps=NO_GAPS,
        waits=(0.01, 0.01),
        token_waits=(0.05, 0.1),
        timeout=httpx.Timeout(timeout),
    )
