"""GitHub refuses, fails or stays silent at each call of each kind of work, once and lasting: what becomes of the check.

The calls are not listed here: each kind of work is done once on a GitHub that is well, and what it asked for is the
list. A case is one call, one trouble, once or lasting, in a repository and installation of its own. What must hold is
a rule for all of them (`_during`, `_after`).
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.app import AppParts
from bot.runtime.settings import Settings
from bot.server.events import EVENTS
from bot.server.jobs import Rhythm, Worker
from bot.standins.github import StandIn, webhooks
from bot.standins.github.model import IssueComment, Json, Pull, Repository
from bot.standins.github.protection import PASSING, newest
from tests.support.at_github import app_of, stand_in

pytestmark = pytest.mark.anyio

Work = Literal["unsafe", "safe", "plain", "command", "group"]

TOGETHER = 48
"""Cases side by side: with more of them, merge groups wait for their turn beyond the minute that they have."""
PATIENT = 1.0
"""Seconds that the App waits for one answer."""
RHYTHM = Rhythm(
    poll=0.05,
    tend=0.5,
    sweep=3600.0,
    drain=0,
    announce=4.0,
    first_pause=0.3,
    longest_pause=1.0,
    haste=1000.0,
    origin=time.time(),
)
UNSAFE = "-- migrate:up\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\n-- migrate:down\n"
SAFE = "-- migrate:up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE users ADD COLUMN note text;\n-- migrate:down\n"
FILES: dict[Work, dict[str, str]] = {
    "unsafe": {"db/migrations/20260516101500_email.sql": UNSAFE},
    "safe": {"db/migrations/20260516101500_email.sql": SAFE},
    "plain": {"docs/page.md": "A page.\n"},
    "command": {"docs/page.md": "A page.\n"},
    "group": {"db/migrations/20260516101500_email.sql": UNSAFE},
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What GitHub does instead of answering well."""

    name: str
    status: int
    message: str
    how: dict[str, Any]


