"""The check of a commit, which belongs to the commit and not to a pull request.

One job at a time changes it, under the commit's lock. What is known is kept in the state if GitHub refuses it, so that
no verdict is lost. Pull requests that share a head share the worst of their verdicts.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from bot.core import clock
from bot.report import check_run
from bot.report.shapes import CheckOutput, Conclusion
from bot.review.errors import HubError, NotInstalled
from bot.review.hub import ChangedFile, HeadChecks, Hub, PullRequest
from bot.review.job import Checked, Job
from bot.review.ports import VerdictStore
from bot.review.verdict import KeptVerdict

LATE = 60.0
"""Seconds after an event in which GitHub may still show the state before it, or not know what the event names."""

_PASSING = (Conclusion.SUCCESS, Conclusion.NEUTRAL)
"""What a required check counts as passed."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a verdict: what the check says now; None if it is still in progress."""

    output: CheckOutput | None = None
    left: bool = False
    """Whether a later job of the same commit has taken the check up: then this one writes nothing more."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The checks that one job begins and concludes."""

    hub: Hub
    verdicts: VerdictStore
    job: Job

    def checked(self, head_sha: str) -> Checked:
        """The job's pull request or merge group at this commit."""
        return checked_by(self.job, head_sha)

    async def begin(self, checked: Checked) -> KeptVerdict:
        """Puts the check in progress, once per job. A verdict that an earlier try has reached is written at once."""
        async with self._lock(checked):
            kept = await self._kept(checked)
            if kept.judged and kept.judged_by == self.job.id:
                if not kept.written:
                    await self._write(kept)
                return await self._kept(checked)
            if kept.check_run is None and not kept.retired:
                is_new = await self.verdicts.get(checked) is None
                unknown = is_new and not await self._others(checked)
                await self.verdicts.keep(kept)
                try:
                    kept = replace(kept, check_run=await self.hub.start_check(checked.head_sha, checked.external_id))
                except NotInstalled:
                    if is_new:
                        await self.verdicts.forget(checked)
                    raise
                await self.verdicts.keep(kept)
                if unknown and checked.number is not None:
                    await self._meet_others(kept)
            return kept

    async def conclude(
        self, checked: Checked, output: CheckOutput, digest: str = "", *, partial: bool = False
    ) -> Written:
        """Writes the verdict, once per job; leaves the check in progress if a later job is to judge the same commit.

        After a `partial` one, which is a danger that is known before the rest, the job writes the whole verdict, too.
        Where other pull requests have this head, the worst verdict counts, and all of them must be judged.
        """
        async with self._lock(checked):
            kept = await self._kept(checked)
            if kept.judged_by == self.job.id and kept.written and not kept.partial:
                return Written(_shared(kept, await self._others(checked)))
            left = kept.left_to_another(self.job)
            jobs = kept.jobs if left else (*(job for job in kept.jobs if job != self.job.id), self.job.id)
            known = replace(kept, output=output, judged_by=self.job.id, digest=digest or kept.digest, jobs=jobs)
            known = replace(known, partial=partial, written=False)
            # Before GitHub is told: a worker that dies in between must not forget a danger.
            await self.verdicts.keep(known)
            if left:
                return Written(left=True)
            return await self._write(known, untouched=not (kept.written or kept.retired))

    async def is_first(self, checked: Checked) -> bool:
        """Whether no other job, and no other commit of the pull request, has been judged."""
        assert checked.number is not None
        rows = await self.verdicts.of_pull(checked.repository_id, checked.number)
        return [(row.checked, row.jobs) for row in rows] == [(checked, (self.job.id,))]

    async def note(self, checked: Checked, **known: object) -> None:
        """Keeps something more about the commit: `digest`, `seen`, `base_ref` or `refused_at`."""
        async with self._lock(checked):
            await self.verdicts.keep(replace(await self._kept(checked), **known))  # type: ignore[arg-type]

    async def describe(self, checked: Checked, reason: str, seconds: float) -> None:
        """Says in the check in progress what the job waits for; nothing if there is no such check."""
        async with self._lock(checked):
            kept = await self.verdicts.get(checked)
            if kept is None or kept.check_run is None or kept.written or kept.left_to_another(self.job):
                return
            if any(other.written and other.check_run == kept.check_run for other in await self._others(checked)):
                # It carries the verdict of another pull request: a danger, whose words stay.
                return
            since = datetime.fromtimestamp(kept.refused_at or kept.begun_at, UTC).strftime("%H:%M UTC")
            await self.hub.describe_check(
                kept.check_run, *check_run.waiting(reason, seconds, since, group=checked.number is None)
            )

    async def amend(self, checked: Checked, note: str) -> None:
        """Puts a paragraph of Markdown before what the commit's concluded check says; its conclusion stays."""
        async with self._lock(checked):
            kept = await self.verdicts.get(checked)
            if kept is not None and kept.check_run is not None and kept.output is not None and not kept.retired:
                shown = _shared(kept, await self._others(checked))
                await self.hub.amend_check(kept.check_run, check_run.noted(shown, note))

    async def retire(self, checked: Checked, why: CheckOutput) -> None:
        """Ends the pull request's part in a commit's check, because it is closed or has another head.

        A check in progress is concluded with what remains: the verdict of other pull requests with this head, which may
        be still to come; otherwise `why`.
        """
        async with self._lock(checked):
            kept = await self.verdicts.get(checked)
            kept = kept or KeptVerdict(checked, self.job.installation, self.job.repository, begun_at=clock.now())
            if self.job.head_sha == checked.head_sha and self.job.id not in kept.jobs:
                # Another worker may be about to announce this very job: it must begin nothing any more.
                kept = replace(kept, jobs=(*kept.jobs, self.job.id))
            others = await self._still_there(await self._others(checked))
            if others:
                if all(other.judged for other in others):
                    await self._write(others[0], without=checked)
            elif not kept.written:
                await self._cancel(checked, why, kept.check_run)
            await self.verdicts.keep(_retired(kept))

    async def retire_others(self, pull: PullRequest) -> None:
        """Retires what the pull request has left behind: every other commit whose check an earlier job began."""
        current = self.checked(pull.head_sha)
        rows = await self.verdicts.of_pull(current.repository_id, pull.number)
        begun = next((row.begun_at for row in rows if row.checked == current), clock.now())
        for row in rows:
            if row.checked == current or begun < row.begun_at < clock.now() + LATE:
                continue
            try:
                await self.retire(row.checked, check_run.superseded(pull.head_sha))
            except HubError as refused:
                # The sweep ends what GitHub does not let us see now; the review of this head does not wait for that.
                if refused.retry_after is not None:
                    raise

    async def settle(self, checked: Checked) -> HeadChecks:
        """Our runs on a commit as they are now; first, a verdict that is known is written where it does not stand.

        For the sweep: GitHub may have made a run after we had given up on it, and then that is the newest.
        """
        async with self._lock(checked):
            checks = await self.hub.head_checks(checked.head_sha)
            kept = await self.verdicts.get(checked)
            if kept is None or kept.retired or not kept.judged or kept.output is None or _stands(kept.output, checks):
                return checks
            await self._write(kept)
            return await self.hub.head_checks(checked.head_sha)

    def _lock(self, checked: Checked) -> contextlib.AbstractAsyncContextManager[None]:
        return self.verdicts.lock(checked.repository_id, checked.head_sha)

    async def _kept(self, checked: Checked) -> KeptVerdict:
        kept = await self.verdicts.get(checked)
        kept = kept or KeptVerdict(checked, self.job.installation, self.job.repository)
        return kept.with_job(self.job, clock.now())

    async def _others(self, checked: Checked, without: Checked | None = None) -> Sequence[KeptVerdict]:
        if checked.number is None:
            return ()
        rows = await self.verdicts.of_head(checked.repository_id, checked.head_sha)
        return [row for row in rows if row.checked not in (checked, without)]

    async def _meet_others(self, kept: KeptVerdict) -> None:
        """The state knew nothing of a commit that had a check: it was lost, and others may have this head, too.

        Nothing passes until they are judged.
        """
        for number in await self.hub.pulls_met(kept.checked.head_sha):
            if number != kept.checked.number:
                other = replace(kept.checked, number=number)
                await self.verdicts.keep(KeptVerdict(other, kept.installation, kept.repository))

    async def _write(self, known: KeptVerdict, *, without: Checked | None = None, untouched: bool = False) -> Written:
        """Writes what is kept to GitHub, under the lock.

        `without` has no part in it any more; `untouched`: nothing was concluded since its check was begun.
        """
        assert known.output is not None
        others = await self._others(known.checked, without)
        if others and known.output.conclusion in _PASSING:
            others = await self._still_there(others)
            if missing := [other.checked.number or 0 for other in others if not other.judged]:
                await self._say_waiting_for(known, missing)
                return Written()
        shown = _shared(known, others)
        where = known.checked
        untouched = untouched and not others
        run = await self.hub.conclude_head(
            where.head_sha, where.external_id, shown, known.check_run, untouched=untouched
        )
        for row in (known, *(other for other in others if other.judged)):
            await self.verdicts.keep(replace(row, check_run=run, written=True))
        return Written(shown)

    async def _still_there(self, rows: Sequence[KeptVerdict]) -> Sequence[KeptVerdict]:
        """Those whose pull request is open and has this head. The others are forgotten."""
        there = []
        for row in rows:
            assert row.checked.number is not None
            pull = await self.hub.pull_request(row.checked.number)
            late = abs(clock.now() - row.begun_at) < LATE
            if pull.open and (pull.head_sha == row.checked.head_sha or late):
                there.append(row)
            else:
                await self.verdicts.keep(_retired(row))
        return there

    async def _say_waiting_for(self, known: KeptVerdict, numbers: Sequence[int]) -> None:
        if known.check_run is not None:
            with contextlib.suppress(HubError):
                await self.hub.describe_check(known.check_run, *check_run.waiting_for(numbers))

    async def _cancel(self, checked: Checked, why: CheckOutput, started: int | None) -> None:
        """Concludes what is unfinished there, unless another pull request has made it."""
        for run in (await self.hub.head_checks(checked.head_sha)).unfinished:
            if checked.number is None or run.id == started or run.external_id in ("", checked.external_id):
                await self.hub.conclude_check(run.id, why)


