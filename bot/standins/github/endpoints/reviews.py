"""Reviews and their comments, by GitHub's rules: all or nothing, and only on lines of the diff."""

from collections.abc import Iterator
from dataclasses import replace

from bot.standins.github import as_json
from bot.standins.github.endpoints.pulls import find
from bot.standins.github.git import FileDiff, Hunk, patch
from bot.standins.github.model import Json, Pull, Review, ReviewComment
from bot.standins.github.routes import NOT_ALLOWED, Answer, Call, Refused, not_found, page, route

READ = ("pull_requests", "read")
WRITE = ("pull_requests", "write")
BODY_LIMIT = 65_536
MANY = 30
"""Above this number of comments in a review, GitHub answers 502 and creates the review nevertheless."""
_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", None: "PENDING"}
_THREAD = "Pull request review thread"


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", READ)
def reviews(call: Call) -> Answer:
    pull = find(call)
    seen = [each for each in call.github.reviews_of(pull) if each.state != "PENDING" or _own(call, each)]
    return page(call, [as_json.review(call.github, each) for each in seen])


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", WRITE)
def create_review(call: Call) -> Answer:
    pull = find(call)
    body, event = call.body.get("body") or "", call.body.get("event")
    github = call.github
    if any(each.state == "PENDING" and _own(call, each) for each in github.reviews_of(pull)):
        raise _unprocessable("User can only have one pending review per pull request")
    if event in ("COMMENT", "REQUEST_CHANGES") and not body.strip():
        raise _unprocessable("Body can't be blank")
    if len(body) > BODY_LIMIT:
        raise _unprocessable(f"Body is too long (maximum is {BODY_LIMIT} characters)")
    commit = call.body.get("commit_id") or pull.head_sha
    if commit not in github.objects.ancestors(pull.head_sha):
        raise _unprocessable("Start commit oid is not part of the pull request")
    review = Review(github.next_id(), pull, github.bot, body, _STATES[event], commit, github.stamp())
    files = {file.path: file for file in github.objects.diff(github.merge_base(pull), commit)}
    wanted = call.body.get("comments") or []
    problems = sorted({problem for each in wanted for problem in problems_of(each, files)})
    if problems:
        raise _unprocessable(*problems)
    github.reviews.append(review)
    github.review_comments += [_placed(call, review, each, files) for each in wanted]
    if len(wanted) > MANY:
        raise Refused(502, "Server Error")
    return Answer(200, as_json.review(call.github, review))


@route("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", WRITE)
def update_review(call: Call) -> Answer:
    review = _find_review(call)
    if not _own(call, review):
        raise Refused(403, NOT_ALLOWED)
    _body_fits(call.body["body"])
    review.body = call.body["body"]
    return Answer(200, as_json.review(call.github, review))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", READ)
def review(call: Call) -> Answer:
    return Answer(200, as_json.review(call.github, _find_review(call)))


