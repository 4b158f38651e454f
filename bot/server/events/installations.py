"""An installation that is new, is back, may do more, or has more repositories: what was missed there is looked for at
once, instead of at the next sweep. GitHub delivers these events to every App.
"""

from bot.review.job import Job
from bot.server.events.declaration import event
from bot.server.events.payload import Payload

_NAMED = 50
"""The most repositories that a job names; beyond that, it means all of the installation's."""


@event(
    "installation",
    actions=("created", "unsuspend", "new_permissions_accepted"),
    ignored=("deleted", "suspend"),
)
def installation(payload: Payload) -> Job | None:
    """All its repositories."""
    return payload.installation_job(())


@event("installation_repositories", actions=("added",), ignored=("removed",))
def installation_repositories(payload: Payload) -> Job | None:
    """Those that were added."""
    added = [repository.number("id") for repository in payload.parts("repositories_added")]
    named = [identity for identity in added if identity is not None]
    return payload.installation_job(named if len(named) <= _NAMED else ())
