"""A delivery from GitHub, read into the job it asks for, or into nothing.

GitHub adds fields, events and actions at any time, and real payloads do not match its own published schema. So a
payload is read by looking only at what a job needs, and whatever is missing or of another shape means "no job",
never an error. Event and delivery headers are outside the signature: a job holds ids, and the line reads the rest
again through the API.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bot.review.commands import fingerprint, is_command
from bot.review.job import CommentKind, Job, JobKind, read_external_id

EVENTS = (
    "pull_request",
    "issue_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "merge_group",
    "check_run",
    "check_suite",
    "repository",
)
"""What the App subscribes to; `app.yml` says the same."""

UNASKED = ("ping", "installation", "installation_repositories", "github_app_authorization")
"""What GitHub delivers to every App whether or not it subscribed."""

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

_PUSHES = frozenset({"opened", "reopened", "synchronize", "ready_for_review"})
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")


def read(event: str, payload: Json, delivery: str) -> Job | None:
    """The job this delivery asks for, None where it asks for nothing. Never raises."""
    action = text(payload, "action")
    match event:
        case "pull_request":
            return _pull_request(action, payload, delivery)
        case "issue_comment":
            return _issue_comment(action, payload, delivery)
        case "pull_request_review_comment":
            return _thread_comment(action, payload, delivery)
        case "pull_request_review":
            return _review(action, payload, delivery)
        case "check_run":
            return _check_run(action, payload, delivery)
        case "check_suite":
            return _check_suite(action, payload, delivery)
        case "merge_group":
            return _merge_group(action, payload, delivery)
        case _:
            return None


def text(payload: Json, *path: str) -> str | None:
    """The string at this path of a payload, None where there is none."""
    found = _at(payload, path)
    return found if isinstance(found, str) else None


def number(payload: Json, *path: str) -> int | None:
    """The id or number at this path of a payload: a positive integer, else None."""
    found = _at(payload, path)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 < found < 2**63 else None


def _pull_request(action: str | None, payload: Json, delivery: str) -> Job | None:
    retargeted = action == "edited" and isinstance(_at(payload, ("changes", "base")), Mapping)
    if action not in _PUSHES and not retargeted:
        return None
    pull, head = number(payload, "pull_request", "number"), _sha(payload, "pull_request", "head", "sha")
    if pull is None or head is None:
        return None
    return _job(
        JobKind.PUSH, payload, delivery, pull=pull, head=head, base=_sha(payload, "pull_request", "base", "sha")
    )


def _issue_comment(action: str | None, payload: Json, delivery: str) -> Job | None:
    if not isinstance(_at(payload, ("issue", "pull_request")), Mapping):
        return None
    if action not in ("created", "edited"):
        return None
    return _command(payload, delivery, CommentKind.ISSUE, written="comment", pull=number(payload, "issue", "number"))


def _thread_comment(action: str | None, payload: Json, delivery: str) -> Job | None:
    if action not in ("created", "edited"):
        return None
    pull = number(payload, "pull_request", "number")
    return _command(payload, delivery, CommentKind.REVIEW_COMMENT, written="comment", pull=pull)


def _review(action: str | None, payload: Json, delivery: str) -> Job | None:
    if action not in ("submitted", "edited"):
        return None
    return _command(
        payload, delivery, CommentKind.REVIEW, written="review", pull=number(payload, "pull_request", "number")
    )


def _command(payload: Json, delivery: str, kind: CommentKind, *, written: str, pull: int | None) -> Job | None:
    """A command a person wrote; after an edit only if the command itself was changed."""
    body, comment = text(payload, written, "body"), number(payload, written, "id")
    if pull is None or comment is None or body is None or not is_command(body):
        return None
    if _is_bot(payload, "sender") or _is_bot(payload, written, "user"):
        return None
    if text(payload, "action") == "edited":
        before = text(payload, "changes", "body", "from")
        if before is None or fingerprint(before) == fingerprint(body):
            return None
    return _job(JobKind.COMMAND, payload, delivery, pull=pull, comment=comment, comment_kind=kind)


def _check_run(action: str | None, payload: Json, delivery: str) -> Job | None:
    if action not in ("rerequested", "requested_action"):
        return None
    extra: dict[str, str] = {}
    if action == "requested_action":
        extra = {
            "action": text(payload, "requested_action", "identifier") or "",
            "sender": text(payload, "sender", "login") or "",
        }
    head = _sha(payload, "check_run", "head_sha")
    known = _from_external_id(payload, delivery, text(payload, "check_run", "external_id") or "", head, extra)
    if known is not None:
        return known
    pulls = _at(payload, ("check_run", "pull_requests"))
    return _rerun(payload, delivery, head, pulls, extra)


def _check_suite(action: str | None, payload: Json, delivery: str) -> Job | None:
    if action != "rerequested":
        return None
    head, pulls = _sha(payload, "check_suite", "head_sha"), _at(payload, ("check_suite", "pull_requests"))
    return _rerun(payload, delivery, head, pulls, {})


def _from_external_id(
    payload: Json, delivery: str, external_id: str, head: str | None, extra: Mapping[str, str]
) -> Job | None:
    """The check's own note of what it is about: GitHub leaves `pull_requests` empty for forks.

    The head is the one GitHub names; the note decides only which pull request, or which merge group, of this
    repository it belongs to.
    """
    about = read_external_id(external_id)
    if about is None or about.repository_id != number(payload, "repository", "id"):
        return None
    head = head or about.head_sha
    if about.number is None:
        return _job(JobKind.GROUP, payload, delivery, head=head, base=about.base_sha, extra=extra)
    return _job(JobKind.RERUN, payload, delivery, pull=about.number, head=head, extra=extra)


def _rerun(payload: Json, delivery: str, head: str | None, pulls: Json, extra: Mapping[str, str]) -> Job | None:
    """Without a pull request of this repository in the payload, the line finds it by the head."""
    if head is None:
        return None
    repository = number(payload, "repository", "id")
    listed = pulls if isinstance(pulls, Sequence) and not isinstance(pulls, str) else ()
    ours = [number(pull, "number") for pull in listed if number(pull, "base", "repo", "id") == repository]
    pull = next((found for found in ours if found is not None), None)
    return _job(JobKind.RERUN, payload, delivery, pull=pull, head=head, extra=extra)


def _merge_group(action: str | None, payload: Json, delivery: str) -> Job | None:
    if action != "checks_requested":
        return None
    head, base = _sha(payload, "merge_group", "head_sha"), _sha(payload, "merge_group", "base_sha")
    if head is None or base is None:
        return None
    return _job(JobKind.GROUP, payload, delivery, head=head, base=base)


def _job(
    kind: JobKind,
    payload: Json,
    delivery: str,
    *,
    pull: int | None = None,
    head: str | None = None,
    base: str | None = None,
    comment: int | None = None,
    comment_kind: CommentKind | None = None,
    extra: Mapping[str, str] | None = None,
) -> Job | None:
    """None where the delivery is not an App's: without an installation GitHub gives no token."""
    installation, repository = number(payload, "installation", "id"), number(payload, "repository", "id")
    name = text(payload, "repository", "full_name")
    if installation is None or repository is None or name is None or not _REPOSITORY.fullmatch(name):
        return None
    return Job(
        kind, installation, repository, name, pull, head, base, comment, comment_kind, delivery, dict(extra or {})
    )


def _is_bot(payload: Json, *path: str) -> bool:
    login = text(payload, *path, "login") or ""
    return text(payload, *path, "type") == "Bot" or login.endswith("[bot]")


def _sha(payload: Json, *path: str) -> str | None:
    found = text(payload, *path)
    return found if found is not None and _SHA.fullmatch(found) else None


def _at(payload: Json, path: Sequence[str]) -> Json:
    for key in path:
        if not isinstance(payload, Mapping):
            return None
        payload = payload.get(key)
    return payload
