"""Commands: a comment is read again, carried out if its author is permitted to, and answered once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from bot.core.judging.analysis import Analysis
from bot.core.judging.checklist import ITEMS
from bot.core.judging.findings import Finding, Severity
from bot.core.judging.fingerprint import run_fingerprint
from bot.core.judging.policy import AcceptPolicy, Policy
from bot.core.judging.rule import Rule
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Run
from bot.report import explain, plan, runbook
from bot.report.disclosure import OWNER, Disclosure, Reader, unmentioned
from bot.report.markdown import assemble, code, prose, table
from bot.report.phrases import standing
from bot.report.shapes import BODY_LIMIT
from bot.review import commands
from bot.review.acceptance import AcceptKind, Acknowledgement, lasts, who_may, why_not
from bot.review.accepting import fetch_accepter
from bot.review.errors import LimitError, OtherDatabaseError, ReplicaError
from bot.review.job import CommentKind, Job, JobKind
from bot.review.judge import Sql, judge_sql
from bot.review.ports import CommandComment, Context, PullRequest
from bot.review.proposal import Proposal, fetch_base_configuration, judge_pull_request, may_write
from bot.review.pull_request import review_pull_request
from bot.review.runs import names_in, relations_in
from bot.rules import RULES

_CHANGING = (commands.AcknowledgeItem, commands.AllowRule, commands.Revoke)
_NOT_LOOKED_UP = (
    "It was not looked up in the database: tables that this pull request's migrations do not name are looked up only "
    "for people who may write to a private repository, or where `disclose_sizes: exact` allows it."
)
_NO_MIGRATIONS = "This pull request changes no migration."

Answer: TypeAlias = tuple[str, bool]
"""Markdown, and whether it was done: the reaction is a thumb up, otherwise a confused face."""


@dataclass(frozen=True, slots=True)
class Question:
    """A command's comment, its pull request, and whether its author may write to the repository."""

    context: Context
    job: Job
    pull: PullRequest
    comment: CommandComment
    by_writer: bool

    def reader(self, analysis: Analysis) -> Reader:
        """The author, as a reader of the analysis."""
        return Reader.of(analysis, self.disclosure(analysis.policy))

    def disclosure(self, policy: Policy) -> Disclosure:
        """How sizes are shown to the author: exactly only to those who may write to a private repository."""
        return Disclosure.of(policy, trusted=self.pull.repository.private and self.by_writer)


async def answer_command(context: Context, job: Job) -> str:
    """Reacts, carries out the command, and answers once; returns its verb. A deleted comment gets no answer."""
    assert job.comment is not None
    assert job.number is not None
    hub = context.hub
    kind = job.comment_kind or CommentKind.ISSUE
    comment = await hub.comment(job.comment, kind, job.number)
    if comment is None or comment.author_is_bot:
        return "gone"
    command = commands.read(comment.body)
    if command is None:
        return "no command"
    marker = f"answer-{kind}-{comment.id}-{commands.fingerprint(comment.body)}"
    if isinstance(command, _CHANGING) and await hub.answered(job.number, marker):
        # Done already: doing it again for a delivery sent twice would restore what was revoked since.
        return "answered"
    await hub.react(comment.id, kind, "eyes")
    pull = await hub.pull_request(job.number)
    question = Question(context, job, pull, comment, await may_write(hub, comment.author))
    text, done = await _answer_or_say_why_not(question, command)
    thread = comment.in_reply_to or (comment.id if kind is CommentKind.REVIEW_COMMENT else None)
    body = assemble((text,), limit=BODY_LIMIT - 200)
    await hub.reply(job.number, body, to_comment=thread, marker=marker)
    await hub.react(comment.id, kind, "+1" if done else "confused")
    return command.verb


async def _answer_or_say_why_not(question: Question, command: commands.Command) -> Answer:
    try:
        return await _answer(question, command)
    except LimitError as stopped:
        return prose(str(stopped)), False
    except OtherDatabaseError as other:
        return f"These migrations are not for PostgreSQL: {prose(str(other))}.", False


