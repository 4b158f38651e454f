"""Reviews a pull request: from a changed head to one review and one concluded check run."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.report.disclosure import Disclosure
from bot.report.markdown import code
from bot.report.shapes import CheckOutput, Conclusion
from bot.review.accepting import watch_end
from bot.review.configuration import say_configuration
from bot.review.errors import HubError, LimitError, OtherDatabaseError
from bot.review.heads import LATE, Gate, digest_of
from bot.review.hub import ChangedFile, PullRequest
from bot.review.job import Job, JobKind
from bot.review.neighbours import forget_brought, remember_brought
from bot.review.plans import end_plan, remember_plan
from bot.review.ports import Context
from bot.review.proposal import Proposal, fetch_base_configuration, find_danger, judge_proposal
from bot.review.publishing import publish_review

STANDS = "What this check says counts all the same."
_WAITS = "waiting for other pull requests with this head, whose verdict counts, too"
_SOON = 1.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the check run will say, and the analysis, if there is one, from which the review is made."""

    output: CheckOutput
    analysis: Analysis | None = None
    disclosure: Disclosure = Disclosure.NONE
    lacking: HubError | None = None
    """What prevents that all files are judged, if a danger is known from some of them."""
    observed: bool = False
    """Whether the repository wants nothing but the check (`mode: observe`)."""


async def review_pull_request(context: Context, job: Job) -> str:
    """Judges the pull request's head, concludes its check, then posts the review. Returns how it ended.

    The job's own commit gets its check before GitHub is asked for anything else: what follows may be refused.
    """
    assert job.number is not None
    gate = Gate(context.hub, context.verdicts, job)
    closed = job.extra.get("action") == "closed"
    if job.head_sha is not None and not closed:
        await gate.begin(gate.checked(job.head_sha))
        await _have_others_judged(context, job)
        if job.kind is JobKind.RERUN:
            await _run_others_again(context, job)
    pull = await context.hub.pull_request(job.number)
    if not pull.open:
        await forget_brought(context, job, pull)
        await end_plan(context, pull)
        return await close_pull_request(gate, pull)
    if closed and context.age < LATE:
        raise HubError(f"GitHub still shows #{pull.number} as open", retry_after=_SOON)
    if job.head_sha is not None and job.head_sha != pull.head_sha and not closed:
        if await _waits_for_head(context, gate, job, pull):
            return "superseded"
        await gate.retire(gate.checked(job.head_sha), check_run.superseded(pull.head_sha))
    try:
        return await _review_head(context, gate, pull)
    except HubError:
        await gate.note(gate.checked(pull.head_sha), seen=True, base_ref=pull.base_ref)
        raise


async def _have_others_judged(context: Context, job: Job) -> None:
    """Those that share the commit, and of which no job has come: the state that knew of them was lost."""
    assert job.head_sha is not None
    for other in await context.verdicts.of_head(job.repository_id, job.head_sha):
        if other.checked.number != job.number and not other.jobs:
            about = {"number": other.checked.number, "base_sha": None, "extra": {}}
            await context.store(replace(job, kind=JobKind.REPAIR, delivery=f"{job.delivery}-met", **about))


async def _run_others_again(context: Context, job: Job) -> None:
    """The check is the commit's: its other pull requests are judged again, too, each once for this delivery."""
    assert job.head_sha is not None
    for other in await context.verdicts.of_head(job.repository_id, job.head_sha):
        if other.checked.number != job.number:
            await context.store(replace(job, number=other.checked.number, base_sha=None))


async def close_pull_request(gate: Gate, pull: PullRequest) -> str:
    """Ends what is in progress for a pull request that is closed. Returns how it ended."""
    heads = {row.checked.head_sha for row in await gate.verdicts.of_pull(pull.repository.id, pull.number)}
    for head_sha in {pull.head_sha, gate.job.head_sha or pull.head_sha, *heads}:
        await gate.retire(gate.checked(head_sha), check_run.closed())
    return "closed"


async def check_proposal(context: Context, proposal: Proposal, changed: Sequence[ChangedFile]) -> CheckResult:
    """What the check run must say, even if parts of the work fail. Writes nothing; raises HubError."""
    configuration = await fetch_base_configuration(context, proposal)
    result = await _judge(context, proposal, configuration.policy, changed)
    result = replace(result, observed=configuration.policy.mode == "observe")
    try:
        output = await say_configuration(context.hub, configuration, proposal.repository, changed, result.output)
    except HubError:
        if result.output.conclusion is not Conclusion.FAILURE:
            raise
        # A danger that is known is not kept back for what the check would say beside it.
        output = result.output
    return replace(result, output=output)


