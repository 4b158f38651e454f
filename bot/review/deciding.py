"""Commands that change what is accepted, or have the check renewed: only for people who may write.

The answer says who decided what, and why, so that the thread is the audit. What was decided is in the state before the
check is renewed: if that fails, it is renewed by a job of its own, and nothing is lost.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.core.judging.checklist import ITEMS
from bot.core.judging.findings import Severity
from bot.core.judging.fingerprint import run_fingerprint
from bot.core.judging.owed import KeptPlan, done
from bot.core.judging.policy import AcceptPolicy
from bot.report import explain
from bot.report.markdown import code, prose
from bot.report.words import listing
from bot.review import commands
from bot.review.acceptance import AcceptKind, Acknowledgement, lasts, who_may, why_not
from bot.review.accepting import fetch_accepter
from bot.review.errors import HubError
from bot.review.explaining import findings_meant
from bot.review.job import JobKind
from bot.review.proposal import judge_pull_request, may_write
from bot.review.pull_request import review_pull_request
from bot.review.question import NO_MIGRATIONS, Answer, Question
from bot.rules import RULES

log = structlog.get_logger(__name__)

_ENDS = ("success", "failure", "neutral", "action_required", "cancelled")


async def refusal(question: Question, verb: str) -> str:
    """Why the author may not do this, as Markdown; "" if they may write to the repository."""
    by = question.comment.author
    try:
        if await may_write(question.context.hub, by):
            return ""
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        return (
            f"Not done: {code(f'/migsafe {verb}')} needs write permission on this repository, and GitHub does not say "
            f"whether {code(by)} has it ({prose(str(refused))})."
        )
    return f"Not done: {code(f'/migsafe {verb}')} needs write permission on this repository, which {code(by)} has not."


async def decide(question: Question, command: commands.Command) -> Answer:
    """Changes what is accepted; the answer's first half. True: it is in the state."""
    match command:
        case commands.AcknowledgeItem(item=item, reason=reason):
            return await _acknowledge(question, item, reason)
        case commands.AllowRule(rule=rule, reason=reason):
            return await _allow(question, rule, reason)
        case commands.Done(file=file, reason=reason):
            return await _done(question, file, reason)
        case commands.Revoke(subject=subject, reason=reason):
            return await _revoke(question, subject, reason)
        case _:
            raise ValueError(command)


async def renew_check(question: Question) -> str:
    """Reviews the pull request again, and says how that ended; if it cannot be done now, a job of its own does it."""
    head = code(question.pull.head_sha[:7])
    job = replace(question.job, kind=JobKind.RERUN, comment=None, comment_kind=None, head_sha=question.pull.head_sha)
    try:
        ended = await review_pull_request(question.context, job)
    except Exception as error:
        log.warning("could not renew the check after a command", error=repr(error))
        await question.context.store(replace(job, base_sha=question.pull.base_sha, delivery=f"{job.delivery}-again"))
        why = f" GitHub answers: {prose(str(error))}." if isinstance(error, HubError) else ""
        return f"The check of {head} could not be renewed yet; that is tried again by itself.{why}"
    return f"The check of {head} is now {code(ended)}." if ended in _ENDS else f"The check of {head}: {prose(ended)}."


async def _acknowledge(question: Question, item: str, reason: str) -> Answer:
    if item not in ITEMS:
        known = listing(code(id) for id in ITEMS)
        hint = explain.did_you_mean(item, list(ITEMS))
        return f"{code(item)} is not an item of the checklist. The items are {known}.{hint}", False
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return NO_MIGRATIONS, False
    accept, by = analysis.policy.accept, question.comment.author
    paths = [migration.path for migration in analysis.run.migrations]
    who = await fetch_accepter(question.context.hub, question.pull, accept, by, paths)
    if item in analysis.policy.require and (refused := why_not(accept, by, who)):
        return _not_accepted(refused, accept), False
    now, whole = _now(), run_fingerprint(analysis.run)
    await _store(question, Acknowledgement(item, by, now, reason, whole, standing=who))
    until = f"until the migrations change{lasts(accept)}"
    return f"{code(item)} is acknowledged by {code(by)} {until}. {_reason(reason)} {_way_back(item)}", True


async def _allow(question: Question, rule: str, reason: str) -> Answer:
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return NO_MIGRATIONS, False
    findings = [finding for finding in analysis.findings if finding.rule == rule]
    if question.comment.thread_fingerprint is not None:
        here = findings_meant(analysis, question.comment)
        findings = [finding for finding in findings if finding in here] or findings
    if not findings:
        return _not_reported(rule, list(dict.fromkeys(finding.rule for finding in analysis.findings))), False
    accept, by, now = analysis.policy.accept, question.comment.author, _now()
    dangers = any(finding.severity is Severity.DANGER for finding in findings)
    if dangers and rule in accept.never:
        return f"Not accepted: {code('accept.never')} names {code(rule)}, so nobody may accept it.", False
    # Who wrote any of the migrations is an author: each may make another of them dangerous.
    paths = [migration.path for migration in analysis.run.migrations]
    who = await fetch_accepter(question.context.hub, question.pull, accept, by, paths)
    if dangers and (refused := why_not(accept, by, who)):
        return _not_accepted(refused, accept), False
    for finding in findings:
        await _store(question, Acknowledgement(rule, by, now, reason, finding.fingerprint, AcceptKind.RULE, who))
    places = [f"{code(finding.statement.path)} line {finding.statement.lines.first}" for finding in findings]
    until = f"until the statement changes{lasts(accept) if dangers else ''}"
    where = _shortened(list(dict.fromkeys(places)))
    return f"{code(rule)} is allowed by {code(by)} at {where}, {until}. {_reason(reason)} {_way_back(rule)}", True


