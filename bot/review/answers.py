"""The line for a command: a comment is read again, done as far as its author may, and answered once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from bot.core.judging.analysis import Analysis
from bot.core.judging.checklist import ITEMS
from bot.core.judging.findings import Finding
from bot.core.judging.fingerprint import run_fingerprint
from bot.core.judging.rule import Rule
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Run
from bot.report import explain, plan, runbook
from bot.report.disclosure import OWNER, Disclosure, Reader, unmentioned
from bot.report.markdown import assemble, code, prose, table
from bot.report.phrases import standing
from bot.report.shapes import BODY_LIMIT
from bot.review import commands, config
from bot.review.job import CommentKind, Job, JobKind
from bot.review.judge import Sql, judge_sql
from bot.review.ports import Acknowledgement, Comment, PullRequest, ReplicaError
from bot.review.pull_request import (
    Line,
    NotPostgres,
    OutOfLimits,
    analyse_pull_request,
    configuration,
    disclosure_of,
    review_pull_request,
)
from bot.review.runs import names_in, relations_in
from bot.rules import RULES

_CHANGING = (commands.Acknowledge, commands.Allow, commands.Revoke)
_WRITERS = frozenset({"admin", "maintain", "write"})
_UNASKED = (
    "It was not looked up in the database: tables that this pull request's migrations do not name are looked up only "
    "for people who may write to a private repository, or where `disclose_sizes: exact` allows it."
)
_NO_MIGRATIONS = "This pull request changes no migration."

Answer: TypeAlias = tuple[str, bool]
"""Markdown, and whether it was done: a thumb, else a confused face."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's comment, its pull request, and whether its author may write to the repository."""

    line: Line
    job: Job
    pull: PullRequest
    comment: Comment
    writer: bool

    def reader(self, analysis: Analysis) -> Reader:
        """Who asks: exact sizes are only for those who may write to a private repository."""
        return Reader.of(analysis, disclosure_of(analysis.policy, self.pull.private and self.writer))


async def answer_command(line: Line, job: Job) -> str:
    """Reacts, does it, answers, always; returns what was asked. A comment that is gone is answered by nobody."""
    assert job.comment is not None
    assert job.number is not None
    kind = job.comment_kind or CommentKind.ISSUE
    comment = await line.hub.comment(job.comment, kind, job.number)
    if comment is None or comment.author_is_bot:
        return "gone"
    command = commands.read(comment.body)
    if command is None:
        return "no command"
    marker = f"answer-{kind}-{comment.id}-{commands.fingerprint(comment.body)}"
    if isinstance(command, _CHANGING) and await line.hub.answered(job.number, marker):
        # Done before: were it done again, a delivery sent twice would bring back what was revoked meanwhile.
        return "answered"
    await line.hub.react(comment.id, kind, "eyes")
    pull = await line.hub.pull_request(job.number)
    writer = await line.hub.permission(comment.author) in _WRITERS
    try:
        text, done = await _answered(Asked(line, job, pull, comment, writer), command)
    except config.ConfigError as wrong:
        text, done = f"The repository's configuration cannot be read: {prose(str(wrong))}", False
    except OutOfLimits as stopped:
        text, done = prose(str(stopped)), False
    except NotPostgres as other:
        text, done = f"These migrations are not PostgreSQL's: {prose(str(other))}.", False
    thread = comment.in_reply_to or (comment.id if kind is CommentKind.REVIEW_COMMENT else None)
    body = assemble((text,), limit=BODY_LIMIT - 200)
    await line.hub.reply(job.number, body, to_comment=thread, marker=marker)
    await line.hub.react(comment.id, kind, "+1" if done else "confused")
    return type(command).__name__.lower()


async def _answered(asked: Asked, command: commands.Command) -> Answer:
    match command:
        case commands.Help(problem=problem):
            return _help(problem), not problem
        case commands.Explain(topic=""):
            return await _explained_here(asked)
        case commands.Explain(topic=topic):
            return await _explained(asked, topic)
        case commands.Plan():
            return await _of_analysis(asked, plan.plan)
        case commands.Runbook():
            return await _of_analysis(asked, runbook.page)
        case _ if not asked.writer:
            name = type(command).__name__.lower()
            return f"{code(f'/migsafe {name}')} needs write permission on this repository.", False
        case commands.Recheck():
            ended = await _reviewed(asked)
            return f"Looked again at {code(asked.pull.head_sha[:7])}: {prose(ended)}.", True
        case commands.Acknowledge(item=item, reason=reason):
            return await _acknowledged(asked, item, reason)
        case commands.Allow(rule=rule, reason=reason):
            return await _allowed(asked, rule, reason)
        case commands.Revoke(subject=subject):
            return await _revoked(asked, subject)


def _help(problem: str) -> str:
    said = f"{problem}.\n\n" if problem else ""
    usages = [(f"`/migsafe {usage}`", what) for usage, what in commands.USAGE]
    return said + table(("command", "does"), usages)


