"""Stand-ins for GitHub, checked against its contracts, and the App that works on one, for tests of its requests."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bot.github.app import GitHubApp
from bot.github.hub import RepositoryHub
from bot.github.pace import Gaps
from bot.standins.github import StandIn, running
from bot.standins.github.contract import Contract
from bot.standins.github.model import Pull, Repository
from tests.support.places import SHARED

HURRY = Gaps(concurrent=10, write=0.0, notify=0.0)
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


def app_of(github: StandIn, *, timeout: float = 5.0, key: str | None = None) -> GitHubApp:
    return GitHubApp(
        github.app_id,
        key or github.private_key,
        github.url,
        gaps=HURRY,
        waits=(0.01, 0.01),
        token_waits=(0.05, 0.1),
        timeout=httpx.Timeout(timeout),
    )
