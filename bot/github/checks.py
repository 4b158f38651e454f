"""The check runs `migsafe` of a commit: one is in progress at a time, and the newest carries the verdict.

GitHub shows the run with the highest id, whatever the order of its lists. A completed run is never in progress again.
"""

import contextlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.github.cut import cut
from bot.github.errors import Gone, HubError, Uncertain, Unprocessable
from bot.github.read import Json, dig, number
from bot.github.repository_api import RepositoryApi
from bot.report import check_run as words
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, Annotation, CheckOutput
from bot.review.hub import HeadChecks, HeadRun

NAME = "migsafe"
TITLE_LIMIT = 255
MESSAGE_LIMIT = 16_000
"""Characters of an annotation; GitHub's limit is 64 KB."""
ANNOTATIONS = 500
"""Annotations of one check run; the rest is in the summary."""
BUTTONS = 3
LABEL, DESCRIPTION, IDENTIFIER = 20, 40, 20


async def look(api: RepositoryApi, head_sha: str) -> HeadChecks:
    """Our check runs on the commit, as GitHub shows them now."""
    params = {"check_name": NAME, "filter": "all", "app_id": str(api.app_id)}
    try:
        runs = await api.client.pages(api.path(f"commits/{head_sha}/check-runs"), params, key="check_runs")
    except Gone:
        return HeadChecks(())
    ours = (run for run in runs if dig(run, "name") == NAME and dig(run, "app", "id") in (None, api.app_id))
    return HeadChecks(tuple(sorted(map(_read, ours), key=lambda run: run.id)))


@dataclass(frozen=True, slots=True)
class StartedRun:
    id: int
    alone: bool
    """Whether it is certain that the commit has no other unfinished run of ours: GitHub has said so, and made this."""
    before: Sequence[HeadRun] = ()
    """Our runs that were there already."""


async def start(api: RepositoryApi, head_sha: str, external_id: str) -> StartedRun:
    """The commit's check run in progress: the newest one, if it is unfinished, whoever made it; otherwise a new one.

    Older unfinished ones are cancelled. A lost answer does not lead to two.
    """
    listed = await _look_if_permitted(api, head_sha)
    checks = listed or HeadChecks(())
    newest = checks.newest
    alone = False
    if newest is not None and not newest.concluded:
        taken = newest.id
    else:
        body = {**_named(head_sha, external_id), "status": "in_progress"}
        taken, certain = await _create(api, head_sha, body, {run.id for run in checks.runs})
        alone = certain and listed is not None and not checks.unfinished
    for older in checks.unfinished:
        if older.id != taken:
            # The newest run counts; an older one that cannot be ended now is ended with the verdict.
            with contextlib.suppress(HubError):
                await conclude_run(api, older.id, words.replaced())
    return StartedRun(taken, alone, checks.runs)


async def conclude_alone(api: RepositoryApi, check_run: int, output: CheckOutput) -> bool:
    """Writes the verdict of a commit to its only unfinished run; False if GitHub refuses to change that one."""
    try:
        await conclude_run(api, check_run, output)
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        return False
    return True


async def conclude(
    api: RepositoryApi, head_sha: str, external_id: str, output: CheckOutput, known: int | None = None
) -> int:
    """Writes the verdict of a commit: its newest run carries it, and no other is left unfinished.

    `known` is the run that was started for it; if GitHub does not list the runs, at least that one is concluded.
    Returns the run that carries the verdict.
    """
    try:
        checks = await _look_if_permitted(api, head_sha)
    except HubError:
        if known is not None:
            await conclude_run(api, known, output)
        raise
    if checks is None:
        if known is None:
            created, _ = await _create(api, head_sha, _named(head_sha, external_id) | _bare(output), ())
            return created
        await conclude_run(api, known, output)
        return known
    if known is not None and all(run.id < known for run in checks.runs):
        # The list is older than the run.
        checks = HeadChecks((*checks.runs, HeadRun(known, external_id, None, "", 0.0)))
    carrying = await _carry(api, head_sha, external_id, output, checks)
    for run in checks.unfinished:
        if run.id != carrying:
            with contextlib.suppress(HubError):
                await conclude_run(api, run.id, replace(output, annotations=(), buttons=()))
    return carrying