async def _answer(question: Question, command: commands.Command) -> Answer:
    match command:
        case commands.Help(problem=problem):
            return _help(problem), not problem
        case commands.Explain(topic=""):
            return await _explain_findings(question)
        case commands.Explain(topic=topic):
            return await _explain_topic(question, topic)
        case commands.Plan():
            return await _show(question, plan.plan)
        case commands.Runbook():
            return await _show(question, runbook.page)
        case _ if not question.by_writer:
            return f"{code(f'/migsafe {command.verb}')} needs write permission on this repository.", False
        case _:
            return await _carry_out(question, command)


async def _carry_out(question: Question, command: commands.Command) -> Answer:
    """Carries out a command that changes the verdict or its check; only for those who may write."""
    match command:
        case commands.AcknowledgeItem(item=item, reason=reason):
            return await _acknowledge(question, item, reason)
        case commands.AllowRule(rule=rule, reason=reason):
            return await _allow(question, rule, reason)
        case commands.Revoke(subject=subject):
            return await _revoke(question, subject)
        case _:
            ended = await _review_again(question)
            return f"Reviewed {code(question.pull.head_sha[:7])} again: {prose(ended)}.", True


def _help(problem: str) -> str:
    heading = f"{problem}.\n\n" if problem else ""
    usages = [(f"`/migsafe {usage}`", what) for usage, what in commands.USAGE]
    return heading + table(("command", "does"), usages)


async def _explain_findings(question: Question) -> Answer:
    """Explains the thread's finding; outside a finding's thread, every finding, worst first."""
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    findings = _findings_meant(analysis, question.comment)
    if not findings:
        return "Nothing is reported here any more; the check run has the whole result.", True
    alone = len(findings) == 1
    reader = question.reader(analysis)
    pages = [
        explain.explain_finding(finding, analysis, reader, _explanation(finding) if alone else "")
        for finding in findings
    ]
    return "\n\n---\n\n".join(pages), True


def _findings_meant(analysis: Analysis, comment: CommandComment) -> Sequence[Finding]:
    if comment.thread_fingerprint is not None:
        meant = [finding for finding in analysis.findings if finding.fingerprint == comment.thread_fingerprint]
        return [finding for finding in analysis.findings if meant and finding.statement == meant[0].statement]
    return standing(analysis)[:5]


def _explanation(finding: Finding) -> str:
    return next((rule.explanation for rule in RULES if rule.id == finding.rule), "")


async def _explain_topic(question: Question, topic: str) -> Answer:
    match explain.resolve(topic, RULES):
        case Rule() as rule:
            return explain.explain_rule(rule), True
        case LockMode() as mode:
            return explain.explain_lock(mode), True
        case str() as sql:
            return await _explain_sql(question, sql)


async def _explain_sql(question: Question, sql: str) -> Answer:
    """Explains it for the database of the thread's file, otherwise for each of the repository's, as they are now."""
    context, pull = question.context, question.pull
    paths = [question.comment.path] if question.comment.path is not None else []
    run = await context.confine(judge_sql, Sql(sql, None))
    if run is None:
        return explain.unknown_topic(sql, RULES), False
    databases = context.replica.configured(pull.repository, paths)
    if not databases:
        return explain.explain_statement(run, OWNER), True
    disclosure = question.disclosure((await fetch_base_configuration(context, Proposal.of(pull))).policy)
    # Who asks can write any name into the question; only those in the pull request are known to its readers.
    readable = run.run if disclosure is Disclosure.EXACT else await _proposed_run(question)
    if disclosure is not Disclosure.EXACT and unmentioned(relations_in(run.run), readable):
        return f"{explain.explain_statement(run, OWNER)}\n\n{_NOT_LOOKED_UP}", True
    relations, functions = names_in(run.run)
    answers = []
    for database in databases:
        heading = f"On {code(database)}:\n\n" if len(databases) > 1 else ""
        try:
            catalog = await context.replica.snapshot(pull.repository, database, relations, functions)
        except ReplicaError as trouble:
            answers.append(f"{heading}The replica could not be read ({trouble}).")
            continue
        judged = await context.confine(judge_sql, Sql(sql, catalog))
        if judged is not None:
            reader = Reader.of(replace(judged, run=readable), disclosure)
            answers.append(heading + explain.explain_statement(judged, reader))
    return "\n\n---\n\n".join(answers), True


