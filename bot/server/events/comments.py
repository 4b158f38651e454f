"""A command that a person wrote on a pull request."""

from bot.review.commands import fingerprint, is_command
from bot.review.job import CommentKind, Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event("issue_comment", actions=("created", "edited"), ignored=("deleted",))
def issue_comment(payload: Payload) -> Job | None:
    """A comment in the conversation; GitHub also sends those of issues."""
    if not payload.has("issue", "pull_request"):
        return None
    return _command(payload, CommentKind.ISSUE, written="comment", pull=payload.number("issue", "number"))


@event("pull_request_review_comment", actions=("created", "edited"), ignored=("deleted",))
def thread_comment(payload: Payload) -> Job | None:
    pull = payload.number("pull_request", "number")
    return _command(payload, CommentKind.REVIEW_COMMENT, written="comment", pull=pull)


@event("pull_request_review", actions=("submitted", "edited"))
def review(payload: Payload) -> Job | None:
    pull = payload.number("pull_request", "number")
    return _command(payload, CommentKind.REVIEW, written="review", pull=pull)


def _command(payload: Payload, kind: CommentKind, *, written: str, pull: int | None) -> Job | None:
    """The job for a command; after an edit, only if the command itself changed."""
    body, comment = payload.text(written, "body"), payload.number(written, "id")
    if pull is None or comment is None or body is None or not is_command(body):
        return None
    if payload.by_bot("sender") or payload.by_bot(written, "user"):
        return None
    if payload.action == "edited":
        before = payload.text("changes", "body", "from")
        if before is None or fingerprint(before) == fingerprint(body):
            return None
    association = payload.text(written, "author_association")
    extra = {"association": association} if association else {}
    return payload.job(JobKind.COMMAND, pull=pull, comment=comment, comment_kind=kind, extra=extra)
