"""An installation that is new, is back, may do more, or has more repositories: what was missed there is looked for at
once, instead of at the next sweep. What is kept of one that went, or of a repository that it lost, is deleted. GitHub
delivers these events to every App.
"""

from collections.abc import Sequence

from bot.review.job import Job, JobKind
from bot.server.events.declaration import event
from bot.server.events.payload import Payload

_NAMED = 50
"""The most repositories that a job names to be looked at; beyond that, it means all of the installation's."""


@event(
    "installation",
    actions=("created", "unsuspend", "new_permissions_accepted", "deleted"),
    ignored=("suspend",),
)
def installation(payload: Payload) -> Job | None:
    """All its repositories."""
    if payload.action == "deleted":
        return payload.installation_job(JobKind.GONE, _ids(payload.parts("repositories")))
    return payload.installation_job(JobKind.INSTALLATION, ())


@event("installation_repositories", actions=("added", "removed"))
def installation_repositories(payload: Payload) -> Job | None:
    """Those that were added or removed."""
    if payload.action == "removed":
        removed = _ids(payload.parts("repositories_removed"))
        return payload.installation_job(JobKind.GONE, removed) if removed else None
    added = _ids(payload.parts("repositories_added"))
    return payload.installation_job(JobKind.INSTALLATION, added if len(added) <= _NAMED else ())


def _ids(repositories: Sequence[Payload]) -> list[int]:
    return [identity for repository in repositories if (identity := repository.number("id")) is not None]