async def conclude_run(api: RepositoryApi, check_run: int, output: CheckOutput) -> None:
    """Concludes one run, without annotations and buttons if GitHub refuses it with them.

    The first annotations come with the conclusion, the others after it: none of them can prevent it.
    """
    annotations = _annotations(output)
    try:
        await _patch(api, check_run, _concluded(output, annotations[:ANNOTATION_LIMIT]))
    except HubError as refused:
        if refused.retry_after is not None:
            raise
        await _patch(api, check_run, _bare(output))
        return
    await _add_rest(api, check_run, output, ANNOTATION_LIMIT)


async def describe(api: RepositoryApi, check_run: int, title: str, summary: str) -> None:
    """Sets the words of a check run in progress."""
    shown = {"title": _short(title, TITLE_LIMIT), "summary": cut(summary, SUMMARY_LIMIT)}
    await api.client.write("PATCH", api.path(f"check-runs/{check_run}"), {"status": "in_progress", "output": shown})


async def amend(api: RepositoryApi, check_run: int, output: CheckOutput) -> None:
    """Sets the words of a concluded check run; its conclusion and its annotations stay as they are."""
    await api.client.write("PATCH", api.path(f"check-runs/{check_run}"), {"output": _shown(output)})


async def _look_if_permitted(api: RepositoryApi, head_sha: str) -> HeadChecks | None:
    """The commit's runs; None if GitHub refuses to list them, also when it is asked again. Raises what may pass."""
    for _ in range(2):
        try:
            return await look(api, head_sha)
        except HubError as refused:
            if refused.retry_after is not None:
                raise
    return None


async def _carry(api: RepositoryApi, head_sha: str, external_id: str, output: CheckOutput, checks: HeadChecks) -> int:
    """The newest run, with this verdict; a new one if the newest has ended otherwise or GitHub refuses to change it."""
    newest = checks.newest
    if newest is not None and newest.concluded and _carries(newest, output):
        if len(output.annotations) > ANNOTATION_LIMIT:
            await _add_rest(api, newest.id, output, await _count_annotations(api, newest.id))
        return newest.id
    if newest is not None and not newest.concluded:
        try:
            await conclude_run(api, newest.id, output)
        except HubError as refused:
            if refused.retry_after is not None:
                raise
        else:
            return newest.id
    named = _named(head_sha, external_id)
    present = {run.id for run in checks.runs}
    batch = _annotations(output)[:ANNOTATION_LIMIT]
    try:
        created, _ = await _create(api, head_sha, {**named, **_concluded(output, batch)}, present)
    except Unprocessable:
        created, _ = await _create(api, head_sha, {**named, **_bare(output)}, present)
    return created


async def _create(api: RepositoryApi, head_sha: str, body: Json, present: Collection[int]) -> tuple[int, bool]:
    """A new check run, and whether it is certain that GitHub made only this one: its answer was not lost.

    After a lost answer it is the one that GitHub has made nevertheless.
    """
    certain = True
    try:
        created = await api.client.write("POST", api.path("check-runs"), body)
    except Uncertain:
        certain = False
        newest = (await look(api, head_sha)).newest
        if newest is not None and newest.id not in present and newest.concluded == ("conclusion" in body):
            return newest.id, certain
        created = await api.client.write("POST", api.path("check-runs"), body)
    return number(created, "id"), certain


