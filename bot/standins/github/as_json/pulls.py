"""Pull requests, with their commits and files."""

from urllib.parse import quote

from bot.standins.github.as_json.accounts import repository, user
from bot.standins.github.as_json.links import node, web
from bot.standins.github.git import FileDiff
from bot.standins.github.model import Json, Pull, Repository
from bot.standins.github.stand_in import StandIn


def pull_simple(github: StandIn, pull: Pull) -> Json:
    """A pull request as lists show it."""
    base = f"{github.url}/repos/{pull.repository.full_name}"
    here = f"{base}/pulls/{pull.number}"
    issue = f"{base}/issues/{pull.number}"
    page = web(github, f"{pull.repository.full_name}/pull/{pull.number}")
    closed = pull.updated_at if pull.state == "closed" else None
    links = {
        "self": here,
        "html": page,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{here}/comments",
        "review_comment": f"{base}/pulls/comments{{/number}}",
        "commits": f"{here}/commits",
        "statuses": f"{base}/statuses/{pull.head_sha}",
    }
    return {
        "url": here,
        "id": pull.id,
        "node_id": node("PullRequest", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": user(github, pull.author),
        "body": pull.body or None,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": closed,
        "merged_at": closed if pull.merged else None,
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": None,
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(github, pull.head_repository, pull.head, pull.head_sha),
        "base": _end(github, pull.repository, pull.base, pull.base_sha),
        "_links": {name: {"href": address} for name, address in links.items()},
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "active_lock_reason": None,
    }


def pull_full(github: StandIn, pull: Pull) -> Json:
    """A pull request as a request for its number shows it."""
    files = github.files_of(pull)
    return {
        **pull_simple(github, pull),
        "merged": pull.merged,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": None,
        "comments": len(github.comments_of(pull)),
        "review_comments": len(github.review_comments_of(pull)),
        "maintainer_can_modify": pull.head_repository is not pull.repository,
        "commits": 1,
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def _end(github: StandIn, repo: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(github, repo.owner),
        "repo": repository(github, repo),
    }


def commit(github: StandIn, repo: Repository, sha: str) -> Json:
    """A commit as comparisons and lists show it."""
    stored = github.objects.commits[sha]
    base = f"{github.url}/repos/{repo.full_name}"
    at = stored.at.partition(" ")[0]
    by = stored.committer or stored.author
    author = {"name": stored.author, "email": f"{stored.author}@example.com", "date": at}
    committer = {"name": by, "email": f"{by}@example.com", "date": at}
    return {
        "sha": sha,
        "node_id": node("Commit", sha),
        "url": f"{base}/commits/{sha}",
        "html_url": web(github, f"{repo.full_name}/commit/{sha}"),
        "comments_url": f"{base}/commits/{sha}/comments",
        "commit": {
            "url": f"{base}/git/commits/{sha}",
            "author": author,
            "committer": committer,
            "message": stored.message,
            "tree": {"sha": stored.tree, "url": f"{base}/git/trees/{stored.tree}"},
            "comment_count": 0,
        },
        "author": user(github, github.account(stored.login)) if stored.login else None,
        "committer": user(github, github.account(stored.committer)) if stored.committer else None,
        "parents": [{"sha": parent, "url": f"{base}/commits/{parent}"} for parent in stored.parents],
    }


def git_commit(github: StandIn, repo: Repository, sha: str) -> Json:
    """The commit object itself."""
    shown = commit(github, repo, sha)
    page = web(github, repo.full_name)
    verification = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    return {
        "sha": sha,
        "node_id": shown["node_id"],
        "url": shown["commit"]["url"],
        "html_url": shown["html_url"],
        "author": shown["commit"]["author"],
        "committer": shown["commit"]["committer"],
        "tree": shown["commit"]["tree"],
        "message": shown["commit"]["message"],
        "parents": [{**parent, "html_url": f"{page}/commit/{parent['sha']}"} for parent in shown["parents"]],
        "verification": verification,
    }


def changed_file(github: StandIn, repo: Repository, file: FileDiff, head: str) -> Json:
    """A changed file, with its patch if GitHub shows one."""
    name = quote(file.path)
    page_of = web(github, repo.full_name)
    body: Json = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{page_of}/blob/{head}/{name}",
        "raw_url": f"{page_of}/raw/{head}/{name}",
        "contents_url": f"{github.url}/repos/{repo.full_name}/contents/{name}?ref={head}",
    }
    if file.patch is not None:
        body["patch"] = file.patch
    if file.previous:
        body["previous_filename"] = file.previous
    return body
