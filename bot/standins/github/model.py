"""The stand-in's state: accounts, repositories, pull requests and everything on them."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Account:
    """`kind` is User, Organization or Bot."""

    id: int
    login: str
    kind: str = "User"


@dataclass(slots=True)
class Repository:
    id: int
    name: str
    owner: Account
    private: bool = field(kw_only=True)
    default_branch: str = "main"
    organisation: bool = field(default=True, kw_only=True)
    fork_of: int | None = None
    branches: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    """login -> role name: admin, maintain, write, triage, read."""
    required: dict[str, list[str]] = field(default_factory=dict)
    """branch -> names of checks that a ruleset requires there."""
    queued: dict[str, Json] = field(default_factory=dict)
    """branch -> parameters of the ruleset's merge queue."""
    moved_from: list[str] = field(default_factory=list)
    """Full names it had before; requests to them are redirected."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(slots=True)
class Pull:
    id: int
    number: int
    repository: Repository
    head_repository: Repository
    head: str
    """The head branch."""
    base: str
    """The base branch."""
    head_sha: str
    title: str
    body: str
    author: Account
    base_sha: str = ""
    """The base branch's commit when the head last changed; as on GitHub, it may be old."""
    draft: bool = field(default=False, kw_only=True)
    state: str = "open"
    merged: bool = field(default=False, kw_only=True)
    created_at: str = ""
    updated_at: str = ""


@dataclass(slots=True)
class Review:
    id: int
    pull: Pull
    author: Account
    body: str
    state: str
    commit_id: str
    submitted_at: str
    minimized: str | None = None


@dataclass(slots=True)
class ReviewComment:
    """`line` None on a file-level comment; `outdated` once a push changed its lines."""

    id: int
    pull: Pull
    review: int
    author: Account
    body: str
    path: str
    commit_id: str
    line: int | None
    start_line: int | None = None
    side: str = "RIGHT"
    start_side: str | None = None
    subject: str = "line"
    in_reply_to: int | None = None
    diff_hunk: str = ""
    outdated: bool = field(default=False, kw_only=True)
    resolved: bool = field(default=False, kw_only=True)
    minimized: str | None = None
    reactions: list[tuple[str, str]] = field(default_factory=list)
    """(login, content)"""
    created_at: str = ""


@dataclass(slots=True)
class IssueComment:
    id: int
    pull: Pull
    author: Account
    body: str
    created_at: str = ""
    updated_at: str = ""
    minimized: str | None = None
    reactions: list[tuple[str, str]] = field(default_factory=list)
    by_app: bool = field(default=False, kw_only=True)


@dataclass(slots=True)
class CheckRun:
    id: int
    repository: Repository
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)
    started_at: str = ""
    completed_at: str | None = None
    suite: int = 0


@dataclass(slots=True)
class Installation:
    id: int
    account: Account
    permissions: dict[str, str]
    suspended_at: str | None = None
    selection: str = "selected"
    """`all` sees every repository of the account; `selected` those in `repositories`."""
    repositories: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Token:
    """An installation token; `repositories` are ids."""

    text: str
    installation: int
    permissions: dict[str, str]
    repositories: frozenset[int]
    expires: float
    usable_from: float = 0.0


@dataclass(slots=True)
class Delivery:
    """One attempt to deliver a webhook. `status_code` 0 means that nothing answered within ten seconds."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: Json
    url: str
    at: str
    status_code: int
    duration: float
    redelivery: bool = field(default=False, kw_only=True)
    installation: int | None = None
    repository: int | None = None
    answer: str = ""

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 400


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the stand-in received it."""

    method: str
    path: str
    status: int
    body: Any = None
    authorization: str = ""
    query: dict[str, str] = field(default_factory=dict)
