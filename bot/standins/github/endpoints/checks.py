"""Check runs and their limits. As on GitHub, a list of runs is in no order, and what has ended stays ended."""

import hashlib
from dataclasses import replace

from bot.standins.github import as_json
from bot.standins.github.model import CheckRun, Json
from bot.standins.github.routes import Answer, Call, Refused, not_found, page, route

READ = ("checks", "read")
WRITE = ("checks", "write")
TEXT_LIMIT = 65_535
ANNOTATIONS = 50
"""In one request; later requests append."""
ACTIONS = 3
LABEL, DESCRIPTION, IDENTIFIER = 20, 40, 20
TITLE_LIMIT = 255
MESSAGE_LIMIT = 64 * 1024
_CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
_STATES = {"queued", "in_progress", "completed"}


@route("POST", "/repos/{owner}/{repo}/check-runs", WRITE)
def create(call: Call) -> Answer:
    github, sha = call.github, call.body.get("head_sha", "")
    if not call.body.get("name"):
        raise _invalid("name", "is missing")
    _must_be_there(call, sha)
    run = CheckRun(github.next_id(), call.repo, call.body["name"], sha, started_at=github.stamp())
    run.suite = suite_of(call, sha)
    changed = _changed(call, run)
    github.check_runs.append(changed)
    return Answer(201, as_json.check_run(call.github, changed))


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", WRITE)
def update(call: Call) -> Answer:
    run = _find(call)
    changed = _changed(call, run)
    runs = call.github.check_runs
    runs[runs.index(run)] = changed
    return Answer(200, as_json.check_run(call.github, changed))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}", READ)
def show(call: Call) -> Answer:
    return Answer(200, as_json.check_run(call.github, _find(call)))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", READ)
def annotations(call: Call) -> Answer:
    empty: Json = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
    run = _find(call)
    page_of = as_json.web(call.github, f"{call.repo.full_name}/blob/{run.head_sha}")
    return page(call, [{**empty, **each, "blob_href": f"{page_of}/{each['path']}"} for each in run.annotations])


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", READ)
def of_commit(call: Call) -> Answer:
    sha = call.parameters["ref"]
    sha = call.repo.branches.get(sha, sha)
    _must_be_there(call, sha)
    runs = [
        run
        for run in reversed(call.github.check_runs)
        if run.repository is call.repo
        and run.head_sha == sha
        and call.query.get("check_name") in (None, run.name)
        and call.query.get("status") in (None, run.status)
        and call.query.get("app_id") in (None, str(call.github.app_id))
    ]
    if call.query.get("filter", "latest") == "latest":
        runs = _latest(runs)
    runs.sort(key=lambda run: hashlib.sha256(str(run.id).encode()).digest())
    return page(call, [as_json.check_run(call.github, run) for run in runs], "check_runs")


def _latest(runs: list[CheckRun]) -> list[CheckRun]:
    """One run of each name and suite, by the time it ended: not the newest, where an older one ended later."""
    found: dict[tuple[str, int], CheckRun] = {}
    for run in runs:
        key = (run.name, run.suite)
        if key not in found or (run.completed_at or "") > (found[key].completed_at or ""):
            found[key] = run
    return list(found.values())


def _must_be_there(call: Call, sha: str) -> None:
    if sha not in call.github.objects.commits or not call.github.lag.is_there(sha, call.github.now()):
        raise Refused(422, f"No commit found for SHA: {sha}")


def suite_of(call: Call, sha: str) -> int:
    """The check suite of the commit, created with its first check run."""
    same = (run.suite for run in call.github.check_runs if run.repository is call.repo and run.head_sha == sha)
    return next(same, None) or call.github.next_id()


def _changed(call: Call, run: CheckRun) -> CheckRun:
    body = call.body
    output = body.get("output")
    status = body.get("status", run.status)
    conclusion = body.get("conclusion")
    if status not in _STATES:
        raise _invalid("status", f"{status} may not be set by an App")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise _invalid("conclusion", f"{conclusion} may not be set by an App")
    if (status == "completed" or "completed_at" in body) and not (conclusion or run.conclusion):
        raise _invalid("conclusion", "is required when the check run is completed")
    _check_actions(body.get("actions", []))
    if output is not None:
        _check_output(output)
    ended = run.status == "completed"
    done = conclusion is not None or status == "completed" or ended
    return replace(
        run,
        name=body.get("name", run.name),
        status="completed" if done else status,
        conclusion=conclusion or run.conclusion,
        external_id=body.get("external_id", run.external_id),
        details_url=body.get("details_url", run.details_url),
        title=output["title"] if output else run.title,
        summary=output["summary"] if output else run.summary,
        text=output.get("text") if output else run.text,
        annotations=run.annotations + (output or {}).get("annotations", []),
        actions=body.get("actions", run.actions),
        started_at=body.get("started_at", run.started_at),
        completed_at=_ended_at(call, run, done=done),
    )


def _ended_at(call: Call, run: CheckRun, *, done: bool) -> str | None:
    said: str | None = call.body.get("completed_at")
    if said or not done:
        return said
    return run.completed_at if run.completed_at and "conclusion" not in call.body else call.github.stamp()


def _check_output(output: Json) -> None:
    if not output.get("title") or not output.get("summary"):
        raise _invalid("output", "title and summary are required")
    for name in ("summary", "text"):
        if len(output.get(name) or "") > TEXT_LIMIT:
            raise _invalid(f"output.{name}", f"exceeds the maximum of {TEXT_LIMIT} characters")
    if len(output.get("annotations", [])) > ANNOTATIONS:
        raise _invalid("output.annotations", f"no more than {ANNOTATIONS} items are permitted")
    for each in output.get("annotations", []):
        _check_annotation(each)


def _check_annotation(each: Json) -> None:
    missing = [name for name in ("path", "start_line", "end_line", "annotation_level", "message") if not each.get(name)]
    if missing:
        raise _invalid("output.annotations", f"{missing[0]} is missing")
    if each["annotation_level"] not in ("notice", "warning", "failure"):
        raise _invalid("output.annotations", "annotation_level is not known")
    if len(each.get("title") or "") > TITLE_LIMIT or len(each["message"].encode()) > MESSAGE_LIMIT:
        raise _invalid("output.annotations", "title or message is too long")
    columns = "start_column" in each or "end_column" in each
    if each["end_line"] < each["start_line"] or (columns and each["end_line"] != each["start_line"]):
        raise _invalid("output.annotations", "lines and columns do not agree")


def _check_actions(actions: list[Json]) -> None:
    if len(actions) > ACTIONS:
        raise _invalid("actions", f"no more than {ACTIONS} items are permitted")
    for each in actions:
        limits = (("label", LABEL), ("description", DESCRIPTION), ("identifier", IDENTIFIER))
        for name, limit in limits:
            if not 0 < len(each.get(name, "")) <= limit:
                raise _invalid(f"actions.{name}", f"must have 1 to {limit} characters")


def _find(call: Call) -> CheckRun:
    number = call.number("check_run_id")
    for run in call.github.check_runs:
        if run.id == number and run.repository is call.repo:
            return run
    raise not_found()


def _invalid(field: str, message: str) -> Refused:
    return Refused(
        422, "Invalid request.", [{"resource": "CheckRun", "code": "invalid", "field": field, "message": message}]
    )
