"""Looks at the commits of one repository: each that somebody waits for must end with a verdict, no other must wait."""

import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.report.shapes import CheckOutput
from bot.review.configuration import fetch_configuration
from bot.review.errors import HubError
from bot.review.giving_up import instead_of_passing
from bot.review.group import end_group
from bot.review.heads import Gate, checked_by
from bot.review.hub import HeadChecks, HeadRun, Hub, PullRequest, RepositoryInfo
from bot.review.job import Job, JobKind, read_external_id
from bot.review.ports import BroughtStore, ConfigurationStore, VerdictStore
from bot.review.remembered import HeadStore, WatchedHead, looked_back_mark
from bot.runtime import metrics
from bot.server.sweep.looking_back import unfinished_before

RECENT = 60.0
"""Seconds in which a head that was touched is left to the job that touched it."""
STALE = 600.0
"""Seconds in progress after which a check that was tried often enough is concluded."""
LISTED = 2000
"""The most open pull requests that are listed: beyond that, one that is not in the list may be open all the same."""
_TRIES_TO_END = 3
"""How often a check that does not end is judged again before it is concluded."""
_TRIES_TO_JUDGE = 6
"""How often a head is judged again that ended without a verdict: over some five hours."""
_PAUSE = 240.0
"""Seconds after the first try; doubled after each, to the longest. A sweep comes every 300 s."""
_LONGEST_PAUSE = 6 * 3600.0
_GROUP_REF = re.compile(r"refs/heads/gh-readonly-queue/(.+)/pr-\d+-[0-9a-f]{40,64}")


@dataclass(slots=True)
class Allowance:
    """What one visit may still do: looks at commits, jobs to store, and until when (`time.monotonic`)."""

    looks: int
    jobs: int
    until: float = field(default_factory=lambda: time.monotonic() + 600.0)

    @property
    def spent(self) -> bool:
        return self.looks <= 0 or self.jobs <= 0 or time.monotonic() > self.until


