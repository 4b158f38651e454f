"""Goes round the installations: each gets its share of a sweep, and the next sweep goes on where this one stopped."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from bot.review.acceptance import Ending
from bot.review.errors import HubError
from bot.review.hub import Hub, RepositoryInfo
from bot.review.job import Job, JobKind
from bot.review.ports import BroughtStore, ConfigurationStore, VerdictStore
from bot.review.remembered import HeadStore, WatchedHead, round_mark
from bot.server.sweep.deliveries import FailedDelivery, Redelivery
from bot.server.sweep.departed import Departures, Kept
from bot.server.sweep.heads import RECENT, Allowance, Repairs, RepositoryVisit

log = structlog.get_logger(__name__)

ROUND = 60
"""The repositories of one installation that a sweep visits: 720 requests an hour at most, of 5,000."""
_TIME = 180.0
"""Seconds after which a sweep begins with no further installation; the queue ends it after 240."""
_TIME_EACH = 45.0
"""Seconds for one installation."""
_SIDE_BY_SIDE = 4
_LOOKS, _JOBS = 200, 100
"""Commits looked at, and jobs stored, for one installation in one sweep."""
_ALL_AT_ONCE = 5_000
"""The same for an installation that is looked at by itself."""
_ENDINGS = 200
"""Pull requests that one sweep has judged again because something accepted there has ended."""
_REFUSALS = 3
"""Repositories at which GitHub may fail before the installation is left for the next sweep."""
_LONG_WAIT = 30.0
"""Seconds; if GitHub asks for more, the installation is left for the next sweep at once."""
_KEPT = 30 * 86400.0
"""Seconds after which a head is forgotten that has ended well."""
_MARK = "installations"


class AppInstallation(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def suspended(self) -> bool: ...


class GitHub(Protocol):
    """The App's own view of GitHub."""

    async def failed_deliveries(self, since: datetime) -> Sequence[FailedDelivery]: ...

    async def redeliver(self, delivery_id: int) -> None: ...

    async def installations(self) -> Sequence[AppInstallation]: ...

    async def repositories(self, installation_id: int) -> Sequence[RepositoryInfo]: ...

    async def installation(self, installation_id: int, repository_id: int, full_name: str) -> Hub: ...

    async def is_lost(self, installation_id: int, repository_id: int | None) -> bool: ...


class EndingStore(Protocol):
    """When acceptances end; it must outlive a job."""

    async def ended(self, now: float, most: int) -> Sequence[Ending]: ...

    async def forget_end(self, ending: Ending) -> None: ...


