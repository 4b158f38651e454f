"""Answers that change nothing: what findings, rules, locks and SQL mean, the plan, the runbook. Everybody may ask."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding
from bot.core.judging.rule import Rule
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Run
from bot.core.schema.asked import asked_by, relations_in
from bot.report import explain
from bot.report.disclosure import OWNER, Disclosure, Reader, unmentioned
from bot.report.markdown import code, prose
from bot.report.phrases import standing
from bot.review.errors import ReplicaError
from bot.review.hub import CommandComment
from bot.review.judge import Sql, judge_sql
from bot.review.proposal import Proposal, fetch_base_configuration, judge_pull_request
from bot.review.question import NO_MIGRATIONS, Answer, Question
from bot.rules import RULES

_MOST = 5
"""Findings that one answer explains."""
_NOT_LOOKED_UP = (
    "It was not looked up in the database: tables that this pull request's migrations do not name are looked up only "
    "for people who may write to a private repository, or where `disclose_sizes: exact` allows it."
)

_NOT_TIMED = (
    "It was not looked up in the database: whether a statement ends within a time that somebody chooses would tell how "
    "large a table is, which is not shown here."
)


async def explain_findings(question: Question) -> Answer:
    """Explains the thread's finding; outside a finding's thread, the worst ones, and says how many there are."""
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return NO_MIGRATIONS, True
    findings = findings_meant(analysis, question.comment)
    if not findings:
        return "Nothing is reported here any more; the check run has the whole result.", True
    alone = len(findings) == 1
    reader = await question.reader(analysis)
    pages = [
        explain.explain_finding(finding, analysis, reader, _explanation(finding) if alone else "")
        for finding in findings[:_MOST]
    ]
    if len(findings) > _MOST:
        pages.append(
            f"{_MOST} of {len(findings)} findings are explained here, the worst first. The check run lists them all; "
            f"{code('/migsafe explain')} in the thread of a finding explains that one."
        )
    return "\n\n---\n\n".join(pages), True


def findings_meant(analysis: Analysis, comment: CommandComment) -> Sequence[Finding]:
    """Those of the thread's statement; outside a thread, all that stand, worst first."""
    if comment.thread_fingerprint is not None:
        meant = [finding for finding in analysis.findings if finding.fingerprint == comment.thread_fingerprint]
        return [finding for finding in analysis.findings if meant and finding.statement == meant[0].statement]
    return standing(analysis)


async def explain_topic(question: Question, topic: str) -> Answer:
    """Explains a rule, a lock mode or SQL."""
    match explain.resolve(topic, RULES):
        case Rule() as rule:
            return explain.explain_rule(rule), True
        case LockMode() as mode:
            return explain.explain_lock(mode), True
        case str() as sql:
            return await _explain_sql(question, sql)


async def show(question: Question, page: Callable[[Analysis, Reader], str]) -> Answer:
    """Shows a page about the pull request's migrations."""
    analysis = await judge_pull_request(question.context, question.pull)
    if analysis is None:
        return NO_MIGRATIONS, True
    return page(analysis, await question.reader(analysis)), True


async def _explain_sql(question: Question, sql: str) -> Answer:
    """Explains it for the database of the thread's file, otherwise for each of the repository's, as they are now.

    One whose replica cannot be read is named; then the explanation holds for any database.
    """
    context, pull = question.context, question.pull
    paths = [question.comment.path] if question.comment.path is not None else []
    run = await context.confine(judge_sql, Sql(sql, None))
    if run is None:
        meant = explain.rule_meant(sql, RULES)
        return (explain.unknown_topic(sql, RULES), False) if meant is None else (explain.explain_rule(meant), True)
    anywhere = explain.explain_statement(run, OWNER)
    databases = context.replica.configured(pull.repository, paths)
    if not databases:
        return anywhere, True
    disclosure = await question.disclosure((await fetch_base_configuration(context, Proposal.of(pull))).policy)
    # Who asks can write any name into the question; only those in the pull request are known to its readers.
    readable = run.run if disclosure is Disclosure.EXACT else await _proposed_run(question)
    asked = asked_by(run.run)
    if disclosure is not Disclosure.EXACT:
        if _sets_timeout(run.run):
            return f"{anywhere}\n\n{_NOT_TIMED}", True
        if unmentioned(relations_in(run.run), readable):
            return f"{anywhere}\n\n{_NOT_LOOKED_UP}", True
        # What types and functions of the question are is nothing that its author may find out either.
        asked = asked.without(unmentioned(asked.names, readable))
    answers: list[str] = []
    unread: list[str] = []
    for database in databases:
        heading = f"On {code(database)}:\n\n" if len(databases) > 1 else ""
        try:
            catalog = await context.replica.snapshot(pull.repository, database, asked)
        except ReplicaError as trouble:
            why = str(trouble).removeprefix(f"{code(database)}: ")
            unread.append(f"The replica of {code(database)} could not be read: {prose(why)}.")
            continue
        judged = await context.confine(judge_sql, Sql(sql, catalog))
        if judged is not None:
            reader = Reader.of(replace(judged, run=readable), disclosure)
            answers.append(heading + explain.explain_statement(judged, reader))
    if unread:
        answers.append("\n".join(unread) + f" This holds without it:\n\n{anywhere}")
    return "\n\n---\n\n".join(answers), True


def _sets_timeout(run: Run) -> bool:
    """Whether it would be said if a statement takes longer than a time of the questioner's own choice."""
    return any(
        isinstance(operation, op.SetSetting) and operation.setting.endswith("_timeout")
        for statement in run.statements
        for operation in statement.operations
    )


async def _proposed_run(question: Question) -> Run:
    """The migrations of the pull request."""
    analysis = await judge_pull_request(question.context, question.pull)
    return analysis.run if analysis is not None else Run()


def _explanation(finding: Finding) -> str:
    return next((rule.explanation for rule in RULES if rule.id == finding.rule), "")
