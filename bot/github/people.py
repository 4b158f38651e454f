"""People and what they did: an account's permission, its teams, and the commits that GitHub names accounts for."""

from collections.abc import Sequence
from urllib.parse import quote

from bot.github.client import Client
from bot.github.errors import Gone, MissingPermission, NotInstalled, Unprocessable
from bot.github.read import Json, dig, items, text
from bot.github.repository_api import RepositoryApi
from bot.review.acceptance import NamedCommit

_LEVELS = ("admin", "maintain", "write", "read")
COMMITS_LISTED = 250
"""The most commits of a pull request that GitHub lists."""
_MOST_TOUCHING = 300
"""Commits of one file that are looked at; a migration has few."""


async def permission(api: RepositoryApi, login: str) -> str:
    """admin, maintain, write, read or none; custom roles count as what they inherit."""
    try:
        found = await api.client.get(api.path(f"collaborators/{quote(login, safe='')}/permission"))
    except Gone:
        return "none"
    level = dig(found, "permission")
    if level == "write" and (dig(found, "user", "permissions", "maintain") is True or _maintains(found)):
        return "maintain"
    return level if level in _LEVELS else "none"


async def is_member(client: Client, team: str, login: str) -> bool | None:
    """Whether the account is an active member of the team (`organisation/slug`); None if GitHub does not show that."""
    organisation, _, slug = team.partition("/")
    path = f"/orgs/{quote(organisation, safe='')}/teams/{quote(slug, safe='')}/memberships/{quote(login, safe='')}"
    try:
        return dig(await client.get(path), "state") == "active"
    except Gone:
        return False
    except (MissingPermission, NotInstalled, Unprocessable):
        return None


async def pull_commits(api: RepositoryApi, number: int) -> Sequence[NamedCommit]:
    """The pull request's commits, oldest first: GitHub lists at most 250."""
    return [_commit(each) for each in await api.client.pages(api.path(f"pulls/{number}/commits"))]


async def commits_touching(api: RepositoryApi, path: str, sha: str) -> Sequence[NamedCommit]:
    """The commits up to this one that changed the file, newest first: at most 300."""
    query = {"sha": sha, "path": path}
    listed = await api.client.pages(api.path("commits"), query, most=_MOST_TOUCHING)
    return [_commit(each) for each in listed]


async def renamed_from(api: RepositoryApi, sha: str, path: str) -> str | None:
    """The path that the file had before this commit, None if the commit did not rename it."""
    found = await api.client.get(api.path(f"commits/{quote(sha, safe='')}"))
    for file in items(found, "files"):
        if dig(file, "filename") == path:
            previous = dig(file, "previous_filename")
            return previous if isinstance(previous, str) else None
    return None


def _maintains(found: Json) -> bool:
    return dig(found, "role_name") == "maintain"


def _commit(found: Json) -> NamedCommit:
    return NamedCommit(
        text(found, "sha"),
        _login(found, "author"),
        _login(found, "committer"),
        str(dig(found, "commit", "committer", "date") or ""),
    )


def _login(found: Json, which: str) -> str | None:
    login = dig(found, which, "login")
    return login if isinstance(login, str) and login else None