TROUBLES = (
    Trouble("401", 401, "Bad credentials", {}),
    Trouble("403", 403, "Resource not accessible by integration", {}),
    Trouble("404", 404, "Not Found", {}),
    Trouble("422", 422, "Validation Failed", {}),
    Trouble("429", 429, "You have exceeded a secondary rate limit.", {"headers": {"Retry-After": "1"}}),
    Trouble("500", 500, "Server Error", {}),
    Trouble("502 after the effect", 502, "Server Error", {"after_effect": True}),
    Trouble("silence after the effect", 502, "Server Error", {"after_effect": True, "hold": PATIENT + 0.5}),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of request: its method, and its path with numbers and commits left open."""

    method: str
    path: str

    @classmethod
    def of(cls, method: str, path: str, repository: Repository, installation: int) -> "Asked":
        path = path.replace(f"/repos/{repository.full_name}", "/repos/{here}").replace(
            f"/repos/{repository.owner.login}/", "/repos/{owner}/"
        )
        path = path.replace(f"/installations/{installation}/", "/installations/{installation}/")
        return cls(method, re.sub(r"/\d+(?=/|\Z)", "/{n}", re.sub(r"[0-9a-f]{40}", "{sha}", path)))

    def pattern(self, repository: Repository, installation: int) -> "re.Pattern[str]":
        """Matches the path of the same request for another repository."""
        open_parts = {
            "{here}": re.escape(repository.full_name),
            "{owner}": re.escape(repository.owner.login),
            "{installation}": str(installation),
            "{sha}": "[0-9a-f]{40}",
            "{n}": r"\d+",
        }
        parts = re.split(r"(\{\w+\})", self.path)
        return re.compile("".join(open_parts.get(part) or re.escape(part) for part in parts) + r"\Z")


@dataclass(slots=True)
class Case:
    """One piece of work with its trouble; `sha` is the commit whose check it is about."""

    work: Work
    asked: Asked | None
    trouble: Trouble | None
    lasting: bool
    repository: Repository
    pull: Pull
    sha: str
    comment: IssueComment | None
    event: str
    payload: Json

    def __str__(self) -> str:
        if self.asked is None or self.trouble is None:
            return f"{self.work}: no trouble"
        how = "lasting" if self.lasting else "once"
        return f"{self.work}: {self.asked.method} {self.asked.path}: {self.trouble.name}, {how}"

    @property
    def expected(self) -> str:
        return "failure" if self.work in ("unsafe", "group") else "success"


@dataclass(slots=True)
class Matrix:
    """The App of this process, and the stand-in that it works on."""

    github: StandIn
    parts: AppParts
    worker: Worker
    count: int = 0

    def case(
        self, work: Work, asked: Asked | None = None, trouble: Trouble | None = None, *, lasting: bool = False
    ) -> Case:
        """Prepares the repository; its trouble begins at once."""
        self.count += 1
        repository = self.github.add_repository(f"team{self.count}/shop", files={"README.md": "# Shop\n"})
        pull = self.github.open_pull_request(repository, FILES[work])
        sha, comment = pull.head_sha, None
        if work == "command":
            comment = self.github.comment(pull, "/migsafe help")
            event, payload = "issue_comment", webhooks.issue_comment(self.github, comment)
        elif work == "group":
            base, sha = self.github.merge_group(repository, [pull])
            event, payload = "merge_group", webhooks.merge_group(self.github, repository, base, sha)
        else:
            event, payload = "pull_request", webhooks.pull_request(self.github, pull, "opened")
        if asked is not None and trouble is not None:
            where = asked.pattern(repository, self.github.installation_of(repository).id)
            body = {"message": trouble.message}
            times = 100_000 if lasting else 1
            self.github.fail_next(asked.method, where, trouble.status, body=body, times=times, **trouble.how)
        return Case(work, asked, trouble, lasting, repository, pull, sha, comment, event, payload)

    async def deliver(self, case: Case) -> None:
        """As the webhook's endpoint does, without HTTP."""
        job = EVENTS.read(case.event, case.payload, f"d{case.repository.id}")
        assert job is not None
        await self.parts.queue.store(job)

    async def quiet(self) -> None:
        """Waits until no job waits or runs, at some looks one after another: a job may be on its way to the worker."""
        looks = 0
        async with asyncio.timeout(240):
            while looks < 4:
                depth = await self.parts.queue.depth()
                looks = 0 if depth["waiting"] + depth["running"] else looks + 1
                await asyncio.sleep(0.1)

    async def calls(self, work: Work) -> Sequence[Asked]:
        """What this kind of work asks for, in the order of the first time."""
        case = self.case(work)
        begun = len(self.github.requests)
        await self.deliver(case)
        await self.quiet()
        assert not _after(self.github, case), _after(self.github, case)
        installation = self.github.installation_of(case.repository).id
        seen = [
            Asked.of(request.method, request.path, case.repository, installation)
            for request in self.github.requests[begun:]
        ]
        return list(dict.fromkeys(asked for asked in seen if "{" in asked.path))


@asynccontextmanager
async def matrix(folder: Path, patience: float) -> AsyncIterator[Matrix]:
    """With so many seconds for what passes; the more cases are side by side, the later each has its turn again."""
    async with stand_in() as github:
        settings = Settings(
            app_id=github.app_id,
            private_key=github.private_key,
            webhook_secrets=("secret",),
            github_url=github.url,
            state=f"sqlite:///{folder}/migsafe.db",
        )
        rhythm = replace(RHYTHM, longest_wait=patience, longest_group_wait=patience)
        parts = AppParts.of(settings, github=app_of(github, timeout=PATIENT), rhythm=rhythm)
        async with parts.open(worker=True):
            assert parts.worker is not None
            yield Matrix(github, parts, parts.worker)
        assert not github.violations, github.violations
        assert not github.rejected, github.rejected


def _during(github: StandIn, case: Case) -> list[str]:
    """What must hold while a lasting trouble lasts, once the time for trying is over."""
    found = list(_always(github, case))
    counts = newest(github.check_runs_of(case.sha))
    if counts is None or counts.status != "completed" or case.work == "command":
        return found
    title, said = counts.title or "", f"{counts.title}\n{counts.summary}"
    if counts.conclusion == case.expected:
        return found
    if counts.conclusion != "action_required":
        found.append(f"ends {counts.conclusion}: {title}")
    elif "internal error" in said.lower():
        found.append(f"blames itself: {title}")
    elif "GitHub" not in said and "permission" not in said:
        found.append(f"does not name what GitHub answered: {title}")
    return found


def _after(github: StandIn, case: Case) -> list[str]:
    """What must hold in the end: as if nothing had happened."""
    found = list(_always(github, case))
    if case.work == "command":
        answered = len(_answers(github, case))
        if not answered and not case.lasting:
            found.append("the command has no answer")
        return found
    runs = github.check_runs_of(case.sha)
    found += [f"run {run.id} is {run.status}" for run in runs if run.status != "completed"]
    counts = newest(runs)
    if counts is None:
        found.append("no check")
    elif counts.conclusion == "action_required" and case.work == "group" and case.lasting:
        pass  # its queue has let it go
    elif counts.conclusion not in (None, case.expected):
        found.append(f"ends {counts.conclusion}: {counts.title}")
    said = counts is not None and "could not be posted" in (counts.summary or "")
    if case.work == "unsafe" and not case.lasting and not said and not github.review_comments_of(case.pull):
        found.append("the finding has no comment, and the check does not say so")
    return found


def _always(github: StandIn, case: Case) -> Iterator[str]:
    """What must hold at any time: no danger passes, and nothing is there twice."""
    runs = github.check_runs_of(case.sha)
    for run in runs:
        if case.expected == "failure" and run.conclusion in PASSING:
            yield f"a danger passes: {run.conclusion} {run.title}"
    if len(_answers(github, case)) > 1:
        yield "the command is answered twice"
    if len([review for review in github.reviews_of(case.pull) if review.body]) > 1:
        yield "two reviews"
    places = [(comment.path, comment.line) for comment in github.review_comments_of(case.pull)]
    if len(places) != len(set(places)):
        yield "a finding is commented twice"


def _answers(github: StandIn, case: Case) -> list[IssueComment]:
    return [comment for comment in github.comments_of(case.pull) if comment.author is github.bot]


async def _failures(at: Matrix, works: Sequence[Work], each: int) -> list[str]:
    """Does each n-th case of these kinds of work side by side; returns a line for each that is not as it must be."""
    listed = [
        (work, asked, trouble, lasting)
        for work in works
        for asked in await at.calls(work)
        for trouble in TROUBLES
        for lasting in (False, True)
        # A limit on the App's own requests is one for all installations, also for those of the other cases.
        if not (lasting and trouble.name == "429" and asked.path.endswith("/access_tokens"))
    ]
    chosen, failures = listed[::each], list[str]()
    for begin in range(0, len(chosen), TOGETHER):
        cases = [at.case(*each[:3], lasting=each[3]) for each in chosen[begin : begin + TOGETHER]]
        failures += await _tried(at, cases)
    print(f"{len(chosen)} of {len(listed)} cases")
    return failures


async def _tried(at: Matrix, cases: Sequence[Case]) -> list[str]:
    """What is not as it must be while lasting troubles last, and what in the end."""
    for case in cases:
        await at.deliver(case)
    await at.quiet()
    failures = [f"{case}: {problem}" for case in cases if case.lasting for problem in _during(at.github, case)]
    at.github.faults.forget()
    for _ in range(2):
        await at.worker._steps.tasks.sweep()
        await at.quiet()
    return failures + [f"{case}: in the end {problem}" for case in cases for problem in _after(at.github, case)]


async def test_no_trouble_at_github_lets_a_danger_pass_or_leaves_a_check_behind(tmp_path: Path) -> None:
    """Some cases of every kind of work, which differ in call and trouble; all of them below."""
    async with matrix(tmp_path, 2.0) as at:
        failures = await _failures(at, list(FILES), 23)
        assert not failures, "\n".join(failures)


@pytest.mark.proof
@pytest.mark.parametrize("work", FILES)
async def test_every_trouble_at_every_call(work: Work, tmp_path: Path) -> None:
    async with matrix(tmp_path, 4.0) as at:
        failures = await _failures(at, [work], 1)
        assert not failures, "\n".join(failures)
