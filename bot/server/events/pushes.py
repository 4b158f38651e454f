"""A head that changed or that nobody waits for any more: of a pull request, or of a merge group."""

from bot.review.job import Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event(
    "pull_request",
    actions=("opened", "reopened", "synchronize", "ready_for_review", "edited", "closed"),
)
def pull_request(payload: Payload) -> Job | None:
    """The job for a changed head or base; an edit counts only if it changed the base.

    A pull request that was closed is a push, too, so that it keeps its place among the pushes: one that waits is
    superseded, and a later `reopened` comes after it.
    """
    if payload.action == "edited" and not payload.has("changes", "base"):
        return None
    pull, head = payload.number("pull_request", "number"), payload.sha("pull_request", "head", "sha")
    if pull is None or head is None:
        return None
    base = payload.sha("pull_request", "base", "sha")
    extra = {"action": "closed"} if payload.action == "closed" else {}
    return payload.job(JobKind.PUSH, pull=pull, head=head, base=base, extra=extra)


@event("merge_group", actions=("checks_requested", "destroyed"))
def merge_group(payload: Payload) -> Job | None:
    """The job for a group, which has no pull requests in its payload: the ref names one.

    GitHub says `destroyed` also of a group that was merged.
    """
    head, base = payload.sha("merge_group", "head_sha"), payload.sha("merge_group", "base_sha")
    if head is None:
        return None
    refs = {name: payload.ref("merge_group", name) for name in ("head_ref", "base_ref")}
    extra = {name: ref for name, ref in refs.items() if ref is not None}
    if payload.action == "destroyed":
        reason = payload.text("reason")
        known = {"reason": reason} if reason in ("merged", "invalidated", "dequeued") else {}
        return payload.job(JobKind.GROUP_ENDED, head=head, base=base, extra={**extra, **known})
    return None if base is None else payload.job(JobKind.GROUP, head=head, base=base, extra=extra)
