"""Installation tokens: requested once for all who wait, kept while valid, dropped when GitHub rejects them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from githubkit import GitHubCore
from githubkit.auth import BaseAuthStrategy
from typing_extensions import override

from bot.github.loops import PerLoop

LIFE = 55 * 60.0
"""Seconds a token is used; GitHub's are valid for an hour. Counted by our clock alone, so it may be wrong."""
FRESH = 5.0
"""Seconds in which a 401 only means that not all of GitHub knows the new token yet."""


@dataclass(frozen=True, slots=True)
class InstallationToken:
    text: str
    minted: float

    def age(self) -> float:
        return time.monotonic() - self.minted

    def __repr__(self) -> str:
        return "InstallationToken(...)"


class InstallationTokens(BaseAuthStrategy):
    """The token of one repository; `mint` asks GitHub for a new one."""

    def __init__(self, mint: Callable[[], Awaitable[str]], *, waits: tuple[float, ...] = (1.0, 2.0)) -> None:
        self._mint = mint
        self._minting = PerLoop(asyncio.Lock)
        self._token: InstallationToken | None = None
        self.waits = waits

    async def get(self) -> InstallationToken:
        async with self._minting.here():
            if self._token is None or self._token.age() > LIFE:
                self._token = InstallationToken(await self._mint(), time.monotonic())
            return self._token

    def drop(self, token: InstallationToken) -> None:
        if self._token is token:
            self._token = None

    @override
    def get_auth_flow(self, github: GitHubCore[Any]) -> httpx.Auth:
        return _Bearer(self)


class _Bearer(httpx.Auth):
    def __init__(self, tokens: InstallationTokens) -> None:
        self._tokens = tokens

    @override
    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        waits = iter(self._tokens.waits)
        token = await self._tokens.get()
        while True:
            request.headers["Authorization"] = f"Bearer {token.text}"
            response = yield request
            if response.status_code != 401:
                return
            if token.age() < FRESH:
                wait = next(waits, None)
                if wait is None:
                    return
                await asyncio.sleep(wait)
            else:
                self._tokens.drop(token)
                token = await self._tokens.get()
