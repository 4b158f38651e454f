"""What the state remembers for the sweep and for commands: protocols, as in `bot.review.ports`, and their values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WatchedHead:
    """A commit that a check of ours was started on. Times are in seconds since 1970.

    It is watched until the sweep has seen it `settled`: its newest check run carries a verdict, and none is unfinished.
    """

    installation: int
    repository_id: int
    repository: str
    head_sha: str
    touched_at: float
    """When a check was last started on it."""
    base_sha: str | None = None
    """A merge group's."""
    head_ref: str = ""
    """A merge group's."""
    settled: bool = False
    tries: int = 0
    """How often the sweep had it judged again without a verdict."""
    tried_at: float = 0.0


def round_mark(installation: int) -> str:
    """The mark that says how far the sweep has come in an installation of many repositories."""
    return f"installations:{installation}"


def looked_back_mark(repository_id: int) -> str:
    """The mark that says that what a lost state would have known of a repository was looked for."""
    return f"looked-back:{repository_id}"


class HeadStore(Protocol):
    """The commits whose checks are not known to have ended well, and how far the sweep has come."""

    async def watch(self, head: WatchedHead) -> None:
        """A check is about to be started on it: it is not settled any more. Its tries stay."""
        ...

    async def unsettled(self, installation: int, before: float, most: int) -> Sequence[WatchedHead]:
        """Those that were last touched before this time: first those never tried, the longest ago first."""
        ...

    async def known(self, repository_id: int, heads: Collection[str]) -> Mapping[str, WatchedHead]:
        """Those of these commits that were ever watched, by commit."""
        ...

    async def settle(self, heads: Collection[WatchedHead]) -> None:
        """They need no look until a check is started on them again; those touched meanwhile stay watched."""
        ...

    async def tried(self, head: WatchedHead, at: float) -> None:
        """It is judged once more."""
        ...

    async def forget(self, heads: Collection[WatchedHead] = (), *, before: float = 0.0) -> None:
        """Forgets these, and those that were settled and last touched before this time."""
        ...

    async def mark(self, name: str) -> str:
        """How far the sweep has come in this part of its work, "" at first."""
        ...

    async def set_mark(self, name: str, value: str) -> None: ...


class Turn(StrEnum):
    """What a command gets. The values are stored."""

    ANSWER = "answer"
    REFUSAL = "refusal"
    """Its author has written too many of late, and is told so."""
    SILENCE = "silence"
    """Its author has been told so."""


@dataclass(frozen=True, slots=True)
class KeptCommand:
    """A command in a comment. `marker` tells it from all others in the repository; `at` is in seconds since 1970."""

    repository_id: int
    number: int
    author: str
    marker: str
    at: float
    turn: Turn = Turn.ANSWER
    said: str = ""
    """What it has changed, in words for its answer, as soon as that is in the state."""
    answered: bool = False


class CommandStore(Protocol):
    """The commands that people wrote of late."""

    async def begin(self, command: KeptCommand, since: float, most: int) -> KeptCommand:
        """The command as it is known, with what it gets: an answer unless its author has got `most` of them on this
        pull request after `since`. One that is there already keeps what it got."""
        ...

    async def first_since(self, command: KeptCommand, since: float) -> float:
        """When the first of these answered commands came."""
        ...

    async def keep(self, command: KeptCommand) -> None:
        """Keeps what it said, and whether it is answered."""
        ...
