"""A repository whose name, owner or visibility changed."""

from bot.review.job import Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event(
    "repository",
    actions=("renamed", "transferred", "publicized", "privatized"),
    ignored=("created", "deleted", "edited", "archived", "unarchived"),
)
def repository(payload: Payload) -> Job | None:
    """Reviews its open pull requests again.

    Which database serves a repository follows from its name, owner and visibility, and how exactly sizes are shown
    from its visibility. What people accepted is stored under the repository's id and needs no change. A
    repository that was deleted or archived needs no review: GitHub accepts neither reviews nor checks there.
    """
    return payload.job(JobKind.REPOSITORY, extra={"action": payload.action})
