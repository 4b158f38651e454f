"""Repositories, their objects and their people: contents, blobs, trees, commits, comparisons, permissions."""

import base64
from urllib.parse import quote

from bot.standins.github import as_json
from bot.standins.github.git import LINK_MODE, SUBMODULE_MODE
from bot.standins.github.model import Account, Json, Repository
from bot.standins.github.routes import Answer, Call, Refused, link_header, not_found, page, route

CONTENTS = ("contents", "read")
METADATA = ("metadata", "read")
ROLES = ("none", "read", "triage", "write", "maintain", "admin")
COMPARE_FILES = 300
"""The most files that a comparison lists."""
_RAW = "application/vnd.github.raw"


@route("GET", "/repos/{owner}/{repo}", METADATA)
def show(call: Call) -> Answer:
    return Answer(200, as_json.full_repository(call.github, call.repo))


@route("GET", "/repos/{owner}/{repo}/contents/{path}", CONTENTS)
def contents(call: Call) -> Answer:
    ref = call.query.get("ref", call.repo.default_branch)
    commit = _commit(call, ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    files = call.github.objects.files(commit)
    path = call.parameters["path"].strip("/")
    if path not in files:
        below = [name for name in files if name.startswith(f"{path}/")]
        if not below:
            raise not_found()
        inside = dict.fromkeys(path + "/" + name[len(path) + 1 :].partition("/")[0] for name in below)
        return Answer(200, [_entry(call, name, files.get(name), ref) for name in inside])
    mode, sha = files[path]
    content = call.github.objects.blobs.get(sha, b"")
    if _RAW in call.accept:
        return Answer(200, content, media=f"{_RAW}; charset=utf-8")
    if mode == SUBMODULE_MODE:
        return Answer(200, {**_entry(call, path, files[path], ref), "submodule_git_url": None})
    if mode == LINK_MODE:
        return Answer(200, {**_entry(call, path, files[path], ref), "target": content.decode()})
    large = len(content) > 1_000_000
    encoded = "" if large else base64.encodebytes(content).decode()
    return Answer(
        200,
        {**_entry(call, path, files[path], ref), "content": encoded, "encoding": "none" if large else "base64"},
    )


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", CONTENTS)
def blob(call: Call) -> Answer:
    sha = call.parameters["file_sha"]
    _sha(sha)
    content = call.github.objects.blobs.get(sha)
    if content is None or not _is_there(call, sha):
        raise not_found()
    if _RAW in call.accept:
        return Answer(200, content, media=f"{_RAW}; charset=utf-8")
    body = {
        "sha": sha,
        "node_id": as_json.node("Blob", sha),
        "size": len(content),
        "url": _address(call, f"git/blobs/{sha}"),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }
    return Answer(200, body)


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", CONTENTS)
def tree(call: Call) -> Answer:
    store = call.github.objects
    name = call.parameters["tree_sha"]
    commit = _commit(call, name)
    sha = store.commits[commit].tree if commit else name
    if sha not in store.trees or not _is_there(call, sha):
        raise not_found()
    entries = _walk(call, sha) if "recursive" in call.query else _children(call, sha, "")
    limit = call.github.tree_limit
    cut = "recursive" in call.query and len(entries) > limit
    return Answer(
        200,
        {
            "sha": sha,
            "url": _address(call, f"git/trees/{sha}"),
            "tree": entries[:limit] if cut else entries,
            "truncated": cut,
        },
    )


@route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", CONTENTS)
def commit(call: Call) -> Answer:
    sha = call.parameters["commit_sha"]
    if sha not in call.github.objects.commits or not _is_there(call, sha):
        raise not_found()
    return Answer(200, as_json.git_commit(call.github, call.repo, sha))


@route("GET", "/repos/{owner}/{repo}/commits", CONTENTS)
def commits(call: Call) -> Answer:
    """The commits up to `sha`, of `path` if it is given, newest first, each with the accounts that GitHub finds."""
    start = call.query.get("sha", call.repo.default_branch)
    newest = _commit(call, start)
    if newest is None:
        raise Refused(404, f"No commit found for the ref {start}")
    found = call.github.objects.touching(call.query.get("path", "").strip("/"), newest)
    author = call.query.get("author")
    shown = [sha for sha in found if author in (None, call.github.objects.commits[sha].login)]
    return page(call, [as_json.commit(call.github, call.repo, sha) for sha in shown])


@route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}", CONTENTS)
def one_commit(call: Call) -> Answer:
    """A commit with the files that it changes, compared with its first parent."""
    store, sha = call.github.objects, call.parameters["commit_sha"]
    if sha not in store.commits:
        raise Refused(422, f"No commit found for SHA: {sha}")
    parent = next(iter(store.commits[sha].parents), None)
    changed = store.diff(parent, sha)
    files = [as_json.changed_file(call.github, call.repo, file, sha) for file in changed]
    counted = sum(file.additions for file in changed), sum(file.deletions for file in changed)
    stats = {"additions": counted[0], "deletions": counted[1], "total": sum(counted)}
    return Answer(200, {**as_json.commit(call.github, call.repo, sha), "stats": stats, "files": files})


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", CONTENTS)
def ref(call: Call) -> Answer:
    name = call.parameters["ref"]
    sha = call.repo.branches.get(name.removeprefix("heads/"))
    if not name.startswith("heads/") or sha is None:
        raise not_found()
    return Answer(200, _ref(call, name, sha))


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", CONTENTS)
def matching_refs(call: Call) -> Answer:
    """Those whose names begin so: none is an empty list."""
    named = {f"heads/{branch}": sha for branch, sha in sorted(call.repo.branches.items())}
    found = [(name, sha) for name, sha in named.items() if name.startswith(call.parameters["ref"])]
    return Answer(200, [_ref(call, name, sha) for name, sha in found])


