"""The check run `migsafe`: started once, always concluded, within GitHub's limits."""

import time
from collections.abc import Sequence
from datetime import datetime

from bot.github.cut import cut
from bot.github.errors import Gone, Uncertain, Unprocessable
from bot.github.read import Json, dig, number
from bot.github.repository_api import RepositoryApi
from bot.report.shapes import ANNOTATION_LIMIT, SUMMARY_LIMIT, Annotation, CheckOutput

NAME = "migsafe"
TITLE_LIMIT = 255
MESSAGE_LIMIT = 16_000
"""Characters of an annotation; GitHub's limit is 64 KB."""
ANNOTATIONS = 500
"""Annotations of one check run; the rest is in the summary."""
BUTTONS = 3
LABEL, DESCRIPTION, IDENTIFIER = 20, 40, 20


async def start(api: RepositoryApi, head_sha: str, external_id: str) -> int:
    """The check run in progress with this id, created if there is none; a lost answer does not lead to two."""
    found = await _find_unfinished(api, head_sha, external_id)
    if found is not None:
        return found
    body = {"name": NAME, "head_sha": head_sha, "status": "in_progress", "external_id": external_id}
    try:
        created = await api.client.write("POST", api.path("check-runs"), body)
    except Uncertain:
        found = await _find_unfinished(api, head_sha, external_id)
        if found is not None:
            return found
        created = await api.client.write("POST", api.path("check-runs"), body)
    return number(created, "id")


async def conclude(api: RepositoryApi, check_run: int, output: CheckOutput) -> None:
    """Concludes first and adds further annotations after that; a refused annotation does not prevent the conclusion."""
    annotations = [_annotation(each) for each in output.annotations[:ANNOTATIONS]]
    present = await _count_annotations(api, check_run) if annotations else 0
    shown = _output(output)
    body: Json = {"status": "completed", "conclusion": output.conclusion.value}
    batch = annotations[present : present + ANNOTATION_LIMIT]
    first = {**shown, "annotations": batch} if batch else shown
    try:
        await _patch(api, check_run, {**body, **_actions(output), "output": first})
    except Unprocessable:
        await _patch(api, check_run, {**body, "output": shown})
        return
    for start_at in range(present + ANNOTATION_LIMIT, len(annotations), ANNOTATION_LIMIT):
        batch = annotations[start_at : start_at + ANNOTATION_LIMIT]
        await _add_annotations(api, check_run, shown, batch, start_at)


async def describe(api: RepositoryApi, check_run: int, title: str, summary: str) -> None:
    """Sets the words of a check run in progress."""
    shown = {"title": _short(title, TITLE_LIMIT), "summary": cut(summary, SUMMARY_LIMIT)}
    await api.client.write("PATCH", api.path(f"check-runs/{check_run}"), {"status": "in_progress", "output": shown})


async def is_concluded(api: RepositoryApi, head_sha: str) -> bool:
    """Whether our newest check run on the commit has concluded; False if there is none."""
    newest = max(await _list_runs(api, head_sha), key=lambda run: number(run, "id"), default=None)
    return newest is not None and dig(newest, "status") == "completed"


async def list_stale(api: RepositoryApi, head_sha: str, seconds: float) -> Sequence[int]:
    """Our check runs that have been unfinished for longer than `seconds`."""
    runs = await _list_runs(api, head_sha)
    return [number(run, "id") for run in runs if dig(run, "status") != "completed" and _age(run) > seconds]


async def _count_annotations(api: RepositoryApi, check_run: int) -> int:
    """How many annotations the check run has, so that those of an earlier attempt are not added again."""
    count = dig(await api.client.get(api.path(f"check-runs/{check_run}")), "output", "annotations_count")
    return count if isinstance(count, int) else 0


async def _find_unfinished(api: RepositoryApi, head_sha: str, external_id: str) -> int | None:
    found = [
        number(run, "id")
        for run in await _list_runs(api, head_sha)
        if dig(run, "external_id") == external_id and dig(run, "status") != "completed"
    ]
    return max(found, default=None)


async def _list_runs(api: RepositoryApi, head_sha: str) -> list[Json]:
    params = {"check_name": NAME, "filter": "all", "app_id": str(api.app_id)}
    try:
        runs = await api.client.pages(api.path(f"commits/{head_sha}/check-runs"), params, key="check_runs")
    except Gone:
        return []
    return [run for run in runs if dig(run, "name") == NAME and dig(run, "app", "id") in (None, api.app_id)]


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


async def _add_annotations(api: RepositoryApi, check_run: int, shown: Json, batch: list[Json], before: int) -> None:
    path = api.path(f"check-runs/{check_run}")
    body = {"output": {**shown, "annotations": batch}}
    try:
        await api.client.write("PATCH", path, body)
    except Uncertain:
        if await _count_annotations(api, check_run) == before:
            await api.client.write("PATCH", path, body)
    except Unprocessable:
        # The summary says everything, and the other annotations can still be added.
        pass


def _output(output: CheckOutput) -> Json:
    shown = {"title": _short(output.title, TITLE_LIMIT) or NAME, "summary": cut(output.summary, SUMMARY_LIMIT) or "-"}
    return {**shown, "text": cut(output.text, SUMMARY_LIMIT)} if output.text else shown


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