async def _proposed_run(question: Question) -> Run:
    """The migrations of the pull request."""
    analysis = await judge_pull_request(question.context, question.pull)
    return analysis.run if analysis is not None else Run()


async def _show(question: Question, page: Callable[[Analysis, Reader], str]) -> Answer:
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    reader = question.reader(analysis)
    return page(analysis, reader), True


async def _acknowledge(question: Question, item: str, reason: str) -> Answer:
    if item not in ITEMS:
        known = ", ".join(code(id) for id in ITEMS)
        return f"{code(item)} is not an item of the checklist. The items are {known}.", False
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return _NO_MIGRATIONS, False
    accept, by = analysis.policy.accept, question.comment.author
    paths = [migration.path for migration in analysis.run.migrations]
    who = await fetch_accepter(question.context.hub, question.pull, accept, by, paths)
    if item in analysis.policy.require and (refused := why_not(accept, by, who)):
        return _not_accepted(refused, accept), False
    now, whole = _now(), run_fingerprint(analysis.run)
    await _store(question, Acknowledgement(item, by, now, reason, whole, standing=who))
    await _review_again(question)
    return f"{code(item)} is acknowledged until the migrations change{lasts(accept)}.", True


async def _allow(question: Question, rule: str, reason: str) -> Answer:
    analysis = await judge_pull_request(question.context, question.pull)
    findings = [finding for finding in (analysis.findings if analysis else ()) if finding.rule == rule]
    if question.comment.thread_fingerprint is not None and analysis is not None:
        here = _findings_meant(analysis, question.comment)
        findings = [finding for finding in findings if finding in here] or findings
    if not findings:
        return f"{code(rule)} is not reported in this pull request.", False
    assert analysis is not None
    accept, by, now = analysis.policy.accept, question.comment.author, _now()
    dangers = any(finding.severity is Severity.DANGER for finding in findings)
    if dangers and rule in accept.never:
        return f"Not accepted: {code('accept.never')} names {code(rule)}, so nobody may accept it.", False
    paths = list(dict.fromkeys(finding.statement.path for finding in findings))
    who = await fetch_accepter(question.context.hub, question.pull, accept, by, paths)
    if dangers and (refused := why_not(accept, by, who)):
        return _not_accepted(refused, accept), False
    for finding in findings:
        await _store(question, Acknowledgement(rule, by, now, reason, finding.fingerprint, AcceptKind.RULE, who))
    lines = ", ".join(f"{code(finding.statement.path)} line {finding.statement.lines.first}" for finding in findings)
    await _review_again(question)
    return f"{code(rule)} is allowed at {lines}, until the statement changes{lasts(accept) if dangers else ''}.", True


def _not_accepted(refused: str, accept: AcceptPolicy) -> str:
    return f"Not accepted: {refused}. {who_may(accept)}"


async def _revoke(question: Question, subject: str) -> Answer:
    store, pull = question.context.acknowledgements, question.pull
    revoked = await store.revoke(pull.repository.id, pull.number, subject, question.comment.author, _now())
    if not revoked:
        return f"{code(subject)} is neither acknowledged nor allowed.", False
    await _review_again(question)
    return f"{code(subject)} is revoked.", True


async def _store(question: Question, accepted: Acknowledgement) -> None:
    pull = question.pull
    await question.context.acknowledgements.acknowledge(pull.repository.id, pull.number, accepted)


async def _review_again(question: Question) -> str:
    """Reviews the pull request again, after a command changed what is accepted."""
    return await review_pull_request(question.context, replace(question.job, kind=JobKind.RERUN))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
