"""The line for a command: a comment is read again, done as far as its author may, and answered once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

from bot import commands, config
from bot.core.analysis import Analysis
from bot.core.checklist import ITEMS
from bot.core.findings import Finding
from bot.core.fingerprint import run_fingerprint
from bot.core.jobs import Job
from bot.core.locks import LockMode
from bot.core.rule import Rule
from bot.deploy import names_in
from bot.judge import Sql, judge_sql
from bot.needs import Acknowledgement, Comment, PullRequest, ReplicaError
from bot.report import explain, plan, runbook
from bot.report.disclosure import Disclosure, unnamed_relations, withhold
from bot.report.markdown import assemble, code, prose
from bot.report.phrases import standing
from bot.report.shapes import BODY_LIMIT
from bot.review import Line, OutOfLimits, analyse_pull_request, disclosure_of, review_pull_request
from bot.rules import RULES

_WRITERS = frozenset({"admin", "maintain", "write"})
_NO_MIGRATIONS = "This pull request changes no migration."

Answer: TypeAlias = tuple[str, bool]
"""Markdown, and whether it was done: a thumb, else a confused face."""


async def answer_command(line: Line, job: Job) -> str:
    """Reacts, does it, answers, always; returns what was asked. A comment that is gone is answered by nobody."""
    assert job.comment is not None
    assert job.number is not None
    kind = job.comment_kind or "issue"
    comment = await line.hub.comment(job.comment, kind, job.number)
    if comment is None or comment.author_is_bot:
        return "gone"
    command = commands.read(comment.body)
    if command is None:
        return "no command"
    await line.hub.react(comment.id, kind, "eyes")
    pull = await line.hub.pull_request(job.number)
    try:
        text, done = await _answered(line, job, pull, comment, command)
    except config.ConfigError as wrong:
        text, done = f"The repository's configuration cannot be read: {prose(str(wrong))}", False
    except OutOfLimits as stopped:
        text, done = prose(str(stopped)), False
    marker = f"answer-{kind}-{comment.id}"
    thread = comment.in_reply_to or (comment.id if kind == "review_comment" else None)
    body = assemble((text,), limit=BODY_LIMIT - 200)
    await line.hub.reply(job.number, body, to_comment=thread, marker=marker)
    await line.hub.react(comment.id, kind, "+1" if done else "confused")
    return type(command).__name__.lower()


async def _answered(line: Line, job: Job, pull: PullRequest, comment: Comment, command: commands.Command) -> Answer:
    match command:
        case commands.Help(problem=problem):
            return _help(problem), not problem
        case commands.Explain(topic=""):
            return await _explained_here(line, pull, comment)
        case commands.Explain(topic=topic):
            return await _explained(line, pull, comment, topic)
        case commands.Plan():
            return await _of_analysis(line, pull, plan.plan)
        case commands.Runbook():
            return await _of_analysis(line, pull, runbook.page)
        case _ if await line.hub.permission(comment.author) not in _WRITERS:
            name = type(command).__name__.lower()
            return f"{code(f'/migsafe {name}')} needs write permission on this repository.", False
        case commands.Recheck():
            ended = await review_pull_request(line, replace(job, kind="rerun"))
            return f"Looked again at {code(pull.head_sha[:7])}: {prose(ended)}.", True
        case commands.Acknowledge(item=item, reason=reason):
            return await _acknowledged(line, job, pull, comment, item, reason)
        case commands.Allow(rule=rule, reason=reason):
            return await _allowed(line, job, pull, comment, rule, reason)
        case commands.Revoke(subject=subject):
            return await _revoked(line, job, pull, comment, subject)


def _help(problem: str) -> str:
    table = "\n".join(f"| `/migsafe {usage}` | {what} |" for usage, what in commands.USAGE)
    said = f"{problem}.\n\n" if problem else ""
    return f"{said}| command | does |\n| --- | --- |\n{table}"


async def _explained_here(line: Line, pull: PullRequest, comment: Comment) -> Answer:
    """In a finding's thread that finding; elsewhere every finding, worst first."""
    analysis = await analyse_pull_request(line, pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    findings = _meant(analysis, comment)
    if not findings:
        return "Nothing is found at this place any more; the check run has the whole picture.", True
    pages = [explain.explain_finding(finding, analysis, _explanation(finding)) for finding in findings]
    return _withheld("\n\n---\n\n".join(pages), pull, analysis), True


def _meant(analysis: Analysis, comment: Comment) -> Sequence[Finding]:
    if comment.thread_fingerprint is not None:
        found = [one for one in analysis.findings if one.fingerprint == comment.thread_fingerprint]
        return [one for one in analysis.findings if found and one.statement == found[0].statement]
    return standing(analysis)[:5]


def _explanation(finding: Finding) -> str:
    return next((rule.explanation for rule in RULES if rule.id == finding.rule), "")


async def _explained(line: Line, pull: PullRequest, comment: Comment, topic: str) -> Answer:
    match explain.resolve(topic, RULES):
        case Rule() as rule:
            return explain.explain_rule(rule), True
        case LockMode() as mode:
            return explain.explain_lock(mode), True
        case str() as sql:
            return await _explained_sql(line, pull, comment, sql)


async def _explained_sql(line: Line, pull: PullRequest, comment: Comment, sql: str) -> Answer:
    """On the database of the thread's file, else on each of the repository's, on its schema as it is now."""
    paths = [comment.path] if comment.path is not None else []
    run = await line.confine(judge_sql, Sql(sql, None))
    if run is None:
        return explain.unknown_topic(sql, RULES), False
    databases = line.replica.configured(pull.repository, pull.owner, pull.private, paths)
    if not databases:
        return explain.explain_statement(run), True
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
            answers.append(heading + _withheld(explain.explain_statement(judged), pull, judged))
    return "\n\n---\n\n".join(answers), True


async def _of_analysis(line: Line, pull: PullRequest, page: Callable[[Analysis], str]) -> Answer:
    analysis = await analyse_pull_request(line, pull)
    if analysis is None:
        return _NO_MIGRATIONS, True
    return _withheld(page(analysis), pull, analysis), True


async def _acknowledged(line: Line, job: Job, pull: PullRequest, comment: Comment, item: str, reason: str) -> Answer:
    if item not in ITEMS:
        known = ", ".join(code(id) for id in ITEMS)
        return f"{code(item)} is no item of the checklist. There are {known}.", False
    analysis = await analyse_pull_request(line, pull)
    if analysis is None:
        return _NO_MIGRATIONS, False
    said = Acknowledgement(item, comment.author, _now(), reason, run_fingerprint(analysis.run), "acknowledge")
    return await _settled(line, job, said, f"{code(item)} is acknowledged until the migrations change.")


async def _allowed(line: Line, job: Job, pull: PullRequest, comment: Comment, rule: str, reason: str) -> Answer:
    analysis = await analyse_pull_request(line, pull)
    findings = [one for one in (analysis.findings if analysis else ()) if one.rule == rule]
    if comment.thread_fingerprint is not None and analysis is not None:
        here = _meant(analysis, comment)
        findings = [one for one in findings if one in here] or findings
    if not findings:
        return f"{code(rule)} is not found in this pull request.", False
    for finding in findings:
        said = Acknowledgement(rule, comment.author, _now(), reason, finding.fingerprint, "allow")
        await line.state.acknowledge(job.repository_id, pull.number, said)
    lines = ", ".join(f"{code(one.statement.path)} line {one.statement.lines.first}" for one in findings)
    await review_pull_request(line, replace(job, kind="rerun"))
    return f"{code(rule)} is allowed at {lines}, until the statement changes.", True


async def _revoked(line: Line, job: Job, pull: PullRequest, comment: Comment, subject: str) -> Answer:
    stood = await line.state.revoke(job.repository_id, pull.number, subject, comment.author, _now())
    if not stood:
        return f"Nothing stands for {code(subject)}.", False
    await review_pull_request(line, replace(job, kind="rerun"))
    return f"{code(subject)} is taken back.", True


async def _settled(line: Line, job: Job, said: Acknowledgement, answer: str) -> Answer:
    assert job.number is not None
    await line.state.acknowledge(job.repository_id, job.number, said)
    await review_pull_request(line, replace(job, kind="rerun"))
    return answer, True


def _withheld(markdown: str, pull: PullRequest, analysis: Analysis) -> str:
    disclosure = disclosure_of(analysis.policy, pull.private)
    unnamed = unnamed_relations(analysis) if disclosure is not Disclosure.EXACT else ()
    return withhold(markdown, disclosure, unnamed)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