def _ref(call: Call, name: str, sha: str) -> Json:
    return {
        "ref": f"refs/{name}",
        "node_id": as_json.node("Ref", name),
        "url": _address(call, f"git/refs/{quote(name)}"),
        "object": {"type": "commit", "sha": sha, "url": _address(call, f"git/commits/{sha}")},
    }


@route("GET", "/repos/{owner}/{repo}/compare/{basehead}", CONTENTS)
def compare(call: Call) -> Answer:
    base, dots, head = call.parameters["basehead"].partition("...")
    ends = [_commit(call, name) for name in (base, head)]
    if not dots or ends[0] is None or ends[1] is None:
        raise not_found()
    store = call.github.objects
    shared = store.merge_base(ends[0], ends[1])
    if shared is None:
        raise Refused(404, f"No common ancestor between {base} and {head}.")
    ahead = [sha for sha in store.ancestors(ends[1]) if sha not in store.ancestors(ends[0])]
    behind = [sha for sha in store.ancestors(ends[0]) if sha not in store.ancestors(ends[1])]
    number = int(call.query.get("page", "1"))
    size = int(call.query.get("per_page", "250"))
    files = store.diff(shared, ends[1])[:COMPARE_FILES] if number == 1 else None
    listed = ahead[::-1][(number - 1) * size : number * size]
    address = _address(call, f"compare/{quote(base)}...{quote(head)}")
    here = as_json.web(call.github, f"{call.repo.full_name}/compare/{base}...{head}")
    state = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    body: Json = {
        "url": address,
        "html_url": here,
        "permalink_url": here,
        "diff_url": f"{here}.diff",
        "patch_url": f"{here}.patch",
        "base_commit": as_json.commit(call.github, call.repo, ends[0]),
        "merge_base_commit": as_json.commit(call.github, call.repo, shared),
        "status": state.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [as_json.commit(call.github, call.repo, sha) for sha in listed],
    }
    if files is not None:
        body["files"] = [as_json.changed_file(call.github, call.repo, file, ends[1]) for file in files]
    more = number * size < len(ahead)
    return Answer(200, body, {"Link": link_header(call, {"next": {"page": str(number + 1)}})} if more else {})


