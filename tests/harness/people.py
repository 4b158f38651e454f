"""What people do to pull requests while the App is being killed, by a seed, and what must come of each head.

Every pull request has a table and a version of its own, so that none says anything about another and the right verdict
follows from the head alone.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.standins.github import StandIn, webhooks
from bot.standins.github.merge_queue import MergeQueue
from bot.standins.github.model import Json, Pull, Repository

Content = Literal["unsafe", "safe", "plain"]
CONTENTS: Sequence[Content] = ("unsafe", "safe", "plain")
COMMANDS = ("help", "explain", "plan", "runbook")
ALLOW = "/migsafe allow set-not-null-without-check at night"
QUEUED = ("merge", "squash", "rebase")


@dataclass(slots=True)
class Head:
    """A commit that has, or had, to get a verdict. `pull` is None for a merge group."""

    sha: str
    repository: Repository
    content: Content
    number: int
    pull: Pull | None
    accepted: bool = False
    destroyed: bool = False
    """A merge group that GitHub has ended."""

    @property
    def verdict(self) -> str:
        return "failure" if self.content == "unsafe" and not self.accepted else "success"


@dataclass(slots=True)
class Said:
    """A command, and whether its pull request stayed open: only then it must be answered."""

    pull: Pull
    comment: int
    text: str


@dataclass(slots=True)
class People:
    """`hooks` are the addresses of the web sides that may be up. `story` is what has happened, for a person to read."""

    github: StandIn
    seed: str
    hooks: Callable[[], Sequence[str]]
    heads: dict[str, Head] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    deliveries: int = 0
    refused: int = 0
    """Deliveries that nobody accepted at first; GitHub keeps them, and the sweep asks for them again."""
    dice: random.Random = field(init=False)
    repositories: list[Repository] = field(init=False)
    queues: list[MergeQueue] = field(init=False)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.repositories = [
            self.github.add_repository(f"team{number}/shop", files={"README.md": "# Shop\n"}) for number in (1, 2)
        ]
        methods = QUEUED[self.dice.randrange(3) :] + QUEUED
        self.queues = [
            MergeQueue(self.github, repository, method=methods[number])  # type: ignore[arg-type]
            for number, repository in enumerate(self.repositories)
        ]

    def note(self, what: str) -> None:
        self.story.append(f"{time.monotonic() - self.began:6.2f} s  {what}")

    async def act(self) -> None:
        """One to three things, some of them at the same time; at first, pull requests are opened."""
        if not self.github.pulls:
            await asyncio.gather(*(self._open() for _ in range(4)))
            return
        deeds = self.dice.choices(
            (
                self._open,
                self._push,
                self._push_twice,
                self._comment,
                self._allow,
                self._close,
                self._rerun,
                self._queue,
            ),
            weights=(8, 5, 5, 4, 2, 1, 2, 4),
            k=self.dice.randint(1, 3),
        )
        await asyncio.gather(*(deed() for deed in deeds), self.settle_queues())

    async def settle_queues(self) -> None:
        """GitHub merges and removes by the checks as they are now."""
        for queue in self.queues:
            queue.settle()
            await self._tell(queue)

    def open_pulls(self) -> list[Pull]:
        """Those that are in no queue."""
        queued = {entry.pull.id for queue in self.queues for entry in queue.entries}
        return [pull for pull in self.github.pulls if pull.state == "open" and pull.id not in queued]

    def head(self, pull: Pull) -> Head:
        return self.heads[pull.head_sha]

    # What they do

    async def _open(self) -> None:
        repository, content = self.dice.choice(self.repositories), self.dice.choice(CONTENTS)
        number = len(self.github.pulls) + 1
        pull = self.github.open_pull_request(repository, _files(content, number, 0), head=f"branch-{number}")
        self._follow(pull, content)
        await self._send(
            "pull_request", webhooks.pull_request(self.github, pull, "opened"), f"open {_name(pull)} {content}"
        )

    async def _push(self) -> None:
        if pull := self._any(lambda pull: not self.head(pull).accepted):
            await self._push_to(pull)

    async def _push_twice(self) -> None:
        """Two heads within moments; the deliveries may overtake each other."""
        if pull := self._any(lambda pull: not self.head(pull).accepted):
            first = asyncio.create_task(self._push_to(pull))
            await asyncio.sleep(self.dice.choice((0.0, 0.05, 0.2)))
            await asyncio.gather(first, self._push_to(pull))

    async def _push_to(self, pull: Pull) -> None:
        old, content = self.head(pull), self.dice.choice(CONTENTS)
        if old.accepted:
            return
        before = pull.head_sha
        number = int(pull.head.rpartition("-")[2])
        gone = dict.fromkeys(_files(old.content, number, 0))
        sha = self.github.push(pull, {**gone, **_files(content, number, len(self.heads))})
        self._follow(pull, content)
        payload = webhooks.pull_request(self.github, pull, "synchronize", before=before, after=sha)
        await self._send("pull_request", payload, f"push {_name(pull)} {content}")

    async def _comment(self) -> None:
        if pull := self._any():
            await self._say(pull, f"/migsafe {self.dice.choice(COMMANDS)}")

    async def _allow(self) -> None:
        """Somebody who may accepts the danger; from then on nobody pushes to this pull request."""
        pull = self._any(lambda pull: self.head(pull).content == "unsafe" and not self.head(pull).accepted)
        if pull:
            self.head(pull).accepted = True
            self.github.add_collaborator(pull.repository, "mia", "admin")
            await self._say(pull, ALLOW, "mia")

    async def _say(self, pull: Pull, text: str, author: str = "dev") -> None:
        comment = self.github.comment(pull, text, author)
        self.said.append(Said(pull, comment.id, text))
        payload = webhooks.issue_comment(self.github, comment)
        await self._send("issue_comment", payload, f"say on {_name(pull)}: {text}")

    async def _close(self) -> None:
        if pull := self._any():
            self.github.close(pull)
            await self._send("pull_request", webhooks.pull_request(self.github, pull, "closed"), f"close {_name(pull)}")

    async def _rerun(self) -> None:
        if pull := self._any(lambda pull: bool(self.github.check_runs_of(pull.head_sha))):
            newest = max(self.github.check_runs_of(pull.head_sha), key=lambda run: run.id)
            if self.dice.random() < 0.5:
                payload = webhooks.check_run(self.github, newest)
                await self._send("check_run", payload, f"re-run {_name(pull)}")
            else:
                payload = webhooks.check_suite(self.github, pull.repository, pull.head_sha)
                await self._send("check_suite", payload, f"re-run all of {_name(pull)}")

    async def _queue(self) -> None:
        """Into the queue goes what passes, as on GitHub; sometimes somebody takes one out again."""
        queue = self.dice.choice(self.queues)
        if queue.entries and self.dice.random() < 0.3:
            pull = self.dice.choice(queue.entries).pull
            self.note(f"take {_name(pull)} out of the queue")
            queue.dequeue(pull)
            await self._tell(queue)
            return
        ready = [
            pull
            for pull in self.open_pulls()
            if pull.repository is queue.repository and self.github.required_check(pull.head_sha) == "passes"
        ]
        chosen = self.dice.sample(ready, min(len(ready), self.dice.randint(1, 3)))
        queue.enqueue(*chosen)
        await self._tell(queue)

    # What GitHub tells the App

    async def _tell(self, queue: MergeQueue) -> None:
        events = list(queue.events)
        queue.events.clear()
        for event in events:
            entry = event.entry
            if event.reason is None:
                pull = self.head(entry.pull)
                made = Head(entry.head_sha, queue.repository, pull.content, pull.number, None, pull.accepted)
                self.heads[entry.head_sha] = made
            else:
                self.heads[entry.head_sha].destroyed = True
            payload = webhooks.merge_group(
                self.github, queue.repository, entry.base_sha, entry.head_sha, event.action, reason=event.reason
            )
            what = f"merge group of {_name(entry.pull)} {event.action} {event.reason or ''}"
            await self._send("merge_group", payload, f"{what} {entry.head_sha[:7]}")
            if event.reason == "merged":
                closed = webhooks.pull_request(self.github, entry.pull, "closed")
                await self._send("pull_request", closed, f"{_name(entry.pull)} is merged")

    async def _send(self, event: str, payload: Json, what: str) -> None:
        self.deliveries += 1
        hook = self.dice.choice(self.hooks())
        self.note(what)
        delivery = await webhooks.deliver(self.github, hook, event, payload)
        if not delivery.succeeded:
            self.refused += 1
            self.note(f"refused ({delivery.status_code} {delivery.answer[:40]}): {what}")

    def _follow(self, pull: Pull, content: Content) -> None:
        self.heads[pull.head_sha] = Head(pull.head_sha, pull.repository, content, pull.number, pull)

    def _any(self, wanted: Callable[[Pull], bool] = lambda _: True) -> Pull | None:
        found = [pull for pull in self.open_pulls() if wanted(pull)]
        return self.dice.choice(found) if found else None


def _files(content: Content, number: int, change: int) -> dict[str, str]:
    """A change of a pull request's own file: the statement is the same at every push, so a finding keeps its name."""
    path = f"db/migrations/2026051610{number:04}_change.sql"
    match content:
        case "unsafe":
            text = f"-- {change}\nALTER TABLE t{number} ALTER COLUMN c SET NOT NULL;\n"
            return {path: f"-- migrate:up\n{text}-- migrate:down\n"}
        case "safe":
            text = f"-- {change}\nSET LOCAL lock_timeout = '2s';\nALTER TABLE t{number} ADD COLUMN n text;\n"
            return {path: f"-- migrate:up\n{text}-- migrate:down\n"}
        case "plain":
            return {f"docs/page{number}.md": f"Page {change}.\n"}


def _name(pull: Pull) -> str:
    return f"{pull.repository.owner.login}#{pull.number}@{pull.head_sha[:7]}"
