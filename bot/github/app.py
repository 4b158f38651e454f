"""The App on GitHub: its identity, its installations, its failed deliveries, and its access to a repository."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import httpx
from githubkit.auth import AppAuthStrategy, UnauthAuthStrategy

from bot.github.client import Client
from bot.github.connection import API, TIMEOUT, Connection, is_loopback
from bot.github.errors import Gone, MissingPermission, NotInstalled, Suspended, Unprocessable
from bot.github.hub import RepositoryHub, read_repository
from bot.github.kept import Kept, RepositoryMemory
from bot.github.pace import NO_GAPS, Gaps, Pace
from bot.github.read import Json, dig, number, text
from bot.github.repository_api import RepositoryApi
from bot.github.tokens import InstallationTokens
from bot.review.hub import RepositoryInfo

PERMISSIONS = {"contents": "read", "checks": "write", "pull_requests": "write", "issues": "read"}
"""The most that a repository's token may do; reading metadata is always included."""
MEMBERS = "@members"
"""The scope of a token that reads the organisation's teams and nothing else; it is no name of a repository."""
KEPT_CLIENTS = 2000
"""Repositories whose tokens are remembered."""
ABSENT = 600.0
"""Seconds before migsafe looks again for the shared `.github` repository of an installation without one."""


@dataclass(frozen=True, slots=True)
class AppInfo:
    """`bot` is the login under which the App comments; `owner` the account that owns it."""

    id: int
    slug: str
    name: str
    bot: str
    owner: str
    permissions: dict[str, str]
    events: tuple[str, ...]
    html_url: str


