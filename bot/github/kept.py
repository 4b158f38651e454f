"""What GitHub said and will say again: contents by their SHA for ever, other answers for minutes; bounded in bytes.

All jobs of a process share it, so a second push fetches only what it changed. Every key begins with the repository's id
or the installation's: nothing is found for another repository, even if the content is the same.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.github.loops import PerLoop
from bot.review.hub import TreeEntry

LIMIT = 32 * 1024 * 1024
"""Bytes that are kept, as counted by `weigh`."""
_ENTRY = 300
"""Bytes of an entry beside its value."""
FOR_EVER = float("inf")
_AT_COMMIT = 3600.0
"""Seconds: a commit does not change, but that it lacks a file is an answer that may have come too early."""
_ORGANISATION = 300.0
"""Seconds in which a change of the organisation's configuration may not be seen."""
_ALONE = 120.0
"""Seconds: longer than nearly every review takes."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_commit(ref: str) -> bool:
    return _COMMIT.fullmatch(ref) is not None


Value = TypeVar("Value")
Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    weight: int
    until: float


class Kept:
    """Answers by key; those used longest ago go first. What is larger than a quarter of `limit` is not kept."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._asking: PerLoop[dict[Key, asyncio.Future[Any]]] = PerLoop(dict)
        self.bytes = 0

    async def get(
        self,
        key: Key,
        ask: Callable[[], Awaitable[Value]],
        weigh: Callable[[Value], int],
        *,
        seconds: float = FOR_EVER,
    ) -> Value:
        """The kept answer, or that of `ask`, which is kept for `seconds`; errors are raised and not kept.

        Who needs the same at the same time waits for one request; if that was cancelled, another asks.
        """
        while True:
            entry = self._entries.get(key)
            if entry is not None and entry.until > time.monotonic():
                self._entries.move_to_end(key)
                found: Value = entry.value
                return found
            asking = self._asking.here()
            if key not in asking:
                return await self._ask(key, ask, weigh, seconds)
            other = asking[key]
            try:
                shared: Value = await asyncio.shield(other)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not other.cancelled() or (task is not None and task.cancelling()):
                    raise
            else:
                return shared

    def put(self, key: Key, value: object, *, seconds: float) -> None:
        """Keeps a small value that nobody asks GitHub for."""
        self._keep(key, _Entry(value, _ENTRY, time.monotonic() + seconds))

    def take(self, key: Key) -> object:
        """Removes and returns what is kept; None if nothing is, or no longer."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return None
        self.bytes -= entry.weight
        return entry.value if entry.until > time.monotonic() else None

    async def _ask(
        self, key: Key, ask: Callable[[], Awaitable[Value]], weigh: Callable[[Value], int], seconds: float
    ) -> Value:
        asking = self._asking.here()
        answer: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        asking[key] = answer
        try:
            value = await ask()
        except Exception as error:
            answer.set_exception(error)
            # It is raised here; nobody else may be waiting for it.
            answer.exception()
            raise
        except BaseException:
            answer.cancel()
            raise
        finally:
            del asking[key]
        answer.set_result(value)
        self._keep(key, _Entry(value, weigh(value) + _ENTRY, time.monotonic() + seconds))
        return value

    def _keep(self, key: Key, entry: _Entry) -> None:
        before = self._entries.pop(key, None)
        self.bytes -= before.weight if before else 0
        if entry.weight > self._limit // 4:
            return
        self._entries[key] = entry
        self.bytes += entry.weight
        while self.bytes > self._limit:
            _, oldest = self._entries.popitem(last=False)
            self.bytes -= oldest.weight


class RepositoryMemory:
    """What is kept of one repository, and of the owner's shared configuration as its installation sees it."""

    def __init__(self, kept: Kept, installation_id: int, repository_id: int) -> None:
        self._kept = kept
        self._installation = installation_id
        self._repository = repository_id

    async def blob(self, sha: str, ask: Callable[[], Awaitable[bytes]]) -> bytes:
        return await self._kept.get((self._repository, "blob", sha), ask, len)

    async def tree(self, sha: str, ask: Callable[[], Awaitable[Sequence[TreeEntry]]]) -> Sequence[TreeEntry]:
        return await self._kept.get((self._repository, "tree", sha), ask, _weigh_tree)

    async def file(self, path: str, ref: str, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """Also that there is none; a branch's file is not kept, because a branch moves."""
        if not is_commit(ref):
            return await ask()
        return await self._kept.get((self._repository, "file", path, ref), ask, _weigh, seconds=_AT_COMMIT)

    async def organisation_file(self, path: str, ask: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        key = (self._installation, "organisation", path)
        return await self._kept.get(key, ask, _weigh, seconds=_ORGANISATION)

    async def organisation_has(self, ask: Callable[[], Awaitable[bool]], *, public: bool) -> bool:
        """Whether the owner has a `.github` repository, as its own installation or everybody sees it."""
        key = (self._installation, "organisation repository", public)
        return await self._kept.get(key, ask, lambda _: 0, seconds=_ORGANISATION)

    def note_check(self, check_run: int, *, alone: bool) -> None:
        """Notes whether this run of ours, in progress, is certain to be its commit's only one."""
        key = (self._repository, "check run", check_run)
        if alone:
            self._kept.put(key, check_run, seconds=_ALONE)
        else:
            self._kept.take(key)

    def take_alone(self, check_run: int) -> bool:
        """Whether the run was noted to be alone, not long ago; after that it is no longer."""
        return self._kept.take((self._repository, "check run", check_run)) is not None


def _weigh(content: bytes | None) -> int:
    return len(content or b"")


def _weigh_tree(entries: Sequence[TreeEntry]) -> int:
    return sum(_ENTRY + len(entry.path) for entry in entries)
