"""Reviews a pull request: from a changed head to one review and one concluded check run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.report.disclosure import Disclosure
from bot.report.markdown import code
from bot.report.shapes import CheckOutput
from bot.review.configuration import say_configuration
from bot.review.errors import HubError, LimitError, OtherDatabaseError
from bot.review.job import Checked, Job
from bot.review.ports import ChangedFile, Context, PullRequest
from bot.review.proposal import Proposal, fetch_base_configuration, judge_proposal
from bot.review.publishing import conclude_closed, publish_review

_MOVES = 3
"""How often a head may move during a review before the job gives up; the next push starts another."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the check run will say, and the analysis, if there is one, from which the review is made."""

    output: CheckOutput
    analysis: Analysis | None = None
    disclosure: Disclosure = Disclosure.NONE


async def review_pull_request(context: Context, job: Job) -> str:
    """Reviews the head as it is now: one concluded check and one review. Returns how it ended."""
    assert job.number is not None
    pull = await context.hub.pull_request(job.number)
    for _ in range(_MOVES):
        if not pull.open:
            return await conclude_closed(context.hub, pull.head_sha)
        pull, ended = await _review_head(context, pull)
        if ended is not None:
            return ended
    raise HubError("the head keeps moving", retry_after=30)


async def review_group(context: Context, job: Job) -> str:
    """The union of the migrations in a merge group: a check run, no review. Returns the conclusion."""
    assert job.head_sha is not None
    assert job.base_sha is not None
    hub = context.hub
    checked = Checked(job.repository_id, job.head_sha, base_sha=job.base_sha)
    check = await hub.start_check(job.head_sha, checked.external_id)
    base_ref = job.extra.get("base_ref", "").removeprefix("refs/heads/")
    proposal = Proposal(await hub.repository(), job.base_sha, job.base_sha, job.head_sha, base_ref=base_ref)
    result = await check_proposal(context, proposal, await hub.compare(job.base_sha, job.head_sha))
    await hub.conclude_check(check, result.output)
    return result.output.conclusion.value


async def check_proposal(context: Context, proposal: Proposal, changed: Sequence[ChangedFile]) -> CheckResult:
    """What the check run must say, even if parts of the work fail. Writes nothing; raises HubError."""
    configuration = await fetch_base_configuration(context, proposal)
    result = await _judge(context, proposal, configuration.policy, changed)
    output = await say_configuration(context.hub, configuration, proposal.repository, changed, result.output)
    return replace(result, output=output)


async def _judge(context: Context, proposal: Proposal, policy: Policy, changed: Sequence[ChangedFile]) -> CheckResult:
    if not policy.enabled:
        return CheckResult(check_run.disabled(policy.source))
    try:
        analysis = await judge_proposal(context, proposal, policy, changed)
    except LimitError as stopped:
        return CheckResult(check_run.trouble(str(stopped), policy))
    except OtherDatabaseError as other:
        return CheckResult(check_run.not_postgresql(str(other)))
    if analysis is None:
        return CheckResult(check_run.no_migrations())
    disclosure = Disclosure.of(policy, trusted=proposal.repository.private)
    return CheckResult(check_run.check_output(analysis, disclosure, analysis.undone), analysis, disclosure)


async def _review_head(context: Context, pull: PullRequest) -> tuple[PullRequest, str | None]:
    """Judges this head and concludes its check.

    Returns the pull request as it is afterwards, and how it ended; None if the head has moved and must be judged.
    """
    hub = context.hub
    checked = Checked(pull.repository.id, pull.head_sha, number=pull.number)
    check = await hub.start_check(pull.head_sha, checked.external_id)
    try:
        changed = await hub.changed_files(pull)
        result = await check_proposal(context, Proposal.of(pull), changed)
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        # Permanent: GitHub would refuse the same request again, so the check says it now.
        await hub.conclude_check(check, check_run.trouble(f"GitHub refused: {refused}"))
        return pull, "refused"
    now = await hub.pull_request(pull.number)
    superseded = await context.is_superseded()
    if superseded or now.head_sha != pull.head_sha:
        await hub.conclude_check(check, check_run.superseded(now.head_sha))
        return now, "superseded" if superseded else None
    if pull.draft or not now.open:
        await hub.conclude_check(check, result.output)
    else:
        await _publish(context, pull, check, changed, result)
    return now, result.output.conclusion.value


async def _publish(
    context: Context, pull: PullRequest, check: int, changed: Sequence[ChangedFile], result: CheckResult
) -> None:
    """Posts the review and concludes the check, which says so if GitHub refuses the review."""
    output = result.output
    try:
        refused = await publish_review(context.hub, pull, changed, result.analysis, result.disclosure)
    except Exception:
        # The verdict is valid even if the review fails; the next attempt starts a new check run.
        await context.hub.conclude_check(check, output)
        raise
    if refused is not None:
        output = replace(output, summary=f"The review could not be posted: {code(refused)}\n\n{output.summary}")
    await context.hub.conclude_check(check, output)
