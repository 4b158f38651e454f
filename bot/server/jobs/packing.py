"""A job as JSON, as the queue stores it."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.review.job import CommentKind, Job, JobKind


def pack(job: Job, at: float) -> dict[str, Any]:
    """A stored job, with the time at which it was stored."""
    return {"job": asdict(job), "at": at}


def unpack(packed: Mapping[str, Any]) -> Job:
    """The job that `pack` wrote, in this version or an earlier one."""
    job = Job(**packed["job"])
    comment_kind = CommentKind(job.comment_kind) if job.comment_kind else None
    return replace(job, kind=JobKind(job.kind), comment_kind=comment_kind)