@dataclass(frozen=True, slots=True)
class InstallationInfo:
    id: int
    account: str
    permissions: dict[str, str]
    events: tuple[str, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class DeliveryInfo:
    """One attempt; `id` is for redelivering, and all attempts of a delivery have its `guid`. `at` is ISO 8601."""

    id: int
    guid: str
    event: str
    at: str
    status: str
    status_code: int


@dataclass(frozen=True, slots=True)
class NewApp:
    """What the manifest flow returns, only once; never logged."""

    id: int
    slug: str
    html_url: str
    private_key: str
    webhook_secret: str
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"NewApp(id={self.id}, slug={self.slug!r})"


class GitHubApp:
    """`private_key` is PEM text; `base_url` GitHub's API, an Enterprise Server's, or a loopback stand-in's.

    One instance serves all event loops of a process. `gaps` and `waits` pace writes and repeated reads; a
    stand-in on this machine needs no gaps.
    """

    def __init__(
        self,
        app_id: int | str,
        private_key: str,
        base_url: str = API,
        *,
        gaps: Gaps | None = None,
        waits: tuple[float, ...] = (0.5, 1.5),
        token_waits: tuple[float, ...] = (1.0, 2.0),
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._gaps = gaps or (NO_GAPS if is_loopback(base_url) else Gaps())
        self._waits = waits
        self._token_waits = token_waits
        self._connection = Connection(base_url, timeout=timeout)
        auth = AppAuthStrategy(str(app_id), private_key)
        self._client = Client(
            self._connection, auth, Pace(replace(NO_GAPS, concurrent=self._gaps.concurrent)), waits=waits
        )
        self._paces: dict[int, Pace] = {}
        self._clients: OrderedDict[tuple[int, int | str], Client] = OrderedDict()
        self._absent: dict[tuple[int, int | str], float] = {}
        self._kept = Kept()
        self._info: AppInfo | None = None

    async def installation(self, installation_id: int, repository_id: int, full_name: str) -> RepositoryHub:
        """The hub of one repository, with a token that can see nothing else. Raises HubError."""
        info = await self.app()
        api = RepositoryApi(self._scoped(installation_id, repository_id), full_name, info.bot, info.id)
        shared = replace(api, client=self._scoped(installation_id, ".github"), full_name=f"{api.owner}/.github")
        members = self._scoped(installation_id, MEMBERS)
        return RepositoryHub(api, shared, members, RepositoryMemory(self._kept, installation_id, repository_id))

    async def app(self) -> AppInfo:
        """The App itself, requested once; raises BadCredentials if the key, id or clock is wrong."""
        if self._info is None:
            self._info = _app(await self._client.get("/app"))
        return self._info

    async def installations(self) -> Sequence[InstallationInfo]:
        """Every installation, also suspended ones."""
        return [_installation(listed) for listed in await self._client.pages("/app/installations")]

    async def repositories(self, installation_id: int) -> Sequence[RepositoryInfo]:
        """Every repository of the installation."""
        client = self._scoped(installation_id, 0)
        listed = await client.pages("/installation/repositories", key="repositories")
        return [read_repository(repository) for repository in listed]

    async def is_lost(self, installation_id: int, repository_id: int | None) -> bool:
        """Whether GitHub refuses a token because the installation does not have the repository, or is not there.

        Without a repository, whether there is no such installation. One that is suspended is not lost. Raises HubError.
        """
        try:
            await self._mint(installation_id, repository_id or 0)
        except NotInstalled:
            return True
        except (Suspended, MissingPermission):
            return False
        return False

    async def installation_of(self, full_name: str) -> InstallationInfo:
        """The installation on a repository; raises NotInstalled."""
        try:
            return _installation(await self._client.get(f"/repos/{quote(full_name)}/installation"))
        except Gone as error:
            raise NotInstalled(f"The App is not installed on {full_name}") from error

    async def hook_url(self) -> str:
        """The address GitHub delivers to, "" if none is set."""
        return str(dig(await self._client.get("/app/hook/config"), "url") or "")

    async def failed_deliveries(self, since: datetime) -> Sequence[DeliveryInfo]:
        """The newest attempt of every delivery since then that never succeeded."""

        def older(attempt: Json) -> bool:
            return datetime.fromisoformat(_delivery(attempt).at) < since

        listed = await self._client.pages("/app/hook/deliveries", enough=older)
        recent = [_delivery(attempt) for attempt in listed if not older(attempt)]
        arrived = {attempt.guid for attempt in recent if 200 <= attempt.status_code < 400}
        newest: dict[str, DeliveryInfo] = {}
        for attempt in recent:
            if attempt.guid not in arrived:
                newest.setdefault(attempt.guid, attempt)
        return list(newest.values())

    async def redeliver(self, delivery_id: int) -> None:
        """Asks GitHub to send it again; ignores a delivery that GitHub no longer keeps."""
        try:
            await self._client.write("POST", f"/app/hook/deliveries/{delivery_id}/attempts")
        except (Gone, Unprocessable):
            return

    async def close(self) -> None:
        await self._connection.close()

    def _scoped(self, installation_id: int, scope: int | str) -> Client:
        """The client of one repository, by id or name; 0 sees all of the installation."""
        key = (installation_id, scope)
        if key in self._clients:
            self._clients.move_to_end(key)
            return self._clients[key]
        pace = self._paces.setdefault(installation_id, Pace(self._gaps, installation_id))
        tokens = InstallationTokens(lambda: self._mint(installation_id, scope), waits=self._token_waits)
        self._clients[key] = Client(self._connection, tokens, pace, waits=self._waits)
        if len(self._clients) > KEPT_CLIENTS:
            self._clients.popitem(last=False)
        return self._clients[key]

    async def _mint(self, installation_id: int, scope: int | str) -> str:
        """A token with the least permissions; if an owner has not yet accepted all, with those that are granted."""
        path = f"/app/installations/{installation_id}/access_tokens"
        body = _scope(scope)
        if self._absent.get((installation_id, scope), 0.0) > time.monotonic():
            raise NotInstalled("The App is not installed on this repository")
        try:
            return text(await self._client.write("POST", path, {**body, "permissions": _permissions(scope)}), "token")
        except Gone as error:
            raise NotInstalled("The App is not installed there any more") from error
        except Unprocessable as error:
            if "repositor" in str(error):
                if isinstance(scope, str):
                    self._absent[installation_id, scope] = time.monotonic() + ABSENT
                raise NotInstalled("The App is not installed on this repository") from error
        if scope == MEMBERS:
            raise MissingPermission("The App may not read the organisation's members", "members=read")
        try:
            return text(await self._client.write("POST", path, body), "token")
        except Unprocessable as error:
            raise MissingPermission(str(error)) from error


async def convert_manifest(connection: Connection, code: str) -> NewApp:
    """Exchanges the manifest flow's code for a new App, without credentials; raises Gone if it is used or too old."""
    client = Client(connection, UnauthAuthStrategy(), Pace(NO_GAPS))
    created = await client.write("POST", f"/app-manifests/{quote(code, safe='')}/conversions")
    return NewApp(
        number(created, "id"),
        text(created, "slug"),
        text(created, "html_url"),
        text(created, "pem"),
        str(dig(created, "webhook_secret") or ""),
        text(created, "client_id"),
        text(created, "client_secret"),
    )


def _scope(scope: int | str) -> Json:
    match scope:
        case 0 | "@members":  # MEMBERS
            return {}
        case int():
            return {"repository_ids": [scope]}
        case _:
            return {"repositories": [scope]}


def _permissions(scope: int | str) -> dict[str, str]:
    """The permissions to ask for: the organisation's `.github` and the list of repositories are only read."""
    if scope == MEMBERS:
        return {"members": "read"}
    return {"contents": "read"} if isinstance(scope, str) else {"metadata": "read"} if scope == 0 else PERMISSIONS


def _app(found: Json) -> AppInfo:
    slug = text(found, "slug")
    owner = dig(found, "owner")
    return AppInfo(
        number(found, "id"),
        slug,
        str(dig(found, "name") or slug),
        f"{slug}[bot]",
        str(dig(owner, "login") or dig(owner, "slug") or ""),
        dict(dig(found, "permissions") or {}),
        tuple(str(event) for event in dig(found, "events") or ()),
        str(dig(found, "html_url") or ""),
    )


def _installation(found: Json) -> InstallationInfo:
    account = dig(found, "account", "login") or dig(found, "account", "slug") or ""
    return InstallationInfo(
        number(found, "id"),
        str(account),
        dict(dig(found, "permissions") or {}),
        tuple(str(event) for event in dig(found, "events") or ()),
        suspended=dig(found, "suspended_at") is not None,
    )


def _delivery(found: Json) -> DeliveryInfo:
    code = dig(found, "status_code")
    return DeliveryInfo(
        number(found, "id"),
        text(found, "guid"),
        str(dig(found, "event") or ""),
        text(found, "delivered_at"),
        str(dig(found, "status") or ""),
        code if isinstance(code, int) else 0,
    )
