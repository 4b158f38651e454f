"""A check that a person runs again, with GitHub's button or with ours.

Who presses is not looked up: GitHub shows the buttons only to people with write permission, and a re-run only starts
work again. What a person accepts is never taken from a button.
"""

from bot.report.check_run import RERUN
from bot.review.job import Checked, Job, JobKind, read_external_id
from bot.server.events.declaration import event
from bot.server.events.payload import Payload


@event("check_run", actions=("rerequested", "requested_action"), ignored=("created", "completed"))
def check_run(payload: Payload) -> Job | None:
    """GitHub leaves `pull_requests` empty for forks, so the external id of the run says what it is about.

    Of the buttons that a check may have, only our own means this.
    """
    _, _, ours = RERUN
    if payload.action == "requested_action" and payload.text("requested_action", "identifier") != ours:
        return None
    head = payload.sha("check_run", "head_sha")
    checked = read_external_id(payload.text("check_run", "external_id") or "")
    if checked is not None and checked.repository_id == payload.number("repository", "id"):
        return _from_external_id(payload, checked, head)
    return _rerun_head(payload, head)


@event("check_suite", actions=("rerequested",), ignored=("requested", "completed"))
def check_suite(payload: Payload) -> Job | None:
    """A suite names no run of ours: it means whatever has this commit as its head."""
    return _rerun_head(payload, payload.sha("check_suite", "head_sha"))


def _from_external_id(payload: Payload, checked: Checked, head: str | None) -> Job | None:
    """The job for what the check's external id names.

    The head is the one that GitHub names; the external id decides only which pull request or merge group of this
    repository it belongs to.
    """
    head = head or checked.head_sha
    if checked.number is None:
        return payload.job(JobKind.GROUP, head=head, base=checked.base_sha, extra=_group_ref(payload))
    return payload.job(JobKind.RERUN, pull=checked.number, head=head)


def _rerun_head(payload: Payload, head: str | None) -> Job | None:
    """The job that finds out which pull requests and merge groups this head belongs to, and gives each its own."""
    return None if head is None else payload.job(JobKind.RERUN, head=head, extra=_group_ref(payload))


def _group_ref(payload: Payload) -> dict[str, str]:
    """The ref of the merge group, which is the branch of the check's suite."""
    suite = ("check_run", "check_suite") if payload.has("check_run") else ("check_suite",)
    branch = payload.ref(*suite, "head_branch")
    ours = branch is not None and branch.startswith("gh-readonly-queue/")
    return {"head_ref": f"refs/heads/{branch}"} if ours else {}
