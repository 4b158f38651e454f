"""What a review needs of the replica, the state and a child process: protocols, as `bot.review.hub` is GitHub's.

They are implemented in rooms above; `bot.app` connects both. The errors they raise are in `bot.review.errors`.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.core.judging.owed import KeptPlan
from bot.core.language.names import Name
from bot.core.schema.asked import Asked
from bot.core.schema.catalog import Catalog
from bot.review.acceptance import Acknowledgement, Ending
from bot.review.brought import KeptBrought
from bot.review.config_kept import StoredConfiguration
from bot.review.confined_port import Confine
from bot.review.hub import Hub, RepositoryInfo
from bot.review.job import Checked, Job
from bot.review.verdict import KeptVerdict

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class Replica(Protocol):
    """The databases the operator configured."""

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]:
        """Names of the databases that serve these paths of the repository; empty if none does."""
        ...

    async def snapshot(self, repository: RepositoryInfo, database: str, asked: Asked) -> Catalog:
        """The catalog for these relations and all they reach, or the last one that is known. Raises ReplicaError."""
        ...


class ReplicaServers(Protocol):
    """The servers behind the databases, as they are at this moment."""

    def configured(self, repository: RepositoryInfo, paths: Sequence[str]) -> Sequence[str]: ...

    def source(self, database: str) -> str:
        """A digest of where the database is and as whom it is read, without its password."""
        ...

    async def snapshot(self, database: str, asked: Asked) -> Catalog:
        """The catalog for these relations and all they reach; raises ReplicaError."""
        ...


class SnapshotStore(Protocol):
    """The last catalogs of each database, for each repository apart; they outlive a job."""

    async def keep_snapshot(
        self, repository_id: int, database: str, source: str, names: Sequence[Name], catalog: Catalog
    ) -> None:
        """Keeps the catalog of these relations; a few of each database, the oldest go."""
        ...

    async def last_snapshot(
        self, repository_id: int, database: str, source: str, names: Sequence[Name]
    ) -> Catalog | None:
        """The newest of those kept for most of these relations; None if none has any of them."""
        ...


class AcknowledgementStore(Protocol):
    """What people accepted; it must outlive a job."""

    async def acknowledgements(self, repository_id: int, number: int) -> Sequence[Acknowledgement]: ...

    async def acknowledge(self, repository_id: int, number: int, acknowledgement: Acknowledgement) -> None: ...

    async def revoke(
        self, repository_id: int, number: int, item: str, by: str, at: str, *, said: tuple[str, str] | None = None
    ) -> bool:
        """Revokes what is in force for this item or rule, or what one person `said` for one reason (login, reason).

        False if nothing is. The row stays, for audit.
        """
        ...

    async def watch_end(self, ending: Ending) -> None:
        """Notes when the pull request is to be judged again, instead of what was noted before."""
        ...


class ConfigurationStore(Protocol):
    """The last configuration of each base branch that could be read; it must outlive a job."""

    async def last_valid(self, repository_id: int, branch: str) -> StoredConfiguration | None: ...

    async def keep_valid(self, repository_id: int, branch: str, configuration: StoredConfiguration) -> None: ...


class VerdictStore(Protocol):
    """The verdict of each commit that is or was judged; it must outlive a job.

    Who changes what is kept of a commit, or its check runs, holds its lock.
    """

    def lock(self, repository_id: int, head_sha: str) -> AbstractAsyncContextManager[None]:
        """Held by one task at a time, among all workers. Not reentrant."""
        ...

    async def get(self, checked: Checked) -> KeptVerdict | None: ...

    async def of_head(self, repository_id: int, head_sha: str) -> Sequence[KeptVerdict]:
        """One for each pull request that has this commit as its head, as far as it is not retired."""
        ...

    async def of_pull(self, repository_id: int, number: int) -> Sequence[KeptVerdict]:
        """One for each commit that has not been retired as the pull request's head; the latest job's last."""
        ...

    async def keep(self, kept: KeptVerdict) -> None: ...

    async def forget(self, checked: Checked) -> None:
        """As if no job had come for it."""
        ...


class BroughtStore(Protocol):
    """What the pull requests of a repository bring; it must outlive a job."""

    async def all_brought(self, repository_id: int) -> Sequence[KeptBrought]:
        """What was merged, in the order of merging, then what is open."""
        ...

    async def open_brought(self, repository_id: int) -> Sequence[tuple[int, str]]:
        """Number and head of those that are kept as open."""
        ...

    async def brought_by(self, repository_id: int, number: int) -> KeptBrought | None:
        """What was kept of this pull request."""
        ...

    async def keep_brought(self, repository_id: int, kept: KeptBrought) -> None:
        """Replaces what was kept of the pull request before."""
        ...

    async def forget_brought(self, repository_id: int, number: int) -> None: ...


class PlanStore(Protocol):
    """The further files of the plans of a repository's pull requests, until they are there; it must outlive a job."""

    async def kept_plans(self, repository_id: int) -> Sequence[KeptPlan]: ...

    async def keep_plan(self, repository_id: int, plan: KeptPlan) -> bool:
        """Replaces what was kept of the pull request before. False if it is too long: then nothing is changed."""
        ...

    async def forget_plan(self, repository_id: int, number: int) -> None: ...


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Context:
    """What one job works with: its repository, the operator's databases, what people accepted, and the limits."""

    hub: Hub
    replica: Replica
    acknowledgements: AcknowledgementStore
    configurations: ConfigurationStore
    confine: Confine
    is_superseded: Callable[[], Awaitable[bool]]
    """Whether a later push of the same pull request is waiting: then this job must not write."""
    verdicts: VerdictStore
    brought: BroughtStore
    plans: PlanStore
    store: Callable[[Job], Awaitable[object]]
    """Stores a further job; one that is stored already is not stored again."""
    age: float = 0.0
    """Seconds since the job was stored."""
    step_aside: Callable[[], Awaitable[None]] = _nothing
    """Lets other jobs begin: the verdict stands, and what is left to post waits for GitHub's pauses."""