def _shared(known: KeptVerdict, others: Sequence[KeptVerdict]) -> CheckOutput:
    """What a commit's check says that these pull requests share, as far as they are judged."""
    assert known.output is not None
    judged = {row.checked.number or 0: row.output for row in (known, *others) if row.judged and row.output}
    return check_run.shared(judged) if len(judged) > 1 else known.output


def _retired(kept: KeptVerdict) -> KeptVerdict:
    """Without a part in its commit's check; what was a danger there is one if the pull request comes back."""
    return replace(kept, retired=True, written=True)


def _stands(output: CheckOutput, checks: HeadChecks) -> bool:
    newest = checks.newest
    return checks.concluded and newest is not None and newest.conclusion == output.conclusion.value


async def refused_since(verdicts: VerdictStore, job: Job) -> float:
    """When GitHub first refused what this job needs for its commit: now, if it has not before. Since the epoch."""
    assert job.head_sha is not None
    checked = checked_by(job, job.head_sha)
    async with verdicts.lock(checked.repository_id, checked.head_sha):
        kept = await verdicts.get(checked) or KeptVerdict(checked, job.installation, job.repository)
        kept = kept.with_job(job, clock.now())
        if kept.refused_at is None or kept.refused_at > clock.now():
            kept = replace(kept, refused_at=clock.now())
            await verdicts.keep(kept)
        return kept.refused_at or 0.0


def checked_by(job: Job, head_sha: str) -> Checked:
    """The job's pull request or merge group at this commit."""
    return Checked(job.repository_id, head_sha, job.number, job.base_sha if job.number is None else None)


def digest_of(files: Sequence[ChangedFile]) -> str:
    """A digest of changed files: the same for a pull request and for its merge group as long as they bring the same."""
    lines = sorted(f"{file.status} {file.sha} {file.path}" for file in files)
    return sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
