"""What becomes of an acceptance whose comment is deleted or says something else now: it counts no more.

The event alone has the words that the comment had, so that a job carries them.
"""

from dataclasses import replace
from datetime import UTC, datetime

from bot.report.markdown import code, prose
from bot.review import commands
from bot.review.job import Job, JobKind
from bot.review.ports import Context

WITHDRAWN, AUTHOR, BY, ALONE = "withdrawn", "author", "by", "alone"
"""Keys of a job's `extra`: the words that are gone, who had written them, who took them away, and whether nothing else
of the comment counts."""
_MOST = 1_000


def extra_for(before: str, author: str, by: str, *, alone: bool) -> dict[str, str]:
    """What a job carries of a comment that is not there any more; nothing if it accepted nothing."""
    if not isinstance(commands.read(before), commands.AllowRule | commands.AcknowledgeItem):
        return {}
    found = {WITHDRAWN: commands.first_line(before)[:_MOST], AUTHOR: author, BY: by}
    return found | ({ALONE: "yes"} if alone else {})


async def withdraw(context: Context, job: Job) -> None:
    """Ends what was accepted in these words, says so, and has the pull request judged again."""
    assert job.number is not None
    command, author = commands.read(job.extra[WITHDRAWN]), job.extra[AUTHOR]
    match command:
        case commands.AllowRule(rule=subject, reason=reason):
            taken_back = f"{code(f'/migsafe allow {subject} REASON')} accepts it again."
        case commands.AcknowledgeItem(item=subject, reason=reason):
            taken_back = f"{code(f'/migsafe acknowledge {subject} REASON')} acknowledges it again."
        case _:
            return
    by = job.extra.get(BY, author)
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    store = context.acknowledgements
    if not await store.revoke(job.repository_id, job.number, subject, by, at, said=(author, reason)):
        return
    delivery = f"{job.delivery}-withdrawn"
    again = replace(job, kind=JobKind.RERUN, comment=None, comment_kind=None, delivery=delivery, extra={})
    await context.store(again)
    text = (
        f"{code(subject)} is not accepted any more: {code(by)} deleted or changed the comment in which "
        f"{code(author)} had accepted it. The reason was: {prose(reason)}. {taken_back}"
    )
    marker = f"withdrawn-{job.comment_kind}-{job.comment}-{commands.fingerprint(job.extra[WITHDRAWN])}"
    await context.hub.reply(job.number, text, to_comment=None, marker=marker)
