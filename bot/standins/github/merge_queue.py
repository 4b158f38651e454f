"""A merge queue: a chain of groups of one pull request each, every group on the head of the one before.

Nothing happens by itself: `settle` reads the checks as GitHub would, and `events` are the webhooks that GitHub would
send, to be delivered by whoever plays GitHub (`webhooks.merge_group`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.standins.github.model import Pull, Repository
from bot.standins.github.stand_in import StandIn

Method = Literal["merge", "squash", "rebase"]
Reason = Literal["merged", "invalidated", "dequeued"]


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A group: the pull request on top of those before it. `at` is when its checks were requested."""

    pull: Pull
    base_sha: str
    head_sha: str
    head_ref: str
    at: float


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """A `merge_group` webhook: checks_requested without a reason, destroyed with one."""

    entry: QueueEntry
    reason: Reason | None = None

    @property
    def action(self) -> str:
        return "destroyed" if self.reason else "checks_requested"


@dataclass(slots=True)
class MergeQueue:
    """The queue of one branch. `timeout` is in seconds; GitHub allows 1 to 360 minutes."""

    github: StandIn
    repository: Repository
    branch: str = "main"
    method: Method = "squash"
    timeout: float = 3600.0
    entries: list[QueueEntry] = field(default_factory=list)
    events: list[QueueEvent] = field(default_factory=list)
    """In the order in which GitHub would send them; take them away when they are delivered."""

    def __post_init__(self) -> None:
        self.repository.queued[self.branch] = {
            "check_response_timeout_minutes": max(1, min(360, round(self.timeout / 60))),
            "grouping_strategy": "ALLGREEN",
            "max_entries_to_build": 5,
            "max_entries_to_merge": 5,
            "merge_method": self.method.upper(),
            "min_entries_to_merge": 1,
            "min_entries_to_merge_wait_minutes": 5,
        }

    def enqueue(self, *pulls: Pull) -> Sequence[QueueEntry]:
        """Adds them at the end and asks for the checks of each group."""
        return [self._group(pull) for pull in pulls]

    def dequeue(self, pull: Pull) -> None:
        """Somebody takes it out, or its checks failed: the groups behind it are built anew."""
        at = next(index for index, entry in enumerate(self.entries) if entry.pull is pull)
        gone, behind = self.entries[at], self.entries[at + 1 :]
        self.entries = self.entries[:at]
        self._destroy(gone, "dequeued")
        for entry in behind:
            self._destroy(entry, "invalidated")
        for entry in behind:
            self._group(entry.pull)

    def settle(self) -> None:
        """Merges from the front what passed, and takes out what failed or gave no answer in time."""
        while self.entries:
            entry = self.entries[0]
            match self.github.required_check(entry.head_sha):
                case "passes":
                    self._merge(entry)
                case "blocks":
                    self.dequeue(entry.pull)
                case "waits" if self.github.now() - entry.at >= self.timeout:
                    self.dequeue(entry.pull)
                case "waits":
                    return

    def _group(self, pull: Pull) -> QueueEntry:
        """A group on the last one's head. The pull request's own required checks must have passed; GitHub asks that
        before it lets anything in, and so must whoever fills this queue."""
        base = self.entries[-1].head_sha if self.entries else self.repository.branches[self.branch]
        branch = f"gh-readonly-queue/{self.branch}/pr-{pull.number}-{base}"
        head = _BUILD[self.method](self.github, pull, base)
        self.repository.branches[branch] = head
        self.github.queue_refs[head] = f"refs/heads/{branch}"
        entry = QueueEntry(pull, base, head, f"refs/heads/{branch}", self.github.now())
        self.entries.append(entry)
        self.events.append(QueueEvent(entry))
        return entry

    def _merge(self, entry: QueueEntry) -> None:
        self.entries.remove(entry)
        self.repository.branches[self.branch] = entry.head_sha
        self.github.close(entry.pull)
        entry.pull.merged = True
        self._destroy(entry, "merged")

    def _destroy(self, entry: QueueEntry, reason: Reason) -> None:
        self.repository.branches.pop(entry.head_ref.removeprefix("refs/heads/"), None)
        self.events.append(QueueEvent(entry, reason))


def _squash(github: StandIn, pull: Pull, base: str) -> str:
    return github.store(
        base, github.changed_by(pull), f"{pull.title} (#{pull.number})", pull.author.login, committer="web-flow"
    )


def _merge(github: StandIn, pull: Pull, base: str) -> str:
    message = f"Merge pull request #{pull.number} from {pull.head_repository.owner.login}/{pull.head}"
    changed = github.changed_by(pull)
    return github.store(base, changed, message, pull.author.login, committer="web-flow", merges=pull.head_sha)


def _rebase(github: StandIn, pull: Pull, base: str) -> str:
    """Each commit of the branch again, on top; the authors stay, and their dates do."""
    objects = github.objects
    behind = objects.ancestors(pull.repository.branches[pull.base])
    head = base
    for sha in [sha for sha in objects.ancestors(pull.head_sha) if sha not in behind][::-1]:
        commit = objects.commits[sha]
        parent = commit.parents[0] if commit.parents else None
        changed = github.changes(objects.diff(parent, sha))
        named = commit.login is not None
        head = github.store(head, changed, commit.message, commit.author, committer="web-flow", named=named)
    return head


_BUILD: dict[Method, Callable[[StandIn, Pull, str], str]] = {"squash": _squash, "merge": _merge, "rebase": _rebase}
