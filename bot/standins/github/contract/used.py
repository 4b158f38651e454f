"""What the App uses of GitHub, in our own words: the requests it may send, and what it reads of the answers.

The fields and limits are those of GitHub's REST reference (https://docs.github.com/rest); an answer may hold more.
"""

from typing import Any

from bot.standins.github.contract.openapi import Contract
from bot.standins.github.model import Json

LONG_TEXT = 65_535
"""Characters of a check run's summary and of its text."""
ANNOTATIONS = 50
"""Annotations in one request."""
BUTTONS = 3
"""Actions of one check run."""
REPOSITORIES = 500
"""The most repositories of one token, by name or id."""


def _text(*, least: int = 0, most: int | None = None) -> Json:
    return {"type": "string", "minLength": least} | ({"maxLength": most} if most is not None else {})


def _one_of(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


def _or_null(schema: Json) -> Json:
    return {**schema, "nullable": True}


def _list(of: Json, *, most: int | None = None) -> Json:
    return {"type": "array", "items": of} | ({"maxItems": most} if most is not None else {})


def _read(**fields: Json) -> Json:
    """An object of an answer: it has these fields and may have others."""
    return {"type": "object", "required": list(fields), "properties": fields}


def _sent(required: Json, **optional: Json) -> Json:
    """The body of a request: required and optional fields; `Contract` permits no others."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def _part(required: Json, **optional: Json) -> Json:
    """An object inside such a body; it may not have other fields either."""
    return {**_sent(required, **optional), "additionalProperties": False}


def _operation(answers: dict[int, Json | None], *, body: Json | None = None, **query: Json) -> Json:
    """`answers` is status -> what the App reads of it, None for an answer without content."""

    def content(schema: Json | None) -> Json:
        return {} if schema is None else {"content": {"application/json": {"schema": schema}}}

    operation: Json = {
        "parameters": [{"in": "query", "name": name, "schema": schema} for name, schema in query.items()],
        "responses": {str(status): content(schema) for status, schema in answers.items()},
    }
    return operation | ({"requestBody": {"required": True, **content(body)}} if body is not None else {})


_WHOLE: Json = {"type": "integer"}
_LINE: Json = {"type": "integer", "minimum": 1}
_YES_NO: Json = {"type": "boolean"}
_TIME: Json = {"type": "string", "format": "date-time"}
_SHA: Json = {"type": "string", "pattern": r"\A[0-9a-f]{40}\Z"}
_ANYTHING: Json = {}
_OBJECT: Json = {"type": "object"}
_PERMISSIONS: Json = {"type": "object", "additionalProperties": _one_of("read", "write", "admin")}
_PAGE: dict[str, Any] = {
    "per_page": {"type": "integer", "minimum": 1, "maximum": 100},
    "page": {"type": "integer", "minimum": 1},
}

_ACCOUNT = _read(login=_text(least=1), type=_text())
_REPOSITORY = _read(id=_WHOLE, full_name=_text(least=3), private=_YES_NO, owner=_ACCOUNT, default_branch=_text(least=1))
_INSTALLATION = _read(
    id=_WHOLE, account=_ACCOUNT, permissions=_PERMISSIONS, events=_list(_text()), suspended_at=_or_null(_TIME)
)
_APP = _read(
    id=_WHOLE,
    slug=_text(least=1),
    name=_text(),
    owner=_ACCOUNT,
    html_url=_text(),
    permissions=_PERMISSIONS,
    events=_list(_text()),
)
_DELIVERY = _read(id=_WHOLE, guid=_text(least=1), event=_text(), delivered_at=_TIME, status=_text(), status_code=_WHOLE)
_PULL = _read(
    number=_WHOLE,
    state=_one_of("open", "closed"),
    draft=_YES_NO,
    user=_or_null(_ACCOUNT),
    head=_read(sha=_SHA),
    base=_read(sha=_SHA, ref=_text(least=1), repo=_REPOSITORY),
)
_ONE_PULL: Json = {"allOf": [_PULL, _read(changed_files=_WHOLE)]}
_CHANGED_FILE = _read(
    filename=_text(least=1),
    status=_one_of("added", "removed", "modified", "renamed", "copied", "changed", "unchanged"),
    sha=_or_null(_SHA),
)
_COMMIT = _read(sha=_SHA)
_LISTED_COMMIT = _read(sha=_SHA, author=_or_null(_ACCOUNT), committer=_or_null(_ACCOUNT))
_CHECK_STATES = ("queued", "in_progress", "completed")
_CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
_CHECK_RUN = _read(
    id=_WHOLE,
    name=_text(least=1),
    head_sha=_SHA,
    external_id=_or_null(_text()),
    status=_one_of(*_CHECK_STATES),
    conclusion=_or_null(_one_of(*_CONCLUSIONS)),
    started_at=_or_null(_TIME),
    output=_read(title=_or_null(_text()), summary=_or_null(_text()), annotations_count=_WHOLE),
    app=_or_null(_read(id=_WHOLE)),
)
_REVIEW = _read(
    id=_WHOLE,
    user=_or_null(_ACCOUNT),
    body=_text(),
    state=_one_of("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"),
    pull_request_url=_text(),
)
_REVIEW_COMMENT = _read(
    id=_WHOLE, node_id=_text(), user=_or_null(_ACCOUNT), body=_text(), path=_text(least=1), pull_request_url=_text()
)
_COMMENT = _read(id=_WHOLE, node_id=_text(), user=_or_null(_ACCOUNT), body=_text(), issue_url=_text())
_REACTION = _read(id=_WHOLE, content=_text())

_ANNOTATION = _part(
    {
        "path": _text(least=1),
        "start_line": _LINE,
        "end_line": _LINE,
        "annotation_level": _one_of("notice", "warning", "failure"),
        "message": _text(least=1),
    },
    title=_text(most=255),
    raw_details=_text(),
    start_column=_LINE,
    end_column=_LINE,
)
_OUTPUT = _part(
    {"title": _text(least=1), "summary": _text(least=1, most=LONG_TEXT)},
    text=_text(most=LONG_TEXT),
    annotations=_list(_ANNOTATION, most=ANNOTATIONS),
)
_BUTTON = _part(
    {
        "label": _text(least=1, most=20),
        "description": _text(least=1, most=40),
        "identifier": _text(least=1, most=20),
    }
)
_OF_CHECK: dict[str, Any] = {
    "status": _one_of(*_CHECK_STATES),
    "conclusion": _one_of(*_CONCLUSIONS),
    "external_id": _text(),
    "details_url": _text(),
    "started_at": _TIME,
    "completed_at": _TIME,
    "output": _OUTPUT,
    "actions": _list(_BUTTON, most=BUTTONS),
}
_ON_LINES: dict[str, Any] = {
    "line": _WHOLE,
    "side": _one_of("LEFT", "RIGHT"),
    "start_line": _WHOLE,
    "start_side": _one_of("LEFT", "RIGHT"),
    "position": _WHOLE,
}
_SAID = _sent({"body": _text()})
_REACTED = _sent({"content": _one_of("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")})

_REPO = "/repos/{owner}/{repo}"
_THREAD = f"{_REPO}/pulls/{{pull_number}}"
_COMMENT_ON_LINES = f"{_REPO}/pulls/comments/{{comment_id}}"
_PATHS: dict[str, dict[str, Json]] = {
    # The App itself
    "/app": {"get": _operation({200: _APP})},
    "/app/installations": {"get": _operation({200: _list(_INSTALLATION)}, **_PAGE)},
    "/app/installations/{installation_id}/access_tokens": {
        "post": _operation(
            {201: _read(token=_text(least=1), expires_at=_TIME, permissions=_PERMISSIONS)},
            body=_sent(
                {},
                repositories=_list(_text(least=1), most=REPOSITORIES),
                repository_ids=_list(_WHOLE, most=REPOSITORIES),
                permissions=_PERMISSIONS,
            ),
        )
    },
    "/app/hook/config": {"get": _operation({200: _read(url=_text())})},
    "/app/hook/deliveries": {"get": _operation({200: _list(_DELIVERY)}, per_page=_PAGE["per_page"], cursor=_text())},
    "/app/hook/deliveries/{delivery_id}/attempts": {"post": _operation({202: _OBJECT})},
    "/app-manifests/{code}/conversions": {
        "post": _operation(
            {
                201: _read(
                    id=_WHOLE,
                    slug=_text(least=1),
                    html_url=_text(),
                    pem=_text(least=1),
                    webhook_secret=_or_null(_text()),
                    client_id=_text(),
                    client_secret=_text(),
                )
            }
        )
    },
    "/installation/repositories": {
        "get": _operation({200: _read(total_count=_WHOLE, repositories=_list(_REPOSITORY))}, **_PAGE)
    },
    f"{_REPO}/installation": {"get": _operation({200: _INSTALLATION})},
    # A repository
    _REPO: {"get": _operation({200: _REPOSITORY})},
    f"{_REPO}/contents/{{path}}": {"get": _operation({200: _ANYTHING}, ref=_text(least=1))},
    f"{_REPO}/git/blobs/{{file_sha}}": {
        "get": _operation({200: _read(sha=_SHA, content=_text(), encoding=_one_of("base64", "utf-8"))})
    },
    f"{_REPO}/git/trees/{{tree_sha}}": {
        "get": _operation(
            {
                200: _read(
                    sha=_SHA,
                    truncated=_YES_NO,
                    tree=_list(
                        _read(
                            path=_text(least=1), mode=_text(least=6), type=_one_of("blob", "tree", "commit"), sha=_SHA
                        )
                    ),
                )
            },
            recursive=_text(),
        )
    },
    f"{_REPO}/compare/{{basehead}}": {
        "get": _operation(
            {
                200: _read(
                    status=_one_of("diverged", "ahead", "behind", "identical"),
                    base_commit=_COMMIT,
                    merge_base_commit=_COMMIT,
                )
            },
            **_PAGE,
        )
    },
    f"{_REPO}/commits": {
        "get": _operation(
            {200: _list(_LISTED_COMMIT)}, sha=_text(least=1), path=_text(least=1), author=_text(), **_PAGE
        )
    },
    f"{_REPO}/commits/{{commit_sha}}": {
        "get": _operation({200: {"allOf": [_LISTED_COMMIT, _read(files=_list(_CHANGED_FILE))]}})
    },
    "/orgs/{org}/teams/{team_slug}/memberships/{username}": {
        "get": _operation({200: _read(state=_one_of("active", "pending"), role=_text(least=1))})
    },
    f"{_REPO}/rules/branches/{{branch}}": {"get": _operation({200: _list(_read(type=_text(least=1)))}, **_PAGE)},
    f"{_REPO}/collaborators/{{username}}/permission": {
        "get": _operation({200: _read(permission=_one_of("admin", "write", "read", "none"), role_name=_text())})
    },
    # Check runs
    f"{_REPO}/check-runs": {
        "post": _operation({201: _CHECK_RUN}, body=_sent({"name": _text(least=1), "head_sha": _SHA}, **_OF_CHECK))
    },
    f"{_REPO}/check-runs/{{check_run_id}}": {
        "get": _operation({200: _CHECK_RUN}),
        "patch": _operation({200: _CHECK_RUN}, body=_sent({}, name=_text(least=1), **_OF_CHECK)),
    },
    f"{_REPO}/commits/{{ref}}/check-runs": {
        "get": _operation(
            {200: _read(total_count=_WHOLE, check_runs=_list(_CHECK_RUN))},
            check_name=_text(least=1),
            status=_one_of(*_CHECK_STATES),
            filter=_one_of("latest", "all"),
            app_id=_WHOLE,
            **_PAGE,
        )
    },
    # Pull requests and their reviews
    f"{_REPO}/pulls": {
        "get": _operation({200: _list(_PULL)}, state=_one_of("open", "closed", "all"), head=_text(), **_PAGE)
    },
    _THREAD: {"get": _operation({200: _ONE_PULL})},
    f"{_THREAD}/files": {"get": _operation({200: _list(_CHANGED_FILE)}, **_PAGE)},
    f"{_THREAD}/commits": {"get": _operation({200: _list(_LISTED_COMMIT)}, **_PAGE)},
    f"{_THREAD}/reviews": {
        "get": _operation({200: _list(_REVIEW)}, **_PAGE),
        "post": _operation(
            {200: _REVIEW},
            body=_sent(
                {},
                commit_id=_SHA,
                body=_text(),
                event=_one_of("APPROVE", "REQUEST_CHANGES", "COMMENT"),
                comments=_list(_part({"path": _text(least=1), "body": _text()}, **_ON_LINES)),
            ),
        ),
    },
    f"{_THREAD}/reviews/{{review_id}}": {
        "get": _operation({200: _REVIEW}),
        "put": _operation({200: _REVIEW}, body=_SAID),
        "delete": _operation({200: _REVIEW}),
    },
    f"{_THREAD}/comments": {
        "get": _operation({200: _list(_REVIEW_COMMENT)}, **_PAGE),
        "post": _operation(
            {201: _REVIEW_COMMENT},
            body=_sent(
                {"body": _text(), "commit_id": _SHA, "path": _text(least=1)},
                subject_type=_one_of("line", "file"),
                in_reply_to=_WHOLE,
                **_ON_LINES,
            ),
        ),
    },
    f"{_THREAD}/comments/{{comment_id}}/replies": {"post": _operation({201: _REVIEW_COMMENT}, body=_SAID)},
    _COMMENT_ON_LINES: {
        "get": _operation({200: _REVIEW_COMMENT}),
        "patch": _operation({200: _REVIEW_COMMENT}, body=_SAID),
        "delete": _operation({204: None}),
    },
    f"{_COMMENT_ON_LINES}/reactions": {"post": _operation({200: _REACTION, 201: _REACTION}, body=_REACTED)},
    # The conversation
    f"{_REPO}/issues/{{issue_number}}/comments": {
        "get": _operation({200: _list(_COMMENT)}, **_PAGE),
        "post": _operation({201: _COMMENT}, body=_SAID),
    },
    f"{_REPO}/issues/comments/{{comment_id}}": {
        "get": _operation({200: _COMMENT}),
        "patch": _operation({200: _COMMENT}, body=_SAID),
    },
    f"{_REPO}/issues/comments/{{comment_id}}/reactions": {
        "post": _operation({200: _REACTION, 201: _REACTION}, body=_REACTED)
    },
    "/graphql": {"post": _operation({200: _OBJECT}, body=_sent({"query": _text(least=1)}, variables=_OBJECT))},
}
USED = Contract("what the App uses of GitHub", {"paths": _PATHS})
