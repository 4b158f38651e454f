"""Pull requests: lists, details, changed files."""

from bot.standins.github import as_json
from bot.standins.github.model import Pull
from bot.standins.github.routes import Answer, Call, not_found, page, route

PULLS = ("pull_requests", "read")
FILES_LIMIT = 3000
"""The most files of a pull request that GitHub lists."""


@route("GET", "/repos/{owner}/{repo}/pulls", PULLS)
def pulls(call: Call) -> Answer:
    state = call.query.get("state", "open")
    head = call.query.get("head")
    wanted = [
        pull
        for pull in call.github.pulls
        if pull.repository is call.repo
        and call.github.lag.is_found(pull, call.github.now())
        and state in (pull.state, "all")
        and head in (None, f"{pull.head_repository.owner.login}:{pull.head}")
        and call.query.get("base") in (None, pull.base)
    ]
    newest = sorted(wanted, key=lambda pull: pull.number, reverse=call.query.get("direction", "desc") == "desc")
    return page(call, [as_json.pull_simple(call.github, _shown(call, pull)) for pull in newest])


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", PULLS)
def pull_request(call: Call) -> Answer:
    return Answer(200, as_json.pull_full(call.github, _shown(call, find(call))))


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", PULLS)
def files(call: Call) -> Answer:
    pull = _shown(call, find(call))
    shown = call.github.files_of(pull)[:FILES_LIMIT]
    return page(call, [as_json.changed_file(call.github, call.repo, file, pull.head_sha) for file in shown])


@route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits", PULLS)
def commits(call: Call) -> Answer:
    pull = _shown(call, find(call))
    store = call.github.objects
    behind = store.ancestors(pull.repository.branches[pull.base])
    ahead = [sha for sha in store.ancestors(pull.head_sha) if sha not in behind]
    return page(call, [as_json.commit(call.github, call.repo, sha) for sha in ahead[::-1]])


@route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", PULLS)
def pulls_of_commit(call: Call) -> Answer:
    """Pull requests of a commit; as on GitHub, not those whose head is in a fork."""
    sha = call.parameters["commit_sha"]
    heads = [
        pull
        for pull in call.github.pulls
        if pull.repository is call.repo and pull.head_repository is call.repo and pull.head_sha == sha
    ]
    return page(call, [as_json.pull_simple(call.github, pull) for pull in heads])


def find(call: Call, parameter: str = "pull_number") -> Pull:
    number = call.number(parameter)
    for pull in call.github.pulls:
        if pull.repository is call.repo and pull.number == number and call.github.lag.is_found(pull, call.github.now()):
            return pull
    raise not_found()


def _shown(call: Call, pull: Pull) -> Pull:
    """The pull request as the API shows it at the moment."""
    return call.github.lag.shown(pull, call.github.now())
