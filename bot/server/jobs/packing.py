"""A job as a row of the queue, whose `packed` column holds all of it as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.review.job import CommentKind, Job, JobKind


def pack(job: Job) -> str:
    return json.dumps(asdict(job), separators=(",", ":"))


def unpack(packed: str | Mapping[str, Any]) -> Job:
    """The job that `pack` wrote, in this version or an earlier one."""
    job = Job(**(json.loads(packed) if isinstance(packed, str) else packed))
    comment_kind = CommentKind(job.comment_kind) if job.comment_kind else None
    return replace(job, kind=JobKind(job.kind), comment_kind=comment_kind)


def as_row(job: Job, at: float) -> dict[str, Any]:
    """What both tables know of a job when it arrives at the time `at`."""
    return {
        "id": job.id,
        "subject": job.subject,
        "installation": job.installation,
        "kind": str(job.kind),
        "packed": pack(job),
        "stored_at": at,
    }
