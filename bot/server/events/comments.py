"""A command that a person wrote on a pull request."""

from bot.review.commands import fingerprint, is_command
from bot.review.job import CommentKind, Job, JobKind
from bot.review.withdrawing import extra_for
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event("issue_comment", actions=("created", "edited", "deleted"))
def issue_comment(payload: Payload) -> Job | None:
    """A comment in the conversation; GitHub also sends those of issues."""
    if not payload.has("issue", "pull_request"):
        return None
    return _command(payload, CommentKind.ISSUE, written="comment", pull=payload.number("issue", "number"))


@event("pull_request_review_comment", actions=("created", "edited", "deleted"))
def thread_comment(payload: Payload) -> Job | None:
    pull = payload.number("pull_request", "number")
    return _command(payload, CommentKind.REVIEW_COMMENT, written="comment", pull=pull)


@event("pull_request_review", actions=("submitted", "edited"))
def review(payload: Payload) -> Job | None:
    pull = payload.number("pull_request", "number")
    return _command(payload, CommentKind.REVIEW, written="review", pull=pull)


def _command(payload: Payload, kind: CommentKind, *, written: str, pull: int | None) -> Job | None:
    """The job for a command, and for one that is gone; after an edit, only if the command itself changed.

    People who may write can edit what others wrote: then it is nobody's command.
    """
    body, comment = payload.text(written, "body"), payload.number(written, "id")
    if pull is None or comment is None or body is None or payload.by_bot(written, "user"):
        return None
    if payload.action == "deleted":
        before = body
    elif payload.by_bot("sender"):
        return None
    else:
        before = payload.text("changes", "body", "from") if payload.action == "edited" else ""
        if before is None or (is_command(before) and fingerprint(before) == fingerprint(body)):
            return None
    own = payload.text("sender", "login") in (None, payload.text(written, "user", "login"))
    commands = payload.action != "deleted" and is_command(body) and (own or payload.action != "edited")
    author, by = payload.text(written, "user", "login") or "ghost", payload.text("sender", "login") or "ghost"
    extra = extra_for(before, author, by, alone=not commands) if before else {}
    if not commands and not extra:
        return None
    association = payload.text(written, "author_association")
    extra |= {"association": association} if association else {}
    return payload.job(JobKind.COMMAND, pull=pull, comment=comment, comment_kind=kind, extra=extra)
