"""Serves a stand-in over HTTP, checks requests and answers against the contracts, and produces the ordered faults."""

import asyncio
import hashlib
import json
import math
import re
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.standins.github import limits
from bot.standins.github.authentication import authenticate
from bot.standins.github.contract import USED, Contract
from bot.standins.github.endpoints import ROUTES
from bot.standins.github.faults import Fault
from bot.standins.github.model import Seen
from bot.standins.github.routes import DOCUMENTATION, Answer, Call, Refused, Route, not_found
from bot.standins.github.stand_in import StandIn

LIMIT = 5000
"""Requests per hour of one installation."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends a served stand-in when called."""

    server: uvicorn.Server
    thread: threading.Thread

    def __call__(self, *, wait: bool = True) -> None:
        self.server.should_exit = True
        if wait:
            self.thread.join(10)


@asynccontextmanager
async def running(*, description: Contract | None = None, **options: Any) -> AsyncIterator[StandIn]:
    """A stand-in served on a free loopback port by a thread of its own, until shortly after the block ends.

    `description` is GitHub's own, if you have it; `options` are those of `StandIn`.
    """
    github = StandIn(**options)
    stop = start(github, description=description)
    try:
        yield github
    finally:
        stop(wait=False)


def start(github: StandIn, *, port: int = 0, description: Contract | None = None) -> Stop:
    """Serves it on a loopback port by a thread, and returns once it answers; `github.url` is then its address.

    Requests and answers are checked against what the App uses of GitHub, and against `description` if it is given;
    `github.held_to` names them. Call what this returns to stop.
    """
    contracts = (USED, description) if description else (USED,)
    github.held_to = tuple(contract.name for contract in contracts)
    config = uvicorn.Config(Application(github, contracts), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    # Declared as TCP, so that asyncio turns off Nagle's algorithm, with which every answer would take 40 ms longer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="github", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    github.url = f"http://127.0.0.1:{listener.getsockname()[1]}{github.prefix}"
    return Stop(server, thread)


@dataclass(frozen=True, slots=True)
class Application:
    """The ASGI application that serves `github`, and checks requests and its own answers against `contracts`."""

    github: StandIn
    contracts: tuple[Contract, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:  # the caller was killed in the middle of its request
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        github = self.github
        raw = await request.body()
        path = _path(github, request)
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        fault = github.faults.take(request.method, path)
        await asyncio.sleep(github.latency + (fault.delay if fault else 0.0))
        await github.faults.reach(request.method, path, after_effect=False)
        if fault and not fault.after_effect:
            answer = _broken(fault)
        else:
            with github.lock:
                answer = self._answer(request, path, query, raw)
            answer = _broken(fault) if fault and answer.status < 400 else answer
        await github.faults.reach(request.method, path, after_effect=True)
        await asyncio.sleep(fault.hold if fault else 0.0)
        body = _json(raw) if raw else None
        github.requests.append(
            Seen(request.method, path, answer.status, body, request.headers.get("authorization", ""), query)
        )
        return _response(github, request, answer)

    def _answer(self, request: Request, path: str, query: dict[str, str], raw: bytes) -> Answer:
        try:
            if self.github.down:
                raise Refused(503, "Service unavailable")
            if not request.headers.get("user-agent"):
                raise Refused(
                    403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
                )
            route, parameters = _route(request.method, path)
            body = _body(request, raw)
            call = Call(self.github, request.method, path, parameters, query, body, request.headers.get("accept", ""))
            call = authenticate(call, route, request.headers.get("authorization", ""))
            _check_limits(call)
            self._check_request(route, call)
            answer = route.handler(call)
            self._check_answer(route, call, answer)
        except Refused as refused:
            return Answer(refused.status, refused.body(), refused.headers)
        return answer

    def _check_request(self, route: Route, call: Call) -> None:
        """Records and refuses a request that a contract does not allow."""
        problems = [
            problem
            for contract in self.contracts
            for problem in contract.request(route.method, route.template, call.query, call.body)
        ]
        if problems:
            self.github.rejected += [f"{call.method} {call.path}: {problem}" for problem in problems]
            raise Refused(422, "Invalid request.\n\n" + "\n".join(dict.fromkeys(problems)))

    def _check_answer(self, route: Route, call: Call, answer: Answer) -> None:
        """Records an answer of ours that a contract does not allow; it is sent nevertheless."""
        self.github.violations += [
            f"{call.method} {call.path}: {problem} ({contract.name})"
            for contract in self.contracts
            for problem in contract.answer(route.method, route.template, answer.status, answer.body)
        ]


def _check_limits(call: Call) -> None:
    """Raises Refused if the installation writes faster than GitHub allows."""
    if call.github.limits is None or call.method == "GET" or call.installation is None:
        return
    wait = call.github.limits.check(call.installation.id, call.method, call.path)
    if wait is not None:
        raise Refused(403, limits.MESSAGE, headers={"Retry-After": str(max(1, math.ceil(wait)))})


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for candidate in ROUTES:
        match = candidate.pattern.match(path)
        if candidate.method == method and match:
            return candidate, {name: unquote(value) for name, value in match.groupdict().items()}
    raise not_found()


def _path(github: StandIn, request: Request) -> str:
    """The path as sent, still quoted, without the Enterprise prefix."""
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1").partition("?")[0]
    if github.prefix == "/api/v3" and path == "/api/graphql":
        return "/graphql"
    path = path.removeprefix(github.prefix) or "/"
    by_id = re.match(r"/repositories/(\d+)(?=/|\Z)", path)
    repository = github.repositories.get(int(by_id[1])) if by_id else None
    return f"/repos/{repository.full_name}{path[by_id.end() :]}" if by_id and repository else path


def _body(request: Request, raw: bytes) -> Any:
    if not raw:
        return None
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "Unsupported Media Type")
    body = _json(raw)
    if not isinstance(body, dict):
        raise Refused(400, "Problems parsing JSON")
    return body


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _broken(fault: Fault) -> Answer:
    body = fault.body if fault.body is not None else {"message": "Server Error", "documentation_url": DOCUMENTATION}
    return Answer(fault.status, body, dict(fault.headers))


def _response(github: StandIn, request: Request, answer: Answer) -> Response:
    content = b"" if answer.body is None else answer.body
    if not isinstance(content, bytes):
        content = json.dumps(content).encode()
    tag = f'W/"{hashlib.sha256(content).hexdigest()}"'
    used, reset = github.spend(request.headers.get("authorization", ""))
    used = min(used, LIMIT)
    headers = {
        "ETag": tag,
        "X-RateLimit-Limit": str(LIMIT),
        "X-RateLimit-Remaining": str(LIMIT - used),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(int(reset)),
        "X-RateLimit-Resource": "core",
        "X-GitHub-Request-Id": hashlib.sha1(f"{len(github.requests)}".encode(), usedforsecurity=False).hexdigest()[:20],
        **answer.headers,
    }
    if request.method == "GET" and answer.status == 200 and request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, answer.status, headers, answer.media if content else None)
