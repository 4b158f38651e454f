"""GitHub before anybody opens a pull request: a clock, accounts, repositories, commits, and one App."""

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.standins.github.git import Content, Objects
from bot.standins.github.model import Account, Installation, Repository, Token

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "read",
    "merge_queues": "read",
}
SECRET = "stand-in secret"


class Hosting:
    """Repositories in memory, and the App that may be installed on them; `prefix` is an Enterprise Server's."""

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
        """The API's base address, without a slash at its end; known once it is served."""
        self.private_key, self.public_key = _key_pair()
        self.objects = Objects()
        self.accounts: dict[str, Account] = {}
        self.teams: dict[str, set[str]] = {}
        """organisation/slug -> the logins of its members."""
        self.repositories: dict[int, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.token_lag = 0.0
        """Seconds in which a new token is not yet known everywhere."""
        self.lock = threading.RLock()
        self._offset = 0.0
        self._last_id = 1000
        self.owner = self.account(owner, "Organization")
        self.bot = self.account(f"{slug}[bot]", "Bot")

    # Time

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

    # Accounts, and the App's installations on them

    def account(self, login: str, kind: str = "User") -> Account:
        """The account of that name, created if there is none."""
        if login not in self.accounts:
            self.accounts[login] = Account(self.next_id(), login, kind)
        return self.accounts[login]

    def add_collaborator(self, repository: Repository, login: str, role: str = "write") -> Account:
        """`role` is admin, maintain, write, triage, read or a custom name `custom:write`."""
        repository.roles[login] = role
        return self.account(login)

    def install(self, owner: str, permissions: Mapping[str, str] | None = None) -> Installation:
        """The App's installation on the account, created if there is none."""
        account = self.account(owner, "Organization")
        existing = next((each for each in self.installations.values() if each.account is account), None)
        if existing is None:
            existing = Installation(self.next_id(), account, dict(permissions or self.permissions))
            self.installations[existing.id] = existing
        return existing

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

    # Repositories and commits

    def add_repository(
        self,
        full_name: str,
        *,
        private: bool = True,
        files: Mapping[str, Content] | None = None,
        default_branch: str = "main",
        installed: bool = True,
    ) -> Repository:
        """A repository with one commit; with `installed` the App is installed on it."""
        owner, _, name = full_name.partition("/")
        account = self.account(owner, "Organization")
        repository = Repository(
            self.next_id(),
            name,
            account,
            private=private,
            default_branch=default_branch,
            organisation=account.kind == "Organization",
        )
        self.repositories[repository.id] = repository
        repository.branches[default_branch] = self.store(None, files or {"README.md": "# Readme\n"}, "Begin", owner)
        if installed:
            self.install(owner).repositories.add(repository.id)
        return repository

    def fork(self, repository: Repository, owner: Account) -> Repository:
        """The account's fork of the repository, created if there is none."""
        existing = self.find_repository(f"{owner.login}/{repository.name}")
        if existing:
            return existing
        fork = Repository(
            self.next_id(),
            repository.name,
            owner,
            private=repository.private,
            default_branch=repository.default_branch,
            organisation=False,
            fork_of=repository.id,
            branches=dict(repository.branches),
        )
        self.repositories[fork.id] = fork
        return fork

    def rename(self, repository: Repository, name: str) -> None:
        repository.moved_from.append(repository.full_name)
        repository.name = name

    def find_repository(self, full_name: str) -> Repository | None:
        wanted = full_name.lower()
        return next((each for each in list(self.repositories.values()) if each.full_name.lower() == wanted), None)

    def moved(self, full_name: str) -> Repository | None:
        return next((each for each in list(self.repositories.values()) if full_name in each.moved_from), None)

    def store(
        self,
        parent: str | None,
        files: Mapping[str, Content | None],
        message: str,
        author: str,
        *,
        committer: str | None = None,
        named: bool = True,
        merges: str | None = None,
    ) -> str:
        """A commit of `files` on top of `parent`, on no branch yet; None as content removes a file.

        `committer` is the author's account if nothing else is said. With `named` False the author and committer are
        typed names, for which GitHub finds no account. `merges` is a second parent.
        """
        tree = self.objects.files(parent) if parent else {}
        for path, content in files.items():
            if content is None:
                tree.pop(path, None)
            else:
                tree[path] = self.objects.entry(content)
        at = f"{self.stamp()} {self.next_id()}"
        parents = [sha for sha in (parent, merges) if sha]
        login, by = (author, committer or author) if named else (None, committer)
        return self.objects.commit(tree, parents, message, author, at, login=login, committer=by)

    def require_check(self, repository: Repository, name: str = "migsafe", *, branch: str | None = None) -> None:
        """A ruleset of the repository requires this App's check on the branch, the default one if none is named."""
        repository.required.setdefault(branch or repository.default_branch, []).append(name)


@cache
def _key_pair() -> tuple[str, str]:
    """A key for the App, one per process: (private, public), as PEM text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
