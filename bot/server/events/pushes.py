"""A head that changed: of a pull request, or of a merge group."""

from bot.review.job import Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event(
    "pull_request",
    actions=("opened", "reopened", "synchronize", "ready_for_review", "edited"),
    ignored=("closed",),
)
def pull_request(payload: Payload) -> Job | None:
    """The job for a changed head or base; an edit counts only if it changed the base."""
    if payload.action == "edited" and not payload.has("changes", "base"):
        return None
    pull, head = payload.number("pull_request", "number"), payload.sha("pull_request", "head", "sha")
    if pull is None or head is None:
        return None
    return payload.job(JobKind.PUSH, pull=pull, head=head, base=payload.sha("pull_request", "base", "sha"))


@event("merge_group", actions=("checks_requested",), ignored=("destroyed",))
def merge_group(payload: Payload) -> Job | None:
    head, base = payload.sha("merge_group", "head_sha"), payload.sha("merge_group", "base_sha")
    if head is None or base is None:
        return None
    return payload.job(JobKind.GROUP, head=head, base=base)