@route("GET", "/repos/{owner}/{repo}/branches/{branch}", CONTENTS)
def branch(call: Call) -> Answer:
    name = call.parameters["branch"]
    sha = call.repo.branches.get(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    address = _address(call, f"branches/{quote(name)}")
    body = {
        "name": name,
        "commit": as_json.commit(call.github, call.repo, sha),
        "_links": {"html": as_json.web(call.github, f"{call.repo.full_name}/tree/{name}"), "self": address},
        "protected": False,
        "protection": {"enabled": False},
        "protection_url": f"{address}/protection",
    }
    return Answer(200, body)


@route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", METADATA)
def permission(call: Call) -> Answer:
    login = call.parameters["username"]
    account = call.github.accounts.get(login)
    if account is None:
        raise Refused(404, f"{login} is not a user")
    role = role_of(call.repo, account)
    name, _, inherited = role.partition(":")
    level = {"maintain": "write", "triage": "read"}.get(inherited or name, inherited or name)
    rank = ROLES.index(inherited or name)
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    held = {right: rank >= ROLES.index(least) for right, least in names.items()}
    shown = {**as_json.user(call.github, account), "permissions": held, "role_name": name}
    return Answer(200, {"permission": level, "role_name": name, "user": shown})


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", METADATA)
def rules(call: Call) -> Answer:
    """What rulesets of every level demand on a branch; classic branch protection is not in it, as on GitHub."""
    name = call.parameters["branch"]
    source = {"ruleset_source_type": "Repository", "ruleset_source": call.repo.full_name, "ruleset_id": call.repo.id}
    demanded: list[Json] = []
    if required := call.repo.required.get(name):
        listed = [{"context": context, "integration_id": call.github.app_id} for context in required]
        parameters = {"strict_required_status_checks_policy": False, "required_status_checks": listed}
        demanded.append({"type": "required_status_checks", **source, "parameters": parameters})
    if queue := call.repo.queued.get(name):
        demanded.append({"type": "merge_queue", **source, "parameters": queue})
    return page(call, demanded)


@route("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", ("members", "read"))
def membership(call: Call) -> Answer:
    """An account's place in a team; to whom it is not a member, GitHub says that there is nothing."""
    assert call.installation is not None
    organisation, login = call.parameters["org"], call.parameters["username"]
    team = f"{organisation}/{call.parameters['team_slug']}"
    if call.installation.account.login != organisation or login not in call.github.teams.get(team, ()):
        raise not_found()
    return Answer(200, {"url": f"{call.github.url}{call.path}", "role": "member", "state": "active"})


@route("GET", "/installation/repositories")
def repositories(call: Call) -> Answer:
    assert call.token is not None
    assert call.installation is not None
    seen = [
        as_json.repository(call.github, each)
        for each in call.github.repositories.values()
        if each.id in call.token.repositories and call.github.sees(call.installation, each)
    ]
    answer = page(call, seen, "repositories")
    answer.body["repository_selection"] = call.installation.selection
    return answer


def role_of(repository: Repository, account: Account) -> str:
    if account is repository.owner:
        return "admin"
    return repository.roles.get(account.login, "none" if repository.private else "read")


def _commit(call: Call, name: str) -> str | None:
    """A commit by its SHA, a branch, or `owner:branch` of a fork; None also if it cannot be read yet."""
    sha = _named(call, name)
    return sha if sha and _is_there(call, sha) else None


def _is_there(call: Call, sha: str) -> bool:
    return call.github.lag.is_there(sha, call.github.now())


def _named(call: Call, name: str) -> str | None:
    if name in call.github.objects.commits:
        return name
    owner, colon, branch_name = name.partition(":")
    if colon:
        fork = call.github.find_repository(f"{owner}/{call.repo.name}")
        return fork.branches.get(branch_name) if fork else None
    return call.repo.branches.get(name)


def _walk(call: Call, sha: str, prefix: str = "") -> list[Json]:
    found: list[Json] = []
    for entry in _children(call, sha, prefix):
        found.append(entry)
        if entry["type"] == "tree":
            found += _walk(call, entry["sha"], entry["path"] + "/")
    return found


def _children(call: Call, sha: str, prefix: str) -> list[Json]:
    found: list[Json] = []
    for name, (mode, child) in call.github.objects.trees[sha].items():
        kind = {"040000": "tree", SUBMODULE_MODE: "commit"}.get(mode, "blob")
        entry: Json = {"path": prefix + name, "mode": mode, "type": kind, "sha": child}
        if kind == "blob":
            entry["size"] = len(call.github.objects.blobs[child])
        if kind != "commit":
            entry["url"] = _address(call, f"git/{kind}s/{child}")
        found.append(entry)
    return found


def _entry(call: Call, path: str, entry: tuple[str, str] | None, ref_name: str) -> Json:
    mode, sha = entry or ("040000", "0" * 40)
    kind = {"040000": "dir", LINK_MODE: "symlink", SUBMODULE_MODE: "submodule"}.get(mode, "file")
    address = _address(call, f"contents/{quote(path)}?ref={quote(ref_name)}")
    here = as_json.web(call.github, f"{call.repo.full_name}/blob/{ref_name}/{quote(path)}")
    git = _address(call, f"git/{'trees' if kind == 'dir' else 'blobs'}/{sha}")
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(call.github.objects.blobs.get(sha, b"")),
        "url": address,
        "html_url": here,
        "git_url": git,
        "download_url": here if kind == "file" else None,
        "_links": {"self": address, "git": git, "html": here},
    }


def _sha(text: str) -> None:
    if len(text) != 40:
        raise Refused(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")


def _address(call: Call, path: str) -> str:
    return f"{call.github.url}/repos/{call.repo.full_name}/{path}"
