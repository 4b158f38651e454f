"""Accounts, repositories and pull requests as GitHub's JSON shows them."""

import base64
from typing import TYPE_CHECKING

from bot.standins.github.model import Account, Installation, IssueComment, Json, Pull, Repository

if TYPE_CHECKING:
    from bot.standins.github.stand_in import StandIn

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_CREATED = "2026-01-05T09:00:00Z"


def web(github: "StandIn", path: str) -> str:
    """The address of a page for people."""
    return f"{github.url}/-/{path}"


def node(kind: str, number: int | str) -> str:
    """A node id; `unnode` reads it back."""
    return base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode()


def unnode(text: str) -> tuple[str, str]:
    """(kind, number), two empty texts where the id is none of ours."""
    try:
        kind, _, number = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
    except ValueError:
        return "", ""
    return kind, number


def user(github: "StandIn", account: Account) -> Json:
    base = f"{github.url}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node("User", account.id),
        "avatar_url": web(github, f"avatars/{account.id}"),
        "gravatar_id": "",
        "url": base,
        "html_url": web(github, account.login),
        **{name: base + path for name, path in _USER_LINKS.items()},
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def repository(github: "StandIn", one: Repository) -> Json:
    """A repository as it stands inside other answers and in webhooks."""
    base = f"{github.url}/repos/{one.full_name}"
    clone = web(github, f"{one.full_name}.git")
    return {
        "id": one.id,
        "node_id": node("Repository", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "visibility": "private" if one.private else "public",
        "owner": user(github, one.owner),
        "html_url": web(github, one.full_name),
        "description": None,
        "fork": one.fork_of is not None,
        "url": base,
        **{name: base + path for name, path in _REPOSITORY_LINKS.items()},
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "pushed_at": _CREATED,
        "git_url": clone,
        "ssh_url": clone,
        "clone_url": clone,
        "svn_url": clone,
        "homepage": None,
        "size": 100,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        **{f"has_{name}": True for name in ("issues", "projects", "downloads", "wiki", "discussions")},
        "has_pages": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": False,
        "disabled": False,
        "open_issues_count": 0,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "forks": 0,
        "open_issues": 0,
        "watchers": 0,
        "default_branch": one.default_branch,
    }


def full_repository(github: "StandIn", one: Repository) -> Json:
    return {**repository(github, one), "network_count": 0, "subscribers_count": 0}


def pull_simple(github: "StandIn", pull: Pull) -> Json:
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


def pull_full(github: "StandIn", pull: Pull) -> Json:
    """A pull request asked for by its number."""
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


def commit(github: "StandIn", one: Repository, sha: str) -> Json:
    """A commit as comparisons and lists show it."""
    found = github.objects.commits[sha]
    base = f"{github.url}/repos/{one.full_name}"
    at = found.at.partition(" ")[0]
    person = {"name": found.author, "email": f"{found.author}@example.com", "date": at}
    return {
        "sha": sha,
        "node_id": node("Commit", sha),
        "url": f"{base}/commits/{sha}",
        "html_url": web(github, f"{one.full_name}/commit/{sha}"),
        "comments_url": f"{base}/commits/{sha}/comments",
        "commit": {
            "url": f"{base}/git/commits/{sha}",
            "author": person,
            "committer": person,
            "message": found.message,
            "tree": {"sha": found.tree, "url": f"{base}/git/trees/{found.tree}"},
            "comment_count": 0,
        },
        "author": None,
        "committer": None,
        "parents": [{"sha": parent, "url": f"{base}/commits/{parent}"} for parent in found.parents],
    }


def git_commit(github: "StandIn", one: Repository, sha: str) -> Json:
    """The commit object itself."""
    found = commit(github, one, sha)
    page = web(github, one.full_name)
    verification = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    return {
        "sha": sha,
        "node_id": found["node_id"],
        "url": found["commit"]["url"],
        "html_url": found["html_url"],
        "author": found["commit"]["author"],
        "committer": found["commit"]["committer"],
        "tree": found["commit"]["tree"],
        "message": found["commit"]["message"],
        "parents": [{**parent, "html_url": f"{page}/commit/{parent['sha']}"} for parent in found["parents"]],
        "verification": verification,
    }


def app(github: "StandIn") -> Json:
    return {
        "id": github.app_id,
        "slug": github.slug,
        "node_id": node("Integration", github.app_id),
        "client_id": f"Iv1.{github.app_id:016x}",
        "owner": user(github, github.owner),
        "name": github.slug,
        "description": "",
        "external_url": web(github, github.slug),
        "html_url": web(github, f"apps/{github.slug}"),
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "permissions": github.permissions,
        "events": [
            "pull_request",
            "issue_comment",
            "pull_request_review",
            "pull_request_review_comment",
            "merge_group",
            "check_run",
            "check_suite",
            "repository",
        ],
    }


def installation(github: "StandIn", one: Installation) -> Json:
    base = f"{github.url}/app/installations/{one.id}"
    return {
        "id": one.id,
        "account": user(github, one.account),
        "repository_selection": one.selection,
        "access_tokens_url": f"{base}/access_tokens",
        "repositories_url": f"{github.url}/installation/repositories",
        "html_url": web(github, f"settings/installations/{one.id}"),
        "app_id": github.app_id,
        "app_slug": github.slug,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": one.permissions,
        "events": app(github)["events"],
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "single_file_name": None,
        "suspended_by": user(github, one.account) if one.suspended_at else None,
        "suspended_at": one.suspended_at,
    }


def issue_comment(github: "StandIn", comment: IssueComment) -> Json:
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
        "reactions": reactions(github, f"{base}/issues/comments/{comment.id}", comment.reactions),
    }


def association(account: Account) -> str:
    """Deliberately as unreliable as GitHub's: private members look like contributors."""
    return "NONE" if account.kind == "Bot" else "CONTRIBUTOR"


REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def reactions(github: "StandIn", address: str, given: list[tuple[str, str]]) -> Json:
    counts = {name: sum(content == name for _, content in given) for name in REACTIONS}
    return {"url": f"{address}/reactions", "total_count": len(given), **counts}


def _end(github: "StandIn", one: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{one.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(github, one.owner),
        "repo": repository(github, one),
    }
