"""Sends requests to GitHub with one credential: retries reads, never writes blindly, gives every failure a type."""

import asyncio
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from githubkit.auth import BaseAuthStrategy
from githubkit.exception import GitHubException, RequestError, RequestFailed

from bot.github.connection import Connection
from bot.github.errors import Gone, OtherRefusal, RateLimited, TooLarge, Transient, Uncertain, refusal
from bot.github.pace import Pace
from bot.github.read import Json, dig, items
from bot.review.errors import HubError
from bot.runtime import metrics

JSON_LIMIT = 32 * 1024 * 1024
"""The most bytes of an answer in JSON."""
PAGE = 100
PAGES = 200
"""Pages of one list; no pull request needs more."""
BODY_SECONDS = 30.0
"""How long an answer may take after its headers, however steadily it drips."""
HOPS = 3
"""Redirects of one request: a repository that was renamed, or moved and renamed."""
_MOVED = {301, 302, 307, 308}
_JSON = "application/vnd.github+json"
_UNSENDABLE = re.compile("[\\ud800-\\udfff\\x00]")
_SECRET = re.compile(r"(/app-manifests/)[^/]+")
"""The code of the manifest flow gives access to the App's key; no error or log may show it."""
RAW = "application/vnd.github.raw+json"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "")


class Client:
    """`waits` are the seconds before each retry of a read, to which a random part is added."""

    def __init__(
        self,
        connection: Connection,
        auth: BaseAuthStrategy | None,
        pace: Pace,
        *,
        waits: tuple[float, ...] = (0.5, 1.5),
    ) -> None:
        self._connection = connection
        self._github = connection.client(auth, pace)
        self._pace = pace
        self.waits = waits

    @property
    def scarce(self) -> bool:
        """Whether requests run out for this hour, so that what only is polite is left undone."""
        return self._pace.scarce

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The answer's JSON; raises the errors of `bot.github.errors`."""
        reply = await self.read(path, params)
        return _json(reply)

    async def read(
        self, path: str, params: Mapping[str, str] | None = None, *, accept: str = _JSON, limit: int = JSON_LIMIT
    ) -> Reply:
        """The raw answer, at most `limit` bytes."""
        for wait in self.waits:
            try:
                return await self._send("GET", path, params=params, accept=accept, limit=limit)
            except Transient:
                await asyncio.sleep(wait * random.uniform(1.0, 1.5))
        return await self._send("GET", path, params=params, accept=accept, limit=limit)

    async def pages(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        key: str | None = None,
        most: int = PAGES * PAGE,
        enough: Callable[[Json], bool] | None = None,
    ) -> list[Json]:
        """All items of a list, following `Link`; those under `key` if the answer is an object.

        Stops after `most` items, or after a page whose last item is `enough`.
        """
        found: list[Json] = []
        query: Mapping[str, str] | None = {"per_page": str(PAGE), **(params or {})}
        for _ in range(PAGES):
            reply = await self.read(path, query)
            found += items(_json(reply), key) if key else items({"all": _json(reply)}, "all")
            query = _next(reply)
            if query is None or len(found) >= most or (enough and found and enough(found[-1])):
                return found[:most]
        raise TooLarge(f"{path} has more than {PAGES} pages")

    async def write(self, method: str, path: str, body: Json | None = None) -> Any:
        """Sends it once. Raises Uncertain if GitHub may have done it: check before you repeat it."""
        reply = await self._send(method, path, body=_sendable(body or {}) if method != "DELETE" else None)
        return _json(reply) if reply.body else None

    async def graphql(self, query: str, variables: Json) -> Any:
        """The data of the answer; raises OtherRefusal if it has errors."""
        base = urlsplit(self._connection.base_url)
        path = f"{base.scheme}://{base.netloc}/api/graphql" if base.path.endswith("/api/v3") else "/graphql"
        reply = await self._send("POST", path, body={"query": query, "variables": variables})
        answer = _json(reply)
        errors = dig(answer, "errors")
        if errors:
            raise OtherRefusal(f"GitHub refused a GraphQL query: {dig(errors[0], 'message')}", 200)
        return dig(answer, "data")

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        accept: str = _JSON,
        limit: int = JSON_LIMIT,
    ) -> Reply:
        for _ in range(HOPS):
            reply = await self._request(method, path, params, body, accept, limit)
            if reply.status not in _MOVED:
                return reply
            path, params = self._moved(path, reply), None
        raise Gone(f"{path} moved too often")

    async def _request(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Json | None, accept: str, limit: int
    ) -> Reply:
        shown = _SECRET.sub(r"\1...", path)
        headers = {"Accept": accept} | ({"Accept-Encoding": "identity"} if accept == RAW else {})
        try:
            answer = await self._github.arequest(
                method, path, params=dict(params or {}), json=body, headers=headers, stream=True
            )
            metrics.github_requests.labels(method, answer.status_code).inc()
            self._pace.note_remaining(answer.raw_response.headers)
            async with asyncio.timeout(BODY_SECONDS):
                return await _receive(answer.raw_response, limit, shown)
        except TimeoutError as error:
            raise _unanswered(method, shown, error) from None
        except RequestFailed as error:
            response = error.response.raw_response
            metrics.github_requests.labels(method, response.status_code).inc()
            self._pace.note_remaining(response.headers)
            refused = refusal(method, shown, response.status_code, response.headers, response.content)
            if isinstance(refused, RateLimited):
                metrics.github_limits.labels(refused.kind).inc()
                self._pace.pause(refused)
            raise refused from None
        except GitHubException as error:
            cause = error.exc if isinstance(error, RequestError) else error
            raise _unanswered(method, shown, cause) from None
        except httpx.HTTPError as error:
            raise _unanswered(method, shown, error) from None
        except ValueError as error:
            raise _unanswered(method, shown, error) from error

    def _moved(self, path: str, reply: Reply) -> str:
        """The path to which a repository moved; raises Gone if it is on another host."""
        base = urlsplit(self._connection.base_url)
        target = urlsplit(reply.headers.get("location", ""))
        if (target.scheme, target.netloc) != (base.scheme, base.netloc) or not target.path.startswith(base.path):
            raise Gone(f"{path} moved to another host")
        return target.path.removeprefix(base.path) + (f"?{target.query}" if target.query else "")


async def _receive(response: httpx.Response, limit: int, path: str) -> Reply:
    try:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > limit:
                raise TooLarge(f"{path} is larger than {limit:,} bytes")
            parts.append(part)
        return Reply(response.status_code, response.headers, b"".join(parts))
    finally:
        await response.aclose()


def _unanswered(method: str, path: str, cause: Exception) -> HubError:
    """The error for a missing answer; without a connection it is certain that nothing was done."""
    if isinstance(cause, HubError):
        return cause
    metrics.github_requests.labels(method, "none").inc()
    text = f"GitHub did not answer {method} {path}: {type(cause).__name__}"
    sent = not isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    return Uncertain(text) if sent and method != "GET" else Transient(text)


def _sendable(value: Any) -> Any:
    """The value with characters replaced that JSON or GitHub's database cannot hold: files need not be UTF-8."""
    match value:
        case str():
            return _UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {name: _sendable(inner) for name, inner in value.items()}
        case list():
            return [_sendable(inner) for inner in value]
        case _:
            return value


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        raise Transient("GitHub's answer is not JSON") from None


def _next(reply: Reply) -> dict[str, str] | None:
    """The query of the next page; the path is ours, so that no answer can redirect a token."""
    links = httpx.Response(200, headers={"Link": reply.headers.get("link", "")}).links
    address = links.get("next", {}).get("url")
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True)) if address else None
