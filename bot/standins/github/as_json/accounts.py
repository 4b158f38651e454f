"""Accounts, repositories, the App and its installations."""

from bot.standins.github.as_json.links import node, web
from bot.standins.github.model import Account, Delivery, Installation, Json, Repository
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


def user(github: StandIn, account: Account) -> Json:
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


def repository(github: StandIn, repo: Repository) -> Json:
    """A repository as a part of other answers and of webhooks."""
    base = f"{github.url}/repos/{repo.full_name}"
    clone = web(github, f"{repo.full_name}.git")
    return {
        "id": repo.id,
        "node_id": node("Repository", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "owner": user(github, repo.owner),
        "html_url": web(github, repo.full_name),
        "description": None,
        "fork": repo.fork_of is not None,
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
        "default_branch": repo.default_branch,
    }


def full_repository(github: StandIn, repo: Repository) -> Json:
    return {**repository(github, repo), "network_count": 0, "subscribers_count": 0}


def app(github: StandIn) -> Json:
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


def installation(github: StandIn, installed: Installation) -> Json:
    base = f"{github.url}/app/installations/{installed.id}"
    return {
        "id": installed.id,
        "account": user(github, installed.account),
        "repository_selection": installed.selection,
        "access_tokens_url": f"{base}/access_tokens",
        "repositories_url": f"{github.url}/installation/repositories",
        "html_url": web(github, f"settings/installations/{installed.id}"),
        "app_id": github.app_id,
        "app_slug": github.slug,
        "target_id": installed.account.id,
        "target_type": installed.account.kind,
        "permissions": installed.permissions,
        "events": app(github)["events"],
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "single_file_name": None,
        "suspended_by": user(github, installed.account) if installed.suspended_at else None,
        "suspended_at": installed.suspended_at,
    }


def delivery(attempt: Delivery) -> Json:
    """A delivery as lists show it."""
    failed = "timed out" if attempt.status_code == 0 else f"Invalid HTTP Response: {attempt.status_code}"
    return {
        "id": attempt.id,
        "guid": attempt.guid,
        "delivered_at": attempt.at,
        "redelivery": attempt.redelivery,
        "duration": round(attempt.duration, 2),
        "status": "OK" if attempt.succeeded else failed,
        "status_code": attempt.status_code,
        "event": attempt.event,
        "action": attempt.action,
        "installation_id": attempt.installation,
        "repository_id": attempt.repository,
        "throttled_at": None,
    }
