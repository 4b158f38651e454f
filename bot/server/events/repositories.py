"""A repository that is called otherwise, belongs to somebody else, or is seen by others."""

from bot.review.job import Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event(
    "repository",
    actions=("renamed", "transferred", "publicized", "privatized"),
    ignored=("created", "deleted", "edited", "archived", "unarchived"),
)
def repository(payload: Payload) -> Job | None:
    """Its open pull requests are judged again.

    Which database serves a repository follows from its name, owner and visibility, and how exactly sizes are shown
    from its visibility. What people accepted is kept by the repository's id, so nothing is to be done about that;
    nor about one that was deleted or archived, of which GitHub takes neither reviews nor checks.
    """
    return payload.job(JobKind.REPOSITORY, extra={"action": payload.action})
