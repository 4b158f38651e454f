"""Check runs and the suites they belong to."""

from bot.standins.github.as_json.accounts import app
from bot.standins.github.as_json.links import node, web
from bot.standins.github.model import CheckRun, Json, Pull, Repository
from bot.standins.github.stand_in import StandIn


def check_run(github: StandIn, run: CheckRun) -> Json:
    page_of = web(github, f"{run.repository.full_name}/runs/{run.id}")
    base = f"{github.url}/repos/{run.repository.full_name}/check-runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node("CheckRun", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "name": run.name,
        "url": base,
        "html_url": page_of,
        "details_url": run.details_url or page_of,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{base}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": app(github),
        "pull_requests": [
            _pull_of_check(github, pull)
            for pull in github.pulls
            if pull.head_sha == run.head_sha and pull.head_repository is run.repository
        ],
    }


def check_suite(github: StandIn, repository: Repository, sha: str, suite: int) -> Json:
    """A check suite as webhooks carry it."""
    pull = next((each for each in github.pulls if each.head_sha == sha and each.head_repository is repository), None)
    return {
        "id": suite,
        "node_id": node("CheckSuite", suite),
        "head_branch": pull.head if pull else None,
        "head_sha": sha,
        "status": "completed",
        "conclusion": "success",
        "url": f"{github.url}/repos/{repository.full_name}/check-suites/{suite}",
        "before": None,
        "after": sha,
        "pull_requests": [],
        "app": app(github),
        "created_at": github.stamp(),
        "updated_at": github.stamp(),
    }


def _pull_of_check(github: StandIn, pull: Pull) -> Json:
    """A pull request of the same repository; those from forks are never listed."""
    base = f"{github.url}/repos/{pull.repository.full_name}"
    repository = {"id": pull.repository.id, "url": base, "name": pull.repository.name}
    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{base}/pulls/{pull.number}",
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repository},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repository},
    }