async def _explained_here(asked: Asked) -> Answer:
    """In a finding's thread that finding; elsewhere every finding, worst first."""
    analysis = await analyse_pull_request(asked.line, asked.pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    findings = _meant(analysis, asked.comment)
    if not findings:
        return "Nothing is found at this place any more; the check run has the whole picture.", True
    alone = len(findings) == 1
    reader = asked.reader(analysis)
    pages = [explain.explain_finding(one, analysis, reader, _explanation(one) if alone else "") for one in findings]
    return reader.withhold("\n\n---\n\n".join(pages)), True


def _meant(analysis: Analysis, comment: Comment) -> Sequence[Finding]:
    if comment.thread_fingerprint is not None:
        found = [one for one in analysis.findings if one.fingerprint == comment.thread_fingerprint]
        return [one for one in analysis.findings if found and one.statement == found[0].statement]
    return standing(analysis)[:5]


def _explanation(finding: Finding) -> str:
    return next((rule.explanation for rule in RULES if rule.id == finding.rule), "")


async def _explained(asked: Asked, topic: str) -> Answer:
    match explain.resolve(topic, RULES):
        case Rule() as rule:
            return explain.explain_rule(rule), True
        case LockMode() as mode:
            return explain.explain_lock(mode), True
        case str() as sql:
            return await _explained_sql(asked, sql)


async def _explained_sql(asked: Asked, sql: str) -> Answer:
    """On the database of the thread's file, else on each of the repository's, on its schema as it is now."""
    line, pull = asked.line, asked.pull
    paths = [asked.comment.path] if asked.comment.path is not None else []
    run = await line.confine(judge_sql, Sql(sql, None))
    if run is None:
        return explain.unknown_topic(sql, RULES), False
    databases = line.replica.configured(pull.repository, pull.owner, pull.private, paths)
    if not databases:
        return explain.explain_statement(run, OWNER), True
    if await _unasked(asked, run):
        return f"{explain.explain_statement(run, OWNER)}\n\n{_UNASKED}", True
    relations, functions = names_in(run.run)
    answers = []
    for database in databases:
        heading = f"On {code(database)}:\n\n" if len(databases) > 1 else ""
        try:
            catalog = await line.replica.snapshot(database, relations, functions)
        except ReplicaError as trouble:
            answers.append(f"{heading}The replica could not be asked: {prose(str(trouble))}.")
            continue
        judged = await line.confine(judge_sql, Sql(sql, catalog))
        if judged is not None:
            reader = asked.reader(judged)
            answers.append(heading + reader.withhold(explain.explain_statement(judged, reader)))
    return "\n\n---\n\n".join(answers), True


async def _unasked(asked: Asked, run: Analysis) -> bool:
    """Whether it names tables that are not this reader's to ask about: the pull request names them nowhere."""
    policy = await configuration(asked.line.hub, asked.pull.base_sha)
    if disclosure_of(policy, asked.pull.private and asked.writer) is Disclosure.EXACT:
        return False
    analysis = await analyse_pull_request(asked.line, asked.pull)
    return bool(unmentioned(relations_in(run.run), analysis.run if analysis is not None else Run()))


async def _of_analysis(asked: Asked, page: Callable[[Analysis, Reader], str]) -> Answer:
    analysis = await analyse_pull_request(asked.line, asked.pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    reader = asked.reader(analysis)
    return reader.withhold(page(analysis, reader)), True


async def _acknowledged(asked: Asked, item: str, reason: str) -> Answer:
    if item not in ITEMS:
        known = ", ".join(code(id) for id in ITEMS)
        return f"{code(item)} is no item of the checklist. There are {known}.", False
    analysis = await analyse_pull_request(asked.line, asked.pull)
    if analysis is None:
        return _NO_MIGRATIONS, False
    await _stored(asked, Acknowledgement(item, asked.comment.author, _now(), reason, run_fingerprint(analysis.run)))
    await _reviewed(asked)
    return f"{code(item)} is acknowledged until the migrations change.", True


async def _allowed(asked: Asked, rule: str, reason: str) -> Answer:
    analysis = await analyse_pull_request(asked.line, asked.pull)
    findings = [one for one in (analysis.findings if analysis else ()) if one.rule == rule]
    if asked.comment.thread_fingerprint is not None and analysis is not None:
        here = _meant(analysis, asked.comment)
        findings = [one for one in findings if one in here] or findings
    if not findings:
        return f"{code(rule)} is not found in this pull request.", False
    for finding in findings:
        said = Acknowledgement(rule, asked.comment.author, _now(), reason, finding.fingerprint, "allow")
        await _stored(asked, said)
    lines = ", ".join(f"{code(one.statement.path)} line {one.statement.lines.first}" for one in findings)
    await _reviewed(asked)
    return f"{code(rule)} is allowed at {lines}, until the statement changes.", True


async def _revoked(asked: Asked, subject: str) -> Answer:
    state, pull = asked.line.state, asked.pull
    stood = await state.revoke(pull.repository_id, pull.number, subject, asked.comment.author, _now())
    if not stood:
        return f"Nothing stands for {code(subject)}.", False
    await _reviewed(asked)
    return f"{code(subject)} is taken back.", True


async def _stored(asked: Asked, said: Acknowledgement) -> None:
    await asked.line.state.acknowledge(asked.pull.repository_id, asked.pull.number, said)


async def _reviewed(asked: Asked) -> str:
    """The review and the check as they are after what was said."""
    return await review_pull_request(asked.line, replace(asked.job, kind=JobKind.RERUN))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
