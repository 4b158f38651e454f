"""A strict GitHub on this machine: what people and time do to it is Python here, what an App does to it is HTTP."""

import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.standins.github.contract import Contract
from bot.standins.github.faults import Fault, Faults, limited
from bot.standins.github.git import Content, FileDiff, Objects
from bot.standins.github.model import (
    Account,
    CheckRun,
    Delivery,
    Installation,
    IssueComment,
    Json,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Seen,
    Token,
)

if TYPE_CHECKING:
    from bot.standins.github.server import Stop

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "read",
    "merge_queues": "read",
}
TREE_LIMIT = 100_000
"""Entries of a recursive tree before GitHub cuts it."""
SECRET = "stand-in secret"
CONTRACT = Path(__file__).resolve().parents[4] / "shared" / "data" / "github" / "openapi-extract.json"
"""GitHub's OpenAPI description beside the checkout; without it requests and answers go unchecked."""


class StandIn:
    """GitHub as one App sees it, with an organisation's repositories in memory.

    `violations` lists answers of ours that GitHub's own description does not allow; `rejected` the requests
    refused for the same reason. Both stay empty where the description is not at hand (`contract` is None).
    """

    def __init__(
        self,
        *,
        app_id: int = 4711,
        slug: str = "migsafe",
        owner: str = "acme",
        webhook_secret: str = SECRET,
        permissions: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> None:
        self.app_id = app_id
        self.slug = slug
        self.webhook_secret = webhook_secret
        self.permissions = dict(permissions or PERMISSIONS)
        self.prefix = prefix
        self.url = ""
        """The API base, without a slash at its end."""
        self.hook_url = ""
        """Where redeliveries go: where the last delivery went."""
        self.private_key, self.public_key = _key_pair()
        self.objects = Objects()
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.pulls: list[Pull] = []
        self.reviews: list[Review] = []
        self.review_comments: list[ReviewComment] = []
        self.issue_comments: list[IssueComment] = []
        self.check_runs: list[CheckRun] = []
        self.deliveries: list[Delivery] = []
        self.manifest_codes: dict[str, Json] = {}
        self.requests: list[Seen] = []
        self.violations: list[str] = []
        self.rejected: list[str] = []
        self.contract = _contract()
        self.latency = 0.0
        self.tree_limit = TREE_LIMIT
        self.token_lag = 0.0
        """Seconds after minting in which a token is not yet known everywhere."""
        self.down = False
        self.lock = threading.RLock()
        self.faults = Faults()
        self._offset = 0.0
        self._last_id = 1000
        self.owner = self.account(owner, "Organization")
        self.bot = self.account(f"{slug}[bot]", "Bot")

    @classmethod
    @asynccontextmanager
    async def running(cls, **options: Any) -> AsyncIterator["StandIn"]:
        """A stand-in served on a free loopback port by a thread of its own, until shortly after the block ends."""
        github = cls(**options)
        stop = github.start()
        try:
            yield github
        finally:
            stop(wait=False)

    def start(self, port: int = 0) -> "Stop":
        """Serves on a loopback port and returns once it answers; call what it returns to stop."""
        from bot.standins.github.server import serve

        stop, self.url = serve(self, port)
        return stop

    # Time and trouble

    def now(self) -> float:
        """Seconds since the epoch on GitHub's clock."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += seconds

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def next_id(self) -> int:
        with self.lock:
            self._last_id += 1
            return self._last_id

    def fail_next(self, method: str, where: str, status: int = 502, **how: Any) -> None:
        """The next requests whose path contains `where` fail; `how` are the other fields of `Fault`."""
        self.faults.add(Fault(method, where, status, **how))

    def limit_next(self, method: str, where: str, form: str, *, seconds: int = 60, times: int = 1) -> None:
        """The next requests meet a rate limit in one of GitHub's three forms: primary, retry-after, message."""
        self.faults.add(limited(method, where, form, int(self.now()) + seconds, seconds, times))

    # Accounts and repositories

    def account(self, login: str, kind: str = "User") -> Account:
        """The account of that name, made where there is none."""
        if login not in self.accounts:
            self.accounts[login] = Account(self.next_id(), login, kind)
        return self.accounts[login]

    def add_repository(
        self,
        full_name: str,
        *,
        private: bool = True,
        files: Mapping[str, Content] | None = None,
        default_branch: str = "main",
        installed: bool = True,
    ) -> Repository:
        """A repository with one commit; `installed`: the App is, on it."""
        owner, _, name = full_name.partition("/")
        account = self.account(owner, "Organization")
        repository = Repository(self.next_id(), name, account, private, default_branch, account.kind == "Organization")
        self.repositories[repository.id] = repository
        repository.branches[default_branch] = self._commit(None, files or {"README.md": "# Readme\n"}, "Begin", owner)
        if installed:
            self.install(owner).repositories.add(repository.id)
        return repository

    def install(self, owner: str, permissions: Mapping[str, str] | None = None) -> Installation:
        """The App's installation on the account, made where there is none."""
        account = self.account(owner, "Organization")
        found = next((each for each in self.installations.values() if each.account is account), None)
        if found is None:
            found = Installation(self.next_id(), account, dict(permissions or self.permissions))
            self.installations[found.id] = found
        return found

    def installation_of(self, repository: Repository) -> Installation:
        return self.install(repository.owner.login)

    def sees(self, installation: Installation, repository: Repository) -> bool:
        if installation.selection == "all":
            return repository.owner is installation.account
        return repository.id in installation.repositories

    def suspend(self, installation: Installation) -> None:
        installation.suspended_at = self.stamp()

    def unsuspend(self, installation: Installation) -> None:
        installation.suspended_at = None

    def uninstall(self, installation: Installation) -> None:
        del self.installations[installation.id]

    def add_collaborator(self, repository: Repository, login: str, role: str = "write") -> Account:
        """`role` is admin, maintain, write, triage, read or a custom name `custom:write`."""
        repository.roles[login] = role
        return self.account(login)

    def rename(self, repository: Repository, name: str) -> None:
        repository.moved_from.append(repository.full_name)
        repository.name = name

    def find_repository(self, full_name: str) -> Repository | None:
        wanted = full_name.lower()
        return next((each for each in list(self.repositories.values()) if each.full_name.lower() == wanted), None)

    def moved(self, full_name: str) -> Repository | None:
        return next((each for each in list(self.repositories.values()) if full_name in each.moved_from), None)

    # Commits and pull requests

    def commit(
        self,
        repository: Repository,
        branch: str,
        files: Mapping[str, Content | None],
        *,
        message: str = "Change",
        author: str = "dev",
    ) -> str:
        """A commit on the branch (made from the default branch where new); None as content removes a file."""
        parent = repository.branches.get(branch) or repository.branches[repository.default_branch]
        repository.branches[branch] = self._commit(parent, files, message, author)
        self._follow(repository, branch)
        return repository.branches[branch]

    def open_pull_request(
        self,
        repository: Repository,
        files: Mapping[str, Content | None],
        *,
        title: str = "Change the schema",
        body: str = "",
        head: str = "feature",
        base: str | None = None,
        author: str = "dev",
        draft: bool = False,
        fork: bool = False,
    ) -> Pull:
        """A pull request that changes `files` on a new branch, of a fork if so asked."""
        base = base or repository.default_branch
        account = self.account(author)
        numbers = [pull.number for pull in self.pulls if pull.repository is repository]
        number = max(numbers, default=0) + 1
        branch = head if head not in repository.branches else f"{head}-{number}"
        source = self._fork(repository, account) if fork else repository
        if not fork:
            repository.roles.setdefault(author, "write")
        source.branches[branch] = self._commit(repository.branches[base], files, title, author)
        at = self.stamp()
        pull = Pull(
            self.next_id(),
            number,
            repository,
            source,
            branch,
            base,
            source.branches[branch],
            title,
            body,
            account,
            repository.branches[base],
            draft,
            created_at=at,
            updated_at=at,
        )
        self.pulls.append(pull)
        return pull

    def push(
        self, pull: Pull, files: Mapping[str, Content | None], *, force: bool = False, message: str = "Change again"
    ) -> str:
        """A new head; with `force` one commit from the base on, in place of what was there."""
        branches = pull.head_repository.branches
        parent = pull.repository.branches[pull.base] if force else branches[pull.head]
        branches[pull.head] = self._commit(parent, files, message, pull.author.login)
        self._follow(pull.head_repository, pull.head)
        if force:
            for review in self.reviews:
                if review.pull is pull:
                    review.commit_id = pull.head_sha
        return pull.head_sha

    def close(self, pull: Pull) -> None:
        pull.state, pull.updated_at = "closed", self.stamp()

    def merge(self, pull: Pull) -> str:
        """Squashes it into its base branch; returns the commit."""
        changed = self._changed(pull)
        self.close(pull)
        pull.merged = True
        return self.commit(pull.repository, pull.base, changed, message=pull.title, author=pull.author.login)

    def merge_group(self, repository: Repository, pulls: Sequence[Pull]) -> tuple[str, str]:
        """The base and head commit of a merge queue's group that holds these pull requests."""
        base = repository.branches[repository.default_branch]
        changed = {path: content for pull in pulls for path, content in self._changed(pull).items()}
        last = pulls[-1].number if pulls else 0
        branch = f"gh-readonly-queue/{repository.default_branch}/pr-{last}-{base}"
        return base, self.commit(repository, branch, changed, message="Merge the group")

    def files_of(self, pull: Pull) -> list[FileDiff]:
        """What the pull request changes, seen from its merge base."""
        return self.objects.diff(self.merge_base(pull), pull.head_sha)

    def merge_base(self, pull: Pull) -> str | None:
        return self.objects.merge_base(pull.repository.branches[pull.base], pull.head_sha)

    # What people say

    def comment(self, pull: Pull, body: str, author: str = "dev") -> IssueComment:
        at = self.stamp()
        comment = IssueComment(self.next_id(), pull, self.account(author), body, at, at)
        self.issue_comments.append(comment)
        return comment

    def reply(self, to: ReviewComment, body: str, author: str = "dev") -> ReviewComment:
        """An answer in the thread of a review comment."""
        first = to.in_reply_to or to.id
        comment = ReviewComment(
            self.next_id(),
            to.pull,
            self.next_id(),
            self.account(author),
            body,
            to.path,
            to.pull.head_sha,
            to.line,
            to.start_line,
            in_reply_to=first,
            diff_hunk=to.diff_hunk,
            created_at=self.stamp(),
        )
        self.review_comments.append(comment)
        return comment

    def review(self, pull: Pull, body: str, author: str = "dev", state: str = "COMMENTED") -> Review:
        review = Review(self.next_id(), pull, self.account(author), body, state, pull.head_sha, self.stamp())
        self.reviews.append(review)
        return review

    # What a user sees

    def reviews_of(self, pull: Pull) -> list[Review]:
        return [review for review in self.reviews if review.pull is pull]

    def review_comments_of(self, pull: Pull) -> list[ReviewComment]:
        return [comment for comment in self.review_comments if comment.pull is pull]

    def comments_of(self, pull: Pull) -> list[IssueComment]:
        return [comment for comment in self.issue_comments if comment.pull is pull]

    def check_runs_of(self, sha: str, name: str | None = None) -> list[CheckRun]:
        return [run for run in self.check_runs if run.head_sha == sha and name in (None, run.name)]

    # Webhooks

    async def deliver(
        self, url: str, event: str, payload: Json, *, guid: str | None = None, secret: str | None = None
    ) -> Delivery:
        """Sends a signed delivery and records how it went; gives up after ten seconds, as GitHub does."""
        from bot.standins.github.webhooks import send

        return await send(self, url, event, payload, guid=guid, secret=secret)

    def _changed(self, pull: Pull) -> dict[str, Content | None]:
        """What the pull request does to its base, as `commit` takes it."""
        changed: dict[str, Content | None] = {}
        for change in self.files_of(pull):
            if change.previous:
                changed[change.previous] = None
            changed[change.path] = None if change.status == "removed" else self.objects.blobs[change.sha]
        return changed

    def _commit(self, parent: str | None, files: Mapping[str, Content | None], message: str, author: str) -> str:
        tree = self.objects.files(parent) if parent else {}
        for path, content in files.items():
            if content is None:
                tree.pop(path, None)
            else:
                tree[path] = self.objects.entry(content)
        at = f"{self.stamp()} {self.next_id()}"
        return self.objects.commit(tree, [parent] if parent else [], message, author, at)

    def _fork(self, repository: Repository, owner: Account) -> Repository:
        found = self.find_repository(f"{owner.login}/{repository.name}")
        if found:
            return found
        fork = Repository(self.next_id(), repository.name, owner, repository.private, repository.default_branch, False)
        fork.fork_of = repository.id
        fork.branches = dict(repository.branches)
        self.repositories[fork.id] = fork
        return fork

    def _follow(self, repository: Repository, branch: str) -> None:
        """Moves the head of open pull requests with their branch; comments on changed lines become outdated."""
        for pull in self.pulls:
            if pull.head_repository is repository and pull.head == branch and pull.state == "open":
                old, pull.head_sha = pull.head_sha, repository.branches[branch]
                pull.base_sha, pull.updated_at = pull.repository.branches[pull.base], self.stamp()
                before, after = self.objects.files(old), self.objects.files(pull.head_sha)
                for comment in self.review_comments_of(pull):
                    comment.outdated |= before.get(comment.path) != after.get(comment.path)


@cache
def _contract() -> Contract | None:
    return Contract.load(CONTRACT)


@cache
def _key_pair() -> tuple[str, str]:
    """A key for the App, one a process: (private, public), as PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
