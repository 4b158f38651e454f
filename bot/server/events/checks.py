"""A check that a person runs again, with GitHub's button or with one of ours."""

from collections.abc import Sequence

from bot.review.job import Checked, Job, JobKind, read_external_id
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event("check_run", actions=("rerequested", "requested_action"), ignored=("created", "completed"))
def check_run(payload: Payload) -> Job | None:
    head = payload.sha("check_run", "head_sha")
    checked = read_external_id(payload.text("check_run", "external_id") or "")
    if checked is not None and checked.repository_id == payload.number("repository", "id"):
        return _from_external_id(payload, checked, head)
    return _rerun(payload, head, payload.parts("check_run", "pull_requests"))


@event("check_suite", actions=("rerequested",), ignored=("requested", "completed"))
def check_suite(payload: Payload) -> Job | None:
    pulls = payload.parts("check_suite", "pull_requests")
    return _rerun(payload, payload.sha("check_suite", "head_sha"), pulls)


def _from_external_id(payload: Payload, checked: Checked, head: str | None) -> Job | None:
    """The job for what the check's external id names: GitHub leaves `pull_requests` empty for forks.

    The head is the one that GitHub names; the external id decides only which pull request or merge group of this
    repository it belongs to.
    """
    head = head or checked.head_sha
    if checked.number is None:
        return payload.job(JobKind.GROUP, head=head, base=checked.base_sha)
    return payload.job(JobKind.RERUN, pull=checked.number, head=head)


def _rerun(payload: Payload, head: str | None, pulls: Sequence[Payload]) -> Job | None:
    """The job for this head; if the payload has no pull request of this repository, the job finds it by the head."""
    if head is None:
        return None
    repository = payload.number("repository", "id")
    numbers = [pull.number("number") for pull in pulls if pull.number("base", "repo", "id") == repository]
    pull = next((number for number in numbers if number is not None), None)
    return payload.job(JobKind.RERUN, pull=pull, head=head)