@dataclass(frozen=True, slots=True)
class Repairs:
    """What a repair needs: the queue, what is remembered, the clock."""

    store: Callable[[Job], Awaitable[object]]
    busy: Callable[[str], Awaitable[bool]]
    """Whether a job about this subject (`Job.subject`) is waiting or running: also one that waits for GitHub."""
    heads: HeadStore
    configurations: ConfigurationStore
    verdicts: VerdictStore
    brought: BroughtStore
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class RepositoryVisit:
    """One look at a repository.

    `began` is when, in seconds since 1970; `afresh`: also at heads that were seen to have ended, because GitHub may
    answer now what it refused before.
    """

    repairs: Repairs
    hub: Hub
    installation: int
    repository: RepositoryInfo
    done: Counter[str]
    allowance: Allowance
    began: float
    afresh: bool = False

    async def look(self, watched: Sequence[WatchedHead]) -> None:
        """Looks at the heads of open pull requests, and at these watched ones. Raises HubError."""
        kept = await self.repairs.brought.open_brought(self.repository.id)
        pulls = await self.hub.open_pull_requests()
        await self._close_missed(kept, pulls)
        by_head: dict[str, list[PullRequest]] = {}
        for pull in pulls:
            by_head.setdefault(pull.head_sha, []).append(pull)
        known = await self.repairs.heads.known(self.repository.id, list(by_head))
        settled: list[WatchedHead] = []
        if not known:
            watched = [*watched, *await self._look_back(pulls)]
        try:
            for head_sha, of_head in by_head.items():
                head = known.get(head_sha)
                alone = head is not None and self._is_left_alone(head) and await self._is_seen_to(head, of_head)
                if not alone and self._take_look():
                    await self._look_at_open(head or self._unknown(head_sha), of_head, settled)
            for head in watched:
                if head.head_sha not in by_head and self._take_look():
                    await self._look_at_rest(head, pulls, settled)
        finally:
            await self.repairs.heads.settle(settled)

    async def _look_back(self, pulls: Sequence[PullRequest]) -> Sequence[WatchedHead]:
        """What a lost state would have watched; once for a repository of which nothing is known."""
        mark = looked_back_mark(self.repository.id)
        if await self.repairs.heads.mark(mark):
            return ()
        found = [head async for head in unfinished_before(self.hub, self.installation, self.repository, pulls)]
        await self.repairs.heads.set_mark(mark, "done")
        return found

    async def _close_missed(self, kept: Sequence[tuple[int, str]], pulls: Sequence[PullRequest]) -> None:
        """What a pull request brings is kept while it is open; that these were closed did not reach us."""
        listed = {pull.number for pull in pulls}
        for number, head_sha in kept if len(pulls) < LISTED else ():
            if number not in listed and self.allowance.jobs > 0:
                self.allowance.jobs -= 1
                closed = replace(self._job(number, head_sha, None), kind=JobKind.PUSH, extra={"action": "closed"})
                await self.repairs.store(closed)

    def _is_left_alone(self, head: WatchedHead) -> bool:
        if head.settled:
            return not self.afresh
        return not head.tries and self.repairs.now() - head.touched_at < RECENT

    async def _is_seen_to(self, head: WatchedHead, pulls: Sequence[PullRequest]) -> bool:
        """Whether a head that has ended has done so for all its pull requests: one opened unseen rides on the others'
        verdict, perhaps for another base."""
        return not head.settled or len(pulls) < 2 or not await self._missed(head.head_sha, pulls, None)

    async def _missed(self, head_sha: str, pulls: Sequence[PullRequest], newest: HeadRun | None) -> Sequence[int]:
        """The pull requests for which the head was not judged, as far as is known; `newest` names one that it was."""
        rows = await self.repairs.verdicts.of_head(self.repository.id, head_sha)
        judged = {row.checked.number for row in rows if row.output is not None}
        named = read_external_id(newest.external_id) if newest is not None else None
        if named is not None:
            judged.add(named.number)
        return [pull.number for pull in pulls if pull.number not in judged]

    def _take_look(self) -> bool:
        if self.allowance.spent:
            return False
        self.allowance.looks -= 1
        return True

    def _unknown(self, head_sha: str) -> WatchedHead:
        """A head that was never watched, as if it had been touched at the beginning of the visit: a job that touches it
        after that keeps it watched."""
        return WatchedHead(self.installation, self.repository.id, self.repository.full_name, head_sha, self.began)

    async def _look_at_open(self, head: WatchedHead, pulls: Sequence[PullRequest], settled: list[WatchedHead]) -> None:
        """A head that people wait for: if it has no verdict and nobody is at work, it is judged again."""
        jobs = [self._job(pull.number, head.head_sha, pull.base_sha) for pull in pulls]
        checks = HeadChecks(())
        for job in jobs:
            # A verdict that is known is written where it does not stand.
            checks = await self._gate(job).settle(checked_by(job, head.head_sha))
        judged = checks.concluded and is_verdict(checks.newest)
        judged = judged and not await self._missed(head.head_sha, pulls, checks.newest)
        if judged or (checks.concluded and head.tries >= _TRIES_TO_JUDGE and not self.afresh):
            settled.append(head)
            return
        for job in jobs:
            if await self.repairs.busy(job.subject):
                return
        if self._is_hopeless(head, checks):
            await self._give_up(head, jobs, pulls[0].base_ref, pulls[0].base_sha)
        elif self.afresh or self.repairs.now() >= head.tried_at + _pause(head.tries):
            await self._judge_again(head, jobs)

    async def _look_at_rest(self, head: WatchedHead, pulls: Sequence[PullRequest], settled: list[WatchedHead]) -> None:
        """A merge group's commit, or one that is no open pull request's head any more."""
        checks = await self.hub.head_checks(head.head_sha)
        if checks.concluded or (checks.newest is None and head.base_sha is None):
            settled.append(head)
        elif head.base_sha is not None:
            await self._look_at_group(head, head.base_sha, checks)
        else:
            for run in checks.unfinished:
                await self._end_old(run, head.head_sha, pulls)

    async def _look_at_group(self, head: WatchedHead, base_sha: str, checks: HeadChecks) -> None:
        """A merge group whose check has not ended: it is judged again, unless the queue has given it up."""
        job = self._group_job(head, base_sha)
        if await self.repairs.busy(job.subject):
            return
        if head.head_ref and await self.hub.ref_head(head.head_ref) != head.head_sha:
            await end_group(self._gate(job))
            await self._end_all(head.head_sha, check_run.group_ended(""))
            self._count_concluded(len(checks.unfinished))
            if not checks.runs:
                await self.repairs.heads.forget([head])
        elif self._is_hopeless(head, checks):
            await self._give_up(head, [job], _base_ref(head.head_ref), base_sha)
        elif head.tries < _TRIES_TO_END:
            await self._judge_again(head, [job])
        elif not checks.runs:
            await self.repairs.heads.forget([head])

    async def _end_old(self, run: HeadRun, head_sha: str, pulls: Sequence[PullRequest]) -> None:
        """Ends a run that nobody waits for, unless its pull request is open at this very head after all."""
        checked = read_external_id(run.external_id)
        if checked is None or checked.number is None:
            await self.hub.conclude_check(run.id, check_run.closed())
        else:
            listed = next((pull for pull in pulls if pull.number == checked.number), None)
            if listed is None and len(pulls) >= LISTED:
                asked = await self.hub.pull_request(checked.number)
                listed = asked if asked.open else None
            if listed is not None and listed.head_sha == head_sha:
                return
            why = check_run.superseded(listed.head_sha) if listed is not None else check_run.closed()
            gate = self._gate(self._job(checked.number, head_sha, None))
            await gate.retire(gate.checked(head_sha), why)
            await self._end_all(head_sha, why)
        self._count_concluded(1)

    async def _end_all(self, head_sha: str, why: CheckOutput) -> None:
        """Ends what is still in progress on a commit that nobody waits for: a run that GitHub made late is nobody's."""
        for run in (await self.hub.head_checks(head_sha)).unfinished:
            await self.hub.conclude_check(run.id, why)

    async def _judge_again(self, head: WatchedHead, jobs: Sequence[Job]) -> None:
        await self.repairs.heads.tried(head, self.repairs.now())
        for job in jobs:
            if await self.repairs.store(job) == "accepted":
                self.allowance.jobs -= 1
                self.done["jobs stored"] += 1
                metrics.repairs.inc()

    def _is_hopeless(self, head: WatchedHead, checks: HeadChecks) -> bool:
        """Whether its check is in progress for too long, and was often judged again in vain."""
        runs = checks.unfinished
        return bool(runs) and head.tries >= _TRIES_TO_END and min(run.age for run in runs) > STALE

    async def _give_up(self, head: WatchedHead, jobs: Sequence[Job], base_ref: str, base_sha: str) -> None:
        """Ends the check as the repository says, so that it does not wait for ever."""
        why = f"the check was in progress for over {STALE / 60:.0f} min, and {head.tries} further tries did not end it"
        policy = await self._policy(base_ref, base_sha)
        for job in jobs:
            checked = checked_by(job, head.head_sha)
            kept = await self.repairs.verdicts.get(checked)
            said = check_run.trouble(why, policy, group=job.number is None)
            said = instead_of_passing(said, kept, policy)
            await self._gate(job).conclude(checked, said)
        self._count_concluded(1)

    async def _policy(self, base_ref: str, base_sha: str) -> Policy:
        """The policy, for its `on_error`; the defaults if even that cannot be read."""
        store = self.repairs.configurations
        try:
            return (await fetch_configuration(self.hub, store, self.repository, base_ref, base_sha)).policy
        except HubError:
            return Policy()

    def _gate(self, job: Job) -> Gate:
        return Gate(self.hub, self.repairs.verdicts, job)

    def _count_concluded(self, checks: int) -> None:
        self.done["checks concluded"] += checks
        metrics.stuck_checks.inc(checks)

    def _job(self, number: int, head_sha: str, base_sha: str | None) -> Job:
        """The job has a new id, because the lost job's is taken; workers that sweep at once give it the same one."""
        return Job(
            kind=JobKind.REPAIR,
            installation=self.installation,
            repository_id=self.repository.id,
            repository=self.repository.full_name,
            number=number,
            head_sha=head_sha,
            base_sha=base_sha,
            delivery=self._delivery(head_sha),
        )

    def _group_job(self, head: WatchedHead, base_sha: str) -> Job:
        base_ref = _base_ref(head.head_ref)
        extra = {"head_ref": head.head_ref, "base_ref": f"refs/heads/{base_ref}"} if base_ref else {}
        return Job(
            kind=JobKind.GROUP,
            installation=self.installation,
            repository_id=self.repository.id,
            repository=self.repository.full_name,
            head_sha=head.head_sha,
            base_sha=base_sha,
            delivery=self._delivery(head.head_sha),
            extra=extra,
        )

    def _delivery(self, head_sha: str) -> str:
        return f"{head_sha[:12]}-{int(self.repairs.now() // 60)}"


def is_verdict(run: HeadRun | None) -> bool:
    """Whether a concluded run says something of the migrations, rather than that nothing was judged."""
    if run is None or run.conclusion in (None, "cancelled", "stale"):
        return False
    return not check_run.is_unjudged(run.title)


def _base_ref(head_ref: str) -> str:
    """The branch that a merge group's ref is for, "" if the ref has another form."""
    found = _GROUP_REF.fullmatch(head_ref)
    return found[1] if found else ""


def _pause(tries: int) -> float:
    return min(_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE) if tries else 0.0
