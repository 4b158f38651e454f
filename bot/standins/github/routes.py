"""A call as a handler sees it, its answer or refusal, and the table of all routes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bot.standins.github.model import Installation, Json, Repository, Token
from bot.standins.github.stand_in import StandIn

DOCUMENTATION = "https://docs.github.com/rest"
NOT_ALLOWED = "Resource not accessible by integration"


class Refused(Exception):
    """An answer that is an error; `errors` is a list of strings or objects, as GitHub's."""

    def __init__(
        self, status: int, message: str, errors: Sequence[Any] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def body(self) -> Json:
        body: Json = {"message": self.message, "documentation_url": DOCUMENTATION, "status": str(self.status)}
        return {**body, "errors": list(self.errors)} if self.errors else body


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON, or bytes with `media`; None means no content."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media: str = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request; `token` is None for the App itself, `repository` if the path names none."""

    github: StandIn
    method: str
    path: str
    parameters: dict[str, str]
    query: dict[str, str]
    body: Any
    accept: str
    token: Token | None = None
    repository: Repository | None = None
    installation: Installation | None = None

    @property
    def repo(self) -> Repository:
        assert self.repository is not None
        return self.repository

    def number(self, name: str) -> int:
        """A numeric path parameter; anything else is not found."""
        text = self.parameters[name]
        if not text.isdigit():
            raise not_found()
        return int(text)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`permissions` is a list of alternatives, (name, level); with `app` only the App's own token is accepted."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    permissions: tuple[tuple[str, str], ...] = ()
    app: bool = False
    anyone: bool = False


ROUTES: list[Route] = []
_LONG = {"path", "ref", "basehead"}


def route(
    method: str, template: str, *permissions: tuple[str, str], app: bool = False, anyone: bool = False
) -> Callable[[Handler], Handler]:
    """Serves `template`, written as in GitHub's OpenAPI description, to tokens that hold one of `permissions`."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, _pattern(template), handler, permissions, app, anyone))
        return handler

    return register


def page(call: Call, items: Sequence[Any], key: str | None = None) -> Answer:
    """One page of `items`, with GitHub's absolute Link header; under `key` if the answer is an object."""
    size = min(max(int(call.query.get("per_page", "30")), 1), 100)
    number = max(int(call.query.get("page", "1")), 1)
    last = max((len(items) + size - 1) // size, 1)
    shown = list(items[(number - 1) * size : number * size])
    links = {"next": number + 1, "last": last} if number < last else {}
    links |= {"first": 1, "prev": number - 1} if number > 1 else {}
    headers = {"Link": link_header(call, {name: {"page": str(at)} for name, at in links.items()})} if links else {}
    return Answer(200, {"total_count": len(items), key: shown} if key else shown, headers)


def link_header(call: Call, links: dict[str, dict[str, str]]) -> str:
    """`links` is relation -> the query's changes."""
    base = call.github.url + call.path
    return ", ".join(f'<{base}?{urlencode(call.query | change)}>; rel="{name}"' for name, change in links.items())


def not_found() -> Refused:
    return Refused(404, "Not Found")


def _pattern(template: str) -> re.Pattern[str]:
    text = re.sub(r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] in _LONG else '[^/]+'})", re.escape(template))
    return re.compile(f"{text}\\Z")