async def _patch(api: RepositoryApi, check_run: int, body: Json) -> None:
    """Repeats after a lost answer only if nothing was done: annotations would be there twice."""
    path = api.path(f"check-runs/{check_run}")
    try:
        await api.client.write("PATCH", path, body)
    except Uncertain:
        now = await api.client.get(path)
        done = dig(now, "status") == "completed" and dig(now, "output", "title") == body["output"]["title"]
        if not (done and dig(now, "conclusion") == body["conclusion"]):
            await api.client.write("PATCH", path, body)


async def _add_rest(api: RepositoryApi, check_run: int, output: CheckOutput, present: int) -> None:
    """Adds the annotations after the first `present` to a concluded run. The summary says everything, so that what
    GitHub refuses is left out."""
    annotations, path = _annotations(output), api.path(f"check-runs/{check_run}")
    for start_at in range(present, len(annotations), ANNOTATION_LIMIT):
        batch = annotations[start_at : start_at + ANNOTATION_LIMIT]
        body = {"output": {**_shown(output), "annotations": batch}}
        with contextlib.suppress(HubError):
            try:
                await api.client.write("PATCH", path, body)
            except Uncertain:
                if await _count_annotations(api, check_run) == start_at:
                    await api.client.write("PATCH", path, body)


async def _count_annotations(api: RepositoryApi, check_run: int) -> int:
    """How many annotations the run has; as many as there may be if GitHub does not say, so that none is added twice."""
    try:
        count = dig(await api.client.get(api.path(f"check-runs/{check_run}")), "output", "annotations_count")
    except HubError:
        return ANNOTATIONS
    return count if isinstance(count, int) else ANNOTATIONS


def _read(run: Json) -> HeadRun:
    return HeadRun(
        id=number(run, "id"),
        external_id=str(dig(run, "external_id") or ""),
        conclusion=str(dig(run, "conclusion") or "") if dig(run, "status") == "completed" else None,
        title=str(dig(run, "output", "title") or ""),
        age=_age(run),
    )


def _carries(run: HeadRun, output: CheckOutput) -> bool:
    return run.conclusion == output.conclusion.value and run.title == _shown(output)["title"]


def _named(head_sha: str, external_id: str) -> Json:
    return {"name": NAME, "head_sha": head_sha, "external_id": external_id}


def _concluded(output: CheckOutput, annotations: Sequence[Json]) -> Json:
    shown = {**_shown(output), "annotations": list(annotations)} if annotations else _shown(output)
    return {**_bare(output), **_actions(output), "output": shown}


def _bare(output: CheckOutput) -> Json:
    """The verdict and its words, without what GitHub may refuse."""
    return {"status": "completed", "conclusion": output.conclusion.value, "output": _shown(output)}


def _shown(output: CheckOutput) -> Json:
    shown = {"title": _short(output.title, TITLE_LIMIT) or NAME, "summary": cut(output.summary, SUMMARY_LIMIT) or "-"}
    return {**shown, "text": cut(output.text, SUMMARY_LIMIT)} if output.text else shown


def _annotations(output: CheckOutput) -> list[Json]:
    return [_annotation(each) for each in output.annotations[:ANNOTATIONS]]


def _annotation(each: Annotation) -> Json:
    found = {
        "path": each.path,
        "start_line": max(each.first_line, 1),
        "end_line": max(each.last_line, each.first_line, 1),
        "annotation_level": each.level,
        "message": _short(each.message, MESSAGE_LIMIT) or "-",
    }
    return {**found, "title": _short(each.title, TITLE_LIMIT)} if each.title else found


def _actions(output: CheckOutput) -> Json:
    buttons = [
        {
            "label": _short(label, LABEL),
            "description": _short(description, DESCRIPTION),
            "identifier": identifier[:IDENTIFIER],
        }
        for label, description, identifier in output.buttons[:BUTTONS]
    ]
    return {"actions": buttons} if buttons else {}


def _short(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _age(run: Json) -> float:
    started = dig(run, "started_at")
    return time.time() - datetime.fromisoformat(started).timestamp() if isinstance(started, str) else 0.0
