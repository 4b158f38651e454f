"""The conversation on a pull request: comments, reviews, reactions."""

from bot.standins.github.as_json.accounts import app, user
from bot.standins.github.as_json.links import node, web
from bot.standins.github.model import Account, IssueComment, Json, Review, ReviewComment
from bot.standins.github.stand_in import StandIn

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def issue_comment(github: StandIn, comment: IssueComment) -> Json:
    base = f"{github.url}/repos/{comment.pull.repository.full_name}"
    page = web(github, f"{comment.pull.repository.full_name}/pull/{comment.pull.number}")
    return {
        "id": comment.id,
        "node_id": node("IssueComment", comment.id),
        "url": f"{base}/issues/comments/{comment.id}",
        "html_url": f"{page}#issuecomment-{comment.id}",
        "issue_url": f"{base}/issues/{comment.pull.number}",
        "user": user(github, comment.author),
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
        "author_association": association(comment.author),
        "body": comment.body,
        "performed_via_github_app": app(github) if comment.by_app else None,
        "reactions": reactions(f"{base}/issues/comments/{comment.id}", comment.reactions),
    }


def review_comment(github: StandIn, comment: ReviewComment) -> Json:
    """A review comment; an outdated one has no line any more, as on GitHub."""
    pull = comment.pull
    base = f"{github.url}/repos/{pull.repository.full_name}"
    page_of = web(github, f"{pull.repository.full_name}/pull/{pull.number}#discussion_r{comment.id}")
    here = f"{base}/pulls/comments/{comment.id}"
    there = f"{base}/pulls/{pull.number}"
    placed = comment.line is not None and not comment.outdated
    body: Json = {
        "url": here,
        "pull_request_review_id": comment.review,
        "id": comment.id,
        "node_id": node("PullRequestReviewComment", comment.id),
        "diff_hunk": comment.diff_hunk,
        "path": comment.path,
        "position": 1 if placed else None,
        "original_position": 1,
        "commit_id": pull.head_sha,
        "original_commit_id": comment.commit_id,
        "user": user(github, comment.author),
        "body": comment.body,
        "created_at": comment.created_at,
        "updated_at": comment.created_at,
        "html_url": page_of,
        "pull_request_url": there,
        "author_association": association(comment.author),
        "_links": {"self": {"href": here}, "html": {"href": page_of}, "pull_request": {"href": there}},
        "subject_type": comment.subject,
        "side": comment.side,
        "start_side": comment.start_side,
        "original_start_line": comment.start_line,
        "start_line": comment.start_line if placed else None,
        "reactions": reactions(here, comment.reactions),
    }
    if comment.subject == "line":
        body |= {"original_line": comment.line, "line": comment.line if placed else None}
    return body | ({"in_reply_to_id": comment.in_reply_to} if comment.in_reply_to else {})


def review(github: StandIn, review: Review) -> Json:
    pull = review.pull
    page_of = web(github, f"{pull.repository.full_name}/pull/{pull.number}#pullrequestreview-{review.id}")
    there = f"{github.url}/repos/{pull.repository.full_name}/pulls/{pull.number}"
    body = {
        "id": review.id,
        "node_id": node("PullRequestReview", review.id),
        "user": user(github, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": page_of,
        "pull_request_url": there,
        "author_association": association(review.author),
        "_links": {"html": {"href": page_of}, "pull_request": {"href": there}},
        "commit_id": review.commit_id,
    }
    return body if review.state == "PENDING" else {**body, "submitted_at": review.submitted_at}


def association(account: Account) -> str:
    """The author's association, deliberately as unreliable as GitHub's: private members look like contributors."""
    return "NONE" if account.kind == "Bot" else "CONTRIBUTOR"


def reactions(address: str, given: list[tuple[str, str]]) -> Json:
    counts = {name: sum(content == name for _, content in given) for name in REACTIONS}
    return {"url": f"{address}/reactions", "total_count": len(given), **counts}