async def _judge(context: Context, proposal: Proposal, policy: Policy, changed: Sequence[ChangedFile]) -> CheckResult:
    if not policy.enabled:
        return CheckResult(check_run.disabled(policy.source))
    lacking = None
    try:
        analysis = await judge_proposal(context, proposal, policy, changed)
    except HubError as trouble:
        analysis, lacking = await find_danger(context, proposal, policy, changed), trouble
        if analysis is None:
            raise
    except LimitError as stopped:
        return CheckResult(check_run.trouble(str(stopped), policy))
    except OtherDatabaseError as other:
        return CheckResult(check_run.not_postgresql(str(other)))
    if analysis is None:
        return CheckResult(check_run.no_migrations())
    disclosure = Disclosure.of(policy, trusted=proposal.repository.private)
    # Words for thousands of statements take a while, and the event loop has deliveries to answer.
    output = await asyncio.to_thread(check_run.check_output, analysis, disclosure, analysis.undone)
    return CheckResult(output, analysis, disclosure, lacking)


async def _waits_for_head(context: Context, gate: Gate, job: Job, shown: PullRequest) -> bool:
    """What to make of another head than the job's. True: a later push is waiting, and judges what it finds.

    GitHub may show an old head for some seconds after the event that named the new one. Raises HubError while that is
    likely, so that the job asks again.
    """
    assert job.head_sha is not None
    if await context.is_superseded():
        return True
    kept = await context.verdicts.get(gate.checked(job.head_sha))
    seen = kept is not None and kept.seen
    if job.kind is not JobKind.PUSH or seen or context.age >= LATE:
        return False
    # Deliveries overtake each other: what builds on the job's commit is no old head.
    if await context.hub.builds_on(shown.head_sha, job.head_sha):
        return False
    raise HubError(f"GitHub does not show {job.head_sha[:7]} as the head of #{job.number} yet", retry_after=_SOON)


async def _waits_for_same_head(context: Context, pull: PullRequest) -> bool:
    """Whether a later push is to judge this very commit, perhaps for another base: then it takes the check up.

    Until then nothing may pass: the pull request could be merged into a base for which it was not judged.
    """
    if not await context.is_superseded():
        return False
    now = await context.hub.pull_request(pull.number)
    return now.open and now.head_sha == pull.head_sha


async def _review_head(context: Context, gate: Gate, pull: PullRequest) -> str:
    """Judges this head, concludes its check, and posts what must be posted. Returns what the check says now."""
    checked = gate.checked(pull.head_sha)
    await gate.begin(checked)
    changed = await context.hub.changed_files(pull)
    result = await check_proposal(context, Proposal.of(pull), changed)
    if result.output.conclusion is not Conclusion.FAILURE and await _waits_for_same_head(context, pull):
        return "left to a later job"
    written = await gate.conclude(checked, result.output, digest_of(changed), partial=result.lacking is not None)
    if written.left:
        return "left to a later job"
    if result.lacking is not None:
        raise result.lacking
    silent = pull.draft or result.observed or (_says_nothing(pull, result) and await gate.is_first(checked))
    await gate.retire_others(pull)
    await remember_brought(context, gate.job, pull, result.analysis)
    kept = await remember_plan(context, pull, result.analysis)
    if result.analysis is not None:
        await watch_end(context, gate.job, pull, result.analysis)
    if not silent:
        await context.step_aside()
        refused = await _publish(context, pull, changed, result, kept=kept)
        if refused is not None:
            await gate.amend(checked, f"The review could not be posted: {code(refused)}. {STANDS}")
    return written.output.conclusion.value if written.output is not None else _WAITS


def _says_nothing(pull: PullRequest, result: CheckResult) -> bool:
    """Whether there is nothing to post, and GitHub shows no comment that might have to be withdrawn."""
    findings = result.analysis.findings if result.analysis is not None else ()
    return pull.review_comments == 0 and all(finding.allowed is not None for finding in findings)


async def _publish(
    context: Context, pull: PullRequest, changed: Sequence[ChangedFile], result: CheckResult, *, kept: bool
) -> str | None:
    """Posts the review, unless the pull request has moved on. Returns why GitHub refuses it for good, if it does.

    Raises HubError if that may pass.
    """
    now = await context.hub.pull_request(pull.number)
    if not now.open or now.head_sha != pull.head_sha or await context.is_superseded():
        return None
    try:
        return await publish_review(context.hub, pull, changed, result.analysis, result.disclosure, kept=kept)
    except HubError as refused:
        if refused.retry_after is not None or context.age < LATE:
            raise
        return str(refused)
