"""The straight line for a pull request: from a changed head to one review and one concluded check run."""

from bot.core.jobs import Job
from bot.needs import (
    Acknowledgement,
    ChangedFile,
    Comment,
    Hub,
    HubError,
    PostedComment,
    PullRequest,
    Replica,
    ReplicaError,
    State,
    TreeEntry,
)

__all__ = [
    "Acknowledgement",
    "ChangedFile",
    "Comment",
    "Hub",
    "HubError",
    "Job",
    "PostedComment",
    "PullRequest",
    "Replica",
    "ReplicaError",
    "State",
    "TreeEntry",
]
