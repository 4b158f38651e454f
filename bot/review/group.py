"""Reviews a merge group: one pull request on top of those ahead of it in the queue."""

import re
from dataclasses import replace

from bot.report import check_run
from bot.review.errors import HubError
from bot.review.heads import Gate, digest_of
from bot.review.hub import Hub
from bot.review.job import Job, JobKind
from bot.review.ports import Context
from bot.review.proposal import Proposal
from bot.review.pull_request import check_proposal

_NO_NUMBER = (
    "The ref of this merge group names no open pull request for this branch, so what was accepted on a pull request "
    "does not count here."
)


async def review_group(context: Context, job: Job) -> str:
    """Judges what the group brings to its base: a check run, no review. Returns the conclusion."""
    assert job.head_sha is not None
    assert job.base_sha is not None
    hub = context.hub
    gate = Gate(hub, context.verdicts, job)
    checked = gate.checked(job.head_sha)
    await gate.begin(checked)
    changed = await hub.compare(job.base_sha, job.head_sha)
    await gate.note(checked, digest=digest_of(changed))
    number = await _queued(hub, job)
    proposal = Proposal(
        await hub.repository(), job.base_sha, job.base_sha, job.head_sha, number=number, base_ref=base_of(job)
    )
    output = (await check_proposal(context, proposal, changed)).output
    await gate.conclude(checked, output if number is not None else check_run.noted(output, _NO_NUMBER))
    return output.conclusion.value


async def end_group_unless_there(context: Context, job: Job) -> str:
    """Does what the end of a group asks for, unless GitHub still has it. Returns how it ended.

    A queue that makes a group again may give it the same commit, and what is told of the first one may come late: then
    the check is wanted all the same. It gets a job of its own if it has no verdict, for the job that asked for it may
    have been answered by this one.
    """
    gate = Gate(context.hub, context.verdicts, job)
    if not await _is_there(context.hub, job):
        return await end_group(gate)
    assert job.head_sha is not None
    kept = await context.verdicts.get(gate.checked(job.head_sha))
    if job.base_sha is not None and (kept is None or not kept.judged or not kept.written or kept.retired):
        await context.store(replace(job, kind=JobKind.GROUP))
    return "the group is there again"


async def _is_there(hub: Hub, job: Job) -> bool:
    head_ref = job.extra.get("head_ref", "")
    try:
        return bool(head_ref) and await hub.ref_head(head_ref) == job.head_sha
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        return False


async def end_group(gate: Gate) -> str:
    """Concludes what is unfinished on a merge group that nobody waits for any more. Returns how it ended."""
    assert gate.job.head_sha is not None
    reason = gate.job.extra.get("reason", "")
    await gate.retire(gate.checked(gate.job.head_sha), check_run.group_ended(reason))
    return f"group {reason or 'ended'}"


async def _queued(hub: Hub, job: Job) -> int | None:
    """The pull request whose acceptances count: whoever can push a branch can give it the name of another's group."""
    number = number_of(job)
    if number is None:
        return None
    try:
        pull = await hub.pull_request(number)
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        return None
    return number if pull.open and base_of(job) in ("", pull.base_ref) else None


def number_of(job: Job) -> int | None:
    """The pull request that the group brings, which only its ref names; None if the ref has another form."""
    found = _REF.fullmatch(job.extra.get("head_ref", ""))
    return int(found[2]) if found and base_of(job) in ("", found[1]) else None


def base_of(job: Job) -> str:
    """The branch that the group is to be merged into, "" if that is not known."""
    return job.extra.get("base_ref", "").removeprefix("refs/heads/")


_REF = re.compile(r"refs/heads/gh-readonly-queue/(.+)/pr-([0-9]{1,18})-[0-9a-f]{40,64}")
