"""The conversation of a pull request, and reactions to its comments and to those of reviews."""

from bot.standins.github import as_json
from bot.standins.github.endpoints.pulls import find
from bot.standins.github.endpoints.reviews import BODY_LIMIT, find_comment
from bot.standins.github.model import IssueComment, Json
from bot.standins.github.routes import NOT_ALLOWED, Answer, Call, Refused, not_found, page, route

READ = (("issues", "read"), ("pull_requests", "read"))
WRITE = (("issues", "write"), ("pull_requests", "write"))
REACT = ("pull_requests", "write")
"""Measured on github.com: reactions to comments of a pull request do not need the issues permission."""


@route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", *READ)
def comments(call: Call) -> Answer:
    conversation = call.github.comments_of(find(call, "issue_number"))
    since = call.query.get("since", "")
    return page(call, [as_json.issue_comment(call.github, each) for each in conversation if each.updated_at >= since])


@route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", *WRITE)
def create(call: Call) -> Answer:
    pull = find(call, "issue_number")
    _body_fits(call.body["body"])
    comment = call.github.comment(pull, call.body["body"], call.github.bot.login)
    comment.by_app = True
    return Answer(201, as_json.issue_comment(call.github, comment))


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", *READ)
def show(call: Call) -> Answer:
    return Answer(200, as_json.issue_comment(call.github, _find(call)))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", *WRITE)
def update(call: Call) -> Answer:
    comment = _own(call)
    _body_fits(call.body["body"])
    comment.body, comment.updated_at = call.body["body"], call.github.stamp()
    return Answer(200, as_json.issue_comment(call.github, comment))


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", *WRITE)
def delete(call: Call) -> Answer:
    call.github.issue_comments.remove(_own(call))
    return Answer(204)


@route("POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", REACT)
def react(call: Call) -> Answer:
    return _react(call, _find(call).reactions)


@route("POST", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", REACT)
def react_to_review_comment(call: Call) -> Answer:
    return _react(call, find_comment(call).reactions)


def _react(call: Call, given: list[tuple[str, str]]) -> Answer:
    content = call.body.get("content")
    if content not in as_json.REACTIONS:
        error = {"resource": "Reaction", "code": "invalid", "field": "content"}
        raise Refused(422, "Validation Failed", [error])
    reaction = (call.github.bot.login, content)
    known = reaction in given
    if not known:
        given.append(reaction)
    number = call.github.next_id()
    body: Json = {
        "id": number,
        "node_id": as_json.node("Reaction", number),
        "user": as_json.user(call.github, call.github.bot),
        "content": content,
        "created_at": call.github.stamp(),
    }
    return Answer(200 if known else 201, body)


def _find(call: Call) -> IssueComment:
    number = call.number("comment_id")
    for each in call.github.issue_comments:
        if each.id == number and each.pull.repository is call.repo:
            return each
    raise not_found()


def _own(call: Call) -> IssueComment:
    comment = _find(call)
    if comment.author is not call.github.bot:
        raise Refused(403, NOT_ALLOWED)
    return comment


def _body_fits(body: str) -> None:
    problem = "Body is too long" if len(body) > BODY_LIMIT else "" if body.strip() else "Body cannot be blank"
    if problem:
        error = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": problem}
        raise Refused(422, "Validation Failed", [error])
