"""Commands: a comment is read again, carried out if its author is permitted to, and answered once."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot.report import plan, runbook
from bot.report.markdown import assemble, code, length, prose, table
from bot.report.shapes import BODY_LIMIT
from bot.review import commands
from bot.review.deciding import decide, refusal, renew_check
from bot.review.errors import HubError, LimitError, OtherDatabaseError
from bot.review.explaining import explain_findings, explain_topic, show
from bot.review.hub import CommandComment
from bot.review.job import CommentKind, Job
from bot.review.ports import Context
from bot.review.question import Answer, Question
from bot.review.remembered import CommandStore, KeptCommand, Turn
from bot.review.withdrawing import ALONE, WITHDRAWN, withdraw

MOST, WINDOW = 10, 600.0
"""How many commands of one person are answered on one pull request, in how many seconds."""
_LATE, _SOON = 8.0, 1.0
"""Seconds after its event in which a comment that GitHub does not show may be late rather than deleted, and the first
pause before it is asked for again."""
_ROOM = BODY_LIMIT - 400
_DECIDING = (commands.AcknowledgeItem, commands.AllowRule, commands.Done, commands.Revoke)


async def answer_command(context: Context, job: Job, kept_commands: CommandStore) -> str:
    """Reacts, carries out the command, and answers once; returns its verb. A deleted comment gets no answer."""
    assert job.comment is not None
    assert job.number is not None
    if WITHDRAWN in job.extra:
        await withdraw(context, job)
        if ALONE in job.extra:
            return "withdrawn"
    hub = context.hub
    kind = job.comment_kind or CommentKind.ISSUE
    comment = await hub.comment(job.comment, kind, job.number)
    if comment is None and context.age < _LATE:
        raise HubError("GitHub does not show the comment yet", retry_after=_SOON)
    if comment is None or comment.author_is_bot:
        return "gone"
    command = commands.read(comment.body)
    if command is None:
        return "no command"
    marker = f"answer-{kind}-{comment.id}-{commands.fingerprint(comment.body)}"
    now = time.time()
    asked = KeptCommand(job.repository_id, job.number, comment.author.lower(), marker, now)
    kept = await kept_commands.begin(asked, now - WINDOW, MOST)
    if kept.answered or kept.turn is Turn.SILENCE:
        return "answered" if kept.answered else "limited"
    thread = comment.in_reply_to or (comment.id if kind is CommentKind.REVIEW_COMMENT else None)
    if kept.turn is Turn.REFUSAL:
        text = _too_many(comment, await kept_commands.first_since(asked, now - WINDOW) + WINDOW)
        await hub.reply(job.number, text, to_comment=thread, marker=marker)
        await kept_commands.keep(replace(kept, answered=True))
        return "limited"
    if isinstance(command, _DECIDING) and not kept.said and await hub.answered(job.number, marker):
        # Done by an earlier release: doing it again would restore what was revoked since.
        return "answered"
    await hub.react(comment.id, kind, "eyes")
    question = Question(context, job, await hub.pull_request(job.number), comment)

    async def keep(said: str) -> None:
        await kept_commands.keep(replace(kept, said=said))

    text, done = await _answer_or_say_why_not(question, command, kept.said, keep)
    await hub.reply(job.number, _fitting(text), to_comment=thread, marker=marker)
    await kept_commands.keep(replace(kept, said=kept.said, answered=True))
    await hub.react(comment.id, kind, "+1" if done else "confused")
    return command.verb


async def _answer_or_say_why_not(
    question: Question, command: commands.Command, said: str, keep: Callable[[str], Awaitable[None]]
) -> Answer:
    try:
        return await _answer(question, command, said, keep)
    except LimitError as stopped:
        return prose(str(stopped)), False
    except OtherDatabaseError as other:
        return f"These migrations are not for PostgreSQL: {prose(str(other))}.", False


async def _answer(
    question: Question, command: commands.Command, said: str, keep: Callable[[str], Awaitable[None]]
) -> Answer:
    """`said` is what an earlier try has decided: that is not done again, but the check is renewed."""
    match command:
        case commands.Help(problem=problem):
            return _help(problem), not problem
        case commands.Explain(topic=""):
            return await explain_findings(question)
        case commands.Explain(topic=topic):
            return await explain_topic(question, topic)
        case commands.Plan():
            return await show(question, partial(plan.plan, limit=_ROOM))
        case commands.Runbook():
            return await show(question, partial(runbook.page, limit=_ROOM))
        case _:
            return await _carry_out(question, command, said, keep)


async def _carry_out(
    question: Question, command: commands.Command, said: str, keep: Callable[[str], Awaitable[None]]
) -> Answer:
    if not said:
        if refused := await refusal(question, command.verb):
            return refused, False
        if isinstance(command, commands.Recheck):
            return f"Reviewed again for {code(question.comment.author)}. {await renew_check(question)}", True
        said, done = await decide(question, command)
        if not done:
            return said, False
        await keep(said)
    return f"{said}\n\n{await renew_check(question)}", True


def _help(problem: str) -> str:
    heading = f"{problem}.\n\n" if problem else ""
    usages = [(f"`/migsafe {usage}`", what) for usage, what in commands.USAGE]
    return heading + table(("command", "does"), usages)


def _too_many(comment: CommandComment, again: float) -> str:
    at = datetime.fromtimestamp(again + 60, UTC).strftime("%H:%M UTC")
    return (
        f"{code(comment.author)} has asked {MOST} times here within {WINDOW / 60:.0f} minutes, and migsafe answers no "
        f"more than that. This command was not carried out, and further ones are not answered; from {at} on they are."
    )


def _fitting(text: str) -> str:
    """The answer as a comment; one that is too long says how much of it is left out."""
    if length(text) <= _ROOM:
        return text
    left_out = f"{length(text) - _ROOM:,} of {length(text):,} bytes of this answer are too long for a comment."
    return assemble((text,), left_out=left_out, limit=_ROOM)
