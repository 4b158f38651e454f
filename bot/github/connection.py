"""The connection to one GitHub: its address, certificates and proxy, and connections that stay open."""

import ssl
import sys
from functools import cache
from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from githubkit import GitHub
from githubkit.auth import BaseAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.throttling import BaseThrottler
from typing_extensions import override

from bot import __version__
from bot.github.loops import PerLoop

if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    # httpcore asks for it dozens of times a request, and Python searches its whole path for what is missing each time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

API = "https://api.github.com"
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=60.0)


class Connection:
    """Shared by all clients of one GitHub; `base_url` is the API's, https or a loopback stand-in."""

    def __init__(self, base_url: str = API, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._tls = _tls()
        self._transport = _KeepAlive(self._tls, _proxy_for(self.base_url))
        self._cache = MemCacheStrategy()

    def client(self, auth: BaseAuthStrategy | None, throttler: BaseThrottler) -> GitHub[BaseAuthStrategy]:
        """githubkit with all its own retries, caching and redirects switched off."""
        github: GitHub[BaseAuthStrategy] = GitHub(
            auth,
            base_url=self.base_url,
            user_agent=f"migsafe/{__version__}",
            follow_redirects=False,
            timeout=self._timeout,
            ssl_verify=self._tls,
            trust_env=False,
            async_transport=self._transport,
            cache_strategy=self._cache,
            http_cache=False,
            throttler=throttler,
            auto_retry=False,
        )
        return github

    async def close(self) -> None:
        """Closes the connections that this event loop holds open."""
        await self._transport.close()


def is_loopback(base_url: str) -> bool:
    """Whether this address is a stand-in on the same machine."""
    return urlsplit(base_url).hostname in ("localhost", "127.0.0.1", "::1")


class _KeepAlive(httpx.AsyncBaseTransport):
    """Stays open when githubkit's clients, which live for one request, close their transport."""

    def __init__(self, tls: ssl.SSLContext, proxy: str | None) -> None:
        self._pools = PerLoop(
            lambda: httpx.AsyncHTTPTransport(verify=tls, proxy=proxy, limits=CONNECTIONS, retries=1, trust_env=False)
        )

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._pools.here().handle_async_request(request)

    @override
    async def aclose(self) -> None:
        """Does nothing: `close` closes it when the App ends."""

    async def close(self) -> None:
        pool = self._pools.drop()
        if pool:
            await pool.aclose()


@cache
def _tls() -> ssl.SSLContext:
    """The certificates, read once per process because that takes tens of milliseconds."""
    return httpx.create_ssl_context()


def _proxy_for(base_url: str) -> str | None:
    """The environment's proxy for this host, never for a loopback stand-in."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    if is_loopback(base_url) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(address.scheme) or proxies.get("all")
