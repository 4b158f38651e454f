"""Finds what was missed: deliveries that failed, heads without a concluded check, checks that never ended."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.report import check_run
from bot.review.errors import HubError
from bot.review.job import Job, JobKind
from bot.review.ports import Hub, PullRequest, RepositoryInfo
from bot.runtime import metrics

log = structlog.get_logger(__name__)

KEPT_DAYS = 3
"""How long GitHub keeps a delivery, and can send it again."""
STALE = 600.0
"""Seconds in progress after which a check is concluded."""
_MOST_REDELIVERIES = 5
_MOST_REPAIRS = 200
_REMEMBERED = 50_000


class FailedDelivery(Protocol):
    """A failed attempt; `guid` is the delivery's own."""

    @property
    def id(self) -> int: ...

    @property
    def guid(self) -> str: ...


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


class Sweeper:
    """Remembers which heads need no second look. A failure in one part does not stop the others."""

    def __init__(
        self,
        github: GitHub,
        store: Callable[[Job], Awaitable[object]],
        busy: Callable[[str], Awaitable[bool]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.github = github
        self.store = store
        self.busy = busy
        """Whether a job about this subject (`Job.subject`) is waiting or running."""
        self.now = now
        self._concluded: OrderedDict[tuple[int, str], None] = OrderedDict()
        self._asked_again: Counter[str] = Counter()

    async def __call__(self) -> str:
        """Does one sweep; returns a summary."""
        done: Counter[str] = Counter()
        await self._redeliver_failed(done)
        await self._repair_heads(done)
        return _summary(done)

    async def sweep_installation(self, installation_id: int, repository_ids: Collection[int]) -> str:
        """Looks at these repositories of an installation at once, because nothing of them was seen before.

        At all of them if none is named. Raises HubError.
        """
        done: Counter[str] = Counter()
        for repository in await self.github.repositories(installation_id):
            if not repository_ids or repository.id in repository_ids:
                await self._sweep_repository(installation_id, repository, done)
        return _summary(done)

    async def _redeliver_failed(self, done: Counter[str]) -> None:
        """Asks for them again: GitHub does not by itself. The same GUID makes a second arrival harmless."""
        since = datetime.fromtimestamp(self.now(), UTC) - timedelta(days=KEPT_DAYS)
        try:
            for delivery in await self.github.failed_deliveries(since):
                if self._asked_again[delivery.guid] >= _MOST_REDELIVERIES:
                    continue
                self._asked_again[delivery.guid] += 1
                await self.github.redeliver(delivery.id)
                done["deliveries asked for again"] += 1
                metrics.redeliveries.inc()
        except HubError as error:
            log.warning("could not look for failed deliveries", error=str(error))

    async def _repair_heads(self, done: Counter[str]) -> None:
        try:
            installations = await self.github.installations()
        except HubError as error:
            log.warning("could not list installations", error=str(error))
            return
        for installation in installations:
            if installation.suspended:
                continue
            try:
                for repository in await self.github.repositories(installation.id):
                    await self._sweep_repository(installation.id, repository, done)
            except HubError as error:
                log.warning("could not sweep an installation", installation_id=installation.id, error=str(error))

    async def _sweep_repository(self, installation: int, repository: RepositoryInfo, done: Counter[str]) -> None:
        try:
            hub = await self.github.installation(installation, repository.id, repository.full_name)
            for pull in await hub.open_pull_requests():
                await asyncio.sleep(0)
                if (repository.id, pull.head_sha) not in self._concluded and done["jobs stored"] < _MOST_REPAIRS:
                    await self._repair_head(hub, installation, repository, pull, done)
        except HubError as error:
            if error.retry_after is not None:
                raise
            log.warning("could not sweep a repository", repository=repository.full_name, error=str(error))

    async def _repair_head(
        self, hub: Hub, installation: int, repository: RepositoryInfo, pull: PullRequest, done: Counter[str]
    ) -> None:
        checks = await hub.head_checks(pull.head_sha)
        if checks.concluded:
            self._remember(repository.id, pull.head_sha)
            return
        job = self._repair_job(installation, repository, pull)
        if await self.busy(job.subject):
            return
        for run in checks.unfinished:
            if run.age <= STALE:
                continue
            await hub.conclude_check(
                run.id, check_run.trouble(f"the check was in progress for over {STALE / 60:.0f} min")
            )
            done["checks concluded"] += 1
            metrics.stuck_checks.inc()
        if await self.store(job) == "accepted":
            done["jobs stored"] += 1
            metrics.repairs.inc()

    def _repair_job(self, installation: int, repository: RepositoryInfo, pull: PullRequest) -> Job:
        """The job has a new id, because the lost job's is taken; workers that sweep at once give it the same one."""
        delivery = f"{pull.head_sha[:12]}-{int(self.now() // 60)}"
        return Job(
            kind=JobKind.REPAIR,
            installation=installation,
            repository_id=repository.id,
            repository=repository.full_name,
            number=pull.number,
            head_sha=pull.head_sha,
            base_sha=pull.base_sha,
            delivery=delivery,
        )

    def _remember(self, repository_id: int, head_sha: str) -> None:
        self._concluded[repository_id, head_sha] = None
        while len(self._concluded) > _REMEMBERED:
            self._concluded.popitem(last=False)


def _summary(done: Counter[str]) -> str:
    summary = ", ".join(f"{count} {what}" for what, count in sorted(done.items())) or "nothing missed"
    log.info("swept", done=summary)
    return summary