class Sweeper:
    """Finds what was missed. A failure in one part does not stop the others."""

    def __init__(
        self,
        github: GitHub,
        store: Callable[[Job], Awaitable[object]],
        busy: Callable[[str], Awaitable[bool]],
        heads: HeadStore,
        configurations: ConfigurationStore,
        verdicts: VerdictStore,
        brought: BroughtStore,
        endings: EndingStore,
        kept: Kept,
        now: Callable[[], float] = time.time,
        at_github: Callable[[], float] | None = None,
    ) -> None:
        """`at_github` is the clock by which GitHub dates deliveries, if `now` is another."""
        self.github = github
        self.at_github = at_github or now
        self.repairs = Repairs(store, busy, heads, configurations, verdicts, brought, now)
        self.redelivery = Redelivery(github, heads)
        self.endings = endings
        self.departures = Departures(github, store, kept)

    async def __call__(self) -> str:
        """Does one sweep; returns a summary."""
        done: Counter[str] = Counter()
        try:
            await self.redelivery.ask_again(self.at_github(), done)
        except HubError as error:
            log.warning("could not look for failed deliveries", error=str(error))
        await self._judge_ended(done)
        await self._go_round(done)
        await self.repairs.heads.forget(before=self.repairs.now() - _KEPT)
        return _summary(done)

    async def sweep_installation(self, installation_id: int, repository_ids: Collection[int]) -> str:
        """Looks at all of these repositories of an installation at once; at all it has if none is named.

        Also at heads that have ended: what GitHub refused before it may answer now. Raises HubError.
        """
        done: Counter[str] = Counter()
        watched = await self._watched(installation_id)
        allowance = Allowance(_ALL_AT_ONCE, _ALL_AT_ONCE)
        for repository in await self.github.repositories(installation_id):
            if not repository_ids or repository.id in repository_ids:
                visit = await self._visit(installation_id, repository, done, allowance, afresh=True)
                await visit.look(watched.get(repository.id, ()))
        return _summary(done)

    async def is_gone(self, installation_id: int, repository_id: int) -> bool:
        """Whether GitHub says that the repository is the App's no more; then what is kept of it is to be deleted."""
        return await self.departures.look_for(installation_id, repository_id)

    async def _judge_ended(self, done: Counter[str]) -> None:
        """Has the pull requests judged again of which something accepted has ended."""
        for ending in await self.endings.ended(self.repairs.now(), _ENDINGS):
            job = Job(
                kind=JobKind.RERUN,
                installation=ending.installation,
                repository_id=ending.repository_id,
                repository=ending.repository,
                number=ending.number,
                head_sha=ending.head_sha,
                delivery=f"ended-{ending.at:.0f}",
            )
            if await self.repairs.store(job) == "accepted":
                done["jobs stored"] += 1
            await self.endings.forget_end(ending)

    async def _go_round(self, done: Counter[str]) -> None:
        try:
            listed = await self.github.installations()
        except HubError as error:
            log.warning("could not list installations", error=str(error))
            return
        last = int(await self.repairs.heads.mark(_MARK) or 0)
        order = _after(last, [installation.id for installation in listed if not installation.suspended])
        kept = await self.departures.look_for_installations({installation.id for installation in listed})
        left, until = iter(order), time.monotonic() + _TIME
        begun = [last]

        async def work() -> None:
            for installation in left:
                if time.monotonic() > until:
                    break
                begun.append(installation)
                await self._sweep_guarded(installation, kept.get(installation, ()), done)

        try:
            await asyncio.gather(*(work() for _ in range(_SIDE_BY_SIDE)))
        finally:
            await asyncio.shield(self.repairs.heads.set_mark(_MARK, str(begun[-1])))

    async def _sweep_guarded(self, installation: int, kept: Collection[int], done: Counter[str]) -> None:
        try:
            async with asyncio.timeout(_TIME_EACH):
                await self._sweep_installation(installation, kept, done)
        except HubError as error:
            log.warning("could not sweep an installation", installation_id=installation, error=str(error))
        except TimeoutError:
            log.warning("an installation took too long to sweep", installation_id=installation, seconds=_TIME_EACH)
        except Exception:
            log.exception("the sweep of an installation failed", installation_id=installation)

    async def _sweep_installation(self, installation: int, kept: Collection[int], done: Counter[str]) -> None:
        """Visits the repositories with watched heads, and the next ones in turn of the others."""
        watched = await self._watched(installation)
        repositories = {repository.id: repository for repository in await self.github.repositories(installation)}
        await self.departures.look_for_repositories(installation, kept, repositories)
        first = [id for id in watched if id in repositories]
        others = [id for id in repositories if id not in watched]
        mark, room = round_mark(installation), max(ROUND - len(first), ROUND // 4)
        if in_turn := len(others) > room:
            others = _after(int(await self.repairs.heads.mark(mark) or 0), others)[:room]
        allowance = Allowance(_LOOKS, _JOBS)
        refusals = 0
        for id in (*first, *others):
            try:
                visit = await self._visit(installation, repositories[id], done, allowance)
                await visit.look(watched.get(id, ()))
            except HubError as error:
                log.warning("could not sweep a repository", repository=repositories[id].full_name, error=str(error))
                refusals += error.retry_after is not None
                if refusals >= _REFUSALS or (error.retry_after or 0.0) > _LONG_WAIT:
                    raise
            if allowance.spent:
                # This repository may have more to look at: the next sweep begins with it.
                return
            if in_turn and id not in watched:
                await self.repairs.heads.set_mark(mark, str(id))

    async def _visit(
        self,
        installation: int,
        repository: RepositoryInfo,
        done: Counter[str],
        allowance: Allowance,
        *,
        afresh: bool = False,
    ) -> RepositoryVisit:
        hub = await self.github.installation(installation, repository.id, repository.full_name)
        return RepositoryVisit(self.repairs, hub, installation, repository, done, allowance, self.repairs.now(), afresh)

    async def _watched(self, installation: int) -> Mapping[int, Sequence[WatchedHead]]:
        """The heads that were not seen to end well, by repository, the longest ago first."""
        by_repository: dict[int, list[WatchedHead]] = {}
        before = self.repairs.now() - RECENT
        for head in await self.repairs.heads.unsettled(installation, before, _LOOKS):
            by_repository.setdefault(head.repository_id, []).append(head)
        return by_repository


def _after(last: int, ids: Collection[int]) -> list[int]:
    """In order, beginning with the first after `last`."""
    return sorted(ids, key=lambda id: (id <= last, id))


def _summary(done: Counter[str]) -> str:
    summary = ", ".join(f"{count} {what}" for what, count in sorted(done.items())) or "nothing missed"
    log.info("swept", done=summary)
    return summary
