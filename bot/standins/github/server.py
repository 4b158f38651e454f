"""The door of the stand-in: who asks, what they may, what is broken today, and the answer on the wire."""

import asyncio
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import jwt
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.standins.github.endpoints import apps, checks, comments, graphql, objects, pulls, reviews
from bot.standins.github.faults import Fault
from bot.standins.github.model import Installation, Repository, Seen, Token
from bot.standins.github.routes import DOCUMENTATION, NOT_ALLOWED, ROUTES, Answer, Call, Refused, Route, not_found
from bot.standins.github.stand_in import StandIn

HANDLERS = (apps, checks, comments, graphql, objects, pulls, reviews)
"""Importing them fills the table of routes."""
LIMIT = 5000
"""Requests an hour of one installation."""
LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends a served stand-in when called."""

    server: uvicorn.Server
    thread: threading.Thread

    def __call__(self, *, wait: bool = True) -> None:
        self.server.should_exit = True
        if wait:
            self.thread.join(10)


def serve(github: StandIn, port: int = 0) -> tuple[Stop, str]:
    """Serves it on a loopback port in a thread; returns once it answers, with the API's address."""
    config = uvicorn.Config(application(github), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    # Named as TCP, so that asyncio turns Nagle's algorithm off: every answer would wait 40 ms for an acknowledgement.
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="github", daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    return Stop(server, thread), f"http://127.0.0.1:{door.getsockname()[1]}{github.prefix}"


def application(github: StandIn) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application that serves `github` over HTTP."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(scope, receive)
        response = await _answer(github, request)
        await response(scope, receive, send)

    return answered


async def _answer(github: StandIn, request: Request) -> Response:
    raw = await request.body()
    path = _path(github, request)
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    fault = github.faults.take(request.method, path)
    await asyncio.sleep(github.latency + (fault.delay if fault else 0.0))
    if fault and not fault.after_effect:
        answer = _broken(fault)
    else:
        with github.lock:
            answer = _served(github, request, path, query, raw)
        answer = _broken(fault) if fault and answer.status < 400 else answer
    body = _json(raw) if raw else None
    github.requests.append(
        Seen(request.method, path, answer.status, body, request.headers.get("authorization", ""), query)
    )
    return _response(github, request, answer)


def _served(github: StandIn, request: Request, path: str, query: dict[str, str], raw: bytes) -> Answer:
    try:
        if github.down:
            raise Refused(503, "Service unavailable")
        if not request.headers.get("user-agent"):
            raise Refused(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
            )
        found, parameters = _route(request.method, path)
        body = _body(request, raw)
        call = Call(github, request.method, path, parameters, query, body, request.headers.get("accept", ""))
        call = _authenticated(call, found, request.headers.get("authorization", ""))
        _held_to_contract(github, found, call)
        answer = found.handler(call)
        problems = github.contract.answer(found.method, found.template, answer) if github.contract else []
        github.violations += [f"{request.method} {path}: {problem}" for problem in problems]
    except Refused as refused:
        return Answer(refused.status, refused.body(), refused.headers)
    return answer


def _held_to_contract(github: StandIn, found: Route, call: Call) -> None:
    if not github.contract:
        return
    problems = github.contract.request(found.method, found.template, call.query, call.body)
    if problems:
        github.rejected += [f"{call.method} {call.path}: {problem}" for problem in problems]
        raise Refused(422, "Invalid request.\n\n" + "\n".join(problems))


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for candidate in ROUTES:
        match = candidate.pattern.match(path)
        if candidate.method == method and match:
            return candidate, {name: unquote(value) for name, value in match.groupdict().items()}
    raise not_found()


def _authenticated(call: Call, found: Route, authorization: str) -> Call:
    if found.anyone:
        return call
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not credential:
        raise Refused(401, "Requires authentication")
    if found.app:
        _verify_app(call.github, credential)
        return call
    token = call.github.tokens.get(credential)
    if token is None or not token.usable_from <= call.github.now() < token.expires:
        raise Refused(401, "Bad credentials")
    installation = call.github.installations.get(token.installation)
    if installation is None:
        raise Refused(401, "Bad credentials")
    if installation.suspended_at:
        raise Refused(403, "This installation has been suspended")
    repository = _repository(call, found, token, installation)
    return replace(call, token=token, repository=repository, installation=installation)


def _repository(call: Call, found: Route, token: Token, installation: Installation) -> Repository | None:
    """The repository of the path, where this token may do this to it."""
    if "repo" not in call.parameters:
        _permitted(found, token, installation)
        return None
    name = f"{call.parameters['owner']}/{call.parameters['repo']}"
    repository = call.github.find_repository(name)
    if repository is None:
        moved = call.github.moved(name)
        if moved is None:
            raise not_found()
        rest = call.path.split("/", 4)[4:]
        location = "/".join([f"{call.github.url}/repositories/{moved.id}", *rest])
        raise Refused(301 if call.method == "GET" else 307, "Moved Permanently", headers={"Location": location})
    if repository.id in token.repositories and call.github.sees(installation, repository):
        _permitted(found, token, installation)
        return repository
    if repository.private:
        raise not_found()
    if call.method != "GET":
        raise Refused(403, NOT_ALLOWED)
    return repository


def _permitted(found: Route, token: Token, installation: Installation) -> None:
    """A permission counts where the token holds it and the installation still grants it."""
    for name, level in found.permissions:
        if min(_rank(token.permissions, name), _rank(installation.permissions, name)) >= LEVELS.index(level):
            return
    if found.permissions:
        accepted = "; ".join(f"{name}={level}" for name, level in found.permissions)
        raise Refused(403, NOT_ALLOWED, headers={"X-Accepted-GitHub-Permissions": accepted})


def _rank(permissions: dict[str, str], name: str) -> int:
    return LEVELS.index(permissions.get(name, "read" if name == "metadata" else "none"))


def _verify_app(github: StandIn, credential: str) -> None:
    try:
        claims = jwt.decode(
            credential,
            github.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "iss"]},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    if str(claims["iss"]) != str(github.app_id):
        raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
    now = github.now()
    if claims["iat"] > now:
        raise Refused(
            401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if claims["exp"] <= now:
        raise Refused(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which it expires",
        )
    if claims["exp"] - claims["iat"] > 600 or claims["exp"] > now + 600:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")


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
    used = min(len(github.requests), LIMIT)
    headers = {
        "ETag": tag,
        "X-RateLimit-Limit": str(LIMIT),
        "X-RateLimit-Remaining": str(LIMIT - used),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(int(github.now()) + 3600),
        "X-RateLimit-Resource": "core",
        "X-GitHub-Request-Id": hashlib.sha1(f"{len(github.requests)}".encode(), usedforsecurity=False).hexdigest()[:20],
        **answer.headers,
    }
    if request.method == "GET" and answer.status == 200 and request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, answer.status, headers, answer.media if content else None)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
