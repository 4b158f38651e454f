"""Concludes the check of a job that could not be done: a known verdict counts; else the repository's `on_error`."""

from dataclasses import replace

from bot.core.judging.policy import Policy
from bot.report import check_run
from bot.report.markdown import code, prose
from bot.report.shapes import CheckOutput, Conclusion
from bot.report.words import sentence
from bot.review import group
from bot.review.configuration import fetch_configuration, last_valid_policy
from bot.review.errors import HubError
from bot.review.heads import Gate
from bot.review.hub import PullRequest
from bot.review.job import Checked, Job
from bot.review.ports import Context
from bot.review.pull_request import STANDS, close_pull_request
from bot.review.verdict import KeptVerdict

_SAME_FILES = "It brings the files of its pull request, whose verdict counts."
_LAST = 'Its last verdict counts, which stands below; "Re-run" tries again.'


async def conclude_unjudged(context: Context, job: Job, error_id: str, trouble: str | None) -> None:
    """Concludes what the job has begun, or should have begun. `trouble` is what GitHub answered; None: our own failure.

    Raises HubError if even that is refused.
    """
    assert job.head_sha is not None
    gate = Gate(context.hub, context.verdicts, job)
    pull = await _find_pull(context, job)
    if pull is not None and not pull.open:
        await close_pull_request(gate, pull)
        return
    for checked in await _begun(context, gate, job):
        kept = await context.verdicts.get(checked)
        if kept is not None and kept.left_to_another(job):
            continue
        if kept is not None and kept.judged_by == job.id and kept.output is not None:
            await _keep_verdict(gate, kept, error_id, trouble)
        elif pull is not None and pull.head_sha != checked.head_sha:
            await gate.retire(checked, check_run.superseded(pull.head_sha))
        else:
            await gate.conclude(checked, await _unjudged(context, job, pull, kept, error_id, trouble))


async def _begun(context: Context, gate: Gate, job: Job) -> list[Checked]:
    """The commits whose check the job has begun; its own even if it has not come to that."""
    assert job.head_sha is not None
    own = gate.checked(job.head_sha)
    rows = await context.verdicts.of_pull(job.repository_id, job.number) if job.number is not None else ()
    return [own, *(row.checked for row in rows if row.checked != own and job.id in row.jobs[-1:])]


async def _keep_verdict(gate: Gate, kept: KeptVerdict, error_id: str, trouble: str | None) -> None:
    """The verdict stands, whatever failed after it; the check says what did."""
    assert kept.output is not None
    if not kept.written:
        await gate.begin(kept.checked)
        return
    why = code(trouble) if trouble is not None else f"migsafe failed, its log has {code(error_id)}"
    what = "Not all files could be judged" if kept.partial else "The review could not be posted"
    await gate.amend(kept.checked, f"{what}: {why}. {STANDS}")


async def _unjudged(
    context: Context, job: Job, pull: PullRequest | None, kept: KeptVerdict | None, error_id: str, trouble: str | None
) -> CheckOutput:
    own = kept is not None and kept.output is not None and _stops_merge(kept.output)
    if job.number is None and not own and (other := await _verdict_of_pull(context, job, kept)) is not None:
        what = prose(trouble) if trouble is not None else f"migsafe failed ({code(error_id)})"
        return check_run.noted(other, f"This merge group could not be judged: {what}. {_SAME_FILES}")
    policy = await _policy(context, job, pull, kept)
    if trouble is None:
        said = check_run.internal_error(error_id, policy, group=job.number is None)
    else:
        said = check_run.trouble(trouble, policy, group=job.number is None)
    return instead_of_passing(said, kept, policy)


def instead_of_passing(said: CheckOutput, kept: KeptVerdict | None, policy: Policy) -> CheckOutput:
    """What to say of a commit that could not be judged again: what stopped a merge when it last was does not pass
    because GitHub is in trouble."""
    known = kept.output if kept is not None else None
    if known is None or policy.mode == "observe" or said.conclusion is not Conclusion.NEUTRAL:
        return said
    if not _stops_merge(known):
        return said
    why = said.title.removeprefix(f"{check_run.NOT_JUDGED}: ")
    return check_run.noted(known, f"This commit could not be judged again: {prose(sentence(why))} {_LAST}")


def _stops_merge(known: CheckOutput) -> bool:
    """Whether it is a verdict, and one that does not pass."""
    stopping = known.conclusion in (Conclusion.FAILURE, Conclusion.ACTION_REQUIRED)
    return stopping and not check_run.is_unjudged(known.title)


async def _verdict_of_pull(context: Context, job: Job, kept: KeptVerdict | None) -> CheckOutput | None:
    """The verdict of the group's pull request, if it was reached for the same files."""
    number = group.number_of(job)
    if number is None or kept is None or not kept.digest:
        return None
    rows = await context.verdicts.of_pull(job.repository_id, number)
    same = [row for row in rows if row.judged and row.digest == kept.digest]
    return replace(same[-1].output, annotations=()) if same and same[-1].output is not None else None


async def _find_pull(context: Context, job: Job) -> PullRequest | None:
    if job.number is None:
        return None
    try:
        return await context.hub.pull_request(job.number)
    except HubError:
        return None


async def _policy(context: Context, job: Job, pull: PullRequest | None, kept: KeptVerdict | None) -> Policy:
    """The policy, for its `on_error`: as it is, as it was when it could last be read, or the defaults."""
    base_ref = pull.base_ref if pull is not None else kept.base_ref if kept is not None and kept.base_ref else ""
    base_ref = base_ref or group.base_of(job)
    base_sha = pull.base_sha if pull is not None else job.base_sha
    try:
        repository = pull.repository if pull is not None else await context.hub.repository()
        if base_sha is not None:
            found = await fetch_configuration(context.hub, context.configurations, repository, base_ref, base_sha)
            return found.policy
    except HubError:
        pass
    return await last_valid_policy(context.configurations, job.repository_id, base_ref)