async def _done(question: Question, file: str, reason: str) -> Answer:
    plan, by = await _kept_plan(question), question.comment.author
    owed = [one.path for one in plan.owed if one.path is not None]
    meant = [path for path in dict.fromkeys(owed) if path == file or path.endswith(f"/{file}")]
    if len(meant) != 1:
        what = "is more than one file" if meant else "is no file"
        listed = f"Still to come: {_shortened([code(path) for path in dict.fromkeys(owed)])}." if owed else ""
        return f"{code(file)} {what} of this pull request's plan that is still to come. {listed}".rstrip(), False
    plan = done(plan, meant, by)
    await question.context.plans.keep_plan(question.pull.repository.id, plan)
    left = len({one.path for one in plan.owed if one.path is not None})
    rest = f"{left} {'file' if left == 1 else 'files'} of the plan {'is' if left == 1 else 'are'} still to come."
    said = f"{code(meant[0])} is done, says {code(by)}. {_reason(reason)} {rest} {_way_back(meant[0])}"
    return said, True


async def _open_again(question: Question, file: str, reason: str) -> str:
    """The answer where somebody had said of this file that it is done, "" where nobody had."""
    plan = await _kept_plan(question)
    every = [one for steps in plan.steps for one in steps.files if one.path is not None and one.done_by]
    meant = [one for one in every if str(one.path).lower() == file]
    if not meant:
        return ""
    plan = done(plan, [str(one.path) for one in meant], "")
    await question.context.plans.keep_plan(question.pull.repository.id, plan)
    parts = (f"{code(str(meant[0].path))} is still to come, says {code(question.comment.author)}.", _reason(reason))
    return " ".join(part for part in parts if part)


async def _kept_plan(question: Question) -> KeptPlan:
    number = question.pull.number
    found = await question.context.plans.kept_plans(question.pull.repository.id)
    return next((plan for plan in found if plan.number == number), KeptPlan(number))


async def _revoke(question: Question, subject: str, reason: str) -> Answer:
    store, pull, by = question.context.acknowledgements, question.pull, question.comment.author
    in_force = await store.acknowledgements(pull.repository.id, pull.number)
    meant = [accepted for accepted in in_force if accepted.item == subject]
    if not meant and (undone := await _open_again(question, subject, reason)):
        return undone, True
    if not meant:
        if in_files := await _allowed_in_files(question, subject):
            return in_files, False
        known = list(dict.fromkeys(accepted.item for accepted in in_force))
        listed = f"In force here: {listing(code(one) for one in known)}." if known else "Nothing is in force here."
        hint = explain.did_you_mean(subject, known)
        return f"{code(subject)} is neither acknowledged nor allowed. {listed}{hint}", False
    await store.revoke(pull.repository.id, pull.number, subject, by, _now())
    said = list(dict.fromkeys(f"{code(one.by)} had accepted it: {prose(one.reason)}" for one in meant))
    parts = (f"{code(subject)} is revoked by {code(by)}.", _reason(reason), *(_ended(one) for one in said))
    return " ".join(part for part in parts if part), True


async def _allowed_in_files(question: Question, rule: str) -> str:
    """Where comments in the files allow findings of this rule, and how that ends; "" where none does."""
    if all(known.id != rule for known in RULES):
        return ""
    analysis = await judge_pull_request(question.context, question.pull)
    migrations = analysis.run.migrations if analysis is not None else ()
    places = [f"{code(one.path)} line {allow.line}" for one in migrations for allow in one.allows if allow.rule == rule]
    if not places:
        return ""
    what = "that comment" if len(places) == 1 else "those comments"
    where = _shortened(list(dict.fromkeys(places)))
    return f"Not revoked: {code(rule)} is allowed in the file itself, at {where}. Remove {what} to take it back."


def _not_reported(rule: str, reported: Sequence[str]) -> str:
    """Names what is reported: a rule by another name is often meant."""
    listed = (
        f"Reported here: {_shortened([code(one) for one in reported])}." if reported else "Nothing is reported here."
    )
    exists = any(known.id == rule for known in RULES)
    what = "is not reported in this pull request" if exists else "is not a rule"
    hint = explain.did_you_mean(rule, list(reported)) or (
        "" if exists else explain.did_you_mean(rule, [known.id for known in RULES])
    )
    return f"{code(rule)} {what}. {listed}{hint}"


def _not_accepted(refused: str, accept: AcceptPolicy) -> str:
    return f"Not accepted: {refused}. {who_may(accept)}"


def _reason(reason: str) -> str:
    return f"Reason: {_ended(prose(reason))}" if reason else ""


def _way_back(subject: str) -> str:
    return f"{code(f'/migsafe revoke {subject}')} takes it back."


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _shortened(items: Sequence[str], most: int = 20) -> str:
    """A list that says how many more there are."""
    return listing(items) if len(items) <= most else f"{', '.join(items[:most])} and {len(items) - most} more"


async def _store(question: Question, accepted: Acknowledgement) -> None:
    pull = question.pull
    await question.context.acknowledgements.acknowledge(pull.repository.id, pull.number, accepted)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