@route("DELETE", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", WRITE)
def delete_review(call: Call) -> Answer:
    review = _find_review(call)
    if review.state != "PENDING":
        raise Refused(422, "Can not delete a non-pending pull request review")
    if not _own(call, review):
        raise not_found()
    call.github.reviews.remove(review)
    call.github.review_comments[:] = [each for each in call.github.review_comments if each.review != review.id]
    return Answer(200, as_json.review(call.github, review))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", READ)
def review_comments(call: Call) -> Answer:
    review = _find_review(call)
    comments = [each for each in call.github.review_comments_of(review.pull) if each.review == review.id]
    return page(call, [as_json.review_comment(call.github, each) for each in comments])


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", READ)
def all_comments(call: Call) -> Answer:
    pull = find(call)
    pending = {each.id for each in call.github.reviews_of(pull) if each.state == "PENDING"}
    shown = [each for each in call.github.review_comments_of(pull) if each.review not in pending]
    return page(call, [as_json.review_comment(call.github, each) for each in shown])


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", WRITE)
def create_comment(call: Call) -> Answer:
    pull = find(call)
    github = call.github
    if "in_reply_to" in call.body:
        return _answer_in_thread(call, pull, call.body["in_reply_to"])
    commit = call.body["commit_id"]
    files = {file.path: file for file in github.objects.diff(github.merge_base(pull), pull.head_sha)}
    if commit not in github.objects.ancestors(pull.head_sha):
        raise _invalid("commit_id", "is not part of the pull request")
    _body_fits(call.body["body"])
    whole_file = call.body.get("subject_type") == "file"
    if whole_file and call.body["path"] not in files:
        raise _invalid("pull_request_review_thread.path", "could not be resolved")
    problems = [] if whole_file else list(problems_of(call.body, files))
    if problems:
        raise _invalid("pull_request_review_thread.line", problems[0].removeprefix(f"{_THREAD} line "))
    review = Review(github.next_id(), pull, github.bot, "", "COMMENTED", commit, github.stamp())
    github.reviews.append(review)
    placed = _placed(call, review, call.body, files)
    comment = replace(placed, line=None, start_line=None, subject="file") if whole_file else placed
    github.review_comments.append(comment)
    return Answer(201, as_json.review_comment(call.github, comment))


@route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", WRITE)
def create_reply(call: Call) -> Answer:
    return _answer_in_thread(call, find(call), call.number("comment_id"))


@route("GET", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", READ)
def comment(call: Call) -> Answer:
    return Answer(200, as_json.review_comment(call.github, find_comment(call)))


@route("PATCH", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", WRITE)
def update_comment(call: Call) -> Answer:
    comment = _own_comment(call)
    _body_fits(call.body["body"])
    comment.body = call.body["body"]
    return Answer(200, as_json.review_comment(call.github, comment))


@route("DELETE", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", WRITE)
def delete_comment(call: Call) -> Answer:
    call.github.review_comments.remove(_own_comment(call))
    return Answer(204)


def find_comment(call: Call) -> ReviewComment:
    number = call.number("comment_id")
    for each in call.github.review_comments:
        if each.id == number and each.pull.repository is call.repo:
            return each
    raise not_found()


def problems_of(wanted: Json, files: dict[str, FileDiff]) -> Iterator[str]:
    """GitHub's objections to a comment on lines; none if it may be there."""
    file = files.get(wanted["path"])
    line, start = wanted.get("line"), wanted.get("start_line")
    if "position" in wanted or line is None:
        yield f"{_THREAD} line must be part of the diff"
        return
    if len(wanted["body"]) > BODY_LIMIT:
        yield f"{_THREAD} body is too long (maximum is {BODY_LIMIT} characters)"
    if not wanted["body"].strip():
        yield f"{_THREAD} body can't be blank"
    if file is None:
        yield "Path could not be resolved"
        return
    if file.patch is None:
        yield f"{_THREAD} diff hunk can't be blank"
        return
    hunk = _hunk(file, line, wanted.get("side", "RIGHT"))
    if hunk is None:
        yield f"{_THREAD} line must be part of the diff"
        return
    if start is None:
        return
    if start >= line:
        yield f"{_THREAD} start line must precede the end line."
    elif _hunk(file, start, wanted.get("start_side") or wanted.get("side", "RIGHT")) is not hunk:
        yield f"{_THREAD} start line must be part of the same hunk as the line."


def _hunk(file: FileDiff, line: int, side: str) -> Hunk | None:
    return next((hunk for hunk in file.hunks if line in (hunk.left if side == "LEFT" else hunk.right)), None)


def _placed(call: Call, review: Review, wanted: Json, files: dict[str, FileDiff]) -> ReviewComment:
    file = files[wanted["path"]]
    hunk = _hunk(file, wanted.get("line") or 0, wanted.get("side", "RIGHT"))
    return ReviewComment(
        call.github.next_id(),
        review.pull,
        review.id,
        review.author,
        wanted["body"],
        wanted["path"],
        review.commit_id,
        wanted.get("line"),
        wanted.get("start_line"),
        wanted.get("side", "RIGHT"),
        wanted.get("start_side"),
        diff_hunk=patch([hunk]) if hunk else "",
        created_at=call.github.stamp(),
    )


def _answer_in_thread(call: Call, pull: Pull, first: int) -> Answer:
    to = next((each for each in call.github.review_comments_of(pull) if each.id == first), None)
    if to is None:
        raise not_found()
    if to.in_reply_to:
        raise _invalid("in_reply_to", "Replies to replies are not supported")
    _body_fits(call.body["body"])
    answer = call.github.reply(to, call.body["body"], call.github.bot.login)
    return Answer(201, as_json.review_comment(call.github, answer))


def _find_review(call: Call) -> Review:
    pull, number = find(call), call.number("review_id")
    for each in call.github.reviews_of(pull):
        if each.id == number:
            return each
    raise not_found()


def _own_comment(call: Call) -> ReviewComment:
    comment = find_comment(call)
    if comment.author is not call.github.bot:
        raise Refused(403, NOT_ALLOWED)
    return comment


def _own(call: Call, review: Review) -> bool:
    return review.author is call.github.bot


def _body_fits(body: str) -> None:
    if not body.strip():
        raise _invalid("body", "can't be blank")
    if len(body) > BODY_LIMIT:
        raise _invalid("body", f"is too long (maximum is {BODY_LIMIT} characters)")


def _unprocessable(*problems: str) -> Refused:
    return Refused(422, "Unprocessable Entity", problems)


def _invalid(field: str, message: str) -> Refused:
    error = {"resource": "PullRequestReviewComment", "code": "custom", "field": field, "message": message}
    return Refused(422, "Validation Failed", [error])
