"""The catalog of a replica, or the last one that is known of it: a replica that is away does not delay a verdict."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from bot.core.language.messages import Given, Message, Seconds, say
from bot.core.language.names import Name
from bot.core.record import replace
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.report.markdown import code
from bot.review.errors import ReplicaError
from bot.review.hub import RepositoryInfo
from bot.review.ports import ReplicaServers, SnapshotStore

log = structlog.get_logger(__name__)

PATIENCE = 10.0
"""Seconds that a review waits for a replica."""
_NEXT_PATIENCE = 2.0
"""Seconds that the next reviews wait for a replica that has just kept one waiting in vain."""
_AWAY = 120.0
"""How long after that: seconds."""
_AGAIN = 60.0
"""Seconds in which the same relations are not kept again."""


class LastKnown:
    """Implements `bot.review.ports.Replica`. What it keeps of one repository is never used for another.

    The catalog of an earlier moment is not `complete`: what it lacks may be there by now.
    """

    def __init__(self, servers: ReplicaServers, store: SnapshotStore, *, patience: float = PATIENCE) -> None:
        self._servers = servers
        self._store = store
        self._patience = patience
        self._away_until: dict[str, float] = {}
        self._kept_at: dict[tuple[int, str], tuple[frozenset[Name], float]] = {}

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        """Names of the databases that serve any of these paths of the repository; empty if none does."""
        return self._servers.configured(repository, paths)

    async def snapshot(self, repository: RepositoryInfo, database: str, asked: Asked) -> Catalog:
        """The catalog for these relations and all they reach; the last one kept of it, with a note, if it is away.

        Raises ReplicaError if it is away and none is kept. The message names the database.
        """
        try:
            catalog = await self._ask(database, asked)
        except ReplicaError as trouble:
            kept = await self._store.last_snapshot(
                repository.id, database, self._servers.source(database), asked.relations
            )
            if kept is None:
                raise ReplicaError(f"{code(database)}: {trouble}") from trouble
            return replace(kept, complete=False, notes=(_aged(database, str(trouble), kept), *kept.notes))
        await self._keep(repository.id, database, asked.relations, catalog)
        return catalog

    async def _ask(self, database: str, asked: Asked) -> Catalog:
        away = self._away_until.get(database, 0.0) > time.monotonic()
        patience = min(self._patience, _NEXT_PATIENCE) if away else self._patience
        try:
            async with asyncio.timeout(patience):
                catalog = await self._servers.snapshot(database, asked)
        except TimeoutError:
            self._away_until[database] = time.monotonic() + _AWAY
            raise ReplicaError(f"it did not answer within {patience:g} s") from None
        self._away_until.pop(database, None)
        return catalog

    async def _keep(self, repository_id: int, database: str, names: Sequence[Name], catalog: Catalog) -> None:
        """Keeps it for when the replica is away; that this fails is no reason to fail the review."""
        asked, at = self._kept_at.get((repository_id, database), (frozenset(), 0.0))
        if not names or (asked == frozenset(names) and time.monotonic() - at < _AGAIN):
            return
        source = self._servers.source(database)
        try:
            await self._store.keep_snapshot(repository_id, database, source, names, catalog)
        except Exception as error:
            log.warning("a snapshot could not be kept", database=database, error=repr(error))
            return
        self._kept_at[repository_id, database] = (frozenset(names), time.monotonic())


def _aged(database: str, trouble: str, kept: Catalog) -> Message:
    """What the check says: `the replica prod was not reached (...): judged by its snapshot of 14:02 UTC, 3 h old`."""
    taken, now = datetime.fromisoformat(kept.at), datetime.now(UTC)
    shown = f"{taken:%H:%M} UTC" if taken.date() == now.date() else f"{taken:%Y-%m-%d %H:%M} UTC"
    age = max((now - taken).total_seconds(), 0.0)
    return say(
        "the replica {} was not reached ({}): judged by its snapshot of {}, {} old",
        Given(code(database)),
        Given(trouble),
        Given(shown),
        Seconds(age),
    )
