"""The GraphQL that the App uses: hiding a comment."""

import re

from bot.standins.github import as_json
from bot.standins.github.model import IssueComment, Json, Review, ReviewComment
from bot.standins.github.routes import Answer, Call, route

_MINIMIZE = re.compile(
    r"minimizeComment\(\s*input:\s*\{\s*subjectId:\s*\$(\w+)\s*+(?:,\s*+)?classifier:\s*(\w+)\s*\}\s*\)"
)
_CLASSIFIERS = {"ABUSE", "DUPLICATE", "OFF_TOPIC", "OUTDATED", "RESOLVED", "SPAM"}


@route("POST", "/graphql")
def query(call: Call) -> Answer:
    text, variables = call.body.get("query", ""), call.body.get("variables") or {}
    minimize = _MINIMIZE.search(text)
    if minimize and minimize[2] in _CLASSIFIERS:
        return _minimize(call, str(variables.get(minimize[1], "")), minimize[2])
    if "resolveReviewThread" in text and not _may(call, "contents"):
        return _error("FORBIDDEN", "Resource not accessible by integration")
    return _error("undefinedField", "The stand-in does not know this query")


def _minimize(call: Call, subject: str, classifier: str) -> Answer:
    if not _may(call, "pull_requests"):
        return _error("FORBIDDEN", "Resource not accessible by integration")
    remark = _subject(call, subject)
    if remark is None:
        return _error("NOT_FOUND", f"Could not resolve to a node with the global id of '{subject}'")
    remark.minimized = classifier
    return Answer(200, {"data": {"minimizeComment": {"minimizedComment": {"isMinimized": True}}}})


def _subject(call: Call, subject: str) -> IssueComment | Review | ReviewComment | None:
    kind, number = as_json.unnode(subject)
    github = call.github
    kept: dict[str, list[IssueComment] | list[Review] | list[ReviewComment]] = {
        "IssueComment": github.issue_comments,
        "PullRequestReview": github.reviews,
        "PullRequestReviewComment": github.review_comments,
    }
    held = call.token.repositories if call.token else frozenset()
    for each in kept.get(kind, []):
        if str(each.id) == number and each.pull.repository.id in held:
            return each
    return None


def _may(call: Call, permission: str) -> bool:
    return call.token is not None and call.token.permissions.get(permission) == "write"


def _error(kind: str, message: str) -> Answer:
    errors: list[Json] = [{"type": kind, "message": message, "path": []}]
    return Answer(200, {"data": None, "errors": errors})
