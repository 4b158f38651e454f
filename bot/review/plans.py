"""Keeps the further files of a plan before a suggestion moves statements to them, until they are there."""

from bot.core.judging.analysis import Analysis
from bot.core.judging.owed import KeptPlan, end, end_other, settle
from bot.review.hub import PullRequest
from bot.review.ports import Context


async def remember_plan(context: Context, pull: PullRequest, analysis: Analysis | None) -> bool:
    """Keeps what the judgement says is to be kept. False if it is too much: no suggestion may then move a statement."""
    repository_id = pull.repository.id
    before = {plan.number: plan for plan in await context.plans.kept_plans(repository_id)}
    own = settle(before.get(pull.number, KeptPlan(pull.number)), (), ())
    if analysis is not None and analysis.plan is not None:
        own = analysis.plan
    for other in analysis.seen if analysis is not None else ():
        if other.number in before and other != before[other.number]:
            await context.plans.keep_plan(repository_id, other)
    if own.steps:
        return own == before.get(pull.number) or await context.plans.keep_plan(repository_id, own)
    if pull.number in before:
        await context.plans.forget_plan(repository_id, pull.number)
    return True


async def end_plan(context: Context, pull: PullRequest) -> None:
    """After a pull request ended: what a merged one owes stays, and so does what it brought for others as done."""
    for plan in await context.plans.kept_plans(pull.repository.id):
        if plan.number != pull.number:
            now = end_other(plan, pull.number, merged=pull.merged)
        else:
            now = end(plan) if pull.merged else KeptPlan(plan.number)
        if not now.steps:
            await context.plans.forget_plan(pull.repository.id, plan.number)
        elif now != plan:
            await context.plans.keep_plan(pull.repository.id, now)
