"""Finds installations and repositories that went without a word to us: what is kept of them is to be deleted."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

import structlog

from bot.review.errors import HubError
from bot.review.job import Job, JobKind

log = structlog.get_logger(__name__)

_ASKED = 20
"""Repositories of one installation of which GitHub is asked in one sweep whether they are gone."""

Kept = Callable[[], Awaitable[Mapping[int, Collection[int]]]]
"""The repositories of which something is kept, by installation."""


class Access(Protocol):
    """Where the App may work."""

    async def is_lost(self, installation_id: int, repository_id: int | None) -> bool:
        """Whether GitHub says that the App has not this repository, or no such installation. Not if it is suspended."""
        ...


class Departures:
    """What is gone gets a job that deletes what is kept of it, as if GitHub's event had come.

    It is gone if GitHub's list lacks it, and GitHub says so again when it is asked for it by its id.
    """

    def __init__(self, github: Access, store: Callable[[Job], Awaitable[object]], kept: Kept) -> None:
        self._github = github
        self._store = store
        self._kept = kept

    async def look_for_installations(self, listed: Collection[int]) -> Mapping[int, Collection[int]]:
        """`listed` are all that GitHub knows. Returns the repositories of which something is kept, by installation."""
        kept = await self._kept()
        for installation in sorted(kept.keys() - set(listed)):
            try:
                if await self._github.is_lost(installation, None):
                    await self._forget(installation, "deleted", ())
            except HubError as error:
                log.warning("could not ask for an installation", installation_id=installation, error=str(error))
        return kept

    async def look_for_repositories(self, installation: int, kept: Collection[int], listed: Collection[int]) -> None:
        """`listed` are all that the installation has. Raises HubError."""
        gone = [
            each for each in sorted(set(kept) - set(listed))[:_ASKED] if await self._github.is_lost(installation, each)
        ]
        if gone:
            await self._forget(installation, "removed", gone)

    async def look_for(self, installation: int, repository_id: int) -> bool:
        """Whether this repository is gone, alone or with its installation. Raises HubError."""
        if not await self._github.is_lost(installation, repository_id):
            return False
        if await self._github.is_lost(installation, None):
            await self._forget(installation, "deleted", ())
        else:
            await self._forget(installation, "removed", [repository_id])
        return True

    async def _forget(self, installation: int, action: str, repositories: Collection[int]) -> None:
        about = {"action": action, "repositories": ",".join(map(str, repositories))}
        delivery = f"{action}-{time.time():.0f}"
        log.info("what is kept of what is gone is deleted", installation_id=installation, **about)
        await self._store(Job(JobKind.GONE, installation, 0, "", delivery=delivery, extra=about))
